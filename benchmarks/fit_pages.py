"""Fit `cleaner/page_weights.toml` on pages with bodies marked by hand, and say what it is worth on publishers not seen.

    python benchmarks/fit_pages.py             # cross-validate by publisher, fit, write cleaner/page_weights.toml
    python benchmarks/fit_pages.py --dry-run   # the figures only

Two logistic regressions over the measures of `cleaner/markup.py`. The first knows the markup alone and decides which
units are recovered that the extractor had lost; the second knows what the judge of words thinks as well, and decides
what stays. A unit weighs as much as its share of its page's body, as in the measure. Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import datetime
import gzip
import hashlib
import json
import pathlib
import sys
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from cleaner.compiled import shipped_rulebook  # noqa: E402
from cleaner.judge import Judge, shipped_weights  # noqa: E402
from cleaner.markup import PageView  # noqa: E402
from cleaner.page import as_article, as_text, find_again, read_tree, seed  # noqa: E402, F401
from cleaner.rules import CATEGORIES, INJECTED  # noqa: E402
from cleaner.selectors import Pruner, shipped_selector_rules  # noqa: E402
from cleaner.weigh import text_values  # noqa: E402

sys.path.insert(0, str(HERE.parent.parent / "shared" / "bench"))

PAIRS = [
    "kept*form",
    "kept*up",
    "kept*near-kept",
    "kept*branch-kept",
    "kept*tag",
    "kept*place",
    "kept*class",
    "kept*length",
    "up*place",
    "length*ending",
    "link*length",
    "kept*ld",
    "form*length",
    "same*place",
    "tag*length",
    "place*length",
    "kept*link",
    "kept*kin",
    "kin*length",
    "kept*pup",
    "pup*coverage",
    "kin*coverage",
    "kept*coverage",
    "kept*copies",
    "named*place",
    "pdown*kept",
    "kin*ending",
    "same*kept",
    "kin*up",
]
TEXT_PAIRS = [*PAIRS, "text*kept", "text*form", "text*length", "text*kin"]
STRENGTH = 0.1  # inverse regularisation
JUDGED_FROM = -1.0  # log-odds by markup from which a lost unit is shown to the judge of words
SMALLEST = 0.02  # weights below this are not written
FLOORS = {"precision": -1.0, "balanced": -0.25, "recall": 1.0}
RECOVER_FROM = 0.5


@dataclass
class Row:
    """One unit of a page. `label` is the share of its shingles that the body holds."""

    page: int
    group: str
    text: str
    label: float
    weight: float
    kept: bool
    values: dict[str, str]


def read_pages(path: pathlib.Path, shingles) -> tuple[list[dict], list[list[Row]], list[list]]:
    """Pages, and for each the rows of its units and what was read of it."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        pages = [json.loads(line) for line in lines]
    pruner = Pruner(shipped_selector_rules())
    rows, articles = [], []
    for number, page in enumerate(pages):
        read, _ = read_tree(page["html"], page["url"], pruner, frozenset(INJECTED))
        found: list[Row] = []
        blocks = []
        if read is not None:
            if not any(unit.kept for unit in read.units):
                seed(read.units)
            view = PageView(read.units, read.facts, read.body_key)
            gold = "\n".join(page["gold"])
            body = shingles(gold)
            lines_of = {" ".join(words(line)) for line in page["gold"]}
            running = f" {' '.join(words(gold))} "
            size = max(30, len(words(gold)))
            group = urlsplit(page["url"]).netloc.removeprefix("www.")
            for index in view.candidates():
                unit = read.units[index]
                values = view.measure(index)
                label = label_of(unit.text, body, lines_of, running, shingles)
                weight = min(1.0, (len(words(unit.text)) + 2) / size) * abs(label - 0.5) * 2
                found.append(Row(number, group, as_text(unit), label, weight, unit.kept, values))
                blocks.append((unit, values))
        rows.append(found)
        articles.append((blocks, read))
    return pages, rows, articles


def words(text: str) -> list[str]:
    """The words of a text."""
    import re

    return re.findall(r"\w+", text)


def label_of(text: str, body: Counter, lines: set[str], running: str, shingles) -> float:
    """The share of a unit's shingles that the body holds; of short units, whether they are a line of it."""
    found = words(text)
    if len(found) < 4:
        line = " ".join(found)
        return 1.0 if line in lines else 0.5 if f" {line} " in running else 0.0
    own = shingles(text)
    return sum((own & body).values()) / sum(own.values())


def with_pairs(values: dict[str, str], pairs: list[str]) -> dict[str, str]:
    """The values and those of their pairs."""
    found = dict(values)
    for pair in pairs:
        one, other = pair.split("*")
        found[pair] = f"{values.get(one, '-')}*{values.get(other, '-')}"
    return found


def cross_validate(rows: list[Row], features: list[dict]) -> np.ndarray:
    """Scores of each row by a model that has not seen its publisher."""
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(features)
    scores = np.zeros(len(rows))
    for train, test in GroupKFold(5).split(matrix, groups=[row.group for row in rows]):
        scores[test] = fit(matrix[train], [rows[at] for at in train]).decision_function(matrix[test])
    return scores


def fit(matrix, rows: list[Row]) -> LogisticRegression:
    """The model of these rows."""
    weights = np.array([row.weight for row in rows])
    labels = np.array([row.label > 0.5 for row in rows])
    matrix.indices, matrix.indptr = matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)
    return LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=1000).fit(
        matrix, labels, sample_weight=weights / weights.mean()
    )


def table_of(rows: list[Row], features: list[dict]) -> tuple[dict[str, dict[str, float]], float]:
    """Weights and bias as `page_weights.toml` holds them."""
    vectorizer = DictVectorizer()
    model = fit(vectorizer.fit_transform(features), rows)
    table: dict[str, dict[str, float]] = {}
    for name, weight in zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True):
        signal, _, value = name.partition("=")
        if abs(weight) >= SMALLEST:
            table.setdefault(signal, {})[value] = round(float(weight), 3)
    return table, round(float(model.intercept_[0]), 3)


def judge_words(rows: list[Row], blocks: list, judged: list[bool], judge: Judge, read) -> None:
    """Add what the judge of words thinks to the values of the units it is shown."""
    chosen = [at for at in range(len(rows)) if judged[at]]
    article = as_article([blocks[at] for at in chosen], None, read.metadata)
    for at, verdict in zip(chosen, judge.judge(article, explain=True), strict=True):
        rows[at].values = {**rows[at].values, **text_values(verdict)}


def figures(
    pages: list[dict], rows: list[list[Row]], chosen: list[list[bool]], shingle_scores
) -> dict[str, dict[str, float]]:
    """The measures of what was chosen, for each source."""
    pairs: dict[str, list] = {}
    for page, found, taken in zip(pages, rows, chosen, strict=True):
        text = "\n".join(row.text for row, take in zip(found, taken, strict=True) if take)
        pairs.setdefault(page["source"], []).append(("\n".join(page["gold"]), text))
    return {source: shingle_scores(both) for source, both in pairs.items()}


def main() -> None:
    """Cross-validate, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent.parent / "shared" / "bench")
    parser.add_argument("--dry-run", action="store_true")
    args = parser.parse_args()
    from score import shingle_scores, shingles

    path = args.data / "pages.jsonl.gz"
    pages, rows, articles = read_pages(path, shingles)
    flat = [row for found in rows for row in found]
    print(f"{len(pages)} pages, {len(flat)} units", flush=True)
    features = [with_pairs(row.values, PAIRS) for row in flat]
    by_markup = cross_validate(flat, features)
    judge = Judge(shipped_rulebook(), shipped_weights(), "balanced", frozenset(CATEGORIES))
    at, first = 0, []
    for found, (blocks, read) in zip(rows, articles, strict=True):
        scores = by_markup[at : at + len(found)]
        at += len(found)
        first.append(scores)
        if found:
            judge_words(
                found,
                blocks,
                [row.kept or score > JUDGED_FROM for row, score in zip(found, scores, strict=True)],
                judge,
                read,
            )
    seen = [row for row in flat if "text" in row.values]
    text_features = [with_pairs(row.values, TEXT_PAIRS) for row in seen]
    both = dict(zip(map(id, seen), cross_validate(seen, text_features), strict=True))
    for floor in (-1.0, -0.5, 0.0, 0.5):
        chosen = [
            [
                (row.kept or score >= RECOVER_FROM) and both.get(id(row), -9.0) >= floor
                for row, score in zip(found, scores, strict=True)
            ]
            for found, scores in zip(rows, first, strict=True)
        ]
        for source, values in figures(pages, rows, chosen, shingle_scores).items():
            print(
                f"   floor {floor:+.1f}  {source:7} F1 {values['f1']:.4f}  precision {values['precision']:.4f}  "
                f"recall {values['recall']:.4f}",
                flush=True,
            )
    if not args.dry_run:
        recover, recover_bias = table_of(flat, features)
        keep, keep_bias = table_of(seen, text_features)
        source = write(path, recover, recover_bias, keep, keep_bias)
        (HERE.parent / "cleaner" / "page_weights.toml").write_text(source, encoding="utf-8")


def write(path: pathlib.Path, recover: dict, recover_bias: float, keep: dict, keep_bias: float) -> str:
    """The text of `page_weights.toml`."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    lines = [
        f"# Written by benchmarks/fit_pages.py on {datetime.date.today()} from {path.name}, sha256 {digest}.",
        "# Log-odds that a unit of a page is body. `recover`: by markup alone; `keep`: by words and markup.",
        f"recover_bias = {recover_bias}",
        f"keep_bias = {keep_bias}",
        f"recover_from = {RECOVER_FROM}",
        "floors = { " + ", ".join(f"{name} = {value}" for name, value in FLOORS.items()) + " }",
    ]
    for name, table in (("recover", recover), ("keep", keep)):
        lines += ["", f"[{name}]"]
        for signal in sorted(table):
            values = ", ".join(f'"{value}" = {weight}' for value, weight in sorted(table[signal].items()))
            lines.append(f'"{signal}" = {{ {values} }}')
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
