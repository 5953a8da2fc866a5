"""Megabytes and articles a second, side by side with peers in one process.

    python benchmarks/speed.py                      # all groups, some minutes; writes results/speed-GROUP.json
    python benchmarks/speed.py texts                # one group: texts, pages, workers or folder
    python benchmarks/speed.py texts --step 1 --profile    # every document; a profile of `Cleaner.clean` instead

Texts are documents of `lines.jsonl.gz`, pages those of `pages.jsonl.gz`, both a sample. Peers: datatrove's C4 line
filter, ftfy, trafilatura; and the floor, a split and a lower, below which no line filter in Python can go.
"""

from __future__ import annotations

import argparse
import cProfile
import gzip
import json
import logging
import multiprocessing
import pathlib
import pstats
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from record import Task, interleaved, timing, write  # the file beside this one  # noqa: E402

from cleaner import Cleaner  # noqa: E402

ENGLISH = ("aeb/", "fundus/uk/", "fundus/us/", "fundus/au/")  # the sources whose pages are in English
COPIES = 9  # of the sample, in the large folder
MODES = ("precision", "balanced", "recall")
PEERS = ("datatrove", "ftfy", "trafilatura")
# By which factor `cleaner` is to be faster than the peer, or at most slower where the factor is below 1.
TARGETS = {
    "datatrove C4QualityFilter": 2.5,
    "ftfy.fix_text": 20.0,
    "trafilatura.extract": 200.0,
    "floor": 1 / 4,
    "clean_html against trafilatura.extract": 1 / 1.15,
    "two workers against one": 1.85,
    "folder against memory": 0.5,
}


def rows(path: pathlib.Path) -> Iterator[dict[str, Any]]:
    """The rows of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def size(texts: list[str]) -> int:
    """Bytes of the texts in UTF-8."""
    return sum(len(text.encode()) for text in texts)


def clean_all(cleaner: Cleaner, texts: list[str]) -> None:
    """Clean the texts one after the other."""
    for text in texts:
        cleaner.clean(text)


def floor(texts: list[str]) -> None:
    """The least that a line filter does."""
    for text in texts:
        text.split("\n")
        text.lower()


def text_tasks(texts: list[str]) -> dict[str, Task]:
    """The peers and the cleaner in its modes on the same texts."""
    import ftfy
    from datatrove.data import Document
    from datatrove.pipeline.filters.c4_filters import C4QualityFilter

    c4 = C4QualityFilter(min_num_sentences=-1)

    def filtered(documents: list[Any]) -> None:
        for document in documents:
            c4.filter(document)

    def fixed(texts: list[str]) -> None:
        for text in texts:
            ftfy.fix_text(text)

    tasks = {
        "floor": Task(floor, lambda: texts),
        "datatrove C4QualityFilter": Task(filtered, lambda: [Document(text=text, id="") for text in texts]),
        "ftfy.fix_text": Task(fixed, lambda: texts),
    }
    for mode in MODES:
        tasks[f"cleaner {mode}"] = Task(partial(clean_all, Cleaner(mode)), lambda: texts)
    return tasks


def measure_texts(args: argparse.Namespace) -> dict[str, Any]:
    """Rates on English and on mixed texts, and the ratios of `cleaner balanced` to the peers."""
    found = list(rows(args.data / "lines.jsonl.gz"))
    sets = {
        "english": [row for row in found if row["page"].startswith(ENGLISH)],
        "mixed": found,
    }
    measured = {}
    for name, chosen in sets.items():
        texts = ["\n".join(row["lines"]) for row in chosen[:: args.step]]
        timings = interleaved(text_tasks(texts), args.rounds)
        ours = timings["cleaner balanced"].processor
        measured[name] = {
            "documents": len(texts),
            "bytes": size(texts),
            "systems": {system: t.as_data(size(texts), len(texts)) for system, t in timings.items()},
            "ratios": {peer: round(timings[peer].processor / ours, 4) for peer in timings if "cleaner" not in peer},
        }
    return measured


def measure_pages(args: argparse.Namespace) -> dict[str, Any]:
    """Articles a second: `clean` on texts, and extraction and `clean_html` on the HTML of the same articles."""
    import trafilatura

    texts = {row["page"]: "\n".join(row["lines"]) for row in rows(args.data / "lines.jsonl.gz")}
    pages = [page for page in rows(args.data / "pages.jsonl.gz") if page["page"] in texts][:: args.page_step]
    cleaner = Cleaner()

    def extracted(pages: list[dict[str, Any]]) -> None:
        for page in pages:
            trafilatura.extract(page["html"], url=page["url"], include_comments=False)

    def cleaned(pages: list[dict[str, Any]]) -> None:
        for page in pages:
            cleaner.clean_html(page["html"], url=page["url"])

    chosen = [texts[page["page"]] for page in pages]
    timings = interleaved(
        {
            "trafilatura.extract": Task(extracted, lambda: pages),
            "cleaner.clean_html": Task(cleaned, lambda: pages),
            "cleaner.clean": Task(partial(clean_all, cleaner), lambda: chosen),
        },
        args.rounds,
    )
    bare = timings["trafilatura.extract"].processor
    return {
        "pages": len(pages),
        "bytes_of_text": size(chosen),
        "systems": {system: t.as_data(articles=len(pages)) for system, t in timings.items()},
        "ratios": {
            "trafilatura.extract": round(bare / timings["cleaner.clean"].processor, 3),
            "clean_html against trafilatura.extract": round(bare / timings["cleaner.clean_html"].processor, 3),
        },
    }


_CLEANER = Cleaner()  # what the workers inherit when they are forked


def _clean_one(text: str) -> int:
    return len(_CLEANER.clean(text).text)


def measure_workers(args: argparse.Namespace) -> dict[str, Any]:
    """Two processes against one, on the wall: what else runs on the machine lowers the ratio."""
    texts = ["\n".join(row["lines"]) for row in rows(args.data / "lines.jsonl.gz")][:: args.step]
    clean_all(_CLEANER, texts)
    forking = multiprocessing.get_context("fork")
    with forking.Pool(1) as one, forking.Pool(2) as two:
        times: dict[str, list[tuple[float, float]]] = {"1": [], "2": []}
        for number in range(args.rounds + 1):
            for name, pool in (("1", one), ("2", two)):
                began = time.perf_counter()
                pool.map(_clean_one, texts, chunksize=4)
                seconds = time.perf_counter() - began
                if number:  # the first round warms up
                    times[name].append((seconds, seconds))
    timings = {name: timing(measured) for name, measured in times.items()}
    return {
        "documents": len(texts),
        "wall_seconds": {name: round(t.wall, 4) for name, t in timings.items()},
        "rounds_wall_seconds": {name: [round(seconds, 4) for seconds in t.rounds] for name, t in timings.items()},
        "ratio": round(timings["1"].wall / timings["2"].wall, 3),
    }


def spent(act: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall, twice: workers are no children of this process, so their processor time is not to be had."""
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    return seconds, seconds


def measure_folder(args: argparse.Namespace) -> dict[str, Any]:
    """A folder of small files, read and written by one worker, on the wall.

    A folder nine times as large takes longer by the time of eight folders, without start and warming up: that is the
    rate to compare with the rate in memory.
    """
    from cleaner.batch.make import Choice
    from cleaner.batch.options import Options
    from cleaner.batch.run import run

    texts = ["\n".join(row["lines"]) for row in rows(args.data / "lines.jsonl.gz")][:: args.step]
    memory, small, large = [], [], []
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        for copies in (1, COPIES):
            for copy in range(copies):
                for number, text in enumerate(texts):
                    path = root / f"in-{copies}" / f"{copy}" / f"{number}.txt"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")

        def folder(copies: int, round_number: int) -> None:
            target = root / f"out-{copies}-{round_number}"
            report = run(Options((str(root / f"in-{copies}"),), Choice(), target, workers=1))
            if report.totals.failed or len(list(target.rglob("*.txt"))) != copies * len(texts):
                raise RuntimeError(f"the run did not do what it was to do: {report}")

        cleaner = Cleaner()
        clean_all(cleaner, texts)
        for number in range(args.folder_rounds):
            memory.append(spent(lambda: clean_all(cleaner, texts)))
            small.append(spent(partial(folder, 1, number)))
            large.append(spent(partial(folder, COPIES, number)))
    in_memory, whole, more = timing(memory), timing(small), timing(large)
    marginal = (more.wall - whole.wall) / (COPIES - 1)
    return {
        "files": len(texts),
        "bytes": size(texts),
        "wall_seconds": {
            "in memory": [round(seconds, 4) for seconds in in_memory.rounds],
            "folder": [round(seconds, 4) for seconds in whole.rounds],
            f"folder {COPIES} times as large": [round(seconds, 4) for seconds in more.rounds],
        },
        "memory_megabytes_per_second": round(size(texts) / in_memory.wall / 1e6, 3),
        "folder_megabytes_per_second_without_start": round(size(texts) / marginal / 1e6, 3),
        "ratio": round(in_memory.wall / marginal, 3),
    }


GROUPS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "texts": measure_texts,
    "pages": measure_pages,
    "workers": measure_workers,
    "folder": measure_folder,
}


def against_targets(group: str, measured: dict[str, Any]) -> list[dict[str, Any]]:
    """The ratios of a group beside their targets."""
    if group == "texts":
        ratios = {f"{peer}, {name}": ratio for name in measured for peer, ratio in measured[name]["ratios"].items()}
    elif group == "pages":
        ratios = measured["ratios"]
    else:
        name = "two workers against one" if group == "workers" else "folder against memory"
        ratios = {name: measured["ratio"]}
    targets = {name: TARGETS[name.split(",")[0]] for name in ratios}
    return [
        {"against": name, "times_as_fast": ratio, "target": round(targets[name], 3), "met": ratio >= targets[name]}
        for name, ratio in ratios.items()
    ]


def profile(args: argparse.Namespace) -> None:
    """Print where `Cleaner.clean` spends its time on the sample."""
    texts = ["\n".join(row["lines"]) for row in rows(args.data / "lines.jsonl.gz")][:: args.step]
    cleaner = Cleaner()
    clean_all(cleaner, texts)
    profiler = cProfile.Profile()
    profiler.runcall(clean_all, cleaner, texts)
    statistics = pstats.Stats(profiler).strip_dirs()
    for order in ("tottime", "cumtime"):
        statistics.sort_stats(order).print_stats(20)


def main() -> None:
    """Measure the groups that were asked for, print and keep the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}; all if none is named")
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent.parent / "shared" / "bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--folder-rounds", type=int, default=7, help="a round starts two whole runs of the batch")
    parser.add_argument("--step", type=int, default=23, help="take every n-th document of lines.jsonl.gz")
    parser.add_argument("--page-step", type=int, default=12, help="take every n-th page that both files have")
    parser.add_argument("--profile", action="store_true", help="print a profile of Cleaner.clean and end")
    args = parser.parse_args()
    if unknown := set(args.groups) - set(GROUPS):
        parser.error(f"unknown group {sorted(unknown)[0]}; known are {', '.join(GROUPS)}")
    logging.disable(logging.CRITICAL)
    if args.profile:
        profile(args)
        return
    setting = {name: getattr(args, name) for name in ("rounds", "step", "page_step", "folder_rounds")}
    for name in args.groups or GROUPS:
        measured = GROUPS[name](args)
        print(json.dumps(measured, indent=1))
        targets = against_targets(name, measured)
        for row in targets:
            print(f"{row['against']:45} {row['times_as_fast']:9.4f}  target {row['target']:7.3f}  met {row['met']}")
        kept = write(f"speed-{name}", {"setting": setting, "targets": targets, "measured": measured}, PEERS)
        print(f"kept in {kept}", flush=True)


if __name__ == "__main__":
    main()
