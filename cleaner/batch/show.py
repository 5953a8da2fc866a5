"""What a run shows on the terminal: progress, failures, notes, and the summary."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from cleaner.batch.options import Listener, Report
from cleaner.batch.totals import Failure, Totals
from cleaner.listing import visible

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 5.0  # seconds between two lines of progress where there is no terminal
SHOWN = 20  # failures and notes shown one by one; the rest is counted, and listed in failed.jsonl
LOG = logging.getLogger("cleaner")


_COLOURS = {"---": "1", "+++": "1", "@@": "36", "-": "31", "+": "32"}  # of diff lines by their beginning


def in_colour(line: str) -> str:
    """A line of a diff in the colours that such lines have in a terminal; its line ending stays outside."""
    colour = next((colour for start, colour in _COLOURS.items() if line.startswith(start)), "")
    body = line.rstrip("\r\n")
    return f"\x1b[{colour}m{body}\x1b[0m{line[len(body) :]}" if colour else line


class JsonLines(logging.Formatter):
    """A log record as one line of JSON: time, level, message, and what else was said about it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        row: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "about", {}),
        }
        if record.exc_info:
            row["error"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def set_up_logs(as_json: bool, quiet: bool) -> None:
    """Send the cleaner's log to standard error. Quiet leaves warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if as_json else logging.Formatter("%(message)s"))
    LOG.handlers[:] = [handler]
    LOG.setLevel(logging.WARNING if quiet else logging.INFO)
    LOG.propagate = False


class Console(Listener):
    """Tells a user at a terminal, or a log, what a run does.

    `mode` is "bar", "lines" (a line every few seconds), or "none".
    """

    def __init__(self, mode: str, as_json: bool = False) -> None:
        self.mode = mode
        self.wants_share = mode == "bar"
        self.as_json = as_json
        self.began = self.told = time.monotonic()
        self.shown = 0
        self.noted_before: set[str] = set()
        self.progress: Progress | None = None
        self.task: Any = None

    def __enter__(self) -> Self:
        if self.mode == "bar":
            self._start_bar()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.progress is not None:
            self.progress.stop()

    def _start_bar(self) -> None:
        from rich.console import Console as Terminal  # only where there is a terminal
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        self.progress = Progress(
            BarColumn(20),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=Terminal(stderr=True),
            transient=True,
        )
        self.task = self.progress.add_task("starting", total=None)
        self.progress.start()

    def _log(self, level: int, text: str, **about: Any) -> None:
        if not self.as_json:
            text = visible(text)  # names of files and of fields are from outside
        LOG.log(level, text.encode("utf-8", "backslashreplace").decode(), extra={"about": about})

    def failed(self, failure: Failure) -> None:
        """Say it, unless there are too many to read."""
        self.shown += 1
        if self.as_json or self.shown <= SHOWN:
            self._log(logging.ERROR, f"failed: {failure}", event="failed", **failure.row())
        elif self.shown == SHOWN + 1:
            self._log(logging.ERROR, "more failures are not shown here")

    def noted(self, text: str) -> None:
        """Say it once."""
        if text not in self.noted_before and len(self.noted_before) < SHOWN:
            self.noted_before.add(text)
            self._log(logging.INFO, f"note: {text}", event="note")

    def skipped(self, name: str, reason: str) -> None:
        """Only for logs that are read by machines: the summary has the number."""
        if self.as_json:
            self._log(logging.INFO, f"skipped: {name}: {reason}", event="skipped", file=name)

    def looked(self, articles: int) -> None:
        """Show how far the first look is."""
        if self.progress is not None:
            self.progress.update(self.task, description=f"first look: {articles:,} articles")

    def advanced(self, totals: Totals, share: float | None) -> None:
        """Show how far it is."""
        if self.mode == "none":
            return
        now = time.monotonic()
        if self.progress is not None:
            done = None if share is None else 100 * share
            total = None if share is None else 100
            self.progress.update(self.task, description=self._line(totals, now), completed=done, total=total)
        elif now - self.told >= EVERY:
            self.told = now
            self._log(logging.WARNING, self._line(totals, now), event="progress", **totals.as_dict())

    def _line(self, totals: Totals, now: float) -> str:
        rate = totals.articles / max(now - self.began, 0.001)
        return f"{totals.articles:,} articles, {rate:,.0f}/s; {totals.lines:,} lines removed; {totals.failed:,} failed"

    def compared(self, lines: list[str]) -> None:
        """Print the diff, coloured on a terminal."""
        terminal = sys.stdout.isatty()
        for line in lines:
            shown = line.encode("utf-8", "backslashreplace").decode()
            if terminal:
                shown = visible(shown) if "NO_COLOR" in os.environ else in_colour(visible(shown))
            sys.stdout.write(shown)

    def ended(self, report: Report, verb: str) -> None:
        """The summary."""
        seconds = time.monotonic() - self.began
        level = logging.WARNING if report.totals.failed or report.interrupted or report.stopped else logging.INFO
        about = {"event": "summary", "seconds": round(seconds, 3), **report.totals.as_dict()}
        ending = f"; failures are listed in {report.failures}" if report.failures else ""
        again = ": --resume goes on from here" if report.resumable else ""
        if report.interrupted:
            ending += f"; interrupted{again}"
        self._log(level, f"{report.totals.summary(verb)}{ending}", **about)
        if report.stopped:
            self._log(
                logging.ERROR, f"stopped: {report.stopped}{again and '; --resume goes on from here'}", event="stopped"
            )
