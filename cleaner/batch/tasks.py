"""The run cut into tasks: what to open, which articles to clean, what to close, in the order of the output."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from typing import Any

from cleaner.batch.inputs import Becomes, Source
from cleaner.batch.jobs import ArticleJob, Item, Job, Recipe, RecordJob, Target
from cleaner.batch.totals import Failure
from cleaner.batch.work import ATTRIBUTES
from cleaner.files import columns
from cleaner.files.encodings import decode_exactly, encode_exactly
from cleaner.files.fields import Fields
from cleaner.files.names import Form
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.readers import LOOKED_AT, RecordFile
from cleaner.files.streams import Raw
from cleaner.files.tables import Table

JOB_BYTES = 1 << 18  # of input in one job, at least one article
JOB_ARTICLES = 256
PACKED = 4  # how many times its size a packed file may be expected to unpack to


@dataclass(frozen=True, slots=True)
class Position:
    """How far a run is.

    So many sources are behind it, with this digest of what they are; in the next one, so many records, which end at
    this offset.
    """

    sources: int = 0
    digest: str = ""
    record: int = 0
    offset: int = 0

    def behind(self, source: Source) -> Position:
        """The position behind a source."""
        return Position(
            self.sources + 1,
            hashlib.sha256(f"{self.digest}\n{source.identity}".encode("utf-8", "surrogateescape")).hexdigest(),
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """A record file to write: its form, and the bytes that come before the first record.

    `commas` says that each record leads with the comma that parts it from the one before.
    """

    form: Form
    head: bytes = b""
    schema: Any = None
    commas: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One step of a run, done in order. `position` is where the run stands behind it.

    `opens` begins a record file, `closes` ends it with `closing` bytes; `outputs` are the names of a job on articles.
    """

    position: Position
    job: Job | None = None
    source: Source | None = None
    sources: tuple[Source, ...] = ()
    opens: Opening | None = None
    closes: bool = False
    closing: bytes = b""
    failure: Failure | None = None
    note: str = ""


@dataclass(slots=True)
class Share:
    """Which share of the input is done, by the bytes of its files; packed ones count by a guess while under way."""

    total: int = 0
    behind: int = 0

    @classmethod
    def of(cls, inputs: Iterable[Source], sources: int) -> Share:
        """The share of inputs of which so many sources are done."""
        share = cls()
        for number, source in enumerate(inputs):
            share.total += source.size
            share.behind += source.size if number < sources else 0
        return share

    def after(self, task: Task) -> float | None:
        """The share done behind a task; None if the total is not known."""
        if not self.total:
            return None
        self.behind += sum(source.size for source in task.sources)
        part = 0
        if task.source is not None and task.closes:
            self.behind += task.source.size
        elif task.source is not None:
            read = task.position.offset // (PACKED if task.source.form.packing else 1)
            part = min(read, task.source.size)
        return min((self.behind + part) / self.total, 1.0)


class ChangedError(Exception):
    """The inputs are not those of the run that is to go on."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the inputs: the recipe for articles, the fields of records, the form and name of outputs.

    `encoding` is that of record files, if it is known and need not be found out.
    """

    recipe: Recipe
    fields: Fields
    becomes: Becomes
    names: Callable[[Source], str] = lambda source: source.output
    encoding: str = ""


def tasks(inputs: Iterable[Source], plan: Plan, start: Position) -> Iterator[Task]:
    """All tasks of a run behind `start`. Raises `ChangedError` if what is before `start` has changed."""
    position = Position()
    waiting = _Waiting()
    for source in inputs:
        if position.sources < start.sources:
            position = position.behind(source)
            if position.sources == start.sources and position.digest != start.digest:
                raise ChangedError
            continue
        before, position = position, position.behind(source)
        if source.form.single and not source.problem:
            target, output = plan.becomes(source.form), plan.names(source)
            waiting.add(source, Item(source.path, source.name, source.form, target, output=output), position)
            if waiting.full:
                yield waiting.task()
            continue
        if waiting.items:
            yield waiting.task()
        if source.problem:
            yield Task(position, source=source, failure=Failure(source.name, source.problem))
        else:
            at = start if start.sources == before.sources else before
            yield from _records(source, plan, replace(before, record=at.record, offset=at.offset), position)
    if position.sources < start.sources:
        raise ChangedError
    if waiting.items:
        yield waiting.task()


@dataclass(slots=True)
class _Waiting:
    """Articles that wait until there are enough of them for a job."""

    items: list[Item] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    size: int = 0
    position: Position = field(default_factory=Position)

    def add(self, source: Source, item: Item, position: Position) -> None:
        self.items.append(item)
        self.sources.append(source)
        self.size += source.size * (4 if source.form.format == "html" else 1)  # pages take longer
        self.position = position

    @property
    def full(self) -> bool:
        return self.size >= JOB_BYTES or len(self.items) >= JOB_ARTICLES

    def task(self) -> Task:
        task = Task(self.position, ArticleJob(tuple(self.items)), sources=tuple(self.sources))
        self.items, self.sources, self.size = [], [], 0
        return task


def _records(source: Source, plan: Plan, at: Position, behind: Position) -> Iterator[Task]:
    """The tasks of a file of records."""
    try:
        file = RecordFile(source.path, source.form, plan.recipe.limits, plan.fields, plan.encoding)
        target, opening = target_of(file, plan.becomes(source.form), plan.recipe)
    except (UnreadableError, DamagedError) as error:
        yield Task(behind, source=source, failure=Failure(source.name, str(error)))
        return
    layout = file.layout
    same = target.format == layout.format
    number = at.record
    failure = None
    end = b"\n]\n" if target.format == "json" and not same else b""
    with closing(_stream(file.raws(at.offset, at.record))) as raws:
        if layout.in_list and not at.offset:
            first = next(raws, None)
            if same and isinstance(first, Raw):
                opening = replace(opening, head=opening.head + _encoded(first.data, file, plan.recipe))
        yield Task(replace(at, offset=at.offset), source=source, opens=opening, note=file.note)
        for group in _grouped(raws, layout.format == "parquet"):
            if isinstance(group, str):
                failure = Failure(source.name, group, number + 1)
                end = end or (b"\n]\n" if layout.in_list and same else b"")
                break
            number = max(
                [raw.end if layout.format == "parquet" else raw.number for raw in group if raw.number], default=number
            )
            job = RecordJob(source.name, layout, target, tuple(group), output=plan.names(source))
            yield Task(replace(at, record=number, offset=group[-1].end), job, source=source)
    yield Task(behind, source=source, closes=True, closing=end, failure=failure)


def _stream(raws: Iterator[Raw]) -> Generator[Raw | str, None, None]:
    """The records, and behind the last good one the reason why there are no more."""
    try:
        yield from raws
    except (DamagedError, UnreadableError) as error:
        yield str(error)


def _grouped(raws: Iterator[Raw | str], many: bool) -> Iterator[list[Raw] | str]:
    """Records in groups of a size that depends on nothing but the records. With `many`, each `Raw` is a group."""
    group: list[Raw] = []
    size = 0
    for raw in raws:
        if isinstance(raw, str):
            if group:
                yield group
            yield raw
            return
        group.append(raw)
        size += len(raw.data)
        if many or size >= JOB_BYTES or len(group) >= JOB_ARTICLES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _encoded(data: bytes, file: RecordFile, recipe: Recipe) -> bytes:
    """UTF-8 bytes in the encoding that the output is to have."""
    encoding = file.layout.encoding
    if recipe.preserve_encoding and encoding.name != "utf-8":
        return encode_exactly(decode_exactly(data), encoding.name)
    return data


def target_of(file: RecordFile, form: Form, recipe: Recipe) -> tuple[Target, Opening]:
    """How the records of a file are to be written, and how the output begins."""
    layout = file.layout
    encoding = layout.encoding
    mark = encoding.mark if encoding.name == "utf-8" or recipe.preserve_encoding else b""
    added = ([layout.fields.text] if layout.fields.html else []) + ([ATTRIBUTES] if recipe.annotate else [])
    if layout.format == "json" and form.format == "json":
        return Target("json"), Opening(form, mark, commas=layout.in_list)
    if form.format == "json":
        return Target("json"), Opening(form, b"[", commas=True)
    if form.format in ("csv", "tsv"):
        table = _table(file, form.format, added)
        same = layout.format == form.format
        return Target(form.format, table), Opening(
            form, mark + _encoded(table.header, file, recipe) if same else table.header
        )
    if form.format == "parquet":
        if layout.format == "parquet":
            return Target("parquet"), Opening(form, schema=columns.schema_of(file.path, file.form.packing, file.limits))
        rows = [{**row, **dict.fromkeys(added, "")} for row in _sample(file)]
        schema = columns.guess_schema(rows)
        return Target("parquet", schema=schema), Opening(form, schema=schema)
    if form.format == "txt":
        raise UnreadableError("it holds many articles, which cannot be written as one text file; choose --format jsonl")
    return Target(form.format), Opening(form, mark if layout.format == form.format else b"")


def _table(file: RecordFile, format: str, added: Sequence[str]) -> Table:
    """The table to write, with some columns added; as the file has it, if the file is one of that format."""
    layout = file.layout
    if layout.format == format and layout.table is not None:
        return layout.table.with_columns(added)
    names = list(layout.table.columns) if layout.table else list(dict.fromkeys(chain.from_iterable(_sample(file))))
    return Table("\t" if format == "tsv" else ",", tuple(names)).with_columns(added)


def _sample(file: RecordFile) -> list[dict[str, Any]]:
    """The first records, for the columns that they have."""
    rows: list[dict[str, Any]] = []
    try:
        for raw in islice(file.raws(), LOOKED_AT):
            try:
                rows += file.layout.records(raw) if raw.number else []
            except UnreadableError:
                continue
    except DamagedError:
        pass
    if file.layout.format == "warc":
        return [{**{name: value for name, value in row.items() if name != "html"}, "text": ""} for row in rows]
    return rows
