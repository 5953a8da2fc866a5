"""What must hold for every file, whatever is in it: no error but those that are documented, and no record lost."""

from __future__ import annotations

import io
import json
import re
import time
import zlib
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from batch_world import AD_LINE, REASON, AdChoice

from cleaner.batch.inputs import Source
from cleaner.batch.jobs import ArticleJob, Recipe, RecordJob
from cleaner.batch.outputs import Standard
from cleaner.batch.tasks import Plan, Position, tasks
from cleaner.batch.work import perform
from cleaner.files.articles import read_article
from cleaner.files.encodings import Encoding, recode
from cleaner.files.fields import Fields, bury, dig
from cleaner.files.names import Form, form_of, output_form
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.readers import RecordFile
from cleaner.files.streams import Limits, Raw, chunks_of
from cleaner.result import Removal, Result

LIMITS = Limits(record_bytes=30_000, ratio=50)
LONGEST_TIME = 10.0  # seconds of processor time for one file
UNEXPECTED = "an unexpected error"
TEXT_FORMATS = ("json", "jsonl", "csv", "tsv")

_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Untouching:
    """Removes nothing."""

    def clean(self, text: str, url: str | None = None) -> Result:
        return Result(text)

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        return self.clean(html if isinstance(html, str) else html.decode("latin-1"))


@dataclass(frozen=True)
class Removing(Untouching):
    """Removes lines that begin with "AD:"."""

    def clean(self, text: str, url: str | None = None) -> Result:
        found = (Removal(*match.span(), 1, match.group(), "ad", 3.0, (REASON,)) for match in AD_LINE.finditer(text))
        return Result(AD_LINE.sub("", text), tuple(found))


VARIANTS = 8  # ways to clean a file: with its encoding kept or not, to each of four other formats


def check_file(name: str, data: bytes, folder: Path, thorough: bool = True) -> None:
    """The laws for a file of this name with these bytes. It is written to `folder`.

    `thorough` tries every way to clean it, else one that its bytes decide.
    """
    path = folder / name
    path.write_bytes(data)
    form = form_of(name)
    assert form is not None
    began = time.process_time()
    try:
        if form.single:
            _check_article(path, form)
        else:
            _check_records(path, form)
            _check_cut(path, form, data)
        for variant in range(VARIANTS) if thorough else (zlib.crc32(data) % VARIANTS,):
            _check_cleaned(path, form, variant)
    finally:
        path.unlink()
    took = time.process_time() - began
    assert took < LONGEST_TIME, f"it took {took:.1f} seconds"


def _check_article(path: Path, form: Form) -> None:
    try:
        article = read_article(path, form, LIMITS)
    except UnreadableError:
        return
    if not article.page:
        encoding, text = article.encoding, article.text
        written = encoding.encode(text)
        # Some code pages have two codes for one character, so of those only the text is asked for.
        assert written == article.data or (not encoding.name.startswith("utf") and encoding.decode(written) == text)


@dataclass
class Found:
    """What a file of records holds: the records, and why there are no more of them."""

    file: RecordFile
    raws: list[Raw]
    damage: str = ""


def _found(path: Path, form: Form) -> Found | None:
    try:
        found = Found(RecordFile(path, form, LIMITS, Fields()), [])
        for raw in found.file.raws():
            found.raws.append(raw)
    except UnreadableError as error:
        return None if "found" not in locals() else replace(found, damage=str(error))
    except DamagedError as error:
        assert "found" in locals(), "a file that cannot be looked into is unreadable, not damaged"
        found.damage = str(error)
    return found


def _check_records(path: Path, form: Form) -> None:
    found = _found(path, form)
    if found is None:
        return
    layout, raws = found.file.layout, found.raws
    if layout.format != "parquet":
        assert [raw.number for raw in raws if raw.number] == list(range(1, 1 + sum(bool(raw.number) for raw in raws)))
    assert all(before.end <= after.end for before, after in pairwise(raws)), "a record ends before the one before it"
    for raw in raws:
        assert len(raw.data) <= LIMITS.record_bytes or layout.format in ("parquet", "warc") or not raw.number
        try:
            records = layout.records(raw) if raw.number else []
        except UnreadableError:
            continue
        assert all(isinstance(record, dict) for record in records)
    if layout.format in TEXT_FORMATS:
        _check_bytes(found, path, form)
    _check_going_on(found)


def _check_bytes(found: Found, path: Path, form: Form) -> None:
    """The records and what stands between them are the stream, as far as it goes."""
    stream, broken = _stream(path, form, found.file.layout.encoding)
    table = found.file.layout.table
    start = found.raws[0].end - _size(found.raws[0]) if found.raws and table is not None else 0
    if any(raw.problem for raw in found.raws):
        return
    whole = b"".join(raw.lead + raw.data + raw.tail for raw in found.raws)
    assert stream[start : start + len(whole)] == whole, "the records are not the bytes of the file"
    if not found.damage and not broken and (found.raws or table is None):
        assert start + len(whole) == len(stream), "bytes behind the last record are lost"


def _size(raw: Raw) -> int:
    return len(raw.lead) + len(raw.data) + len(raw.tail)


def _stream(path: Path, form: Form, encoding: Encoding) -> tuple[bytes, bool]:
    parts = []
    try:
        for chunk in recode(chunks_of(path, form.packing, LIMITS), encoding):
            parts.append(chunk)
    except DamagedError:
        return b"".join(parts), True
    return b"".join(parts), False


def _check_going_on(found: Found) -> None:
    """A run that was stopped behind a record goes on with the next."""
    if not found.raws:
        return
    for at in {len(found.raws) // 2, len(found.raws) - 1}:
        raw = found.raws[at]
        number = raw.end if found.file.layout.format == "parquet" else max(r.number for r in found.raws[: at + 1])
        rest: list[Raw] = []
        try:
            for after in found.file.raws(raw.end, number):
                rest.append(after)
        except (UnreadableError, DamagedError):
            assert found.damage, "it breaks off only when going on"
        assert rest == found.raws[at + 1 :], "going on behind a record gives others"


def _check_cut(path: Path, form: Form, data: bytes) -> None:
    """Of a file that is cut off, the records before the cut are still there."""
    whole = _found(path, form)
    cut_at = zlib.crc32(data) % (len(data) + 1)
    path.write_bytes(data[:cut_at])
    cut = _found(path, form)
    path.write_bytes(data)
    if whole is None or cut is None or whole.damage or form.format == "parquet":
        return
    if replace(whole.file.layout, fields=Fields()) != replace(cut.file.layout, fields=Fields()):
        return  # what is left of it looks like something else
    before = [raw for raw in cut.raws if raw.number][:-1]
    assert before == [raw for raw in whole.raws if raw.number][: len(before)], "records before the cut are others"
    if not form.packing and form.format in TEXT_FORMATS and whole.file.layout.encoding == Encoding():
        survive = [raw for raw in whole.raws if raw.number and raw.end < cut_at]
        assert len(survive) <= len(before) + 1, "a whole record before the cut is lost"


def _check_cleaned(path: Path, form: Form, variant: int) -> None:
    """Cleaned, no article fails for a reason that we have no words for; with nothing to remove, nothing changes."""
    keeps = form.single or form.format in TEXT_FORMATS
    preserve = bool(variant & 1)
    untouched, failures, encoding = _cleaned(path, form, output_form(form), Untouching(), preserve)
    if keeps and form.format != "html" and not failures and not form.packing and encoding is not None:
        data = path.read_bytes()
        if preserve or encoding.name == "utf-8":
            assert untouched == data, "nothing was removed, but the output is another"
    cleaned, failures, encoding = _cleaned(path, form, output_form(form), Removing(), preserve)
    plain = not _CONTROLS.search(cleaned)  # many of them in few bytes are taken for a file that is no text
    if plain and form.format in TEXT_FORMATS and not form.packing and not failures and encoding == Encoding():
        _check_only_texts_changed(path, cleaned)
    _cleaned(path, form, output_form(form), Removing(), preserve, annotate=True)
    if not form.single:
        _cleaned(path, form, Form(("jsonl", "csv", "json", "parquet")[variant // 2]), Removing(), preserve)


def _check_only_texts_changed(path: Path, cleaned: bytes) -> None:
    """Cleaned records are those that came in, in their order, but for the lines that went from their texts."""
    form = form_of(path.name)
    assert form is not None
    expected = [_without_adverts(record, fields) for record, fields in _records(path, form)]
    beside = path.with_name(f"cleaned-{path.name}")
    beside.write_bytes(cleaned)
    found = [record for record, _ in _records(beside, form)]
    beside.unlink()
    assert json.dumps(found) == json.dumps(expected), "more than the texts has changed"  # as text: NaN is not NaN


def _records(path: Path, form: Form) -> list[tuple[dict[str, Any], Fields]]:
    found = _found(path, form)
    if found is None:
        return []
    layout = found.file.layout
    records = [record for raw in found.raws if raw.number for record in layout.records(raw)]
    return [(record, layout.fields.guess(record) or layout.fields) for record in records]


def _without_adverts(record: dict[str, Any], fields: Fields) -> dict[str, Any]:
    text = dig(record, fields.text)
    if isinstance(text, str):
        bury(record, fields.text, AD_LINE.sub("", text))
    return record


def _check_json(written: bytes) -> None:
    """What is written is a list, or objects one after another, however broken the input was."""
    text = written.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    decoder = json.JSONDecoder(strict=False)
    in_list = text.lstrip().startswith("[")
    while text := text.strip(" \t\r\n"):
        _, end = decoder.raw_decode(text)
        text = text[end:]
        assert not (in_list and text.strip(" \t\r\n")), "there is more behind the list"


def _cleaned(
    path: Path, form: Form, target: Form, cleaner: Untouching, preserve: bool, annotate: bool = False
) -> tuple[bytes, list[str], Encoding | None]:
    """What is written, the sentences on what failed, and the encoding of what was read."""
    recipe = Recipe(
        AdChoice(),
        annotate=annotate,
        removed=True,
        errors_inline=target.format == "jsonl",
        preserve_encoding=preserve,
        limits=LIMITS,
    )
    source = Source(path, path.name, form, path.name)
    stream = io.BytesIO()
    output = Standard(stream)
    failures: list[str] = []
    encoding, stray = None, False
    for task in tasks([source], Plan(recipe, Fields(), lambda _: target), Position()):
        done = perform(task.job, recipe, cleaner) if task.job is not None else None
        if done is not None:
            failures += [str(failure) for failure in done.failures]
            for line in done.removed:
                json.loads(line)
        failures += [str(task.failure)] if task.failure else []
        if task.job is not None:
            encoding = Encoding() if isinstance(task.job, ArticleJob) else task.job.layout.encoding
            if isinstance(task.job, RecordJob):
                encoding = None if task.job.layout.fields.html else encoding  # a text is made of each page
                stray |= any(
                    b"," in raw.data for raw in task.job.raws if not raw.number
                )  # stays: it is not ours to repair
        output.put(task, done)
    unexpected = [failure for failure in failures if UNEXPECTED in failure]
    assert not unexpected, unexpected[0]
    if target.format == "json" and not (preserve or annotate or stray):
        _check_json(stream.getvalue())
    if form.single and encoding is not None and not failures:
        article = read_article(path, form, LIMITS)
        encoding = None if article.page else article.encoding
    return stream.getvalue(), failures, encoding
