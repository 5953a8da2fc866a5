"""What a run remembers in its output folder, so that it can go on where it stopped."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cleaner.batch.safely import StoppedError
from cleaner.batch.tasks import Position
from cleaner.batch.totals import Totals

VERSION = 1
NAME = "manifest.json"


class ResumeError(Exception):
    """A run that cannot be continued; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """A point to which a run can go back: everything before `position` is written, nothing behind it counts.

    `part` is the size of the record file under way, `written` whether it has a record, `sides` the sizes of the files
    that gather lines (failures, removals).
    """

    position: Position = field(default_factory=Position)
    totals: Totals = field(default_factory=Totals)
    part: int = 0
    written: bool = False
    sides: Mapping[str, int] = field(default_factory=dict)
    complete: bool = False


class Manifest:
    """The manifest in a working folder. `settings` must be the same for a run to go on."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.path = folder / NAME
        self.settings = dict(settings)

    def load(self) -> State | None:
        """Where an earlier run stopped; None if there was none. Raises `ResumeError` if its settings were others."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise ResumeError(f"{self.path} cannot be read ({error}); start again with --overwrite") from error
        if found.get("version") != VERSION:
            raise ResumeError(f"{self.path} is of another version of the cleaner; start again with --overwrite")
        self._compare(found["settings"])
        state = found["state"]
        return State(
            Position(**state["position"]),
            Totals.from_dict(state["totals"]),
            state["part"],
            state["written"],
            state["sides"],
            state["complete"],
        )

    def _compare(self, earlier: Mapping[str, Any]) -> None:
        ours = json.loads(json.dumps(self.settings))
        for key in sorted({*earlier, *ours}):
            if earlier.get(key) != ours.get(key):
                raise ResumeError(
                    f"the earlier run had {key} = {earlier.get(key)!r}, this one has {ours.get(key)!r}; "
                    "use the same settings to go on, or --overwrite to start again"
                )

    def save(self, state: State) -> None:
        """Remember a state. The file is replaced as a whole."""
        written = {
            "version": VERSION,
            "settings": self.settings,
            "state": {**asdict(state), "totals": state.totals.as_dict()},
        }
        part = self.path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            json.dump(written, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)


class Lock:
    """Keeps a second run out of a working folder. Where the system has no such locks, nothing is kept out."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "lock"
        self.descriptor = -1

    def take(self) -> None:
        """Raises `StoppedError` if another run holds it."""
        try:
            import fcntl  # not on Windows
        except ImportError:
            return
        self.descriptor = os.open(
            self.path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o644
        )
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self.descriptor)
            self.descriptor = -1
            raise StoppedError(f"another run is writing here ({self.path.parent})") from error
        except OSError:
            pass  # a file system without locks

    def release(self) -> None:
        """Let others in."""
        if self.descriptor >= 0:
            with contextlib.suppress(OSError):
                self.path.unlink()
            os.close(self.descriptor)
            self.descriptor = -1
