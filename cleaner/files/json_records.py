"""JSON files as records: a list of objects, one object, or one object after another, each as it stands.

Only the places where records begin and end are found here; what is inside is the JSON library's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.streams import Raw, too_long

SPACES = b" \t\r\n"
NO_JSON = "it is not JSON: neither a list nor an object"
EMPTY = "it is empty, so it is not JSON"
_BETWEEN = re.compile(rb'["\[\]{},]')
_WITHIN = re.compile(rb'["\[\]{}]')
_SEPARATORS = re.compile(rb"[, \t\r\n]*")


class _Scanner:
    """A buffer over the stream that finds where the value in hand ends, however the stream is cut into chunks."""

    def __init__(self, chunks: Iterable[bytes], limit: int) -> None:
        self.chunks = iter(chunks)
        self.limit = limit
        self.buffer = bytearray()
        self.offset = 0  # of the buffer's start in the stream
        self.dropped = False  # the value in hand is too long and is not held

    def more(self) -> bool:
        """Append a chunk. False at the end of the stream."""
        for chunk in self.chunks:
            if len(self.buffer) > self.limit:
                self.dropped = True
            if chunk:
                self.buffer += chunk
                return True
        return False

    def take(self, size: int) -> bytes:
        """Cut that many bytes off the front."""
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        self.offset += size
        return data

    def spaces(self) -> int:
        """The number of white space bytes in front of the next value; the whole buffer at the end of the stream."""
        while True:
            size = len(self.buffer) - len(self.buffer.lstrip(SPACES))
            if size < len(self.buffer) or not self.more():
                return size

    def _shed(self, at: int) -> int:
        """Drop what was scanned of a value that is too long; a few bytes stay for the escapes before a quote."""
        if not self.dropped or at < 1 << 16:
            return at
        self.take(at - 1024)
        return 1024

    def _string_end(self, at: int) -> int:
        """The offset behind the string whose first character is at `at`; -1 if the stream ends before."""
        while True:
            quote = self.buffer.find(b'"', at)
            if quote < 0:
                at = self._shed(len(self.buffer))
                if not self.more():
                    return -1
                continue
            slashes = quote
            while slashes and self.buffer[slashes - 1] == 0x5C:
                slashes -= 1
            at = quote + 1
            if (quote - slashes) % 2 == 0:
                return at

    def value_end(self, at: int, in_list: bool) -> int:
        """The offset behind the value that starts at or after `at`; -1 if the stream ends before.

        In a list that is where the next comma or the closing bracket stands, otherwise behind the closing brace.
        """
        depth = 0
        while True:
            found = (_WITHIN if depth else _BETWEEN).search(self.buffer, at)
            if not found:
                at = self._shed(len(self.buffer))
                if not self.more():
                    return -1
                continue
            sign, at = found.group(), found.end()
            if sign == b'"':
                at = self._string_end(at)
                if at < 0:
                    return -1
            elif sign in b"[{":
                depth += 1
            elif sign == b"," or depth == 0:
                if in_list and sign != b"}":
                    return at - 1
                raise DamagedError("it is not valid JSON: the brackets do not match")
            else:
                depth -= 1
                if not depth and not in_list:
                    return at
            at = self._shed(at)


def split_json(chunks: Iterable[bytes], limit: int) -> Iterator[Raw]:
    """The records of a JSON stream. What stands around them comes as `Raw` with number 0; a list opens with `[`.

    Raises `UnreadableError` if it is neither a list nor an object, `DamagedError` where it breaks off.
    """
    scanner = _Scanner(chunks, limit)
    spaces = scanner.spaces()
    first = bytes(scanner.buffer[spaces : spaces + 1])
    if first == b"[":
        opening = scanner.take(spaces + 1)
        yield Raw(0, opening, scanner.offset)
        yield from _list_items(scanner, 0)
    elif first == b"{":
        yield from _objects(scanner, 0)
    elif first:
        raise UnreadableError(NO_JSON)
    else:
        raise UnreadableError(EMPTY)


def go_on(chunks: Iterable[bytes], limit: int, offset: int, number: int, in_list: bool) -> Iterator[Raw]:
    """The records behind record `number`, which ended at `offset`, where `chunks` starts."""
    scanner = _Scanner(chunks, limit)
    scanner.offset = offset
    if in_list and not scanner.more():
        return  # behind a record of a list stands at least the bracket that ends it, so this is behind that
    yield from _list_items(scanner, number) if in_list else _objects(scanner, number)


def _list_items(scanner: _Scanner, number: int) -> Iterator[Raw]:
    while True:
        scanner.spaces()
        at = 1 if scanner.buffer[:1] == b"," else 0  # the comma leads the item
        end = scanner.value_end(at, in_list=True)
        if end < 0:
            raise DamagedError("it ends in the middle of the list")
        closes = scanner.buffer[end : end + 1] == b"]"
        whole, too_big = _cut(scanner, end)
        lead = _SEPARATORS.match(whole).group()  # type: ignore[union-attr]
        data = whole[len(lead) :].rstrip(SPACES)
        if data or too_big:
            number += 1
            tail = whole[len(lead) + len(data) :]
            yield Raw(number, data, scanner.offset, lead, tail, too_long(scanner.limit) if too_big else "")
        elif whole:
            yield Raw(0, whole, scanner.offset)
        if closes:
            break
    closing = scanner.take(1) + scanner.take(scanner.spaces())
    if scanner.buffer:  # before the bracket is given, as the output is closed where the input breaks off
        raise DamagedError("there is more text behind the end of the list")
    yield Raw(0, closing, scanner.offset)


def _objects(scanner: _Scanner, number: int) -> Iterator[Raw]:
    while True:
        spaces = scanner.spaces()
        if spaces == len(scanner.buffer):
            if spaces:
                yield Raw(0, scanner.take(spaces), scanner.offset)
            return
        if scanner.buffer[spaces] != 0x7B:
            raise DamagedError("it is not valid JSON: there is other text between the objects")
        lead = scanner.take(spaces)
        end = scanner.value_end(0, in_list=False)
        if end < 0:
            raise DamagedError("it ends in the middle of a record")
        data, too_big = _cut(scanner, end)
        number += 1
        yield Raw(number, data, scanner.offset, lead, b"", too_long(scanner.limit) if too_big else "")


def _cut(scanner: _Scanner, end: int) -> tuple[bytes, bool]:
    """Take the value that ends there, and say whether it was too long to be held."""
    too_big = scanner.dropped or end > scanner.limit
    whole = scanner.take(end)
    scanner.dropped = False
    return (b"" if too_big else whole), too_big
