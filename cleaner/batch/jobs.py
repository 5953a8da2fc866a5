"""Jobs: what a worker gets, what it is told to do with it, and what it gives back. All of it can be pickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from cleaner.batch.totals import Failure, Totals
from cleaner.files.fields import dump, parse, splice
from cleaner.files.names import Form
from cleaner.files.problems import UnreadableError
from cleaner.files.readers import Layout
from cleaner.files.streams import Limits, Raw
from cleaner.files.tables import Table
from cleaner.report.collect import ArticleReport
from cleaner.result import Result


class Cleans(Protocol):
    """What we need of a `Cleaner`."""

    def clean(self, text: str, url: str | None = None) -> Result:
        """Clean a text."""

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        """Clean a page."""


class Works(Protocol):
    """What workers are told: how to begin, and what stands for a job that cannot be done.

    `warm` names a module whose import does once, before workers are forked, what each would have to do.
    """

    @property
    def warm(self) -> str:
        """The module."""

    @property
    def errors_inline(self) -> bool:
        """Whether a failing record comes back with its error."""

    def begin(self) -> Callable[[Job], Done]:
        """Make ready in the worker; gives the function that does a job."""


class Makes(Protocol):
    """What makes a cleaner: each worker makes its own, as a compiled rulebook does not travel.

    `warm` names a module whose import does once, before workers are forked, what each would have to do.
    """

    @property
    def warm(self) -> str:
        """The module."""

    def cleaner(self) -> Cleans:
        """The cleaner."""

    def seeing(self, table: Any) -> Makes:
        """The same with the lines that a first look found in many articles."""


class NoCleaner:
    """For jobs that clean nothing, such as looking and restoring: whoever asks it for anything is wrong there."""

    warm = ""

    def cleaner(self) -> Cleans:
        """See `Makes`."""
        raise NotImplementedError

    def seeing(self, table: Any) -> Makes:
        """See `Makes`."""
        raise NotImplementedError

    def clean(self, text: str, url: str | None = None) -> Result:
        """See `Cleans`."""
        raise NotImplementedError

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        """See `Cleans`."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Recipe:
    """What to do with every article of a run, and what to tell of it. `tag` names the attributes of `annotate`."""

    choice: Makes
    keep_markup: bool = False
    annotate: bool = False
    tag: str = "cleaner__balanced"
    removed: bool = False
    diff: bool = False
    in_place: bool = False
    errors_inline: bool = False
    preserve_encoding: bool = False
    limits: Limits = field(default_factory=Limits)
    report: bool = False

    @property
    def warm(self) -> str:
        """See `Works`."""
        return self.choice.warm

    def begin(self) -> Callable[[Job], Done]:
        """See `Works`."""
        from cleaner.batch.work import perform  # it knows the jobs, and they must not know it

        return partial(perform, recipe=self, cleaner=self.choice.cleaner())


@dataclass(slots=True)
class Done:
    """What came of a job.

    `pieces`: bytes to write, one for each article of an `ArticleJob` (None if nothing is to be written), one for a
    `RecordJob`. `keepsakes` go with `pieces`: what brings the original back, empty bytes if only the whole file does.
    `removed` and `diff` are lines ready to be written, `reports` what the report of the run needs of each article, if
    the recipe asked for them. `seen` is what a first look at the articles gave (`looking`).
    """

    pieces: list[bytes | None] = field(default_factory=list)
    keepsakes: list[bytes | None] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    totals: Totals = field(default_factory=Totals)
    removed: list[bytes] = field(default_factory=list)
    diff: list[str] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)
    reports: list[ArticleReport] = field(default_factory=list)

    def add(self, other: Done, join: bool) -> None:
        """Append the result of the next part of the same job; `join` makes one piece of all."""
        if join and self.pieces:
            self.pieces = [(self.pieces[0] or b"") + (other.pieces[0] or b"")]
        else:
            self.pieces += other.pieces
        self.keepsakes += other.keepsakes
        self.failures += other.failures
        self.totals.add(other.totals)
        self.removed += other.removed
        self.diff += other.diff
        self.seen += other.seen
        self.reports += other.reports


@dataclass(frozen=True, slots=True)
class Target:
    """How records are to be written: the format, and what a table or Parquet file needs besides."""

    format: str
    table: Table | None = None
    schema: Any = None


@dataclass(frozen=True, slots=True)
class Item:
    """A file with one article. `data` holds its bytes if they do not come from a file; `output` names what is made."""

    path: Path
    name: str
    form: Form
    target: Form
    data: bytes | None = None
    output: str = ""


@dataclass(frozen=True, slots=True)
class ArticleJob:
    """Files with one article each."""

    items: tuple[Item, ...]

    def split(self) -> list[ArticleJob]:
        """One job for each article."""
        return [ArticleJob((item,)) for item in self.items]

    def failed(self, reason: str, recipe: Works) -> Done:
        """The result if this job cannot be done."""
        failures = [Failure(item.name, reason) for item in self.items]
        nothing: list[bytes | None] = [None] * len(self.items)
        return Done(nothing, list(nothing), failures, Totals(failed=len(failures)))


@dataclass(frozen=True, slots=True)
class RecordJob:
    """Consecutive records of one file, and the name of the file that is made of it.

    `only` narrows a job on columns to some rows, counted from 0.
    """

    name: str
    layout: Layout
    target: Target
    raws: tuple[Raw, ...]
    only: range | None = None
    output: str = ""

    def split(self) -> list[RecordJob]:
        """One job for each record."""
        if self.layout.format == "parquet":
            (raw,) = self.raws
            rows = self.only or range(raw.end - raw.number + 1)
            return [replace(self, only=range(row, row + 1)) for row in rows]
        return [replace(self, raws=(raw,)) for raw in self.raws]

    def failed(self, reason: str, recipe: Works) -> Done:
        """The result if this job cannot be done."""
        raw = self.raws[0]
        number = raw.number + (self.only.start if self.only else 0)
        piece = b""
        if recipe.errors_inline:
            piece = error_record(raw, reason) + (raw.tail or b"\n")
        return Done([piece], [None], [Failure(self.name, reason, number)], Totals(failed=1))


Job = ArticleJob | RecordJob


def sentence(error: Exception) -> str:
    """Why an article failed, for people."""
    if isinstance(error, UnreadableError):
        return str(error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return f"an unexpected error: {type(error).__name__}: {error}"


def error_record(raw: Raw, reason: str) -> bytes:
    """A failing record with the reason in its field `error`; what is no record comes back as the field `input`."""
    if raw.problem:
        return dump({"error": reason, "record": raw.number})
    try:
        source, _ = parse(raw.data)
        return splice(raw.data, source, {"error": reason})
    except UnreadableError:
        whole = raw.data.decode("utf-8", "surrogateescape")
        return dump({"error": reason, "record": raw.number, "input": whole}, raw.data)


def attributes(existing: Mapping[str, Any], tag: str, result: Result) -> dict[str, Any]:
    """The removed spans of a text as attributes in the manner of dolma: `[start, end, score]` by category."""
    spans: dict[str, Any] = dict(existing)
    for removal in result.removed:
        spans.setdefault(f"{tag}__{removal.category}", []).append([removal.start, removal.end, round(removal.score, 4)])
    return spans
