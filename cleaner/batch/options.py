"""What a run is asked to do, whom it tells, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cleaner.batch.jobs import Makes, Recipe
from cleaner.batch.totals import Failure, Totals
from cleaner.files.fields import Fields
from cleaner.files.names import Form, output_form
from cleaner.files.streams import Limits
from cleaner.report.collect import ArticleReport


class UsageError(Exception):
    """What was asked for cannot be done as it was asked; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is to do.

    `inputs` are paths, patterns, or "-" alone; without `output`, results go to standard output. `settings` describes
    the cleaner: a run goes on only with the same. `keep_markup` makes Markdown of pages. `tag` names the attributes
    that `annotate` adds. `write` False only counts. `report` tells the listener of every article. `look` counts first
    which lines stand in many of the articles. `workers` 0 means one for each core; `timeout` (seconds) ends a worker
    that hangs, 0 never does.
    """

    inputs: tuple[str, ...]
    choice: Makes
    output: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    fields: Fields = field(default_factory=Fields)
    format: str = ""
    input_format: str = ""
    keep_markup: bool = False
    annotate: bool = False
    tag: str = "cleaner__balanced"
    preserve_encoding: bool = False
    removed: Path | None = None
    diff: bool = False
    write: bool = True
    look: bool = False
    in_place: bool = False
    resume: bool = False
    overwrite: bool = False
    workers: int = 0
    timeout: float = 300.0
    limits: Limits = field(default_factory=Limits)
    report: bool = False

    def becomes(self, form: Form) -> Form:
        """The form of the output for an input of `form`."""
        wanted = "txt" if self.format == "md" else self.format
        if not wanted and self.annotate and form.single:
            wanted = "jsonl"  # only a record has room for attributes
        if not wanted and self.keep_markup and form.format == "html":
            wanted = "md"
        return output_form(form, wanted)

    def recipe(self, errors_inline: bool = False) -> Recipe:
        """What workers need to know."""
        return Recipe(
            self.choice,
            keep_markup=self.keep_markup,
            annotate=self.annotate,
            tag=self.tag,
            removed=self.removed is not None,
            diff=self.diff,
            in_place=self.in_place,
            errors_inline=errors_inline,
            preserve_encoding=self.preserve_encoding or self.in_place,
            limits=self.limits,
            report=self.report,
        )

    def fixed(self) -> dict[str, Any]:
        """What must not change between a run and the one that goes on with it."""
        return {
            **self.settings,
            "fields": asdict(self.fields),
            "format": self.format,
            "keep_markup": self.keep_markup,
            "annotate": self.annotate,
            "preserve_encoding": self.preserve_encoding,
            "removed": str(self.removed) if self.removed else None,
            "limits": asdict(self.limits),
        }


class Listener:
    """Told what happens in a run; this one does nothing with it.

    With `wants_share`, `advanced` is told which share of the input is done; to know that, all inputs are listed first.
    """

    wants_share = False

    def failed(self, failure: Failure) -> None:
        """An article or file failed."""

    def noted(self, text: str) -> None:
        """Something that the user should know."""

    def skipped(self, name: str, reason: str) -> None:
        """A file in a folder was passed over."""

    def looked(self, articles: int) -> None:
        """The first look has seen so many articles."""

    def advanced(self, totals: Totals, share: float | None) -> None:
        """So much is done, and this share of the input (0 to 1), if it is known."""

    def compared(self, lines: list[str]) -> None:
        """Lines of a diff."""

    def reported(self, articles: Sequence[ArticleReport]) -> None:
        """Articles are done; only with `Options.report`."""


@dataclass(frozen=True, slots=True)
class Report:
    """How a run ended.

    `failures` is the file that lists the failures, if there is one; `interrupted` and `stopped` (the reason) say that
    the run ended early; `resumable`, that it can then go on.
    """

    totals: Totals
    failures: Path | None = None
    interrupted: bool = False
    stopped: str = ""
    resumable: bool = False
