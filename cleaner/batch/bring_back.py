"""The output of a run turned back into the texts that it was made from, by its list of removals.

Outputs are taken one by one in the order of the list, records as they stream, so memory does not grow with the run.
Each is written whole or not at all; one whose text has changed since stays as it is.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path, PurePosixPath

from cleaner.batch.in_place import PIECES, WHOLE, is_keepsake
from cleaner.batch.inputs import Source
from cleaner.batch.jobs import NoCleaner, Recipe, RecordJob
from cleaner.batch.manifest import NAME as MANIFEST
from cleaner.batch.manifest import Lock, State
from cleaner.batch.options import UsageError
from cleaner.batch.outputs import Into
from cleaner.batch.places import FAILED, WORK, absolute
from cleaner.batch.put_back import Pending, Restores
from cleaner.batch.removals import CHANGED, Gone, RestoreError, read_removals
from cleaner.batch.safely import Folder, NotWrittenError
from cleaner.batch.tasks import Plan, Position, tasks
from cleaner.files.fields import Fields
from cleaner.files.names import Form, form_of
from cleaner.files.problems import DamagedError, UnreadableError, in_words
from cleaner.files.streams import Limits, chunks_of, pack, read_whole

LIMITS = Limits(1 << 40, 1 << 40)  # what the cleaner wrote has passed the limits of its run already


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to bring back: folders and files that a run wrote, by the list of its removals.

    Without `output` they are replaced; else it is the folder, or for one file the file, to write. `leave_changed`
    leaves articles alone that were changed since.
    """

    paths: tuple[Path, ...]
    removed: Path
    output: Path | None = None
    overwrite: bool = False
    leave_changed: bool = False


@dataclass(slots=True)
class Restored:
    """What came of it: `counts` of articles and files, `problems` and `notes` as sentences."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def summary(self) -> str:
        """One line for people."""
        words = {
            "as it was": "as they had been already",
            "left": "left as they are, as they were changed since",
            "copied": "other files copied",
        }
        parts = [f"{self.counts['restored']:,} restored"]
        parts += [f"{self.counts[name]:,} {text}" for name, text in words.items() if self.counts[name]]
        return ", ".join([*parts, f"{len(self.problems):,} failed"])


@dataclass(frozen=True, slots=True)
class _Given:
    """A folder that a run wrote, or one output in it: `only` is its name in the list, `actual` that below `folder`."""

    folder: Path
    only: str = ""
    actual: str = ""

    def name(self, output: str) -> str:
        return self.actual or output

    def works(self, output: str) -> tuple[Path, Path]:
        """Where a run that wrote this output may have its working folder: for all outputs, or for one."""
        return self.folder / WORK, self.folder / f".{PurePosixPath(self.name(output)).name}{WORK}"


def bring_back(wanted: Wanted) -> Restored:
    """Turn outputs back. Raises `RestoreError` and `UsageError` before anything is written; problems come after."""
    names = {gone.goes.output for gone in read_removals(wanted.removed)}  # a list that is not whole is refused here
    given = [_given(absolute(path), names) for path in wanted.paths]
    for one in given:
        for output in {one.only} if one.only else names | {""}:
            for work in one.works(output):
                _refuse_unfinished(work, wanted.removed)
    return _Restoring(wanted, given, names).run()


def _given(path: Path, names: set[str]) -> _Given:
    if path.is_dir():
        return _Given(path)
    if not path.exists():
        raise UsageError(f"{path}: there is no such file")
    whole = path.as_posix()
    found = max((name for name in names if whole.endswith(f"/{name}")), key=len, default="")
    if found:
        return _Given(Path(whole[: -len(found)]), found, found)
    if len(names) == 1:
        return _Given(path.parent, next(iter(names)), path.name)
    return _Given(path.parent, path.name, path.name)


def _refuse_unfinished(work: Path, removed: Path) -> None:
    """Raise if the run has not come to its end, or if it wrote more removals than the list has."""
    try:
        manifest = json.loads((work / MANIFEST).read_text(encoding="utf-8"))
        complete = manifest["state"]["complete"]
        size = manifest["state"]["sides"].get("removed", 0)
        name = Path(manifest["settings"].get("removed") or "").name
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    if not complete:
        raise UsageError(f"{work.parent}: its run was interrupted; go on with it (cleaner clean --resume) first")
    if name == removed.name and size > removed.stat().st_size:
        raise RestoreError(
            f"{removed}: it has {removed.stat().st_size:,} of the {size:,} bytes that the run wrote; use a whole copy "
            "of it, or clean again with --removed"
        )


class _Restoring:
    def __init__(self, wanted: Wanted, given: Sequence[_Given], names: set[str]) -> None:
        self.wanted = wanted
        self.given = given
        self.names = names
        self.source = wanted.removed.name
        self.outcome = Restored()
        self.file = self._file()
        self.failed: dict[Path, Mapping[str, list[int]]] = {}
        self.folders: dict[Path, Folder] = {}
        self._check_output()

    def _file(self) -> Path | None:
        """The one file to write, if it is a file."""
        output = self.wanted.output
        if output is None or len(self.given) != 1 or not self.given[0].only:
            return None
        return None if output.is_dir() or str(output).endswith(("/", os.sep)) else absolute(output)

    def _check_output(self) -> None:
        if self.wanted.output is None:
            return
        output = absolute(self.wanted.output)
        if self.file is None and output.exists() and not output.is_dir():
            raise UsageError(f"{output} is a file; name a folder")
        for one in self.given:
            if not one.only and (output == one.folder or one.folder in output.parents or output in one.folder.parents):
                raise UsageError(f"{output} and {one.folder} lie in each other; choose another folder")
        if self.file is None and (output / WORK / MANIFEST).exists():
            raise UsageError(f"{output} holds the output of a run; choose another folder")
        if not self.wanted.overwrite:
            for one in self.given:
                for name in {one.only} if one.only else self.names:
                    target = self._target(one, name)
                    if (one.folder / one.name(name)).exists() and os.path.lexists(target[0] / target[1]):
                        raise UsageError(f"{target[0] / target[1]} exists already; use --overwrite to replace it")

    def _target(self, one: _Given, output: str) -> tuple[Path, str]:
        """The folder to write to, and the name below it."""
        if self.file is not None:
            return self.file.parent, self.file.name
        if self.wanted.output is not None:
            return absolute(self.wanted.output), one.name(output)
        return one.folder, one.name(output)

    def run(self) -> Restored:
        with contextlib.ExitStack() as stack:
            stack.callback(self._clear)
            for output, found in groupby(read_removals(self.wanted.removed), lambda gone: gone.goes.output):
                self._output(output, found, stack)
            self._rest(stack)
        return self.outcome

    def _output(self, output: str, found: Iterator[Gone], stack: contextlib.ExitStack) -> None:
        asked = [one for one in self.given if not one.only or one.only == output]
        one = next((one for one in asked if os.path.lexists(one.folder / one.name(output))), None)
        if not asked:
            return
        path = (one or asked[0]).folder / (one or asked[0]).name(output)
        try:
            _refuse_way_out(output)
            if one is None:
                raise RestoreError("it is not there; put the output back where the run wrote it")
            if any(path.with_name(path.name + ending).exists() for ending in (PIECES, WHOLE)):
                raise RestoreError("it was cleaned in place; run `cleaner restore` without --removed")
            first = next(found)
            everything = chain([first], found)
            if first.goes.field:
                self._records(one, path, everything, stack)
            else:
                self._article(one, path, list(everything), stack)
        except (RestoreError, UnreadableError, DamagedError, NotWrittenError) as error:
            self.outcome.problems.append(f"{path}: {error}")
        except OSError as error:
            self.outcome.problems.append(f"{path}: {in_words(error)}")

    def _article(self, one: _Given, path: Path, found: Sequence[Gone], stack: contextlib.ExitStack) -> None:
        gone = found[0]
        if len(found) > 1:
            raise RestoreError(f"{self.source} has it more than once; use the list of one run")
        form = form_of(path.name) or Form("txt")
        data = read_whole(chunks_of(path, form.packing, LIMITS), LIMITS.record_bytes)
        folder, name = self._folder(one, gone.goes.output, stack)
        try:
            whole = gone.restored(data, self.source)
        except RestoreError as error:
            if not self.wanted.leave_changed or str(error) != CHANGED:
                raise
            self._leave(str(path))
            whole = data
        else:
            self._note(gone)
            self.outcome.counts["as it was" if whole == data else "restored"] += 1
        if whole != data or self.wanted.output is not None:
            folder.write(folder.place(name), pack(whole, form.packing))

    def _records(self, one: _Given, path: Path, found: Iterator[Gone], stack: contextlib.ExitStack) -> None:
        first = next(found)
        form = form_of(path.name)
        if form is None:
            raise RestoreError("its name announces no format that we read; rename it as the run called it")
        folder, name = self._folder(one, first.goes.output, stack)
        source = Source(path, path.name, form, name)
        goes = first.goes
        recipe = Recipe(NoCleaner(), preserve_encoding=True, limits=LIMITS)
        plan = Plan(recipe, Fields(text=goes.field), lambda same: same, encoding=goes.encoding)
        pending = Pending(chain([first], found), self._failed(one, first), self.source)
        into = Into(folder, None, State(), lambda failure: pending.faults.append(failure.error), lambda _: name)
        for task in tasks([source], plan, Position()):
            if task.failure is not None:
                pending.faults.append(task.failure.error)
            done = None
            if isinstance(task.job, RecordJob):
                done = Restores(task.job, recipe, pending).run()
                pending.faults += [f"record {failure.record}: {failure.error}" for failure in done.failures]
            if task.closes or (task.opens is None and task.job is None):
                pending.at(None)
                if self._stays(pending):
                    into.drop()
                    break
            into.put(task, done)
        if pending.faults:
            raise RestoreError("; ".join([*pending.faults[:3], *(["…"] if len(pending.faults) > 3 else [])]))
        for place in pending.changed:
            self._leave(f"{path}, {place}")
        self._note(first)
        self.outcome.counts += pending.counts

    def _stays(self, pending: Pending) -> bool:
        """Whether an output is not to be written: it cannot be, or is as it was already."""
        if not self.wanted.leave_changed:
            pending.faults += [f"{place}: {CHANGED}" for place in pending.changed]
        return bool(pending.faults) or (self.wanted.output is None and not pending.counts["restored"])

    def _failed(self, one: _Given, gone: Gone) -> list[int]:
        """The numbers of the records that failed, and so are not in the output."""
        for path in (one.folder / f"{one.name(gone.goes.output)}.{FAILED}", one.folder / FAILED):
            if path not in self.failed and path.is_file():
                rows: dict[str, list[int]] = defaultdict(list)
                for line in path.read_bytes().splitlines():
                    with contextlib.suppress(ValueError, KeyError, TypeError):
                        row = json.loads(line)
                        if isinstance(row["record"], int):
                            rows[row["file"]].append(row["record"])
                self.failed[path] = rows
            if path in self.failed:
                return sorted(self.failed[path].get(gone.file, []))
        return []

    def _folder(self, one: _Given, output: str, stack: contextlib.ExitStack) -> tuple[Folder, str]:
        root, name = self._target(one, output)
        work = root / (f".{PurePosixPath(name).name}{WORK}" if one.only else WORK)
        if work not in self.folders:
            folder = Folder(root, work)
            folder.begin()
            lock = Lock(work)
            lock.take()
            stack.callback(lock.release)
            self.folders[work] = folder
        return self.folders[work], name

    def _clear(self) -> None:
        """Remove working folders, and what the run remembers of outputs that are its outputs no more."""
        for folder in self.folders.values():
            folder.clear()
        if self.wanted.output is None and self.outcome.counts["restored"]:
            for one in self.given:
                for output in {one.only} if one.only else self.names:
                    for work in one.works(output):
                        shutil.rmtree(work, ignore_errors=True)

    def _rest(self, stack: contextlib.ExitStack) -> None:
        """Copy the outputs from which nothing was removed, if all goes to another place."""
        for one in self.given:
            if one.only and one.only not in self.names:
                self.outcome.notes.append(f"{one.folder / one.only}: nothing was removed from it")
            if self.wanted.output is None:
                continue
            for name in [one.actual] if one.only else _files(one.folder):
                path = one.folder / name
                if (one.only or name) in self.names or path.samefile(self.wanted.removed):
                    continue
                try:
                    self._copy(path, *self._folder(one, name, stack))
                except (RestoreError, NotWrittenError) as error:
                    self.outcome.problems.append(f"{path}: {error}")
                except OSError as error:
                    self.outcome.problems.append(f"{path}: {in_words(error)}")

    def _copy(self, path: Path, folder: Folder, name: str) -> None:
        target = folder.place(name)
        if os.path.lexists(target) and not self.wanted.overwrite:
            raise RestoreError(f"{target} exists already; use --overwrite to replace it")
        part = folder.part("part")
        shutil.copyfile(path, part)
        folder.publish(part, target)
        self.outcome.counts["copied"] += 1

    def _leave(self, place: str) -> None:
        self.outcome.counts["left"] += 1
        self.outcome.notes.append(f"{place}: left as it is, as it was changed")

    def _note(self, gone: Gone) -> None:
        """What comes back is not always what was there, byte for byte."""
        notes = []
        if gone.goes.page:
            notes.append("what was HTML comes back as the text that was taken from it, not as HTML")
        if gone.goes.was != gone.goes.encoding:
            notes.append(
                "some inputs were not in UTF-8; their text comes back in UTF-8 (clean with --preserve-encoding to get "
                "their bytes back)"
            )
        self.outcome.notes += [note for note in notes if note not in self.outcome.notes]


def _refuse_way_out(output: str) -> None:
    place = PurePosixPath(output)
    if not place.parts or place.is_absolute() or ".." in place.parts:
        raise RestoreError("its name leads out of the folder")


def _files(folder: Path) -> Iterator[str]:
    """The names of the outputs in a folder, in order."""
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            own = name.startswith(".") or is_keepsake(name) or path == folder / FAILED or path.is_symlink()
            if form_of(name) is not None and not own and path.is_file():
                yield path.relative_to(folder).as_posix()
