"""How time and memory grow: with a document's length, with the number of rules, and on hostile texts.

    python benchmarks/growth.py                       # all; writes results/growth.json
    python benchmarks/growth.py --only "one endless line" --limit 60
    python benchmarks/growth.py --hundred             # the document of 100 MB as well

Every case runs in a process of its own, which is ended after `--limit` seconds of processor time; sizes double until a
step takes longer than a third of that. Growth is the exponent between the last two steps: 1 is linear, 2 quadratic.
Memory is the highest of the process beyond what it held before, as a multiple of the document.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import multiprocessing
import pathlib
import random
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from record import write  # the file beside this one  # noqa: E402

from cleaner import Cleaner  # noqa: E402
from cleaner.rules import Rule, Rulebook  # noqa: E402

MEGABYTE = 1_000_000
SMALLEST = 1_600  # bytes of the first step on hostile texts
LARGEST = 1_638_400
RULES = (100, 300, 1000, 3000, 10_000)
LINEAR = 1.25  # exponents below are linear, the noise of the machine allowed for
WORDS = """
harbour bridge mayor school court river market report builder engineer budget repair winter question answer meeting
street house teacher doctor train station library museum garden neighbour officer witness fire storm weather summer
morning evening decision proposal vote member party minister district county village town city plan project company
""".split()
Made = Callable[[int], str]


def sentence(chance: random.Random) -> str:
    """A sentence of invented prose."""
    words = [chance.choice(WORDS) for _ in range(chance.randint(18, 30))]
    return " ".join(words).capitalize() + "."


def headline(chance: random.Random) -> str:
    """A line in title case without a final stop."""
    return " ".join(chance.choice(WORDS).capitalize() for _ in range(chance.randint(6, 10)))


def lines_of(make: Callable[[random.Random], str], separator: str, size: int) -> str:
    """So many characters of lines that `make` gives."""
    chance = random.Random(7)
    lines, length = [], 0
    while length < size:
        lines.append(make(chance))
        length += len(lines[-1]) + len(separator)
    return separator.join(lines)[:size]


def mixed(chance: random.Random) -> str:
    """Prose, and every third line a headline."""
    return headline(chance) if chance.random() < 1 / 3 else sentence(chance)


def stranger(chance: random.Random) -> str:
    """Prose, and every third line a headline of words that stand nowhere else: each is looked for in all the prose."""
    if chance.random() >= 1 / 3:
        return sentence(chance)
    return " ".join("".join(chance.choices("bcdfgaeiou", k=9)).capitalize() for _ in range(8))


def letters(chance: random.Random) -> str:
    """A word of 4,000 letters."""
    return "".join(chance.choices("abcdefgh", k=4000))


def stars(chance: random.Random) -> str:
    """Marks and spaces that no end of the line is near."""
    return "x " + "★ " * 40 + "a"


def repeated(unit: str, size: int) -> str:
    """The unit over and over."""
    return (unit * (size // len(unit) + 1))[:size]


def between(unit: str, size: int) -> str:
    """The unit over and over between two letters: what stands at an end of a line must not be stripped."""
    return f"x {repeated(unit, size - 4)} a"


HOSTILE: Mapping[str, Made] = {
    "one endless line of words": partial(lines_of, sentence, " "),
    "one endless line of one letter": partial(repeated, "a"),
    "one-letter lines": partial(repeated, "a\n"),
    "one-letter lines, all letters": partial(repeated, "\n".join("abcdefghijklmnopqrstuvwxyz") + "\n"),
    "all headlines": partial(lines_of, headline, "\n"),
    "prose and headlines": partial(lines_of, mixed, "\n"),
    "prose and headlines of other words": partial(lines_of, stranger, "\n"),
    "lines of 4,000 letters": partial(lines_of, letters, "\n"),
    "lines of stars and spaces": partial(lines_of, stars, "\n"),
    "identical adverts": partial(repeated, "Sign up for our newsletter\n"),
    "identical sentences": partial(repeated, "The council voted on Tuesday to keep the old bridge for a year.\n"),
    "blank lines": partial(repeated, "\n"),
    "spaces": partial(repeated, " "),
    "opening brackets": partial(repeated, "["),
    "bracket pairs": partial(repeated, "[]("),
    "bracket lines": partial(repeated, "[](\n"),
    "quotes": partial(repeated, '"'),
    "quote lines": partial(repeated, '"\n'),
    "asterisks": partial(repeated, "*"),
    "emphasis": partial(repeated, "*a "),
    "pipes and spaces, between letters": partial(between, "| "),
    "dashes, between letters": partial(between, "-"),
    "stars, between letters": partial(between, "★"),
    "stars and spaces, between letters": partial(between, "★ "),
    "arrows, between letters": partial(between, "->"),
    "angle marks, between letters": partial(between, " ›"),
    "one line of cut fragments": partial(repeated, "Most otevřeli v květnu (více čtěte ZDE). "),
    "digits": partial(repeated, "1 "),
    "addresses": partial(repeated, "www.example.com/a "),
}


def peak() -> int:
    """The highest memory of this process so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def held() -> int:
    """The memory that this process holds now, in bytes; where the system does not tell, the highest so far."""
    try:
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak()
    return pages * resource.getpagesize()


def _worker(make: Made, size: int, limit: int, cleaner: Cleaner, answer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 1))  # ends this process, and only this
    text = make(size)
    before, began = held(), time.process_time()
    result = cleaner.clean(text)
    seconds = time.process_time() - began
    answer.send(
        {
            "megabytes": round(len(text.encode()) / MEGABYTE, 5),
            "processor_seconds": round(seconds, 4),
            "memory_times": round((peak() - before) / len(text.encode()), 1),
            "removals": len(result.removed),
            "warnings": list(result.warnings),
        }
    )


def step(make: Made, size: int, limit: int, cleaner: Cleaner) -> dict[str, Any] | None:
    """Clean one text in a process of its own; None if it took longer than the limit."""
    forking = multiprocessing.get_context("fork")
    here, there = forking.Pipe(duplex=False)
    process = forking.Process(target=_worker, args=(make, size, limit, cleaner, there))
    process.start()
    there.close()
    try:
        return here.recv()  # type: ignore[no-any-return]
    except EOFError:  # the process was ended
        return None
    finally:
        process.join()


def exponent(steps: list[dict[str, Any]]) -> float | None:
    """How time grows between the last two steps; None if they are too short to tell."""
    if len(steps) < 2 or steps[-1]["processor_seconds"] < 0.05 or not steps[-2]["processor_seconds"]:
        return None
    times = steps[-1]["processor_seconds"] / steps[-2]["processor_seconds"]
    return round(math.log(times) / math.log(steps[-1]["megabytes"] / steps[-2]["megabytes"]), 2)


def climb(name: str, make: Made, sizes: list[int], limit: int, cleaner: Cleaner) -> dict[str, Any]:
    """One case at growing sizes."""
    steps: list[dict[str, Any]] = []
    ended_at = 0
    for size in sizes:
        measured = step(make, size, limit, cleaner)
        if measured is None:
            ended_at = size
            break
        steps.append(measured)
        if measured["processor_seconds"] > limit / 3:
            break
    grows = exponent(steps)
    verdict = "ended" if ended_at else "linear" if grows is None or grows < LINEAR else "more than linear"
    last = steps[-1] if steps else {"megabytes": 0, "processor_seconds": 0, "memory_times": 0}
    rate = last["processor_seconds"] / last["megabytes"] if last["megabytes"] else 0
    print(
        f"{name:34} {last['megabytes']:7.3f} MB {last['processor_seconds']:7.2f} s {rate:8.2f} s/MB "
        f"memory {last['memory_times']:6.1f}  exponent {grows}  {verdict} {ended_at or ''}",
        flush=True,
    )
    return {
        "steps": steps,
        "exponent": grows,
        "verdict": verdict,
        "ended_at_bytes": ended_at,
        "limit_processor_seconds": limit,
    }


def synthetic(number: int) -> Rulebook:
    """A rulebook of invented labels: half stand at a line's beginning, half anywhere."""
    chance = random.Random(11)
    rules = []
    for count in range(number):
        one, two, three = (chance.choice(WORDS) for _ in range(3))
        pattern = rf"^{one} {two}.{{0,40}}\b{three}{count}\b" if count % 2 else rf"\b{one} {two} {three}(?:s|ed)?\b"
        examples = {"removes": ("x",), "keeps": ("y",)}
        rules.append(Rule(f"made.{count}", "ad", "is an invented rule", pattern, weight=2.0, **examples))
    return Rulebook(rules)


def by_rules(data: pathlib.Path, every: int) -> list[dict[str, Any]]:
    """What it costs to make and to use rulebooks of growing size, on documents of the data; the best of three."""
    with gzip.open(data / "lines.jsonl.gz", "rt", encoding="utf-8") as rows:
        texts = ["\n".join(json.loads(row)["lines"]) for number, row in enumerate(rows) if number % every == 0]
    size = sum(len(text.encode()) for text in texts)
    measured = []
    for number in RULES:
        began = time.process_time()
        cleaner = Cleaner(rulebook=synthetic(number))
        made = time.process_time() - began
        times = []
        for _ in range(4):
            began = time.process_time()
            for text in texts:
                cleaner.clean(text)
            times.append(time.process_time() - began)
        best = min(times[1:])
        measured.append(
            {
                "rules": number,
                "seconds_to_make": round(made, 3),
                "seconds_first_time": round(times[0], 3),
                "seconds_per_megabyte": round(best * MEGABYTE / size, 4),
            }
        )
        print(measured[-1], flush=True)
    return measured


def main() -> None:
    """Measure and print; a whole run is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent.parent / "shared" / "bench")
    parser.add_argument("--only", help="only the hostile texts whose name has this in it; nothing is kept")
    parser.add_argument("--limit", type=int, default=6, help="seconds of processor time for one hostile text")
    parser.add_argument("--length-limit", type=int, default=60, help="the same for a document of prose")
    parser.add_argument("--every", type=int, default=80, help="take every n-th document for the curve over rules")
    parser.add_argument("--hundred", action="store_true", help="also a document of 100 MB")
    args = parser.parse_args()
    cleaner = Cleaner()
    for name, made in HOSTILE.items():  # patterns compile when they are first needed: not in the figures
        if "star" not in name and "between" not in name:  # which may take for ever
            cleaner.clean(made(400))
    sizes = [SMALLEST * 2**power for power in range(20) if SMALLEST * 2**power <= LARGEST]
    chosen = {name: made for name, made in HOSTILE.items() if not args.only or args.only in name}
    hostile = {name: climb(name, made, sizes, args.limit, cleaner) for name, made in chosen.items()}
    if args.only:
        return
    lengths = [MEGABYTE // 10, MEGABYTE, 10 * MEGABYTE] + ([100 * MEGABYTE] if args.hundred else [])
    length = {
        name: climb(f"length, {name}", made, lengths, args.length_limit, cleaner)
        for name, made in {
            "prose": partial(lines_of, sentence, "\n"),
            "prose and adverts": partial(lines_of, _with_adverts, "\n"),
        }.items()
    }
    rules = by_rules(args.data, args.every)
    measured = {"clock": "processor seconds", "length": length, "rules": rules, "hostile": hostile}
    print(f"kept in {write('growth', measured)}")


def _with_adverts(chance: random.Random) -> str:
    """Prose, and every tenth line an injected one."""
    return "Sign up for our newsletter" if chance.random() < 0.1 else sentence(chance)


if __name__ == "__main__":
    main()
