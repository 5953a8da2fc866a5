"""Jobs in processes of their own: results in order, and a process that dies costs one article at most.

Each worker has a pipe and one job at a time. When a worker dies, its job is cut into single articles and each is tried
in a fresh worker; one whose workers keep dying is given up with the reason.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from cleaner.batch.jobs import Done, Job, RecordJob, Works
from cleaner.batch.safely import StoppedError

TRIES = 3  # how often an article may be under way when its worker dies: once among others, twice alone
AHEAD = 4  # jobs for each worker that are under way or wait for an earlier one: bounds memory
TICK = 0.5  # seconds after which a wait looks up to see whether it shall stop
READY = "ready"
STARTS = 3  # workers in a row that may die before they begin


class Carries(Protocol):
    """A task: something that has a job, or none."""

    @property
    def job(self) -> Job | None:
        """The job to do."""


class Feed(Protocol):
    """Where tasks come from. A `source` that is not None is waited for, so that nobody blocks on an idle pipe."""

    source: Any

    def take(self) -> Any:
        """The next task. None if there is none yet; raises `StopIteration` at the end."""


def run_inline(feed: Feed, recipe: Works, stop: Callable[[], bool]) -> Generator[tuple[Any, Done | None], None, None]:
    """Do all tasks in this process, one after another."""
    perform = recipe.begin()
    while not stop():
        try:
            task = feed.take()
        except StopIteration:
            return
        if task is not None:
            yield task, perform(task.job) if task.job is not None else None


def _serve(pipe: Connection, recipe: Works) -> None:
    """The life of a worker: jobs in, results out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which then closes the pipe
    with contextlib.suppress(EOFError, OSError):
        try:
            perform = recipe.begin()
        except ValueError as error:  # settings that only show to be unusable when all is put together
            pipe.send(str(error))
            return
        pipe.send(READY)
        while True:
            pipe.send(perform(pipe.recv()))


@dataclass(slots=True)
class _Part:
    """A job, or one article of one, and how often it was under way when a worker died."""

    job: Job
    deaths: int = 0
    done: Done | None = None


@dataclass(slots=True)
class _Slot:
    """A task that waits for its turn, and the parts that its job was cut into."""

    task: Any
    parts: list[_Part] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return all(part.done is not None for part in self.parts)

    def result(self) -> Done | None:
        whole: Done | None = None
        for part in self.parts:
            if whole is None:
                whole = part.done
            elif part.done is not None:
                whole.add(part.done, join=isinstance(part.job, RecordJob))
        return whole


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    slot: _Slot | None = None
    part: _Part | None = None
    since: float = 0.0


class Pool:
    """Runs jobs in `workers` processes; `timeout` is the longest, in seconds, that a job may take."""

    def __init__(self, recipe: Works, workers: int, timeout: float) -> None:
        self.recipe = recipe
        self.size = max(workers, 1)
        self.timeout = timeout
        self.context = _context(recipe.warm)
        self.workers: list[_Worker] = []
        self.queue: deque[tuple[_Slot, _Part]] = deque()
        self.false_starts = 0

    def run(self, feed: Feed, stop: Callable[[], bool]) -> Generator[tuple[Any, Done | None], None, None]:
        """Every task of the feed with its result, in the order of the feed, until the feed ends or `stop` says so."""
        slots: deque[_Slot] = deque()
        ended = False
        try:
            while not stop():
                while slots and slots[0].ready:
                    slot = slots.popleft()
                    yield slot.task, slot.result()
                full = len(slots) >= AHEAD * self.size
                if not ended and not full and (feed.source is None or feed.source.poll(0)):
                    ended = self._pull(feed, slots)
                    continue
                if ended and not slots:
                    return
                self._watch(None if ended or full else feed.source)
        finally:
            self.close()

    def _pull(self, feed: Feed, slots: deque[_Slot]) -> bool:
        """Take a task from the feed. Says whether the feed has ended."""
        try:
            task = feed.take()
        except StopIteration:
            return True
        if task is not None:
            slot = _Slot(task)
            if task.job is not None:
                slot.parts.append(_Part(task.job))
                self.queue.append((slot, slot.parts[0]))
            slots.append(slot)
        self._assign()
        # Look at results without waiting, so that workers never idle while there is much to read.
        self._collect(wait(self._ends(), 0))
        return False

    def _ends(self) -> list[Any]:
        return [end for worker in self.workers for end in (worker.pipe, worker.process.sentinel)]

    def _assign(self) -> None:
        """Give waiting jobs to idle workers; start another worker if all are busy and there may be more."""
        for worker in self.workers:
            if self.queue and worker.ready and worker.part is None:
                worker.slot, worker.part = self.queue.popleft()
                worker.since = time.monotonic()
                with contextlib.suppress(OSError):  # it has died: its sentinel will tell
                    worker.pipe.send(worker.part.job)
        starting = sum(not worker.ready for worker in self.workers)
        if len(self.queue) > starting and len(self.workers) < self.size:
            self._start()

    def _start(self) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(target=_serve, args=(theirs, self.recipe), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def _watch(self, source: Any) -> None:
        """Wait until a worker answers or dies, or the source has something."""
        ends = self._ends() + ([source] if source is not None else [])
        if ends:
            self._collect(wait(ends, TICK))
        if self.timeout:
            late = time.monotonic() - self.timeout
            for worker in list(self.workers):
                if worker.part is not None and worker.since < late:
                    self._bury(worker, f"it took longer than {self.timeout:g} seconds")
        self._assign()

    def _collect(self, ends: list[Any]) -> None:
        for worker in list(self.workers):
            if worker.pipe in ends:
                try:
                    answer = worker.pipe.recv()
                except (EOFError, OSError):
                    self._bury(worker)
                    continue
                if not worker.ready and answer != READY:
                    raise StoppedError(answer)
                if not worker.ready:
                    worker.ready, self.false_starts = True, 0
                elif worker.part is not None:
                    worker.part.done = answer
                    worker.slot = worker.part = None
            elif worker.process.sentinel in ends:
                self._bury(worker)
        self._assign()

    def _bury(self, worker: _Worker, reason: str = "") -> None:
        """A worker is dead, or is to be: its job goes to others, in smaller parts."""
        self.workers.remove(worker)
        worker.pipe.close()
        if reason:
            worker.process.kill()
        worker.process.join(10)
        reason = reason or _last_words(worker.process.exitcode)
        slot, part = worker.slot, worker.part
        if not worker.ready:
            self.false_starts += 1
            if self.false_starts >= STARTS:
                raise StoppedError(f"the worker processes die before they begin: {reason}")
        if slot is None or part is None:
            return
        part.deaths += 1
        pieces = part.job.split()
        if len(pieces) > 1:
            parts = [_Part(piece, part.deaths) for piece in pieces]
            at = next(index for index, one in enumerate(slot.parts) if one is part)
            slot.parts[at : at + 1] = parts
            self.queue.extendleft((slot, one) for one in reversed(parts))
        elif part.deaths < TRIES:
            self.queue.appendleft((slot, part))
        else:
            part.done = part.job.failed(reason, self.recipe)

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join(2)
            if worker.process.is_alive():
                worker.process.kill()
        self.workers.clear()


def _context(warm: str) -> BaseContext:
    """How workers start. Never as forks of this process, which may have threads: a server process forks them.

    It has the rulebook compiled already, which takes seconds, so that all workers share one in memory.
    """
    if "forkserver" in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([warm])
        return context
    return multiprocessing.get_context("spawn")


def _last_words(code: int | None) -> str:
    """Why a worker died, from its exit code."""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = ", perhaps for want of memory" if -code == 9 else ""
        return f"the process that worked on it was killed ({name}{hint})"
    return f"the process that worked on it died (exit code {code})"
