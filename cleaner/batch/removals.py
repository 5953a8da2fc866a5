"""The rows of a list of removals (`--removed`), and the way back from them to the text as it was.

Each row is one removal. The rows of an article stand together and carry what `restore` needs: where the cleaned text
went, how many rows there are, and the hashes of the text before and after.
"""

from __future__ import annotations

import codecs
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from cleaner.files.encodings import Encoding
from cleaner.files.problems import UnreadableError, in_words
from cleaner.files.streams import open_regular
from cleaner.result import Removal, Result, restore

CHANGED = (
    "its text was changed since it was cleaned; put back what the cleaner wrote, or leave it as it is with "
    "--leave-changed"
)
_WHOLE = "use a whole copy of it, or clean again with --removed"


class RestoreError(Exception):
    """What cannot be brought back; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Goes:
    """Where a cleaned text goes: the name of the output below its folder; for records, the field.

    `encoding` is that of the output, `was` that of the input. `page` says that the text is made from HTML.
    """

    output: str
    field: str = ""
    encoding: str = "utf-8"
    was: str = "utf-8"
    page: bool = False

    def as_row(self) -> dict[str, Any]:
        """What a row says of it; what goes without saying is left out."""
        row: dict[str, Any] = {"output": self.output}
        if self.field:
            row["field"] = self.field
        if self.encoding != "utf-8":
            row["encoding"] = self.encoding
        if self.encoding != self.was:
            row["recoded_from"] = self.was
        if self.page:
            row["page"] = True
        return row


def text_hash(text: str) -> str:
    """SHA-256 of a text in UTF-8, which any string has: lone surrogates count in their three-byte form."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def rows_of(where: Mapping[str, Any], result: Result, goes: Goes) -> Iterator[dict[str, Any]]:
    """The removals of an article as rows. `where` says whose they are: file, record, id, url."""
    if not result.removed:
        return
    about = {
        **{key: value for key, value in where.items() if value is not None},
        **goes.as_row(),
        "original": text_hash(result.restore()),
        "cleaned": text_hash(result.text),
        "removals": len(result.removed),
    }
    for removal in result.removed:
        yield {**about, **asdict(removal), "score": round(removal.score, 4)}


@dataclass(frozen=True, slots=True)
class Gone:
    """What was removed from one article.

    `original` and `cleaned` are the hashes of its text before and after, `expected` the number of its removals,
    `record` its number in the input, counted from 1 (None for a file with one article).
    """

    file: str
    record: int | None
    goes: Goes
    original: str
    cleaned: str
    expected: int
    removed: tuple[Removal, ...]

    @property
    def place(self) -> str:
        """The article in words."""
        return f"{self.file}, record {self.record}" if self.record is not None else self.file

    def put_back(self, text: str, source: str) -> str:
        """The text as it was, from the text as the cleaner left it. One that is as it was already stays so.

        `source` names the list of removals. Raises `RestoreError` if the text has changed since, or if rows are
        missing or have been changed.
        """
        found = text_hash(text)
        if found == self.original:
            return text
        if self.goes.page and found != self.cleaned and text.endswith("\n"):
            return self.put_back(text[:-1], source) + "\n"  # the cleaner ends the text of a page with a line ending
        if found != self.cleaned:
            raise RestoreError(CHANGED)
        if len(self.removed) != self.expected:
            raise RestoreError(
                f"{source} has {len(self.removed)} of its {self.expected} rows; use a whole copy, or clean again"
            )
        whole = restore(text, self.removed)
        if text_hash(whole) != self.original:
            raise RestoreError(f"its rows in {source} were changed; use a copy as the cleaner wrote it, or clean again")
        return whole

    def restored(self, data: bytes, source: str) -> bytes:
        """The same for the bytes of a file that holds nothing but the text."""
        encoding = Encoding.marked(self.goes.encoding, data)
        try:
            text = encoding.decode(data)
        except (UnicodeError, LookupError) as error:
            raise RestoreError(CHANGED) from error
        whole = self.put_back(text, source)
        return data if whole == text else encoding.encode(whole)


_KEY = itemgetter("output", "file", "record", "original", "cleaned")


def read_removals(path: Path) -> Iterator[Gone]:
    """What a list of removals says, article by article, in its order.

    Raises `RestoreError` where the list is not whole, or is none.
    """
    for _, rows in groupby(_rows(path), _KEY):
        yield _gone(list(rows))


def _gone(rows: list[dict[str, Any]]) -> Gone:
    first = rows[0]
    goes = Goes(first["output"], first["field"], first["encoding"], first["recoded_from"], first["page"])
    removed = tuple(
        Removal(row["start"], row["end"], 0, row["text"], "", 0.0, ()) for row in sorted(rows, key=itemgetter("start"))
    )
    return Gone(first["file"], first["record"], goes, first["original"], first["cleaned"], first["removals"], removed)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with open_regular(path) as file:
            number = 0
            for number, line in enumerate(_lines(file), 1):
                if not line.endswith(b"\n"):
                    raise RestoreError(f"{path}: it ends in the middle of row {number}; {_WHOLE}")
                yield _row(line, f"{path}, row {number}")
    except UnreadableError as error:
        raise RestoreError(f"{path}: {error}") from error
    except OSError as error:
        raise RestoreError(f"{path}: {in_words(error)}") from error


def _lines(file: Any) -> Iterator[bytes]:
    with io.BufferedReader(file) as buffered:
        yield from buffered


def _row(line: bytes, place: str) -> dict[str, Any]:
    """A row with everything in it that may go without saying. Raises `RestoreError`."""
    try:
        row = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise RestoreError(f"{place}: it is not a row of removals (broken JSON); {_WHOLE}") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in ("file", "text")):
        raise RestoreError(f"{place}: it is not a row of removals; name the file that `cleaner clean --removed` wrote")
    if "cleaned" not in row:
        raise RestoreError(f"{place}: it has no hashes (an earlier version wrote it); clean again with --removed")
    whole = {"record": None, "field": "", "encoding": "utf-8", "page": False, **row}
    whole.setdefault("recoded_from", whole["encoding"])
    kinds = {"output": str, "field": str, "encoding": str, "recoded_from": str, "original": str, "cleaned": str}
    numbers = ("start", "end", "removals")
    if (
        not all(isinstance(whole.get(name), kind) for name, kind in kinds.items())
        or not all(type(whole.get(name)) is int and whole[name] >= 0 for name in numbers)
        or not isinstance(whole["record"], int | None)
        or whole["end"] - whole["start"] != len(whole["text"])
        or not _is_codec(whole["encoding"])
    ):
        raise RestoreError(f"{place}: it was changed and cannot be used; {_WHOLE}")
    return whole


def _is_codec(name: str) -> bool:
    try:
        return bool(codecs.lookup(name))
    except LookupError:
        return False
