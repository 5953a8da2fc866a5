"""Bytes in and out of files, packed or not.

Streams are iterators over chunks of bytes, so that they compose (read, unpack, recode, split) and nothing ever holds a
file whole. A stream that breaks off raises `DamagedError` after everything before the damage has been delivered.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import stat
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from cleaner.files.problems import DamagedError, UnreadableError, in_words, need

CHUNK = 1 << 18  # bytes read at once
PIECE = 1 << 10  # bytes of a packed stream unpacked at once: bounds what a bomb can blow up to in memory
RATIO_FROM = 1 << 26  # bytes unpacked before the ratio is looked at: short texts may be packed any amount

_MAGIC = {"gz": b"\x1f\x8b", "zst": b"\x28\xb5\x2f\xfd", "bz2": b"BZh", "xz": b"\xfd7zXZ\x00"}
_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe, not a file; pipe it into `cleaner clean -`"),
    (stat.S_ISSOCK, "it is a socket, not a file"),
    (stat.S_ISCHR, "it is a device, not a file"),
    (stat.S_ISBLK, "it is a device, not a file"),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may ask of us: bytes in one record or article, and unpacked bytes for each packed byte."""

    record_bytes: int = 1 << 26
    ratio: int = 300


class Raw(NamedTuple):
    """One record as it stands in its stream, or what stands between records.

    `number` counts records from 1; 0 means that this is no record and passes through. `end` is the offset behind it in
    the unpacked stream. `lead` and `tail` part it from its neighbours. `problem`, if any, says why it cannot be used.
    """

    number: int
    data: bytes
    end: int
    lead: bytes = b""
    tail: bytes = b""
    problem: str = ""


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file for reading. A pipe, socket or device is refused without waiting for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise UnreadableError(in_words(error)) from error
    except ValueError as error:  # a NUL in the name
        raise UnreadableError("its name cannot be used as a path") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise UnreadableError(next((words for test, words in _KINDS if test(mode)), "it is not a regular file"))
    return io.FileIO(descriptor, "rb")


def fingerprint(descriptor: int) -> tuple[int, int]:
    """Size and time of change: whether a file is still what it was."""
    status = os.fstat(descriptor)
    return status.st_size, status.st_mtime_ns


def chunks_of(path: Path, packing: str, limits: Limits) -> Iterator[bytes]:
    """The unpacked bytes of a file, chunk by chunk.

    Raises `UnreadableError` before the first chunk if the file is not what its name says, `DamagedError` behind the
    last good one if it breaks off, is corrupt, blows up or changes while we read.
    """
    with closing(open_regular(path)) as file:
        before = fingerprint(file.fileno())
        head = file.read(8)
        refuse_wrong_packing(head, packing)
        file.seek(0)
        plain = _read(file)
        yield from inflate(plain, packing, limits) if packing else plain
        if fingerprint(file.fileno()) != before:
            raise DamagedError("it changed while it was read; run again when nothing writes to it")


def packing_of(head: bytes) -> str:
    """How a stream with these first bytes is packed; empty if it is not."""
    return next((name for name, magic in _MAGIC.items() if head.startswith(magic)), "")


def refuse_wrong_packing(head: bytes, packing: str) -> None:
    """Raise `UnreadableError` if the first bytes of a file contradict the packing that its name announces."""
    found = packing_of(head)
    if packing and head and found != packing:
        raise UnreadableError(f"its name says .{packing}, but it is not packed that way")
    if not packing and found:
        raise UnreadableError(f"it is packed; rename it to end in .{found}")


def _read(file: io.FileIO) -> Iterator[bytes]:
    while True:
        try:
            chunk = file.read(CHUNK)
        except OSError as error:
            raise DamagedError(f"reading stopped: {in_words(error)}") from error
        if not chunk:
            return
        yield chunk


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


@runtime_checkable
class _Copies(Protocol):
    def copy(self) -> _Unpacker: ...


def _unpacker(packing: str) -> _Unpacker:
    if packing == "gz":
        return zlib.decompressobj(wbits=31)
    if packing == "bz2":
        return bz2.BZ2Decompressor()
    if packing == "xz":
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=1 << 30)
    unpacker: _Unpacker = need("zstandard").ZstdDecompressor(max_window_size=1 << 30).decompressobj()
    return unpacker


def inflate(packed: Iterable[bytes], packing: str, limits: Limits) -> Iterator[bytes]:
    """Unpack a stream of any number of members. Raises `DamagedError` if it breaks off, is corrupt, or blows up."""
    stream = _Inflating(packing)
    taken = given = 0
    for chunk in packed:
        ready: list[bytes] = []
        size = 0
        try:
            for data in stream.feed(chunk):
                ready.append(data)
                size += len(data)
                given += len(data)
                if size >= CHUNK:
                    yield b"".join(ready)
                    ready, size = [], 0
                if given > RATIO_FROM and given > limits.ratio * (taken + len(chunk)):
                    raise DamagedError(
                        f"it unpacks to more than {limits.ratio} times its size, like a decompression bomb; "
                        "raise --max-ratio if it is honest"
                    )
        except DamagedError:
            yield b"".join(ready)
            raise
        taken += len(chunk)
        if ready:
            yield b"".join(ready)
    if stream.open:
        raise DamagedError(f"the .{packing} data ends too early: the file is truncated")


class _Inflating:
    """The members of a packed stream, one unpacker after another."""

    def __init__(self, packing: str) -> None:
        self.packing = packing
        self.unpacker = _unpacker(packing)
        self.open = False  # in the middle of a member

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Unpacked pieces of a chunk. On corrupt data everything before it is given, then `DamagedError` is raised."""
        backup = self.unpacker.copy() if isinstance(self.unpacker, _Copies) else None
        opened, given = self.open, 0
        try:
            for start in range(0, len(chunk), PIECE):
                for data in self._piece(chunk[start : start + PIECE]):
                    given += len(data)
                    yield data
        except DamagedError:
            if backup is not None:
                self.unpacker, self.open = backup, opened
                yield self._rescue(chunk)[given:]
            raise

    def _rescue(self, chunk: bytes) -> bytes:
        """A library that meets damage withholds what it had just unpacked; byte by byte it cannot."""
        good = bytearray()
        try:
            for index in range(len(chunk)):
                for data in self._piece(chunk[index : index + 1]):
                    good += data
        except DamagedError:
            pass
        return bytes(good)

    def _piece(self, piece: bytes) -> Iterator[bytes]:
        while piece:
            if not self.open and not piece.strip(b"\0"):
                return  # zeros behind the last member are padding
            data = self._unpack(piece)
            self.open, piece = True, b""
            yield data
            while isinstance(self.unpacker, bz2.BZ2Decompressor) and not (
                self.unpacker.needs_input or self.unpacker.eof
            ):
                yield self._unpack(b"")
            if self.unpacker.eof:
                piece = self.unpacker.unused_data
                self.unpacker, self.open = _unpacker(self.packing), False

    def _unpack(self, piece: bytes) -> bytes:
        try:
            # A block of bzip2 may unpack to 45 MB whatever its size.
            if isinstance(self.unpacker, bz2.BZ2Decompressor):
                return self.unpacker.decompress(piece, CHUNK)
            return self.unpacker.decompress(piece)
        except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError) as error:
            raise DamagedError(f"the .{self.packing} data is corrupt") from error
        except Exception as error:
            if type(error).__name__ != "ZstdError":  # its package need not be installed
                raise
            raise DamagedError(f"the .{self.packing} data is corrupt") from error


def pack(data: bytes, packing: str) -> bytes:
    """One packed member. The same data always gives the same bytes; members may follow each other in a file."""
    if packing == "gz":
        return gzip.compress(data, compresslevel=6, mtime=0)
    if packing == "bz2":
        return bz2.compress(data)
    if packing == "xz":
        return lzma.compress(data)
    if packing == "zst":
        packed: bytes = need("zstandard").ZstdCompressor(level=3).compress(data)
        return packed
    return data


def skip(chunks: Iterator[bytes], offset: int) -> Iterator[bytes]:
    """The stream from an offset on, by reading what comes before and dropping it."""
    for chunk in chunks:
        if offset >= len(chunk):
            offset -= len(chunk)
            continue
        yield chunk[offset:] if offset else chunk
        offset = 0


def read_whole(chunks: Iterable[bytes], limit: int) -> bytes:
    """A stream that holds one article. Raises `UnreadableError` if it is longer than `limit` bytes."""
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise UnreadableError(too_long(limit))
        parts.append(chunk)
    return b"".join(parts)


def too_long(limit: int) -> str:
    """The sentence for a record beyond the limit."""
    return f"it is longer than {limit:,} bytes; raise --max-record-bytes to take it"


def split_lines(chunks: Iterable[bytes], limit: int, offset: int = 0, number: int = 0) -> Iterator[Raw]:
    """The lines of a stream, each as a `Raw` with its line ending as tail; empty lines get the number 0.

    A line of more than `limit` bytes is not held: it comes as an empty `Raw` with a problem. `offset` and `number`
    say where the stream starts, for a run that goes on.
    """
    held: list[bytes] = []
    size = 0  # bytes of the line in hand, also those dropped

    def line(last: bytes, ending: bytes) -> Raw:
        nonlocal offset, number, size
        whole = size + len(last)
        offset += whole + len(ending)
        if whole > limit:
            number += 1
            raw = Raw(number, b"", offset, b"", ending, too_long(limit))
        else:
            data = b"".join((*held, last)) if held else last
            if data.endswith(b"\r"):
                data, ending = data[:-1], b"\r" + ending
            if data and not data.isspace():
                number += 1
                raw = Raw(number, data, offset, b"", ending)
            else:
                raw = Raw(0, data, offset, b"", ending)
        held.clear()
        size = 0
        return raw

    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for text in whole:
            yield line(text, b"\n")
        size += len(rest)
        if size > limit:
            held.clear()
        elif rest:
            held.append(rest)
    if size:
        # `line` adds the size of what it gets: everything is held already.
        yield line(b"", b"")


class ChunkFile(io.RawIOBase):
    """A stream as a file object for libraries that want one. Damage ends the file and is kept in `damage`."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""
        self.damage: DamagedError | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Fill the buffer from the next chunk; 0 at the end."""
        while not self._rest and self.damage is None:
            try:
                self._rest = next(self._chunks)
            except StopIteration:
                return 0
            except DamagedError as damage:
                self.damage = damage
                return 0
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
