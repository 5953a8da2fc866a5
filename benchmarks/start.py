"""How long it takes until something can be done: the import, the help of the command, the rulebook.

    python benchmarks/start.py      # writes results/start.json

Every figure is of fresh processes, in turn, after one of each to fill the file cache; medians. Processor time of the
child, as other work on a machine lengthens the time on the wall.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from record import Timing, timing, write  # the file beside this one  # noqa: E402

EMPTY = '''
import typer

app = typer.Typer()


@app.command()
def one() -> None:
    """One command."""


@app.command()
def two() -> None:
    """Another command."""


app()
'''
PLAIN = EMPTY.replace("typer.Typer()", "typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)")
RULEBOOK = "from cleaner.compiled import shipped_rulebook; shipped_rulebook()"
READY = "from cleaner import Cleaner; Cleaner()"
FIRST = f"{READY}.clean('The council met.\\nSign up for our newsletter\\nIt will meet again.')"
TARGETS = {"cleaner --help": 1.25, "import cleaner": 0.08, "rulebook ready": 0.15}


def fresh(command: list[str]) -> tuple[float, float]:
    """Seconds of processor and wall of one process."""
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    before, began = _children(), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.perf_counter() - began
    return _children() - before, wall


def _children() -> float:
    """Seconds of processor that the child processes so far have used."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(rounds: int) -> dict[str, Timing]:
    """Every command in turn."""
    with tempfile.TemporaryDirectory() as folder:
        programs = {"empty": EMPTY, "plain": PLAIN}
        for name, source in programs.items():
            (pathlib.Path(folder) / f"{name}.py").write_text(source, encoding="utf-8")
        commands = {
            "bare Python": ["-c", ""],
            "import typer": ["-c", "import typer"],
            "empty program --help": [str(pathlib.Path(folder) / "empty.py"), "--help"],
            "empty program without rich --help": [str(pathlib.Path(folder) / "plain.py"), "--help"],
            "cleaner --help": ["-m", "cleaner", "--help"],
            "import cleaner": ["-c", "import cleaner"],
            "import and rulebook": ["-c", RULEBOOK],
            "import and a Cleaner": ["-c", READY],
            "import, a Cleaner and a first text": ["-c", FIRST],
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                seconds = fresh([sys.executable, *command])
                if number:
                    times[name].append(seconds)
    return {name: timing(measured) for name, measured in times.items()}


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args()
    timings = measure(args.rounds)
    seconds = {name: t.processor for name, t in timings.items()}
    found = {
        "cleaner --help": seconds["cleaner --help"] / seconds["empty program --help"],
        "import cleaner": seconds["import cleaner"] - seconds["bare Python"],
        "rulebook ready": seconds["import and rulebook"] - seconds["import cleaner"],
    }
    for name, t in timings.items():
        print(f"{name:36} {t.processor:7.3f} s of processor, {t.wall:7.3f} s on the wall")
    targets = [
        {"what": name, "measured": round(value, 3), "at_most": TARGETS[name], "met": value <= TARGETS[name]}
        for name, value in found.items()
    ]
    for row in targets:
        print(row)
    data = {"rounds": args.rounds, "commands": {name: t.as_data() for name, t in timings.items()}, "targets": targets}
    print(f"kept in {write('start', data, ('typer',))}")


if __name__ == "__main__":
    main()
