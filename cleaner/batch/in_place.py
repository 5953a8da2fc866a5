"""Cleaning in place, and the way back.

Before a file is replaced, what is needed to bring it back is laid beside it: for a text file the removed pieces, as the
rows of a list of removals (`NAME.removed.jsonl`); for everything else the original file itself under another name
(`NAME.original`), and the hash of what the cleaner wrote in its place (`NAME.original.sha256`, as `sha256sum -c` reads
it).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from cleaner.batch.removals import Goes, Gone, RestoreError, read_removals, rows_of
from cleaner.files.articles import ArticleFile
from cleaner.files.fields import dump
from cleaner.files.names import form_of, output_form, output_name
from cleaner.files.problems import UnreadableError, in_words
from cleaner.files.streams import open_regular
from cleaner.result import Result
from cleaner.safe_write import write_whole

PIECES = ".removed.jsonl"
WHOLE = ".original"
HASH = ".original.sha256"


def is_keepsake(name: str) -> bool:
    """Whether a file of this name was laid beside a file cleaned in place."""
    return name.endswith((PIECES, WHOLE, HASH))


def keepsake(name: str, file: ArticleFile, piece: bytes, result: Result) -> bytes | None:
    """The rows that turn `piece`, the cleaned text file of this name, into the file as it was.

    None if its bytes do not come back that way (an encoding with states); then the whole original must be kept.
    """
    goes = Goes(name, encoding=file.encoding.name, was=file.encoding.name)
    laid = b"".join(dump(row) + b"\n" for row in rows_of({"file": name}, result, goes))
    try:
        back = file.encoding.encode(file.encoding.decode(piece)) == piece
    except UnicodeError:
        return None
    return laid if back and file.encoding.encode(file.text) == file.data else None


def lay_pieces(path: Path, before: bytes, pieces: bytes) -> None:
    """Write the removed pieces of `path` beside it. Refuses to overwrite those of an earlier cleaning."""
    keep = path.with_name(path.name + PIECES)
    if keep.exists() and not _brings(keep, before):
        raise UnreadableError(_already(keep))
    write_whole(keep, pieces)


def _brings(keep: Path, before: bytes) -> bool:
    """Whether a keepsake brings back what is there already: the run was stopped before it replaced the file."""
    try:
        return _only(keep).restored(before, keep.name) == before
    except RestoreError:
        return False


def lay_whole(path: Path, target: Path, cleaned: Path) -> None:
    """Keep the original of `path` beside it, without copying where the file system can.

    `cleaned` is what is going to be written as `target`; its hash is laid beside, too.
    """
    keep = path.with_name(path.name + WHOLE)
    if keep.exists() and not keep.samefile(path):
        raise UnreadableError(_already(keep))
    line = f"{_digest(cleaned)}  {target.name}\n"
    write_whole(path.with_name(path.name + HASH), line.encode(errors="surrogateescape"))
    if keep.exists():
        return
    try:
        os.link(path, keep)
    except OSError:
        part = keep.with_name(f".cleaner-{os.getpid()}.part")
        shutil.copy2(path, part)
        part.replace(keep)


def _digest(path: Path) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _already(keep: Path) -> str:
    return f"it was cleaned in place before; run `cleaner restore` first, or remove {keep.name}"


def _only(keep: Path) -> Gone:
    """What was removed from the file beside which a keepsake lies."""
    found = list(read_removals(keep))
    if len(found) != 1:
        raise RestoreError(f"{keep}: it does not hold the removed pieces of one file")
    return found[0]


def keepsakes(paths: Sequence[Path]) -> Iterator[Path]:
    """The keepsakes that some files and folders have, in order. A path may be the cleaned file or the keepsake."""
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                yield from (Path(folder, name) for name in sorted(names) if name.endswith((PIECES, WHOLE)))
        elif is_keepsake(path.name):
            yield path
        else:
            found = [path.with_name(path.name + ending) for ending in (PIECES, WHOLE)]
            found = [keep for keep in found if keep.exists()]
            if not found:
                raise RestoreError(
                    f"{path}: nothing was kept of it: no {found_names(path)} beside it; to undo `cleaner clean -o`, "
                    "name the list that it wrote with --removed"
                )
            yield from found


def found_names(path: Path) -> str:
    """The names that keepsakes of a file have."""
    return f"{path.name}{PIECES} or {path.name}{WHOLE}"


def restore(keep: Path) -> Path:
    """Bring a file back from its keepsake, and remove the keepsake. Raises `RestoreError` if the file has changed."""
    try:
        return _restore_whole(keep) if keep.name.endswith(WHOLE) else _restore_pieces(keep)
    except OSError as error:
        raise RestoreError(f"{keep}: {in_words(error)}") from error


def _restore_pieces(keep: Path) -> Path:
    gone = _only(keep)
    path = keep.with_name(keep.name.removesuffix(PIECES))
    try:
        with open_regular(path) as file:
            now = file.readall()
        before = gone.restored(now, keep.name)
    except (UnreadableError, RestoreError) as error:
        raise RestoreError(f"{path}: {error}; what was removed is in {keep.name}") from error
    if before != now:
        write_whole(path, before, like=path)
    keep.unlink()
    return path


def _restore_whole(keep: Path) -> Path:
    path = keep.with_name(keep.name.removesuffix(WHOLE))
    laid = keep.with_name(path.name + HASH)
    cleaned = _cleaned(path, laid)
    if cleaned != path and path.exists() and not _is_original(path, keep):
        raise RestoreError(f"{path}: there is a new file of this name; {_by_hand(keep)}")
    if cleaned.exists() and not _is_original(cleaned, keep):
        if not laid.exists():
            raise RestoreError(f"{cleaned}: without {laid.name} nobody knows whether it was changed; {_by_hand(keep)}")
        if laid.read_bytes()[:64] != _digest(cleaned).encode():
            raise RestoreError(f"{cleaned}: it was changed since it was cleaned; {_by_hand(keep)}")
        if cleaned != path:
            cleaned.unlink()
    if _is_original(path, keep):
        keep.unlink()  # the run was stopped before it replaced the file
    else:
        keep.replace(path)
    laid.unlink(missing_ok=True)
    return path


def _is_original(path: Path, keep: Path) -> bool:
    return path.exists() and (path.samefile(keep) or _digest(path) == _digest(keep))


def _by_hand(keep: Path) -> str:
    return f"the original is {keep.name}: move that file away, then restore again"


def _cleaned(path: Path, laid: Path) -> Path:
    """What a file is called after cleaning in place: a page becomes text or Markdown, as its hash file says."""
    form = form_of(path.name)
    if form is None or form.format != "html":
        return path
    names = [output_name(path.name, form, output_form(form, format)) for format in ("txt", "md")]
    said = laid.read_text(errors="surrogateescape")[66:].strip("\n") if laid.exists() else ""
    found = [name for name in names if name == said] or [name for name in names if path.with_name(name).exists()]
    return path.with_name((found or names)[0])
