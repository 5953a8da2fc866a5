"""One way to read every format that holds records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from cleaner.files import archives, columns
from cleaner.files.encodings import Encoding, detect, recode
from cleaner.files.fields import GUESSES, Fields, parse
from cleaner.files.json_records import EMPTY, NO_JSON, SPACES, go_on, split_json
from cleaner.files.names import Form
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.streams import Limits, Raw, chunks_of, skip, split_lines
from cleaner.files.tables import Table, read_header, split_rows

LOOKED_AT = 100  # records that the guess of the text's field looks at


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's records are written: everything that is needed to read one of them.

    `format` is what the content is, which may differ from the name: a .jsonl file may hold one JSON list.
    """

    format: str
    fields: Fields
    table: Table | None = None
    in_list: bool = False
    encoding: Encoding = field(default_factory=Encoding)

    def records(self, raw: Raw) -> list[dict[str, Any]]:
        """The records of a `Raw`, to look at; raises `UnreadableError`."""
        if raw.problem:
            raise UnreadableError(raw.problem)
        if self.format == "parquet":
            return [row for row in columns.rows(columns.from_stream(raw.data)) if row is not None]
        if self.format == "warc":
            about, page = archives.parse(raw.data)
            return [{**about, "html": page}]
        if self.table is not None:
            return [dict(self.table.record(raw.data))]
        return [parse(raw.data)[1]]


class RecordFile:
    """A file of records. Raises `UnreadableError` if it holds none that can be used.

    `encoding` names its encoding, if that is known. `layout` is how it is written, `note` what the user should know of
    it, or empty.
    """

    def __init__(self, path: Path, form: Form, limits: Limits, fields: Fields, encoding: str = "") -> None:
        self.path = path
        self.form = form
        self.limits = limits
        self.note = ""
        self.layout = self._look(fields, encoding)

    def _look(self, fields: Fields, known: str) -> Layout:
        try:
            return self._seen(fields, known)
        except DamagedError as error:  # before the first record: nothing can be had
            raise UnreadableError(str(error)) from error

    def _seen(self, fields: Fields, known: str) -> Layout:
        form = self.form
        if form.format == "parquet":
            return self._guess(Layout("parquet", fields))
        if form.format == "warc":
            return Layout("warc", replace(fields, text=fields.text or "text", html="html"))
        head = _head(chunks_of(self.path, form.packing, self.limits))
        encoding = Encoding.marked(known, head) if known else detect(head, is_json=form.format in ("json", "jsonl"))
        if form.format in ("csv", "tsv"):
            table, _ = read_header(self._chunks(encoding), self.limits.record_bytes, form.format)
            return self._guess(Layout(form.format, fields, table, encoding=encoding))
        start = next(recode(iter([head]), encoding), b"").lstrip(SPACES)[:1]
        if form.format == "json" and start not in (b"[", b"{"):
            raise UnreadableError(NO_JSON if start else EMPTY)
        in_list = start == b"["
        return self._guess(Layout("json" if in_list else form.format, fields, None, in_list, encoding))

    def _guess(self, layout: Layout) -> Layout:
        """Find the field of the text. An empty file has none and needs none."""
        if layout.fields.html or layout.fields.text:
            return replace(layout, fields=layout.fields.guess({}) or layout.fields)
        raws = self._raws(layout, 0, 0)
        found, names, note = guess_fields(layout, raws)
        if found is None and names:
            raise UnreadableError(no_text_field(names))
        self.note = note
        return replace(layout, fields=found or layout.fields)

    def _chunks(self, encoding: Encoding) -> Iterator[bytes]:
        return recode(chunks_of(self.path, self.form.packing, self.limits), encoding)

    def raws(self, offset: int = 0, number: int = 0) -> Iterator[Raw]:
        """The records behind record `number`, which ended at `offset`.

        Raises `DamagedError` where the file breaks off.
        """
        return self._raws(self.layout, offset, number)

    def _raws(self, layout: Layout, offset: int, number: int) -> Iterator[Raw]:
        if layout.format == "parquet":
            return columns.read_batches(self.path, self.form.packing, self.limits, number)
        if layout.format == "warc":
            chunks = chunks_of(self.path, self.form.packing, self.limits)
            return archives.read_responses(chunks, self.limits, number)
        limit = self.limits.record_bytes
        if layout.table is not None:
            offset = offset or read_header(self._chunks(layout.encoding), limit, layout.format)[1]
            rest = skip(self._chunks(layout.encoding), offset)
            return split_rows(rest, limit, layout.table.delimiter, offset, number)
        if layout.format == "jsonl":
            return split_lines(skip(self._chunks(layout.encoding), offset), limit, offset, number)
        if offset:
            return go_on(skip(self._chunks(layout.encoding), offset), limit, offset, number, layout.in_list)
        return split_json(self._chunks(layout.encoding), limit)


def _head(chunks: Iterator[bytes]) -> bytes:
    """The first bytes of a stream."""
    return b"".join(islice(filter(None, chunks), 1))


def guess_fields(layout: Layout, raws: Iterable[Raw]) -> tuple[Fields | None, list[str], str]:
    """The fields by a look at the first records, else the names that those have; and a note on what was found."""
    names: list[str] = []
    for raw in islice(_whole(raws), LOOKED_AT):
        try:
            records = layout.records(raw) if raw.number else []
        except UnreadableError:
            continue
        for record in records:
            found = layout.fields.guess(record)
            if found is not None:
                return found, [], f"no --text-field given: reading the text from field {found.source!r}"
            names = names or list(record) or ["(none)"]
    return None, names, ""


def _whole(raws: Iterable[Raw]) -> Iterator[Raw]:
    try:
        yield from raws
    except DamagedError:
        return


def no_text_field(names: Iterable[str]) -> str:
    """The sentence for records none of whose fields looks like the text."""
    shown = list(islice(names, 12))
    return (
        f"no field looks like the article's text (looked for {', '.join(GUESSES)}); "
        f"name one with --text-field. Fields are: {', '.join(chain(shown))}"
    )
