"""Standard input: a stream of records as they come, or whatever else is piped in."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from multiprocessing import Pipe
from pathlib import Path

from cleaner.batch.inputs import Source, sniff
from cleaner.batch.jobs import Item, RecordJob, Target, sentence
from cleaner.batch.tasks import JOB_ARTICLES, JOB_BYTES, Opening, Position, Task
from cleaner.batch.totals import Failure
from cleaner.files.encodings import detect, recode
from cleaner.files.fields import Fields
from cleaner.files.names import Form
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.readers import Layout, guess_fields
from cleaner.files.streams import Limits, Raw, inflate, packing_of, read_whole, split_lines

NAME = "stdin"


class StandardInput:
    """What is piped in, looked into as far as needed to tell what it is.

    `form` is that, `chunks` the whole stream, unpacked. `descriptor` is the file descriptor to read.
    """

    def __init__(self, descriptor: int, format: str, limits: Limits) -> None:
        self.descriptor = descriptor
        self.limits = limits
        chunks = self._read()
        head = _head(chunks)
        self.chunks = chain([head], chunks)
        packing = packing_of(head)
        if packing:
            unpacked = inflate(self.chunks, packing, limits)
            head = _head(unpacked)
            self.chunks = chain([head], unpacked)
        self.form = Form(format) if format else sniff(head)
        is_json = self.form.format in ("json", "jsonl")
        self.encoding = detect(head, is_json) if self.form.format not in ("parquet", "warc", "html") else None

    def _read(self) -> Iterator[bytes]:
        while chunk := os.read(self.descriptor, 1 << 18):
            yield chunk

    def article(self) -> Item:
        """The stream as one article. Raises `UnreadableError` if it is too long or breaks off."""
        try:
            data = read_whole(self.chunks, self.limits.record_bytes)
        except DamagedError as error:
            raise UnreadableError(str(error)) from error
        return Item(Path(NAME), NAME, self.form, Form("txt"), data)

    def spooled(self, folder: Path) -> Source:
        """The stream as a file, for formats that are read more than once."""
        path = folder / f"{NAME}.{self.form.format}"
        try:
            with path.open("wb") as file:
                for chunk in self.chunks:
                    file.write(chunk)
        except DamagedError as error:
            return Source(path, NAME, self.form, NAME, problem=str(error))
        return Source(path, NAME, self.form, NAME)


def _head(chunks: Iterator[bytes]) -> bytes:
    """Enough of a stream to tell what it is, without waiting for more than that."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head.lstrip()) >= 4:
            break
    return head


def spool_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of its own for what standard input holds."""
    return tempfile.TemporaryDirectory(prefix="cleaner-")


class LineFeed:
    """JSON lines from standard input as tasks, each with the lines that have arrived by then.

    A thread reads; `source` becomes ready when there is something to take.
    """

    def __init__(self, stdin: StandardInput, fields: Fields, target: Form) -> None:
        self.source, self._end = Pipe(duplex=False)
        self.stdin = stdin
        assert stdin.encoding is not None
        self.layout = Layout("jsonl", fields.guess({}) or fields, encoding=stdin.encoding)
        self.origin = Source(Path(NAME), NAME, stdin.form, NAME)
        self.number = 0
        self.state = "opening"
        self.opening = Opening(target)
        threading.Thread(target=self._pump, daemon=True).start()

    def _pump(self) -> None:
        group: list[Raw] = []
        size = 0

        def flush() -> None:
            nonlocal size
            if group:
                self._end.send(group)
                group.clear()
                size = 0

        def arriving() -> Iterator[bytes]:
            for chunk in recode(self.stdin.chunks, self.layout.encoding):
                yield chunk
                flush()  # all whole lines of the chunk are in the group: do not sit on them while waiting for more

        try:
            for raw in split_lines(arriving(), self.stdin.limits.record_bytes):
                group.append(raw)
                size += len(raw.data)
                if size >= JOB_BYTES or len(group) >= JOB_ARTICLES:
                    flush()
            flush()
        except Exception as error:  # whatever it is: that the rest is missing must be said
            flush()
            self._end.send(str(error) if isinstance(error, DamagedError | OSError) else sentence(error))
        finally:
            self._end.close()

    def take(self) -> Task | None:
        """The next task; waits if nothing has arrived."""
        position = Position(0, "", self.number, 0)
        if self.state == "opening":
            self.state = "open"
            return Task(position, source=self.origin, opens=self.opening)
        if self.state == "closed":
            raise StopIteration
        try:
            group = self.source.recv()
        except (EOFError, OSError):
            self.state = "closed"
            return Task(replace(position, sources=1), source=self.origin, closes=True)
        if isinstance(group, str):
            return Task(position, source=self.origin, failure=Failure(NAME, group, self.number + 1))
        note = self._guess(group)
        self.number = max((raw.number for raw in group), default=0) or self.number
        job = RecordJob(NAME, self.layout, Target(self.opening.form.format), tuple(group))
        return Task(replace(position, record=self.number), job, source=self.origin, note=note)

    def _guess(self, group: list[Raw]) -> str:
        if self.layout.fields.source:
            return ""
        found, _, note = guess_fields(self.layout, group)
        if found is not None:
            self.layout = replace(self.layout, fields=found)
        return note
