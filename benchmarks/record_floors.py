"""Measure the cleaner and record the figures as floors that `tests/test_floors.py` and `tests/test_golden.py` hold.

    python benchmarks/record_floors.py                    # measure everything, raise what got better
    python benchmarks/record_floors.py lines articles     # only these sections; the others stay as they are
    python benchmarks/record_floors.py --dry-run          # print the figures, write nothing
    python benchmarks/record_floors.py --lowered-because "the labels of twelve pages were wrong"

A floor is the figure less a small margin. It is only ever raised; to lower one takes a reason, which is written into
the file. Needs the labelled data, and scikit-learn for the figures on publishers not seen.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BENCH = ROOT.parent / "shared" / "bench"
FLOORS = ROOT / "tests" / "floors.toml"
FIXTURES = ROOT / "fixtures"
sys.path.insert(0, str(ROOT))

from cleaner import Cleaner  # noqa: E402
from cleaner.rules import INJECTED  # noqa: E402

Figures = dict[str, dict[str, float]]  # group (a mode, a source of pages), name of the figure, value

# How far a figure may fall below what was measured. Where a smaller figure is the better one, the margin is added.
MARGINS = {
    "recall": 0.005,
    "articles_recall": 0.01,
    "clean_articles_untouched": 0.0,
    "mean_lift": 0.001,
    "worst_recall_change": 0.0005,
    "f1": 0.002,
    "body_words_lost": 0.00003,
    "articles_harmed": 0.002,
    "body_lines_lost": 0,
    "articles_body_lines_lost": 1,
    "peers_worse": 0,
}
SMALLER_IS_BETTER = ("body_words_lost", "articles_harmed", "body_lines_lost", "articles_body_lines_lost", "peers_worse")
DATA = {
    "fixtures": (FIXTURES / "inbox", FIXTURES / "truth"),
    "traps": (FIXTURES / "traps",),
    "lines": (BENCH / "lines.jsonl.gz",),
    "modes": (BENCH / "lines.jsonl.gz",),
    "articles": (BENCH / "articles.jsonl",),
    "unseen": (BENCH / "lines.jsonl.gz", BENCH / "articles.jsonl", BENCH / "pages.jsonl.gz"),
    "lift": (BENCH / "peers.jsonl.gz",),
    "pages": (BENCH / "pages.jsonl.gz",),
}
SLOW = ("modes", "lift", "pages")  # minutes rather than seconds


def data_hash(section: str) -> str:
    """One hash over the files that a section is measured on."""
    digest = hashlib.sha256()
    for place in DATA[section]:
        for path in sorted(place.iterdir()) if place.is_dir() else (place,):
            digest.update(path.name.encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def fixture_lines(path: Path, cleaner: Cleaner) -> list[tuple[str, str, bool]]:
    """Each labelled line of an article in `fixtures/inbox`: its label, its text, whether all of it is still there."""
    text = path.read_bytes().decode()
    gone = bytearray(len(text))
    for removal in cleaner.clean(text).removed:
        gone[removal.start : removal.end] = b"\1" * (removal.end - removal.start)
    lines, at = [], 0
    for line in text.splitlines(keepends=True):
        kept = not any(gone[at + place] for place, char in enumerate(line) if not char.isspace())
        lines.append((line.strip(), kept))
        at += len(line)
    rows = (FIXTURES / "truth" / f"{path.stem}.jsonl").read_text(encoding="utf-8").splitlines()
    return [(row["label"], *lines[row["line"] - 1]) for row in map(json.loads, rows)]


def measure_fixtures() -> Figures:
    """The articles in the project itself."""
    cleaner = Cleaner()
    texts = sorted(path for path in (FIXTURES / "inbox").iterdir() if path.suffix in (".txt", ".md"))
    rows = [row for path in texts for row in fixture_lines(path, cleaner)]
    left = [kept for label, _, kept in rows if label in INJECTED]
    lost = sum(label == "body" and not kept for label, _, kept in rows)
    return {"balanced": {"recall": 1 - sum(left) / len(left), "body_lines_lost": lost}}


def trap_text(article: Mapping[str, Any]) -> tuple[str, list[tuple[int, int, str]]]:
    """An article of `fixtures/traps` as its shape asks for, and where each of its lines stands, with its label."""
    apart = "\n" if article["shape"] == "plain" else "\n\n"
    text, places = "", []
    for line in article["lines"]:
        shown = line["t"]
        if article["shape"] == "wrapped":
            shown = "\n".join(textwrap.wrap(shown, 72, break_long_words=False, break_on_hyphens=False)) or shown
        places.append((len(text), len(text) + len(shown), line["l"]))
        text += shown + apart
    return text.rstrip("\n"), places


def measure_traps() -> Figures:
    """Short articles in thirty languages, full of lines that look like what they are not."""
    cleaner = Cleaner()
    injected = gone = lost = clean = untouched = 0
    for path in sorted((FIXTURES / "traps").iterdir()):
        for article in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            text, places = trap_text(article)
            result = cleaner.clean(text)
            for start, end, label in places:
                taken = sum(max(0, min(end, cut.end) - max(start, cut.start)) for cut in result.removed)
                injected += label in INJECTED
                gone += label in INJECTED and taken * 2 >= end - start
                lost += label == "body" and taken > 0
            clean += article["kind"] == "clean"
            untouched += article["kind"] == "clean" and result.text == text
    shares = {"recall": gone / injected, "clean_articles_untouched": untouched / clean}
    return {"balanced": {**shares, "body_lines_lost": lost}}


def score(section: str, mode: str = "balanced") -> dict[str, float]:
    """The figures of one section of the measure, as it prints them."""
    system = "cleaner" if mode == "balanced" else f"cleaner-{mode}"
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "figures.json"
        _run(str(BENCH / "score.py"), section, "--system", system, "--json", str(answer))
        figures: dict[str, float] = json.loads(answer.read_text(encoding="utf-8"))[section]
        return figures


def measure_modes() -> Figures:
    """The two other modes on the labelled lines."""
    return {mode: _chosen(score("lines", mode), "recall", "body_words_lost") for mode in ("precision", "recall")}


def measure_pages() -> Figures:
    """Raw pages to clean bodies, a group for each source of pages."""
    with_tables: Mapping[str, object] = score("pages")
    return {source: _chosen(figures, "f1") for source, figures in with_tables.items() if isinstance(figures, dict)}


def measure_unseen() -> Figures:
    """The labelled lines and articles, judged by weights fitted on other publishers."""
    return unseen_figures(_run(str(ROOT / "benchmarks" / "fit.py"), "--dry-run"))


def unseen_figures(printed: str) -> Figures:
    """The cross-validated figures from what `benchmarks/fit.py` prints, a group for each mode."""
    number = r"([\d.]+)"
    line = re.compile(
        rf"^(\w+), on publishers not seen: recall {number}, body words lost {number}, articles harmed {number}; "
        rf"written articles: recall {number}, body lines lost {number}$",
        re.MULTILINE,
    )
    names = ("recall", "body_words_lost", "articles_harmed", "articles_recall", "articles_body_lines_lost")
    found = {mode: dict(zip(names, map(float, values), strict=True)) for mode, *values in line.findall(printed)}
    if set(found) != {"precision", "balanced", "recall"}:
        raise ValueError(f"benchmarks/fit.py printed no cross-validated figures:\n{printed}")
    return found


def measure_lines() -> Figures:
    """The labelled lines of real extractor output."""
    return {"balanced": _chosen(score("lines"), "recall", "body_words_lost", "articles_harmed")}


def measure_articles() -> Figures:
    """The written articles with their traps."""
    return {"balanced": _chosen(score("articles"), "recall", "body_lines_lost", "clean_articles_untouched")}


def measure_lift() -> Figures:
    """The output of other extractors before and after."""
    return {"balanced": _chosen(score("lift"), "mean_lift", "peers_worse", "worst_recall_change")}


MEASURES: dict[str, Callable[[], Figures]] = {
    "fixtures": measure_fixtures,
    "traps": measure_traps,
    "lines": measure_lines,
    "articles": measure_articles,
    "unseen": measure_unseen,
    "modes": measure_modes,
    "lift": measure_lift,
    "pages": measure_pages,
}


def _chosen(figures: Mapping[str, float], *names: str) -> dict[str, float]:
    return {name: figures[name] for name in names}


def _run(script: str, *arguments: str) -> str:
    """What a script prints. Raises `RuntimeError` with its complaint if it fails."""
    command = [sys.executable, script, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{script} failed:\n{done.stderr}")
    return done.stdout


def worse(name: str, value: float, floor: float) -> bool:
    """Whether a figure is on the wrong side of its floor, or a floor on the wrong side of an older one."""
    return value > floor + 1e-9 if name in SMALLER_IS_BETTER else value < floor - 1e-9


def floor_of(name: str, value: float) -> float:
    """The floor for a figure that was measured: a small margin away from it."""
    if name in SMALLER_IS_BETTER:
        return math.ceil(round((value + MARGINS[name]) * 1e5, 3)) / 1e5
    return math.floor(round((value - MARGINS[name]) * 1e5, 3)) / 1e5


def read_floors(text: str | None = None) -> dict[str, Figures]:
    """The floors by section, group and figure, without the hashes and the reason; of the file, or of `text`."""
    table = tomllib.loads(FLOORS.read_text(encoding="utf-8") if text is None else text)
    return {section: table[section] for section in MEASURES if section in table}


def lowered(old: Mapping[str, Figures], new: Mapping[str, Figures]) -> list[str]:
    """Each floor that `new` holds lower than `old` does, or no longer holds, as a sentence."""
    found = []
    for section, groups in old.items():
        for group, floors in groups.items():
            for name, floor in floors.items():
                now = new.get(section, {}).get(group, {}).get(name)
                if now is None:
                    found.append(f"{section}.{group}.{name}: {floor} is gone")
                elif worse(name, now, floor):
                    found.append(f"{section}.{group}.{name}: {floor} became {now}")
    return found


def raised(old: Figures, measured: Figures, free: bool) -> Figures:
    """The floors of a section after it was measured: the stricter of old and new, or, if `free`, the new."""
    floors: Figures = {}
    for group, figures in measured.items():
        floors[group] = {}
        for name, value in figures.items():
            new = floor_of(name, value)
            before = old.get(group, {}).get(name)
            stays = before is not None and not free and worse(name, new, before)
            floors[group][name] = before if before is not None and stays else new
    return floors


def as_toml(floors: Mapping[str, Figures], hashes: Mapping[str, str], reason: str) -> str:
    """The whole file."""
    lines = [
        "# Figures that may not get worse: benchmarks/record_floors.py writes them, tests/test_floors.py holds them."
    ]
    lines += [f"lowered_because = {json.dumps(reason, ensure_ascii=False)}"] if reason else []
    lines += ["", "[data_sha256]", *(f'{section} = "{hashes[section]}"' for section in MEASURES if section in hashes)]
    for section in MEASURES:
        for group, figures in floors.get(section, {}).items():
            lines += ["", f"[{section}.{group}]", *(f"{name} = {value}" for name, value in figures.items())]
    return "\n".join(lines) + "\n"


def main(arguments: Iterable[str] | None = None) -> int:
    """Measure, print, write. 1 if a figure is below its floor and no reason was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"{', '.join(MEASURES)}; all if none is named")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    parser.add_argument("--lowered-because", default="", metavar="REASON", help="let floors of these sections fall")
    args = parser.parse_args(None if arguments is None else list(arguments))
    for section in args.sections:
        if section not in MEASURES:
            parser.error(f"unknown section {section!r}; known are {', '.join(MEASURES)}")
    text = FLOORS.read_text(encoding="utf-8") if FLOORS.exists() else ""
    floors, hashes = read_floors(text), dict(tomllib.loads(text).get("data_sha256", {}))
    broken = []
    for section in args.sections or MEASURES:
        began = time.perf_counter()
        measured = MEASURES[section]()
        print(f"== {section} ({time.perf_counter() - began:.0f} s)")
        for group, figures in measured.items():
            for name, value in figures.items():
                floor = floors.get(section, {}).get(group, {}).get(name)
                fell = floor is not None and worse(name, value, floor)
                broken += [f"{section}.{group}.{name}: {value:.5f}, floor {floor}"] if fell else []
                print(f"   {group}.{name:26} {value:.5f}   floor {floor}{'   BELOW' if fell else ''}")
        floors[section] = raised(floors.get(section, {}), measured, free=bool(args.lowered_because))
        hashes[section] = data_hash(section)
    if broken and not args.lowered_because:
        print("nothing written, these fell:", *broken, sep="\n  ")
        return 1
    if not args.dry_run:
        FLOORS.write_text(as_toml(floors, hashes, args.lowered_because), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
