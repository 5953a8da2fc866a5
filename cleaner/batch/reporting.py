"""The report of a run: gathered while it goes, written when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cleaner.batch.options import Options, UsageError
from cleaner.batch.show import Console
from cleaner.batch.totals import Failure
from cleaner.config import Settings
from cleaner.configured import build
from cleaner.report.collect import ArticleReport, RunReport
from cleaner.report.page import check_ready

RESUMED = "The run was started with --resume: what an earlier run had cleaned before is not counted here."
STOPPED = "The run ended early: only what was cleaned until then is counted here."


class ReportingConsole(Console):
    """Tells the user, and gathers what the report needs. `gathered` is None if nobody wants one."""

    gathered: RunReport | None = None

    def failed(self, failure: Failure) -> None:
        """Say it and count it in."""
        super().failed(failure)
        if self.gathered is not None:
            place = f"{failure.file}, record {failure.record}" if failure.record else failure.file
            self.gathered.fail(place, failure.error)

    def reported(self, articles: Sequence[ArticleReport]) -> None:
        """Count articles in."""
        if self.gathered is not None:
            for article in articles:
                self.gathered.add(article)


def gathering(path: Path, options: Options, settings: Settings) -> RunReport:
    """What gathers the report that is to be written to `path`.

    Raises `UsageError` if something is there already, `ReportError` if Jinja2 is not installed.
    """
    check_ready()
    if path.exists() and not (options.overwrite or options.resume):
        raise UsageError(f"{path} exists already; use --overwrite to replace it")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.absolute().parent}; make it first")
    shown = {name: getattr(settings, name) for name in ("mode", "also", "keep", "off", "rules")}
    gathered = RunReport(shown)
    if options.resume:
        gathered.note(RESUMED)
    return gathered


def write(gathered: RunReport, path: Path, settings: Settings, whole: bool) -> None:
    """Write the report; `whole` says that the run came to its end. Raises `OSError`."""
    if not whole:
        gathered.note(STOPPED)
    gathered.write(path, build(settings).explain)
