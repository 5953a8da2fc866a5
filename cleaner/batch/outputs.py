"""Where results go: a folder, one file, the originals themselves, standard output, or nowhere."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from cleaner.batch.in_place import lay_pieces, lay_whole
from cleaner.batch.inputs import Source
from cleaner.batch.jobs import ArticleJob, Done
from cleaner.batch.manifest import Manifest, State
from cleaner.batch.safely import Folder, NotWrittenError, concerns_one_file, settle, settle_all
from cleaner.batch.tasks import Opening, Task
from cleaner.batch.totals import Failure
from cleaner.files.columns import write_parquet
from cleaner.files.fields import dump
from cleaner.files.problems import UnreadableError, in_words, need
from cleaner.files.streams import fingerprint, open_regular, pack

SAVE_EVERY = 1.0  # seconds between two states that a run can go back to; more if saving is slow
SAVE_SHARE = 0.1  # of the time, at most
Report = Callable[[Failure], None]


class Nowhere:
    """An output for runs that only count or compare."""

    def __init__(self) -> None:
        self.changed = False

    def put(self, task: Task, done: Done | None) -> None:
        """Take the result of a task, in order. Raises `OSError` and `StoppedError` if the run cannot go on."""

    def reached(self, state: State) -> None:
        """Everything before `state` has been put."""

    def finish(self, state: State) -> None:
        """The run is at its end."""

    def stop(self, state: State) -> None:
        """The run stops before its end."""

    def close(self) -> None:
        """The run is over, and its lists have been published."""


class Standard(Nowhere):
    """Standard output: every result as it comes, not packed."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self.stream = stream
        self.opening: Opening | None = None
        self.written = False

    def put(self, task: Task, done: Done | None) -> None:
        """Write and flush."""
        if task.opens is not None:
            self.opening, self.written = task.opens, False
            self.stream.write(task.opens.head)
        for piece in done.pieces if done is not None else ():
            if piece:
                self.stream.write(first_comma_off(piece) if self._leads() else piece)
                self.written = True
        if task.closes:
            self.stream.write(task.closing)
        self.stream.flush()

    def _leads(self) -> bool:
        return self.opening is not None and self.opening.commas and not self.written


def first_comma_off(piece: bytes) -> bytes:
    """The first record of a list needs no comma in front; it has one if the records before it failed."""
    body = piece.lstrip(b" \t\r\n")
    return piece.replace(b",", b"", 1) if body.startswith(b",") else piece


class _RecordPart:
    """A record file under way. What has to be whole to be valid (Parquet, zstd) gathers in a spool first."""

    def __init__(self, path: Path, source: Source, opening: Opening, start: State) -> None:
        self.path = path
        self.source = source
        self.opening = opening
        self.written = start.written
        self.spools = opening.form.format == "parquet" or opening.form.packing == "zst"
        self.file: IO[bytes] = path.open("r+b" if start.part else "wb")
        self.file.truncate(start.part)
        self.file.seek(start.part)
        if not start.part and opening.head:
            self.write(opening.head)

    @property
    def size(self) -> int:
        return self.file.tell()

    def write(self, data: bytes) -> None:
        packing = "" if self.spools else self.opening.form.packing
        self.file.write(pack(data, packing))

    def records(self, piece: bytes) -> None:
        if self.opening.commas and not self.written:
            piece = first_comma_off(piece)
        if piece:
            self.write(piece)
            self.written = True

    def complete(self) -> Path:
        """Close the part; gives the path of the finished file."""
        if not self.spools:
            if not self.size and self.opening.form.packing:
                self.write(b"")  # an empty packed file is a packed nothing
            settle(self.file)
            self.file.close()
            return self.path
        whole = self.path.with_name("whole")
        settle(self.file)
        self.file.close()
        _unspool(self.path, whole, self.opening)
        return whole  # the spool stays until the run has remembered that it is done with it


def _unspool(spool: Path, whole: Path, opening: Opening) -> None:
    """Turn a spool into the file that it is to be."""
    made = whole.with_name("columns") if opening.form.format == "parquet" else spool
    if opening.form.format == "parquet":
        with spool.open("rb") as source, made.open("wb") as target:
            write_parquet(source, target, opening.schema)
    with made.open("rb") as source, whole.open("wb") as target:
        packing = opening.form.packing
        if packing == "zst":
            need("zstandard").ZstdCompressor(level=3).copy_stream(source, target, size=made.stat().st_size)
        else:
            while chunk := source.read(1 << 24):
                target.write(pack(chunk, packing))
        settle(target)
    if made != spool:
        made.unlink()


class Into(Nowhere):
    """A folder, or one file in it; `names` maps a source to the name of its output below the folder.

    `manifest` is None where a run starts from the beginning each time (in place). `sides` are the lists that a state
    counts on. What the manifest says is done has been settled before, so that it is true even after a power cut.
    """

    def __init__(
        self,
        folder: Folder,
        manifest: Manifest | None,
        state: State,
        report: Report,
        names: Callable[[Source], str],
        sides: Collection[Lines] = (),
    ) -> None:
        super().__init__()
        self.folder = folder
        self.manifest = manifest
        self.state = state
        self.report = report
        self.names = names
        self.sides = sides
        self.part: _RecordPart | None = None
        self.due = time.monotonic() + SAVE_EVERY
        self.unsettled: list[Path] = []  # outputs that have their names since the last save

    def put(self, task: Task, done: Done | None) -> None:
        """Write the articles of a job, or go on with a record file."""
        if isinstance(task.job, ArticleJob) and done is not None:
            for source, piece, keep in zip(task.sources, done.pieces, done.keepsakes, strict=True):
                if piece is not None:
                    self._attempt(source, lambda s=source, p=piece, k=keep: self.article(s, p, k))  # type: ignore[misc]
            return
        if task.opens is not None and task.source is not None:
            resumed = task.position.record > 0 or task.position.offset > 0
            part, target = self.folder.part("records"), self.folder.root / self.names(task.source)
            if resumed and not part.exists():
                target.replace(part)  # the run was stopped after the file got its name, before it could remember that
            self.part = _RecordPart(part, task.source, task.opens, self.state if resumed else State())
        if self.part is not None:
            if done is not None:
                self.part.records(done.pieces[0] or b"")
                self.changed_records(done)
            if task.closes:
                self._close(task)

    def changed_records(self, done: Done) -> None:
        """Told of each result of a record file."""

    def drop(self) -> None:
        """Give up the record file under way; what is there under its name stays."""
        if self.part is not None:
            self.part.file.close()
            self.part = None

    def _close(self, task: Task) -> None:
        part, self.part = self.part, None
        assert part is not None
        if task.closing:
            part.write(task.closing)
        whole = part.complete()
        self._attempt(part.source, lambda: self.records(part.source, whole))
        if whole != part.path:
            whole.unlink(missing_ok=True)
        self.due = 0.0  # remember it at once

    def _attempt(self, source: Source, write: Callable[[], None]) -> None:
        try:
            write()
        except (NotWrittenError, UnreadableError) as error:
            self.report(Failure(source.name, str(error)))
        except OSError as error:
            if not concerns_one_file(error):
                raise
            self.report(Failure(source.name, f"it cannot be written: {in_words(error)}"))

    def article(self, source: Source, piece: bytes, keep: bytes | None) -> None:
        """Write one article."""
        target = self.folder.place(self.names(source))
        self.folder.write(target, piece)
        self._named(target)

    def records(self, source: Source, whole: Path) -> None:
        """Give a finished record file its name."""
        target = self.folder.place(self.names(source))
        self.folder.publish(whole, target)
        self._named(target)

    def _named(self, target: Path) -> None:
        if self.manifest is not None:
            self.unsettled.append(target)

    def reached(self, state: State) -> None:
        """Remember the state, if it is time to."""
        self.state = state
        if self.part is not None:
            self.state = replace(state, part=self.part.size, written=self.part.written)
        if self.manifest is not None and time.monotonic() >= self.due:
            self._save()

    def _save(self) -> None:
        began = time.monotonic()
        if self.manifest is not None:
            if self.part is not None:
                settle(self.part.file)
            settle_all(self.unsettled, self.folder.root)
            self.unsettled.clear()
            for side in self.sides:
                settle(side.file)
            self.manifest.save(self.state)
        ended = time.monotonic()
        self.due = ended + max(SAVE_EVERY, (ended - began) / SAVE_SHARE)

    def finish(self, state: State) -> None:
        """Remember that nothing is left to do."""
        self.state = replace(state, complete=True, part=0, written=False)
        if self.manifest is not None:
            self._save()
            for name in ("part", "records", "whole", "columns"):
                self.folder.part(name).unlink(missing_ok=True)

    def stop(self, state: State) -> None:
        """Remember how far the run is."""
        with contextlib.suppress(OSError):
            if self.manifest is not None:
                self._save()
        if self.part is not None:
            with contextlib.suppress(OSError):
                self.part.file.close()

    def close(self) -> None:
        """Without a manifest nothing in the working folder is of use any more."""
        if self.manifest is None:
            self.folder.clear()


class InPlace(Into):
    """The originals themselves, each replaced in one step once what brings it back lies beside it."""

    def __init__(self, folder: Folder, report: Report, names: Callable[[Source], str]) -> None:
        super().__init__(folder, None, State(), report, names)
        self.record_changes = 0
        self.record_failures = 0

    def put(self, task: Task, done: Done | None) -> None:
        """As in a folder; a record file counts its changes first."""
        if task.opens is not None:
            self.record_changes = self.record_failures = 0
        if task.closes and task.failure is not None:
            self.record_failures += 1
        super().put(task, done)

    def changed_records(self, done: Done) -> None:
        """Count changes and failures of the file under way."""
        self.record_changes += done.totals.changed
        self.record_failures += len(done.failures)

    def article(self, source: Source, piece: bytes, keep: bytes | None) -> None:
        """Replace one article."""
        target = self._target(source)
        part = self.folder.part("part")
        part.write_bytes(piece)
        if keep:
            with open_regular(source.path) as file:
                lay_pieces(source.path, file.readall(), keep)
        else:
            self._lay_whole(source, target, part)
        self._replace(source, part, target)

    def records(self, source: Source, whole: Path) -> None:
        """Replace a record file; if nothing changed or a record failed, it stays as it is."""
        if self.record_failures:
            raise NotWrittenError("left as it was, as some of it could not be cleaned")
        target = self._target(source)
        if self.record_changes or target != source.path:
            self._lay_whole(source, target, whole)
            self._replace(source, whole, target)

    def _lay_whole(self, source: Source, target: Path, cleaned: Path) -> None:
        if target != source.path and target.exists():
            raise NotWrittenError(f"{target.name} exists already beside it")
        lay_whole(source.path, target, cleaned)

    def _target(self, source: Source) -> Path:
        with open_regular(source.path) as file:
            if fingerprint(file.fileno()) != (source.size, source.changed):
                raise NotWrittenError("it changed while it was cleaned; run again when nothing writes to it")
        return self.folder.place(self.names(source))

    def _replace(self, source: Source, part: Path, target: Path) -> None:
        shutil.copymode(source.path, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
        if target != source.path:
            source.path.unlink()


class Lines:
    """A file that gathers JSON lines over a run; `size` says how much of it counts."""

    def __init__(self, path: Path, size: int = 0) -> None:
        self.path = path
        self.file: IO[bytes] = path.open("r+b" if size else "wb")
        self.file.truncate(size)
        self.file.seek(size)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self.file.tell()

    def write(self, line: bytes) -> None:
        """Append a line that ends with its line ending."""
        self.file.write(line)

    def row(self, row: dict[str, Any]) -> None:
        """Append a row."""
        self.write(dump(row) + b"\n")

    def flush(self) -> None:
        """See that what was written survives the end of the process."""
        self.file.flush()

    def publish(self, target: Path) -> None:
        """Close the file and give it its name; without any line, none is left."""
        empty = not self.size
        settle(self.file)
        self.file.close()
        if empty:
            self.path.unlink(missing_ok=True)
            target.unlink(missing_ok=True)
        else:
            try:
                self.path.replace(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                part = target.with_name(f".cleaner-{os.getpid()}.part")  # it is on another file system
                shutil.move(self.path, part)
                part.replace(target)
