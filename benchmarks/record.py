"""What the benchmarks share: interleaved rounds, processor time, and a record that names machine and versions.

The clock is processor time, because other work on a machine lengthens the time on the wall and not, or hardly, that of
the processor. Both are kept.
"""

from __future__ import annotations

import datetime
import json
import math
import os
import pathlib
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
SHORTEST = 0.05  # seconds of processor time below which a task is repeated within a round
MOST_REPEATS = 50


@dataclass(frozen=True, slots=True)
class Task:
    """Something to time: `run` gets what `prepare` makes outside the clock, anew for each time."""

    run: Callable[[Any], object]
    prepare: Callable[[], Any] = lambda: None


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one execution: the median of the rounds, and every round."""

    processor: float
    wall: float
    rounds: tuple[float, ...]

    def as_data(self, size: int = 0, articles: int = 0) -> dict[str, Any]:
        """For the record; with `size` (bytes) and `articles` also as rates."""
        data: dict[str, Any] = {
            "processor_seconds": round(self.processor, 6),
            "wall_seconds": round(self.wall, 6),
            "rounds_processor_seconds": [round(seconds, 6) for seconds in self.rounds],
        }
        if size:
            data["megabytes_per_second"] = round(size / self.processor / 1e6, 3)
        if articles:
            data["articles_per_second"] = round(articles / self.processor, 2)
        return data


def once(task: Task) -> tuple[float, float]:
    """Seconds of processor and wall for one execution."""
    prepared = task.prepare()
    wall, processor = time.perf_counter(), time.process_time()
    task.run(prepared)
    return time.process_time() - processor, time.perf_counter() - wall


def interleaved(tasks: Mapping[str, Task], rounds: int) -> dict[str, Timing]:
    """Every task once to warm up, then `rounds` times each in turn, so that a slow moment of the machine hits all."""
    repeats = {}
    for name, task in tasks.items():
        once(task)
        seconds = max(once(task)[0], 1e-6)
        repeats[name] = max(1, min(MOST_REPEATS, math.ceil(SHORTEST / seconds)))
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            times = [once(task) for _ in range(repeats[name])]
            measured[name].append((statistics.mean(t[0] for t in times), statistics.mean(t[1] for t in times)))
    return {name: timing(times) for name, times in measured.items()}


def timing(times: Sequence[tuple[float, float]]) -> Timing:
    """The medians of rounds, each (processor, wall)."""
    return Timing(
        statistics.median(time[0] for time in times),
        statistics.median(time[1] for time in times),
        tuple(time[0] for time in times),
    )


def machine() -> dict[str, Any]:
    """What the figures hold for: processor, cores, Python, and how busy the machine is."""
    model = platform.processor() or platform.machine()
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass  # not Linux: the name that Python knows will do
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load_average": [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else [],
    }


def commit() -> str:
    """The commit that was measured, with `-dirty` if files differ from it."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=RESULTS.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return described.stdout.strip() or "unknown"


def versions(names: Iterable[str]) -> dict[str, str]:
    """The versions of the installed distributions among `names`."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def write(name: str, data: Mapping[str, Any], packages: Iterable[str] = ()) -> pathlib.Path:
    """Write `results/NAME.json` with date, machine and versions in front of `data`."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    now = datetime.datetime.now(datetime.UTC)
    whole = {
        "date": now.strftime("%Y-%m-%d %H:%M UTC"),
        "commit": commit(),
        "machine": machine(),
        "versions": versions(("google-re2", "ahocorasick_rs", *packages)),
        **data,
    }
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
