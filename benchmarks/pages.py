"""What reading a page costs, side by side with bare `trafilatura.extract` in one run.

    python benchmarks/pages.py            # every fourth page of ../shared/bench/pages.jsonl.gz
    python benchmarks/pages.py --step 1   # every page

Processor time, after one pass to warm up: patterns compile when they are first needed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import pathlib
import sys
import time
from collections.abc import Callable

import trafilatura

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from cleaner import Cleaner  # noqa: E402


def cost(read: Callable[[dict], object], pages: list[dict]) -> float:
    """Milliseconds a page."""
    began = time.process_time()
    for page in pages:
        read(page)
    return 1000 * (time.process_time() - began) / len(pages)


def main() -> None:
    """Measure both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent.parent / "shared" / "bench" / "pages.jsonl.gz")
    parser.add_argument("--step", type=int, default=4)
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with gzip.open(args.data, "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for number, line in enumerate(lines) if number % args.step == 0]
    cleaner = Cleaner()
    systems: dict[str, Callable[[dict], object]] = {
        "trafilatura.extract": lambda page: trafilatura.extract(page["html"], url=page["url"], include_comments=False),
        "cleaner.clean_html": lambda page: cleaner.clean_html(page["html"], url=page["url"]),
    }
    measured = {}
    for name, read in systems.items():
        cost(read, pages)
        measured[name] = cost(read, pages)
        print(f"{name:22} {measured[name]:6.1f} ms a page")
    print(f"{'ratio':22} {measured['cleaner.clean_html'] / measured['trafilatura.extract']:6.2f}")


if __name__ == "__main__":
    main()
