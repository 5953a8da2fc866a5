"""CSV and TSV as records: each row as it stands, and rows written in the manner of the file.

The csv module decides where a row ends and what its cells hold; a row that does not change keeps its bytes.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cleaner.files.encodings import encode_exactly
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.streams import Raw, split_lines, too_long

DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Table:
    """How a table is written: its delimiter, the names of its columns, its header row as bytes."""

    delimiter: str
    columns: tuple[str, ...]
    header: bytes = b""

    @property
    def ending(self) -> bytes:
        """The line ending of the header."""
        return b"\r\n" if self.header.endswith(b"\r\n") else b"\n"

    def with_columns(self, added: Sequence[str]) -> Table:
        """Add columns on the right. Without any, the header keeps its bytes."""
        added = [name for name in added if name not in self.columns]
        if not added and self.header:
            return self
        columns = (*self.columns, *added)
        return Table(self.delimiter, columns, self.write(columns, self.header.rstrip(b"\r\n")) + self.ending)

    def cells(self, row: bytes) -> list[str]:
        """The cells of a row. Raises `UnreadableError` if they cannot be told apart."""
        csv.field_size_limit(sys.maxsize)
        source = row.decode("utf-8", "surrogateescape")
        try:
            cells = next(csv.reader(io.StringIO(source, newline=""), delimiter=self.delimiter), [])
        except csv.Error as error:
            raise UnreadableError(f"the row cannot be read: {error}") from error
        if len(cells) > len(self.columns):
            raise UnreadableError(f"the row has {len(cells)} cells, but the table has {len(self.columns)} columns")
        return cells

    def record(self, row: bytes) -> dict[str, str]:
        """A row by column. Cells that a short row lacks are missing."""
        return dict(zip(self.columns, self.cells(row), strict=False))

    def write(self, cells: Sequence[str], like: bytes = b"") -> bytes:
        """A row without its line ending; with all cells quoted if the row `like` has them so."""
        target = io.StringIO(newline="")
        # The line ending here decides which characters need quotes: both must get them.
        if _all_quoted(like, self.delimiter, len(cells)):
            writer = csv.writer(target, delimiter=self.delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        else:
            writer = csv.writer(target, delimiter=self.delimiter, lineterminator="\r\n")
        writer.writerow(cells)
        return encode_exactly(target.getvalue()[:-2])


def _all_quoted(row: bytes, delimiter: str, cells: int) -> bool:
    return row[:1] == b'"' and row[-1:] == b'"' and row.count(b'"' + delimiter.encode() + b'"') >= cells - 1


def table_of(header: bytes, format: str) -> Table:
    """The table that a header row announces. Raises `UnreadableError` if it is none."""
    source = header.decode("utf-8", "surrogateescape").removeprefix("\ufeff").rstrip("\r\n")
    delimiter = "\t" if format == "tsv" else max(DELIMITERS, key=lambda sign: _outside_quotes(source, sign))
    csv.field_size_limit(sys.maxsize)
    try:
        names = next(csv.reader([source], delimiter=delimiter), [])
    except csv.Error as error:
        raise UnreadableError(f"its header row cannot be read: {error}") from error
    if not any(names):
        raise UnreadableError("it has no header row with the names of its columns")
    return Table(delimiter, tuple(names), header)


def _outside_quotes(source: str, sign: str) -> int:
    return sum(part.count(sign) for part in source.split('"')[::2])


def read_header(chunks: Iterable[bytes], limit: int, format: str) -> tuple[Table, int]:
    """The table that a stream holds and the offset behind its header row."""
    for raw in split_lines(chunks, limit):
        if raw.problem:
            raise UnreadableError("its header row is too long")
        if raw.number:
            return table_of(raw.data + raw.tail, format), raw.end
    raise UnreadableError("it is empty: there is no header row")


def split_rows(chunks: Iterable[bytes], limit: int, delimiter: str, offset: int = 0, number: int = 0) -> Iterator[Raw]:
    """The rows of a table behind its header.

    A row of more than `limit` bytes, or one that the csv module refuses, comes with a problem. `offset` and `number`
    say where the stream starts.
    """
    lines = _Lines(split_lines(chunks, limit, offset), limit)
    csv.field_size_limit(sys.maxsize)
    while True:
        reader = csv.reader(lines, delimiter=delimiter)
        problem = ""
        lines.row.clear()
        lines.size = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem, cells = f"the row cannot be read: {error}", ["?"]
        except _TooLongError:
            problem, cells = too_long(limit), ["?"]
        row = lines.bytes()
        body = row.rstrip(b"\r\n")
        if not cells:
            yield Raw(0, row, lines.end)
            continue
        number += 1
        yield Raw(number, b"" if problem else body, lines.end, b"", row[len(body) :], problem)


class _TooLongError(Exception):
    pass


class _Lines:
    """Lines for the csv module, which keeps asking until a row is whole; the bytes of the row are remembered."""

    def __init__(self, raws: Iterator[Raw], limit: int) -> None:
        self.raws = raws
        self.limit = limit
        self.row: list[bytes] = []
        self.size = 0
        self.end = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            raw = next(self.raws)
        except DamagedError:
            self.row.clear()
            raise
        self.end = raw.end
        line = raw.data + raw.tail
        self.size += len(line)
        if raw.problem or self.size > self.limit:
            self.row.clear()
            raise _TooLongError
        self.row.append(line)
        return line.decode("utf-8", "surrogateescape")

    def bytes(self) -> bytes:
        """The bytes of the row in hand."""
        return b"".join(self.row)
