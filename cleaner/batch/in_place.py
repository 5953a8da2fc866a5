"""Cleaning in place, and the way back.

Before a file is replaced, what is needed to bring it back is laid beside it: for a text file the removed pieces
(`NAME.removed.jsonl`), for everything else the original file itself under another name (`NAME.original`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cleaner.batch.safely import replace_file
from cleaner.clean import Removal
from cleaner.files.encodings import Encoding, encode_exactly
from cleaner.files.names import form_of, output_form, output_name
from cleaner.files.problems import UnreadableError, in_words
from cleaner.files.streams import open_regular

PIECES = ".removed.jsonl"
WHOLE = ".original"
_KIND = "removed pieces of a file cleaned in place"


class RestoreError(Exception):
    """A file that cannot be brought back; the message says why."""


def is_keepsake(name: str) -> bool:
    """Whether a file of this name was laid beside a file cleaned in place."""
    return name.endswith((PIECES, WHOLE))


def keepsake(before: bytes, after: bytes, text: str, removed: Sequence[Removal], encoding: Encoding) -> bytes | None:
    """The removed pieces of a text file as JSON lines: what `restore` needs to turn `after` into `before`.

    None if the bytes cannot be told apart that way (an encoding with states); then the whole original must be kept.
    """
    lines: list[dict[str, Any]] = []
    at, left = len(encoding.mark), 0
    for removal in removed:
        at += len(encode_exactly(text[left : removal.start], encoding.name))
        data = encode_exactly(removal.text, encoding.name)
        lines.append(
            {
                "at": at,
                **_written(data),
                "category": removal.category,
                "score": round(removal.score, 4),
                "reasons": [asdict(reason) for reason in removal.reasons],
            }
        )
        at, left = at + len(data), removal.end
    if _put_back(after, lines) != before:
        return None
    head = {"what": _KIND, "before": _digest(before), "after": _digest(after)}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (head, *lines))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _written(data: bytes) -> dict[str, str]:
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _put_back(after: bytes, lines: Sequence[dict[str, Any]]) -> bytes:
    parts: list[bytes] = []
    size = taken = 0
    for line in lines:
        data = line["text"].encode() if "text" in line else base64.b64decode(line["base64"])
        kept = after[taken : taken + line["at"] - size]
        parts += [kept, data]
        taken += len(kept)
        size += len(kept) + len(data)
    parts.append(after[taken:])
    return b"".join(parts)


def lay_pieces(path: Path, before: bytes, pieces: bytes) -> None:
    """Write the removed pieces of `path` beside it. Refuses to overwrite those of an earlier cleaning."""
    _refuse_second(path, before)
    replace_file(path.with_name(path.name + PIECES), pieces)


def lay_whole(path: Path) -> None:
    """Keep the original of `path` beside it, without copying where the file system can."""
    keep = path.with_name(path.name + WHOLE)
    if keep.exists():
        if keep.samefile(path):
            return
        raise UnreadableError(_already(keep))
    try:
        os.link(path, keep)
    except OSError:
        part = keep.with_name(f".cleaner-{os.getpid()}.part")
        shutil.copy2(path, part)
        part.replace(keep)


def _refuse_second(path: Path, before: bytes) -> None:
    keep = path.with_name(path.name + PIECES)
    if keep.exists():
        try:
            head, _ = _read_pieces(keep)
        except RestoreError:
            head = {}
        if head.get("before") != _digest(before):
            raise UnreadableError(_already(keep))


def _already(keep: Path) -> str:
    return f"it was cleaned in place before; run `cleaner restore` first, or remove {keep.name}"


def _read_pieces(keep: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        head, *lines = [json.loads(line) for line in keep.read_bytes().splitlines()]
        if head["what"] != _KIND or not isinstance(head["after"], str):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RestoreError(f"{keep}: it does not hold the removed pieces of a file") from error
    return head, lines


def keepsakes(paths: Sequence[Path]) -> Iterator[Path]:
    """The keepsakes that some files and folders have, in order. A path may be the cleaned file or the keepsake."""
    for path in paths:
        if path.is_dir():
            for folder, folders, names in os.walk(path):
                folders.sort()
                yield from (Path(folder, name) for name in sorted(names) if is_keepsake(name))
        elif is_keepsake(path.name):
            yield path
        else:
            found = [path.with_name(path.name + ending) for ending in (PIECES, WHOLE)]
            found = [keep for keep in found if keep.exists()]
            if not found:
                raise RestoreError(f"{path}: nothing was kept of it: no {found_names(path)} beside it")
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
    head, lines = _read_pieces(keep)
    path = keep.with_name(keep.name.removesuffix(PIECES))
    try:
        with open_regular(path) as file:
            now = file.readall()
    except UnreadableError as error:
        raise RestoreError(f"{path}: {error}") from error
    if _digest(now) != head["before"]:
        if _digest(now) != head["after"]:
            raise RestoreError(f"{path}: it was changed since it was cleaned; what was removed is in {keep.name}")
        before = _put_back(now, lines)
        if _digest(before) != head["before"]:
            raise RestoreError(f"{keep}: it was changed, so the original cannot be rebuilt")
        replace_file(path, before, like=path)
    keep.unlink()
    return path


def _restore_whole(keep: Path) -> Path:
    path = keep.with_name(keep.name.removesuffix(WHOLE))
    cleaned = cleaned_name(path)
    if path.exists() and path.samefile(keep):
        keep.unlink()  # the run was stopped before it replaced the file
    else:
        if os.name == "posix" and cleaned.exists() and cleaned.stat().st_mtime_ns > keep.stat().st_ctime_ns:
            raise RestoreError(f"{cleaned}: it was changed since it was cleaned; the original is {keep.name}")
        keep.replace(path)
    if cleaned != path:
        cleaned.unlink(missing_ok=True)
    return path


def cleaned_name(path: Path) -> Path:
    """What a file is called after cleaning in place: a page becomes a text file."""
    form = form_of(path.name)
    return path.with_name(output_name(path.name, form, output_form(form))) if form else path
