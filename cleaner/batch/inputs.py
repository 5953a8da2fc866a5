"""What there is to read: files, folders and patterns, as a stream in a fixed order."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cleaner.batch.in_place import is_keepsake
from cleaner.files.encodings import unmarked
from cleaner.files.names import Form, form_of, output_form, output_name
from cleaner.files.problems import UnreadableError, in_words
from cleaner.files.streams import open_regular

Becomes = Callable[[Form], Form]
SUFFIXES = ".txt .md .html .htm .xhtml .json .jsonl .ndjson .csv .tsv .parquet .warc"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read. `name` is its path below the common folder of all inputs; `output` that of what comes of it.

    `size` and `changed` (bytes, nanoseconds) tell whether it is the same file in a later run. `problem` says why it
    cannot be read.
    """

    path: Path
    name: str
    form: Form
    output: str
    size: int = 0
    changed: int = 0
    problem: str = ""

    @property
    def identity(self) -> str:
        """The file as a line for a digest."""
        return f"{self.name}\0{self.size}\0{self.changed}\0{self.problem}"


class Inputs:
    """The inputs of a run.

    `becomes` gives the form of an output for that of its input; `reserved` are names that no output may have.
    `skipped`, which may be set, is told of each file in a folder that is passed over, with the reason.
    """

    def __init__(
        self, arguments: Sequence[str | Path], becomes: Becomes = output_form, reserved: Sequence[str] = ()
    ) -> None:
        self.becomes = becomes
        self.reserved = frozenset(reserved)
        self.skipped: Callable[[str, str], None] = lambda name, reason: None
        self.paths = _outermost(_expand([str(argument) for argument in arguments]))
        folders = [path if path.is_dir() else path.parent for path in self.paths]
        self.root = Path(os.path.commonpath(folders)) if folders else Path.cwd()

    @property
    def single_file(self) -> Path | None:
        """The input, if it is one file."""
        return self.paths[0] if len(self.paths) == 1 and not self.paths[0].is_dir() else None

    @property
    def folders(self) -> list[Path]:
        """The inputs that are folders."""
        return [path for path in self.paths if path.is_dir()]

    def __iter__(self) -> Iterator[Source]:
        taken: dict[str, str] = {}
        for path in self.paths:
            if path.is_dir():
                found = False
                for source in self._walk(path):
                    found = True
                    yield source
                if not found:
                    yield self._broken(path, f"it holds no article; looked for {SUFFIXES} (also .gz .zst .bz2 .xz)")
            else:
                yield self._claim(self._file(path), taken)

    def _broken(self, path: Path, problem: str) -> Source:
        name = self._name(path)
        return Source(path, name, Form("txt"), name, problem=problem)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path != self.root else path.name

    def _file(self, path: Path, form: Form | None = None) -> Source:
        """A file by its path. One whose name says nothing is looked into."""
        name = self._name(path)
        try:
            status = path.stat()
            if not form:
                form = form_of(path.name) or _look(path)
        except OSError as error:
            return self._broken(
                path, "it is a broken symbolic link" if path.is_symlink() and error.errno == 2 else in_words(error)
            )
        except UnreadableError as error:
            return self._broken(path, str(error))
        except ValueError:
            return self._broken(path, "its name cannot be used as a path")
        output = (Path(name).parent / output_name(path.name, form, self.becomes(form))).as_posix()
        problem = "" if stat.S_ISREG(status.st_mode) else _refusal(path)
        return Source(path, name, form, output, status.st_size, status.st_mtime_ns, problem)

    def _claim(self, source: Source, taken: dict[str, str]) -> Source:
        """Two inputs that map to one output are an error of the second."""
        if source.output in self.reserved:
            return self._broken(source.path, f"its output {source.output} has a name that the run needs; rename it")
        first = taken.setdefault(source.output, source.name)
        if first == source.name or source.problem:
            return source
        return self._broken(
            source.path, f"its output {source.output} is already that of {first}; rename one of the two"
        )

    def _walk(self, folder: Path) -> Iterator[Source]:
        """The files below a folder in the order of their names. Links to folders are not followed: they may loop."""
        try:
            with os.scandir(folder) as entries:
                names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError as error:
            yield self._broken(folder, in_words(error))
            return
        taken: dict[str, str] = {}
        for name, is_folder in names:
            path = folder / name
            if name.startswith(".") or is_keepsake(name):
                continue
            if is_folder:
                yield from self._walk(path)
                continue
            form = form_of(name)
            if path.is_symlink() and path.is_dir():
                self.skipped(self._name(path), "a link to a folder is not followed")
            elif form is None:
                self.skipped(self._name(path), "its name announces no format that we read")
            else:
                yield self._claim(self._file(path, form), taken)


def _refusal(path: Path) -> str:
    try:
        open_regular(path).close()
    except UnreadableError as error:
        return str(error)
    return ""


def _look(path: Path) -> Form:
    """The form of a file whose name announces none."""
    with open_regular(path) as file:
        return sniff(file.read(4096))


def sniff(head: bytes) -> Form:
    """The form that the first bytes of a stream announce: records, a page, or else text."""
    start = unmarked(head).lstrip()[:200].lower()
    if head.startswith(b"PAR1"):
        return Form("parquet")
    if head.startswith(b"WARC/"):
        return Form("warc")
    if start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        return Form("html")
    if start.startswith(b"{") and start[1:].lstrip().startswith((b'"', b"}")):
        return Form("jsonl")
    if start.startswith(b"[") and start[1:].lstrip().startswith(b"{"):
        return Form("json")
    return Form("txt")


def _expand(arguments: Sequence[str]) -> list[Path]:
    """Absolute paths; a pattern that the shell left alone becomes what it matches, in order."""
    paths: list[Path] = []
    for argument in arguments:
        found: list[str] = []
        if glob.has_magic(argument) and not os.path.lexists(argument):
            found = sorted(glob.glob(argument, recursive=True))  # noqa: PTH207  Path.glob keeps no `./`
        paths += [Path(os.path.abspath(name)) for name in found or [argument]]  # noqa: PTH100  links stay as they are
    return paths


def _outermost(paths: Sequence[Path]) -> list[Path]:
    """The paths without repetitions and without those inside another of them."""
    folders = {path for path in paths if path.is_dir()}
    seen: set[Path] = set()
    kept = []
    for path in paths:
        if path in seen or any(parent in folders for parent in path.parents):
            continue
        seen.add(path)
        kept.append(path)
    return kept
