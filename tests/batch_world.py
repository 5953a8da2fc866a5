"""A cleaner for tests of everything around it: it removes lines that begin with "AD:", and misbehaves on demand."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cleaner.batch import Listener, Options, Report, run
from cleaner.batch.options import Failure, Totals
from cleaner.judge import Reason
from cleaner.result import Removal, Result

REASON = Reason("test", "begins with AD", 3.0)
AD_LINE = re.compile(r"^AD:[^\n]*(?:\n|\Z)", re.MULTILINE)
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True)
class AdCleaner:
    def clean(self, text: str, url: str | None = None) -> Result:
        if "KILL" in text:
            os.kill(os.getpid(), signal.SIGKILL)
        if "HANG" in text:
            time.sleep(60)
        if "RAISE" in text:
            raise RuntimeError("as asked")
        if "SLOW" in text:
            time.sleep(0.02)
        removed = []
        for match in AD_LINE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            removed.append(Removal(*match.span(), line, match.group(), "ad", 3.0, (REASON,)))
        return Result(AD_LINE.sub("", text), tuple(removed))

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        if isinstance(html, bytes):
            html = html.decode("utf-8", "surrogateescape")
        return self.clean(_TAG.sub("", html).strip(), url)


@dataclass(frozen=True)
class AdChoice:
    warm: str = "cleaner.batch.work"

    def cleaner(self) -> AdCleaner:
        return AdCleaner()

    def seeing(self, table: object) -> AdChoice:
        return self


@dataclass
class Heard(Listener):
    """Everything a run said."""

    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skips: list[str] = field(default_factory=list)
    diff: list[str] = field(default_factory=list)
    totals: Totals | None = None
    shares: list[float] = field(default_factory=list)
    wants_share = True

    def failed(self, failure: Failure) -> None:
        self.failures.append(failure)

    def noted(self, text: str) -> None:
        self.notes.append(text)

    def skipped(self, name: str, reason: str) -> None:
        self.skips.append(f"{name}: {reason}")

    def advanced(self, totals: Totals, share: float | None) -> None:
        self.totals = totals
        self.shares += [share] if share is not None else []

    def compared(self, lines: list[str]) -> None:
        self.diff += lines

    @property
    def reasons(self) -> list[str]:
        return [str(failure) for failure in self.failures]


def go(*inputs: Path | str, heard: Heard | None = None, standard: Any = None, **said: Any) -> Report:
    """A run with the test cleaner, one worker unless said otherwise."""
    said.setdefault("workers", 1)
    options = Options(tuple(map(str, inputs)), AdChoice(), **said)
    return run(options, heard or Heard(), standard)


def serving(parent: int) -> list[int]:
    """The workers of a run: children of its fork server."""
    children = _children()
    return [worker for server in children.get(parent, []) for worker in children.get(server, [])]


def family(parent: int) -> list[int]:
    """A process, its children and theirs."""
    children = _children()
    return [parent, *children.get(parent, []), *serving(parent)]


def _children() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    return children


def tree(folder: Path) -> dict[str, bytes]:
    """All files below a folder but those of the run itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".cleaner" not in path.relative_to(folder).parts
    }
