"""What a worker does with a job: read, clean, turn into bytes. Nothing here writes a file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cleaner.batch.in_place import keepsake
from cleaner.batch.jobs import Cleans, Done, Item, Job, Recipe, RecordJob, attributes, error_record, sentence
from cleaner.batch.removals import Goes, rows_of
from cleaner.batch.totals import Failure
from cleaner.files import archives, columns
from cleaner.files.articles import article_from, read_article
from cleaner.files.encodings import Encoding, decode_exactly, encode_exactly
from cleaner.files.fields import Fields, bury, dig, dump, name_of, parse, plain, splice, text_of
from cleaner.files.problems import UnreadableError
from cleaner.files.readers import no_text_field
from cleaner.files.streams import Raw, pack
from cleaner.report.collect import ArticleReport
from cleaner.result import Result

ATTRIBUTES = "attributes"
MOST_DIFFED = 1 << 22  # characters: beyond it a diff would take longer than anybody waits


def perform(job: Job, recipe: Recipe, cleaner: Cleans) -> Done:
    """Do a job with the cleaner of the recipe. An article that fails is in the result; nothing is raised for it."""
    if isinstance(job, RecordJob):
        return Records(job, recipe, cleaner).run()
    done = Done()
    tally = Tally(recipe, cleaner, done)
    for item in job.items:
        piece = keep = None
        try:
            piece, keep = _article(item, recipe, tally)
        except Exception as error:
            tally.failed(item.name, None, error)
        done.pieces.append(piece)
        done.keepsakes.append(keep)
    return done


class Tally:
    """Cleans one article after another and notes in a `Done` what was removed."""

    def __init__(self, recipe: Recipe, cleaner: Cleans, done: Done) -> None:
        self.recipe = recipe
        self.cleaner = cleaner
        self.done = done

    def clean(self, body: str | bytes, where: Mapping[str, Any], goes: Goes) -> Result:
        """Clean a text or page. `where` says whose it is (file, record, id, url), `goes` what becomes of it."""
        url = where.get("url")
        if goes.page:
            result = self.cleaner.clean_html(body, url, self.recipe.keep_markup)
        else:
            assert isinstance(body, str)
            result = self.cleaner.clean(body, url)
        totals = self.done.totals
        totals.articles += 1
        totals.changed += bool(result.removed)
        totals.doubted += bool(result.warnings)
        totals.removed.update(removal.category for removal in result.removed)
        if self.recipe.removed:
            self.done.removed += (dump(row) + b"\n" for row in rows_of(where, result, goes))
        if self.recipe.diff and result.removed:
            self.done.diff += _diff(result.restore(), result.text, where)
        if self.recipe.report:
            self.done.reports.append(ArticleReport.of(where, result))
        return result

    def failed(self, name: str, record: int | None, error: Exception) -> str:
        """Note a failure; gives the reason as a sentence."""
        reason = sentence(error)
        self.done.failures.append(Failure(name, reason, record))
        self.done.totals.failed += 1
        return reason


def _diff(before: str, after: str, where: Mapping[str, Any]) -> Iterable[str]:
    name = str(where["file"]) + (f", record {where['record']}" if where.get("record") else "")
    if len(before) > MOST_DIFFED:
        yield f"--- {name}\n+++ {name}\n(too long to compare: {len(before) - len(after):,} characters go)\n"
        return
    for line in difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, f"{name} (cleaned)"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _article(item: Item, recipe: Recipe, tally: Tally) -> tuple[bytes | None, bytes | None]:
    """The output of one file, and what brings the original back. None for a file that stays as it is."""
    if item.data is None:
        file = read_article(item.path, item.form, recipe.limits)
    else:
        file = article_from(item.data, item.form)
    text = file.data if file.page else file.text
    encoding = _output_encoding(file.encoding, recipe.preserve_encoding or recipe.in_place)
    as_record = item.target.format in ("json", "jsonl")
    goes = Goes(item.output or item.name, page=file.page, was=file.encoding.name)
    goes = replace(goes, field="text") if as_record else replace(goes, encoding=encoding.name)
    result = tally.clean(text, {"file": item.name}, goes)
    if as_record:
        piece = _as_record(item, recipe, result)
    elif file.page:
        ending = "\n" if result.text and not result.text.endswith("\n") else ""
        piece = encode_exactly(result.text + ending)
    elif not result.removed and encoding == file.encoding:
        piece = file.data
    else:
        piece = encoding.encode(result.text)
    keep: bytes | None = None
    if recipe.in_place:
        if not result.removed and item.target.format == item.form.format:
            return None, None
        keep = b""
        if not file.page and not item.form.packing:
            keep = keepsake(item.path.name, file, piece, result) or b""
    return pack(piece, item.target.packing), keep


def _output_encoding(encoding: Encoding, preserve: bool) -> Encoding:
    """What is written. The mark of UTF-8 stays: with it the file is UTF-8 too."""
    return encoding if preserve or encoding.name == "utf-8" else Encoding()


def _as_record(item: Item, recipe: Recipe, result: Result) -> bytes:
    record: dict[str, Any] = {"id": item.name, "text": result.restore() if recipe.annotate else result.text}
    record |= {key: value for key, value in result.metadata.items() if value is not None and key not in record}
    if recipe.annotate:
        record[ATTRIBUTES] = attributes({}, recipe.tag, result)
    return dump(record) + b"\n"


class Records:
    """The records of one job, each read by the file's layout and written for the target."""

    def __init__(self, job: RecordJob, recipe: Recipe, cleaner: Cleans) -> None:
        self.job = job
        self.recipe = recipe
        self.done = Done(keepsakes=[None])
        self.tally = Tally(recipe, cleaner, self.done)
        self.same = job.target.format == job.layout.format
        was = job.layout.encoding.name
        self.encoding = was if self.same and recipe.preserve_encoding else "utf-8"
        self.goes = Goes(job.output or job.name, encoding=self.encoding, was=was)

    def run(self) -> Done:
        """Do the job."""
        if self.job.layout.format == "parquet":
            piece = self._columns()
        elif self.job.target.format == "parquet":
            piece = self._to_columns(self._plain_records())
        else:
            piece = b"".join(map(self._line, self.job.raws))
            if self.encoding != "utf-8":
                piece = encode_exactly(decode_exactly(piece), self.encoding)
        self.done.pieces = [piece]
        return self.done

    def _line(self, raw: Raw) -> bytes:
        """What becomes of a record, or of what stands between records."""
        if not raw.number:
            return raw.data + raw.tail if self.same else b""
        try:
            written = self._written(raw)
        except Exception as error:
            reason = self.tally.failed(self.job.name, raw.number, error)
            return error_record(raw, reason) + (raw.tail or b"\n") if self.recipe.errors_inline else b""
        if self.same:
            return raw.lead + written + raw.tail
        return self._framed(written)

    def _framed(self, written: bytes) -> bytes:
        format, table = self.job.target.format, self.job.target.table
        if format == "json":
            return b",\n" + written
        return written + (table.ending if table is not None else b"\n")

    def _written(self, raw: Raw) -> bytes:
        if raw.problem:
            raise UnreadableError(raw.problem)
        layout = self.job.layout
        if layout.format == "warc":
            about, page = archives.parse(raw.data)
            return self._encode(self._response(about, page, raw.number))
        if layout.table is not None:
            cells = layout.table.cells(raw.data)
            record: dict[str, Any] = dict(zip(layout.table.columns, cells, strict=False))
            changes = self.changes(record, raw.number)
            if self.same and not changes and len(self._table_columns()) == len(layout.table.columns):
                return raw.data
            for path, value in changes.items():
                record[path] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if self.same:
                names = self._table_columns()
                if len(names) == len(layout.table.columns) and record.keys() == set(names[: len(cells)]):
                    names = names[: len(cells)]  # a row that lacks cells goes on lacking them
                return layout.table.write([record.get(name, "") for name in names], raw.data)
            return self._encode(record)
        source, record = parse(raw.data)
        changes = self.changes(record, raw.number)
        if self.same or ({layout.format, self.job.target.format} == {"json", "jsonl"} and b"\n" not in raw.data):
            return self._spliced(raw.data, source, changes) if changes else raw.data
        for path, value in changes.items():
            bury(record, path, value)
        return self._encode(record)

    def _spliced(self, line: bytes, source: str, changes: Mapping[str, Any]) -> bytes:
        """The record with its changes. What the encoding of the output lacks is escaped, as it was in the input."""
        written = splice(line, source, changes)
        try:
            encode_exactly(decode_exactly(written), self.encoding)
        except UnicodeEncodeError:
            return splice(line, source, changes, escapes=True)
        return written

    def _table_columns(self) -> Sequence[str]:
        assert self.job.target.table is not None
        return self.job.target.table.columns

    def _response(self, about: dict[str, Any], page: str | bytes, number: int) -> dict[str, Any]:
        fields = replace(self.job.layout.fields, url="url", id="id")
        changes = self.changes({**about, fields.html: page}, number)
        return {**about, **changes}

    def _encode(self, record: Mapping[str, Any]) -> bytes:
        """A record in the target's format, without what parts it from the next."""
        table = self.job.target.table
        if table is None:
            return dump(record)
        unknown = [name for name in record if name not in table.columns]
        if unknown:
            raise UnreadableError(f"its field {unknown[0]!r} is not among the columns of the table")
        return table.write([_cell(record.get(name)) for name in table.columns])

    def changes(self, record: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The values to set in a record, by path. Raises `UnreadableError` for a record that cannot be cleaned."""
        fields = self.job.layout.fields
        if not fields.source:
            guessed = fields.guess(record)
            if guessed is None:
                raise UnreadableError(no_text_field(record))
            fields = guessed
        where = {
            "file": self.job.name,
            "record": number,
            "id": name_of(record, fields.id),
            "url": name_of(record, fields.url),
        }
        if fields.html:
            body = dig(record, fields.html)
            if body is not None and not isinstance(body, str | bytes):
                body = text_of(record, fields.html)
        else:
            body = text_of(record, fields.text)
        if not body:
            self.done.totals.without_text += 1
            return {}
        goes = replace(self.goes, field=fields.text, page=bool(fields.html))
        return self._set(record, fields, self.tally.clean(body, where, goes))

    def _set(self, record: Mapping[str, Any], fields: Fields, result: Result) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if fields.html:
            changes[fields.text] = result.restore() if self.recipe.annotate else result.text
        elif result.removed and not self.recipe.annotate:
            changes[fields.text] = result.text
        if self.recipe.annotate and result.removed:
            existing = record.get(ATTRIBUTES)
            if isinstance(existing, str):
                existing = _parsed(existing)
            spans = attributes(existing if isinstance(existing, dict) else {}, self.recipe.tag, result)
            # A column holds one kind of thing, so there the attributes are JSON.
            changes[ATTRIBUTES] = json.dumps(spans) if self.job.target.format == "parquet" else spans
        return changes

    def _columns(self) -> bytes:
        """Rows of a Parquet file."""
        (raw,) = self.job.raws
        batch = columns.from_stream(raw.data)
        fields = self.job.layout.fields
        if self.same:
            rows = columns.records(batch, [fields.source, fields.url, fields.id, ATTRIBUTES])
        else:
            rows = columns.rows(batch)
        good: list[int] = []
        changes: list[dict[str, Any]] = []
        records: list[dict[str, Any]] = []
        for row in self.job.only or range(len(rows)):
            try:
                record = rows[row]
                if record is None:
                    raise UnreadableError("it holds a value that cannot be read, such as text that is not UTF-8")
                changes.append(self.changes(record, raw.number + row))
                records.append(record)
                good.append(row)
            except Exception as error:
                self.tally.failed(self.job.name, raw.number + row, error)
        if self.same:
            added = [fields.text] if fields.html and fields.text not in batch.schema.names else []
            added += [ATTRIBUTES] if self.recipe.annotate and ATTRIBUTES not in batch.schema.names else []
            return columns.to_stream(columns.rebuild(batch, good, changes, added))
        for record, change in zip(records, changes, strict=True):
            for path, value in change.items():
                bury(record, path, value)
        return b"".join(self._framed(self._encode(record)) for record in records)

    def _plain_records(self) -> Iterable[tuple[int, dict[str, Any]]]:
        for raw in self.job.raws:
            if not raw.number:
                continue
            try:
                (record,) = self.job.layout.records(raw)
                if self.job.layout.format == "warc":
                    page = record.pop("html")
                    yield raw.number, self._response(record, page, raw.number)
                    continue
                for path, value in self.changes(record, raw.number).items():
                    bury(record, path, value)
                yield raw.number, record
            except Exception as error:
                self.tally.failed(self.job.name, raw.number, error)

    def _to_columns(self, records: Iterable[tuple[int, dict[str, Any]]]) -> bytes:
        schema = self.job.target.schema
        batches = []
        for number, record in records:
            try:
                batches.append(columns.one_row(record, schema))
            except Exception as error:
                self.tally.failed(self.job.name, number, error)
        return columns.to_stream(columns.joined(batches, schema))


def _parsed(written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError:
        return None


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return (
        json.dumps(value, ensure_ascii=False, default=plain) if not hasattr(value, "isoformat") else value.isoformat()
    )
