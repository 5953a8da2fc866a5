"""Sightings counted in parts, for collections that no single machine counts: count per task, merge, clean.

Every task writes what its documents hash to, sorted into parts by site (`PartWriter`). Each part is then counted by
itself, with the code that counts a folder (`count_part`), and becomes a table of repeated lines. A document is judged
by the table of its own site's part (`PartedSightings`).

With one part the result is that of `Sightings.count`. With more, a line's stories are those of the sites that share its
part: all stories of one site, some of the other sites. So what a site repeats is counted in full, and an agency report
that many sites print is still one story in each part. The numbers are smaller than those of one count over everything,
never larger: the careful error.

Nothing of a text leaves its task but hashes of lines and words.
"""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cleaner.sightings import OWN_WORDS, Evidence, Seen, Sightings
from cleaner.sightings_documents import END, Document, site_of
from cleaner.sightings_stories import Tally

_OBSERVED, _TABLE = b"cleanob1", b"cleantb1"
_HEAD = struct.Struct("<8sII")  # what it is, number of the task or part, number of parts
_DOCUMENT = struct.Struct("<QQIIII")  # number, address, day, bytes of the site's name, lines, words
_COUNTS = struct.Struct("<QQ")  # stories, lines
_FRAME = struct.Struct("<I")
_CHUNK = 1 << 16  # bytes of a part that are packed together


class PartsError(ValueError):
    """A file of a count that cannot be used. The message names the remedy."""


def part_of(url: str | None, parts: int) -> int:
    """The part that counts the documents of a URL's site."""
    return zlib.crc32(site_of(url).encode("utf-8", "replace")) % parts


class PartWriter:
    """Gathers what one task has observed, packed, and writes it as one file: the parts one after another."""

    def __init__(self, task: int, parts: int) -> None:
        if parts < 1:
            raise ValueError("a count has at least one part")
        self._task = task
        self._waiting = [bytearray() for _ in range(parts)]
        self._packed = [bytearray() for _ in range(parts)]

    def add(self, document: Document, url: str | None) -> None:
        """Add one document, seen at `url`."""
        part = part_of(url, len(self._waiting))
        self._waiting[part] += _bytes_of(document)
        if len(self._waiting[part]) >= _CHUNK:
            self._pack(part)

    def write(self, file: BinaryIO) -> int:
        """Write the file; gives its size in bytes."""
        for part in range(len(self._waiting)):
            self._pack(part)
        ends = [0]
        for packed in self._packed:
            ends.append(ends[-1] + len(packed))
        file.write(_HEAD.pack(_OBSERVED, self._task, len(self._packed)))
        file.write(_little(array("Q", ends)))
        for packed in self._packed:
            file.write(packed)
        return _HEAD.size + 8 * len(ends) + ends[-1]

    def _pack(self, part: int) -> None:
        if self._waiting[part]:
            packed = zlib.compress(self._waiting[part], 1)
            self._packed[part] += _FRAME.pack(len(packed)) + packed
            self._waiting[part].clear()


def read_head(file: BinaryIO) -> tuple[int, int]:
    """The task that wrote a file of observations, and its number of parts."""
    return _head(file, _OBSERVED)


def read_part(file: BinaryIO, part: int) -> Iterator[Document]:
    """The documents of one part of a task's file."""
    _, parts = read_head(file)
    ends = array("Q")
    ends.frombytes(_exactly(file, 8 * (parts + 1)))
    if sys.byteorder == "big":
        ends.byteswap()
    file.seek(_HEAD.size + 8 * len(ends) + ends[part])
    left = ends[part + 1] - ends[part]
    while left:
        (size,) = _FRAME.unpack(_exactly(file, _FRAME.size))
        yield from _documents(zlib.decompress(_exactly(file, size)))
        left -= _FRAME.size + size


def count_part(documents: Callable[[], Iterable[Document]]) -> Sightings:
    """The table of the lines that several stories among the documents carry, whatever their order.

    `documents` gives all of them anew at each call: they are read once to count, and again for the words of the lines
    that were found to be repeated. The result is that of `Sightings.count`. Memory grows by some twenty bytes a line.
    """
    tally = Tally()
    for document in documents():
        tally.add(document)
    counts = tally.settle()
    words: dict[int, tuple[int, ...]] = {}
    wanted = set(counts)
    for document in documents():
        if not wanted:
            break
        if not wanted.isdisjoint(document.keys):
            for key, found in zip(document.keys, _by_line(document.words), strict=True):
                if key in wanted:
                    words[key] = found
            wanted.difference_update(document.keys)
    uses = tally.uses({bucket for key in counts for bucket in words[key]})
    lines = {
        key: Seen(
            count.stories,
            count.sites,
            sum(uses[bucket] < count.stories for bucket in words[key]) >= OWN_WORDS,
            count.varies,
        )
        for key, count in counts.items()
    }
    return Sightings(lines, tally.stories)


def write_table(file: BinaryIO, sightings: Sightings, part: int, parts: int) -> None:
    """Write the table of one part."""
    rows = sorted(sightings.lines.items())
    file.write(_HEAD.pack(_TABLE, part, parts))
    file.write(_COUNTS.pack(sightings.stories, len(rows)))
    file.write(_little(array("Q", [key for key, _ in rows])))
    file.write(_little(array("I", [min(seen.stories, 0xFFFFFFFF) for _, seen in rows])))
    file.write(_little(array("I", [min(seen.sites, 0xFFFFFFFF) for _, seen in rows])))
    file.write(_little(array("B", [seen.own + 2 * seen.varies for _, seen in rows])))


def read_table(file: BinaryIO) -> tuple[int, int, Sightings]:
    """A table with the number of its part and of all parts."""
    part, parts = _head(file, _TABLE)
    stories, rows = _COUNTS.unpack(_exactly(file, _COUNTS.size))
    columns = []
    for code in "QIIB":
        column = array(code)
        column.frombytes(_exactly(file, rows * column.itemsize))
        if sys.byteorder == "big":
            column.byteswap()
        columns.append(column)
    return part, parts, Sightings(Table(*columns), stories)


@dataclass(frozen=True, slots=True, eq=False)
class Table(Mapping[int, Seen]):
    """A table of repeated lines in seventeen bytes a line; `keys_` is sorted, `flags` says own (1) and varies (2)."""

    keys_: array[int]
    stories: array[int]
    sites: array[int]
    flags: array[int]

    def __getitem__(self, key: int) -> Seen:
        at = bisect_left(self.keys_, key)
        if at == len(self.keys_) or self.keys_[at] != key:
            raise KeyError(key)
        flags = self.flags[at]
        return Seen(self.stories[at], self.sites[at], bool(flags & 1), bool(flags & 2))

    def __iter__(self) -> Iterator[int]:
        return iter(self.keys_)

    def __len__(self) -> int:
        return len(self.keys_)


@dataclass(frozen=True)
class PartedSightings:
    """The tables of all parts, in order; asked like `Sightings`. A document's site decides which table answers."""

    tables: Sequence[Sightings]

    @classmethod
    def read(cls, files: Iterable[BinaryIO]) -> PartedSightings:
        """Read the tables of all parts, in any order. Raises `PartsError` if one is missing or not of this count."""
        tables: dict[int, Sightings] = {}
        expected = 0
        for file in files:
            part, parts, table = read_table(file)
            if part in tables or parts != (expected or parts):
                raise PartsError("the tables are of different counts; merge into an empty folder")
            tables[part], expected = table, parts
        missing = [part for part in range(max(expected, 1)) if part not in tables]
        if missing:
            raise PartsError(f"the table of part {missing[0]} is missing; run the merge again until it completes")
        return cls(tuple(tables[part] for part in range(expected)))

    def weigh(self, lines: Sequence[str], url: str | None = None) -> tuple[Evidence | None, ...]:
        """What is known of each line of the document at `url`; see `Sightings.weigh`."""
        return self.tables[part_of(url, len(self.tables))].weigh(lines, url)

    def evidence(self, line: str, url: str | None = None) -> Evidence | None:
        """What is known of one line of the document at `url`; see `Sightings.evidence`."""
        return self.tables[part_of(url, len(self.tables))].evidence(line, url)


def _bytes_of(document: Document) -> bytes:
    site = document.site.encode("utf-8", "replace")
    head = _DOCUMENT.pack(
        document.number, document.address, document.day, len(site), len(document.keys), len(document.words)
    )
    arrays = (document.keys, document.figures, document.sizes, document.words)
    return b"".join((head, site, *map(_little, arrays)))


def _documents(data: bytes) -> Iterator[Document]:
    at = 0
    while at < len(data):
        number, address, day, site_size, lines, words = _DOCUMENT.unpack_from(data, at)
        at += _DOCUMENT.size
        site = data[at : at + site_size].decode()
        at += site_size
        columns = []
        for code, size in (("Q", lines), ("H", lines), ("B", lines), ("I", words)):
            column = array(code)
            column.frombytes(data[at : at + size * column.itemsize])
            if sys.byteorder == "big":
                column.byteswap()
            at += size * column.itemsize
            columns.append(column)
        yield Document(number, address, site, day, *columns)


def _by_line(words: array[int]) -> Iterator[tuple[int, ...]]:
    """The words of each line; in a document every line is closed by `END`."""
    start = 0
    for at, word in enumerate(words):
        if word == END:
            yield tuple(words[start:at])
            start = at + 1


def _little(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def _head(file: BinaryIO, what: bytes) -> tuple[int, int]:
    kind, number, parts = _HEAD.unpack(_exactly(file, _HEAD.size))
    if kind != what:
        raise PartsError("this is no file of a count of sightings, or of another version; count anew")
    return number, parts


def _exactly(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise PartsError("a file of the count is cut short; run its task again")
    return data
