"""Coverage-guided fuzzing with atheris. From the folder `tests`, with the repository on the path:

PYTHONPATH=.. python -m fuzzing.run readers --seconds 1800 --keep /somewhere

A fault ends the run with its input in the message; with `--keep` the input is kept in that folder and the run goes on,
so that one fault does not hide the others. What hangs, or takes too much memory, always ends it.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cleaner"]):
    import cleaner.batch.work
    import cleaner.page
    import cleaner.selectors  # noqa: F401
    from fuzzing.targets import TARGETS, Case, save
from fuzzing.seeds import lay_seeds

LONGEST = {"readers": 4096, "clean": 300, "clean_html": 500}  # bytes of decisions
MEGABYTES = 2000  # of memory for the whole process
SECONDS = 60  # for one input


def check(make: Callable[[bytes], Case], keep: Path | None) -> Callable[[bytes], None]:
    """What atheris calls."""
    seen: set[str] = set()

    def checked(data: bytes) -> None:
        case = make(data)
        try:
            case.check()
        except Exception as error:
            if keep is None:
                print(f"\n{case!r:.3000}", file=sys.stderr)
                raise
            place = _place(error)
            if place not in seen:
                seen.add(place)
                path = save(case, hashlib.sha256(data).hexdigest()[:10], keep)
                print(f"\nFAULT {path} {case.mode} {case.url!r}\n{traceback.format_exc()}", file=sys.stderr, flush=True)

    return checked


def _place(error: Exception) -> str:
    """Where a fault is, so that each is kept once."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{type(error).__name__} {[(frame.name, frame.lineno) for frame in frames[-3:]]}"


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--runs", type=int, default=-1, help="inputs to try")
    parser.add_argument("--seconds", type=int, default=0, help="how long to go on")
    parser.add_argument("--seed", type=int, default=0, help="0: another each time")
    parser.add_argument("--seeds", type=int, default=100, help="first inputs made by chance")
    parser.add_argument("--corpus", type=Path, help="a folder for inputs that reached something new")
    parser.add_argument("--keep", type=Path, help="a folder for faults")
    given = parser.parse_args()
    for folder in filter(None, (given.corpus, given.keep)):
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-seeds-") as folder:
        lay_seeds(given.target, given.seeds, Path(folder))
        corpora = [str(given.corpus)] if given.corpus else []
        options = {
            "runs": given.runs,
            "max_total_time": given.seconds,
            "seed": given.seed,
            "max_len": LONGEST[given.target],
            "len_control": 0,
            "timeout": SECONDS,
            "rss_limit_mb": MEGABYTES,
            "print_final_stats": 1,
            "artifact_prefix": f"{given.keep or folder}/",
        }
        atheris.Setup(
            [sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), *corpora, folder],
            check(TARGETS[given.target], given.keep),
        )
        atheris.Fuzz()


if __name__ == "__main__":
    main()
