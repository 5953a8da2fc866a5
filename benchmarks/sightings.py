"""What sightings find by themselves, and what they cost.

    python benchmarks/sightings.py                        # recall of adverts by how often each is seen; body lines lost
    python benchmarks/sightings.py --seed 2 --seeds 5     # the same for five seeds from 2 on
    python benchmarks/sightings.py --cost 10000 100000 1000000    # seconds and peak memory of counting and of learning

The first composes a folder from the parts in `sightings_parts.py`: 40 sites, 2,000 stories, 300 of them agency stories
that several sites carry lightly edited, house-style phrases, background paragraphs, tables, and 120 adverts in sentence
form that rotate per site with a long tail. No rule and no signal takes part: a line goes if and only if its
sightings condemn it alone. The exit code is 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from sightings_parts import Folder, compose  # the parts stand beside this file

from cleaner.sightings import Sightings
from cleaner.sightings_store import learn

TARGETS = {"8 or more": 0.97, "4 to 7": 0.85}
LINES = 25


def measure(folder: Folder) -> tuple[dict[str, tuple[int, int, int]], list[str], int]:
    """Adverts, their places and those found by how often an advert is seen; the body lines lost; all body lines."""
    seen = Sightings.count((page.text, None, page.site) for page in folder.pages)
    stories: dict[str, set[int]] = defaultdict(set)
    for page in folder.pages:
        for line in page.adverts:
            stories[line].add(page.story)
    places: dict[str, int] = defaultdict(int)
    found: dict[str, int] = defaultdict(int)
    adverts: dict[str, set[str]] = defaultdict(set)
    lost: list[str] = []
    body = 0
    for page in folder.pages:
        lines = page.text.split("\n")
        for line, evidence in zip(lines, seen.weigh(lines), strict=True):
            condemned = evidence is not None and evidence.alone
            if line in page.adverts:
                often = band(len(stories[line]))
                adverts[often].add(line)
                places[often] += 1
                found[often] += condemned
            else:
                body += 1
                if condemned:
                    lost.append(f"{evidence.says if evidence else ''}: {line}")
    return {often: (len(adverts[often]), places[often], found[often]) for often in sorted(places)}, lost, body


def band(stories: int) -> str:
    """How often an advert is seen, in the words of the report."""
    return "8 or more" if stories >= 8 else "4 to 7" if stories >= 4 else "1 to 3"


def report(seed: int) -> bool:
    """Compose a folder, print what sightings find in it. True if all targets are met."""
    folder = compose(seed)
    started = time.perf_counter()
    bands, lost, body = measure(folder)
    seconds = time.perf_counter() - started
    print(
        f"seed {seed}: {len(folder.pages)} pages, {len({page.story for page in folder.pages})} stories, "
        f"{len({page.site for page in folder.pages})} sites, {seconds:.1f} s"
    )
    met = not lost
    print("  seen in stories   adverts   places    found   recall   target")
    for often, (adverts, places, found) in bands.items():
        target = TARGETS.get(often)
        recall = found / places
        met = met and (target is None or recall >= target)
        print(f"  {often:<16} {adverts:>8} {places:>8} {found:>8} {recall:>8.3f}   {target or '-'}")
    print(f"  body lines lost: {len(lost)} of {body} ({len(set(lost))} different); target 0")
    for line in sorted(set(lost))[:20]:
        print(f"    {line}")
    return met


def documents(count: int, seed: int = 1) -> Iterator[tuple[str, str | None, str | None]]:
    """As many documents of 25 lines: 21 that occur once, 3 from adverts of a long tail, 1 from a house style."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("bcdfghklmnprstaeiou", k=6)) for _ in range(60_000)]
    adverts = [" ".join(chance.choices(words, k=12)) + "." for _ in range(max(100, count // 200))]
    weights = [1 / (rank + 10) for rank in range(len(adverts))]
    phrases = [" ".join(chance.choices(words, k=4)) for _ in range(200)]
    total = 0.0
    steps = [total := total + weight for weight in weights]
    for at in range(count):
        picked = chance.choices(words, k=(LINES - 4) * 12)
        lines = [" ".join(picked[first : first + 12]) + "." for first in range(0, len(picked), 12)]
        lines[5:5] = chance.choices(adverts, cum_weights=steps, k=3)
        lines.insert(2, chance.choice(phrases))
        yield "\n".join(lines), None, f"site{at % 40}.example"


def cost(kind: str, count: int) -> None:
    """Count or learn that many documents in this process and print time and peak memory."""
    making = time.perf_counter()
    for _ in documents(min(count, 5000)):
        pass
    making = (time.perf_counter() - making) / min(count, 5000) * count
    started = time.perf_counter()
    if kind == "count":
        stories = Sightings.count(documents(count)).stories
    else:
        with tempfile.TemporaryDirectory() as folder:
            stories = learn(Path(folder) / "seen.db", documents(count))
    seconds = time.perf_counter() - started - making
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = seconds / count * 1e6
    print(f"{kind:<6} {count:>9} {stories:>9} {seconds:>10.1f} {each:>10.0f} {peak:>10.0f}", flush=True)


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description="What sightings find by themselves, and what they cost.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, counted up from --seed")
    parser.add_argument("--cost", type=int, nargs="+", help="numbers of documents to count and to learn")
    parser.add_argument("--one", choices=("count", "learn"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        cost(chosen.one, chosen.cost[0])
        return 0
    if chosen.cost:
        print("what   documents   stories    seconds     us/doc   peak MiB", flush=True)
        for count in chosen.cost:
            for kind in ("count", "learn"):
                subprocess.run([sys.executable, __file__, "--one", kind, "--cost", str(count)], check=True)
        return 0
    met = [report(seed) for seed in range(chosen.seed, chosen.seed + chosen.seeds)]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
