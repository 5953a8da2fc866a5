"""What the machine says: how many cores there are, and when to stop."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class Stopping:
    """Whether somebody asked the run to stop."""

    asked: bool = False


def cores() -> int:
    """How many processes can run at once."""
    affinity: Any = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextlib.contextmanager
def stoppable(stopping: Stopping) -> Iterator[None]:
    """Ctrl-C and a polite kill stop the run at the next result; a second one at once."""

    def stop(signum: int, frame: Any) -> None:
        if stopping.asked:
            raise KeyboardInterrupt
        stopping.asked = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    earlier: dict[signal.Signals, Any] = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        earlier[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
