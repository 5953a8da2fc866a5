"""Fit `cleaner/weights.toml` on the labelled data, and say what it is worth on publishers not seen.

    python benchmarks/fit.py                 # cross-validate by publisher, fit, write cleaner/weights.toml
    python benchmarks/fit.py --dry-run       # the figures only

Logistic regression over the values of the signals and a few pairs of them: the decision is a sum of log-odds, one term
a signal, which is what `explain` shows. A page's injected lines share one vote, as in the measure. Besides the labelled
lines and articles, those with headlines put between their paragraphs (`inserted.py`) are learnt from, not measured.
Needs scikit-learn.
"""

from __future__ import annotations

import argparse
import bisect
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
sys.path.insert(0, str(HERE))

from inserted import articles_with_headlines, whole_pages  # the file beside this one  # noqa: E402

from cleaner.article import Article  # noqa: E402
from cleaner.compiled import shipped_rulebook  # noqa: E402
from cleaner.judge import (  # noqa: E402
    GUESSES,
    Judge,
    label_weight,
    listed_weight,
    measure,
    neighbour_value,
    shipped_weights,
)
from cleaner.rules import INJECTED  # noqa: E402

BODY = ("body", "content")
PAIRS = (
    ("link", "standing"),
    ("link", "shared"),
    ("link", "kind"),
    ("case", "ending"),
    ("case", "reader"),
    ("case", "sentences"),
    ("bait", "shared"),
    ("bait", "standing"),
    ("shared", "standing"),
    ("shared", "previous-ending"),
    ("shared", "length"),
    ("place", "case"),
    ("place", "length"),
    ("length", "ending"),
    ("length", "case"),
    ("case", "standing"),
    ("ending", "sentences"),
    ("ruled", "length"),
    ("ruled", "place"),
    ("ruled", "quote"),
    ("ruled", "shared"),
    ("reader", "place"),
    ("reader", "offer"),
    ("offer", "shared"),
    ("offer", "place"),
    ("ruled", "commerce"),
    ("ruled", "form"),
    ("ruled", "company"),
    ("form", "standing"),
    ("form", "kind"),
    ("form", "length"),
    ("kind", "length"),
    ("label-above", "shared"),
    ("label-above", "length"),
    ("label-above", "standing"),
    ("label-above", "next-shares"),
    ("place", "standing"),
    ("standing", "length"),
    ("names", "length"),
    ("next-opens", "standing"),
    ("next-opens", "length"),
    ("speech", "ruled"),
    ("speech", "length"),
    ("commas", "length"),
    ("commas", "ending"),
    ("stopwords", "length"),
    ("stopwords", "ending"),
    ("stopwords", "shared"),
    ("figures", "standing"),
)
STRENGTH = 0.3  # inverse regularisation of the regression
VOTES = {"articles": 1.0, "sample": 6.0}  # of an injected line; in `lines` those of a page share one
# How much a line of a document that was made counts beside one that was found.
MADE = {"pages": 0.6, "whole": 0.3, "linked": 0.3}
RULED_WHOLE = 0.02  # the same of lines of whole pages that rules speak against
UNTOLD = "untold"  # what headlines put into a clean article cannot tell: the company that they are found in
UNMEASURED = "other-script"
BODY_COST = 1.5
NEUTRAL_COST = 0.1
# A mode's limits: body words lost, articles harmed, body lines of written articles lost; body words lost on publishers
# that the weights have not seen. The last one guards against weights that only know the data.
LIMITS = {
    "precision": (0.00015, 0.0080, 0, 0.00045),
    "balanced": (0.0009, 0.0180, 3, 0.00092),
    "recall": (0.0095, 1.0, 110, 0.0140),
}


@dataclass
class Row:
    """One block of the labelled data."""

    document: int
    source: str
    group: str
    label: str
    words: int
    page_injected: int
    certain: bool
    sheltered: bool  # kept in all modes but recall, whatever its score
    fixed: float  # log-odds that are not fitted
    values: dict[str, str]  # empty: solid prose, never scored

    @property
    def injected(self) -> bool:
        """Whether the line should go."""
        return self.label in INJECTED


def read(data: pathlib.Path) -> list[dict]:
    """The labelled documents of both sources in one form."""
    with gzip.open(data / "lines.jsonl.gz", "rt", encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    for document in documents:
        document["source"] = "lines"
        document["group"] = urlsplit(document["url"]).netloc.removeprefix("www.")
    with (data / "articles.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            article = json.loads(line)
            documents.append(
                {
                    "source": "articles",
                    "group": article["id"],
                    "url": None,
                    "lines": [row["t"] for row in article["lines"]],
                    "labels": [row["l"] for row in article["lines"]],
                }
            )
    return documents


def read_sample(folder: pathlib.Path) -> list[dict]:
    """The user's own sample: an article, and what must be left of it."""
    if not folder.is_dir():
        return []
    lines = (folder / "article.txt").read_text(encoding="utf-8").split("\n")
    kept = set((folder / "clean.txt").read_text(encoding="utf-8").split("\n"))
    labels = ["body" if line in kept else "ad" for line in lines]
    return [{"source": "sample", "group": "sample", "url": None, "lines": lines, "labels": labels}]


def documents(data: pathlib.Path) -> list[dict]:
    """All documents that are learnt from."""
    return [*read(data), *articles_with_headlines(data), *whole_pages(data), *read_sample(data.parent / "seed")]


def rows_of(documents: list[dict]) -> list[Row]:
    """Every labelled block with its signals, measured exactly as the judge does."""
    judge = Judge(shipped_rulebook(), shipped_weights(), "balanced", frozenset(INJECTED))
    rows = []
    for number, document in enumerate(documents):
        article = Article.from_text("\n".join(document["lines"]), document["url"])
        labels = block_labels(article, document)
        injected = sum(label in INJECTED for label in labels)
        shapes, hits, surroundings = judge.view(article)
        for index, label in enumerate(labels):
            rules = judge.speaking(hits[index])
            neutral = len(rules) < len(hits[index])
            shelter = surroundings.shelter(index)
            kept = judge.protects(shelter, rules)
            scored = (bool(rules) or not shapes[index].solid) and (not kept or shelter in GUESSES)
            values = measure(index, shapes[index], rules, neutral, surroundings) if scored else {}
            if scored and document["source"] == "pages":
                values["company"] = UNTOLD
            listed = listed_weight(shapes[index], values) if scored else 0.0
            rows.append(
                Row(
                    number, document["source"], document["group"], label, shapes[index].words, injected,
                    any(rule.certain for rule in rules), kept,
                    label_weight(shapes[index], rules) + listed,
                    values,
                )
            )  # fmt: skip
    return rows


def block_labels(article: Article, document: dict) -> list[str]:
    """The label of each block; a wrapped paragraph carries the label of its first line."""
    starts, at = [], 0
    for line in document["lines"]:
        starts.append(at)
        at += len(line) + 1
    return [document["labels"][bisect.bisect_right(starts, block.start) - 1] for block in article.blocks]


def features(row: Row) -> dict[str, str]:
    """The values of the signals and of their pairs; a script must not count for or against a line."""
    found = {name: value for name, value in row.values.items() if value != UNMEASURED}
    for one, other in PAIRS:
        if one in found and other in found:
            found[f"{one}*{other}"] = f"{found[one]}*{found[other]}"
    return found


def made(row: Row) -> float:
    """How much a line counts for the kind of document that it is from.

    What rules are worth is learnt where documents were found: around a whole page they speak of furniture alone.
    """
    if row.source == "linked" and row.values.get("link") == "none":
        return 0.0  # the same line as in the whole page
    if row.source in ("whole", "linked") and row.values.get("ruled") != "no":
        return RULED_WHOLE
    return MADE.get(row.source, 1.0)


def sample_weights(rows: list[Row]) -> np.ndarray:
    """How much each line counts."""
    return np.array(
        [
            made(row)
            * (
                VOTES.get(row.source, row.page_injected**-0.5) if row.injected
                else BODY_COST if row.label in BODY else NEUTRAL_COST
            )
            for row in rows
        ]
    )  # fmt: skip


def fit(matrix, rows: list[Row], chosen: np.ndarray) -> LogisticRegression:
    """The model of the chosen rows."""
    model = LogisticRegression(C=STRENGTH, solver="liblinear", max_iter=500)
    labels = np.array([rows[at].injected for at in chosen])
    return model.fit(matrix[chosen], labels, sample_weight=sample_weights([rows[at] for at in chosen]))


def neighbour_values(rows: list[Row], scores: np.ndarray) -> list[str]:
    """What the scores of the lines around say, for each line."""
    values, first = [], 0
    for at, row in enumerate(rows):
        if row.document != rows[first].document:
            first = at
        last = at
        while last + 1 < len(rows) and rows[last + 1].document == row.document and last - at < 1:
            last += 1
        begin = max(first, at - 1)
        values.append(neighbour_value(at - begin, list(scores[begin : last + 1])))
    return values


def fit_neighbours(rows: list[Row], scores: np.ndarray, chosen: np.ndarray) -> dict[str, float]:
    """Log-odds that a block's neighbours add to its own score: regression with that score held fixed."""
    values = neighbour_values(rows, scores)
    names = sorted({values[at] for at in chosen})
    matrix = np.array([[values[at] == name for name in names] for at in chosen], dtype=float)
    offset = scores[chosen]
    labels = np.array([rows[at].injected for at in chosen], dtype=float)
    weights = sample_weights([rows[at] for at in chosen])
    beta = np.zeros(len(names))
    for _ in range(50):  # Newton steps of a ridge regression
        p = 1 / (1 + np.exp(-np.clip(offset + matrix @ beta, -30, 30)))
        gradient = matrix.T @ (weights * (labels - p)) - beta
        hessian = (matrix * (weights * p * (1 - p))[:, None]).T @ matrix + np.eye(len(names))
        step = np.linalg.solve(hessian, gradient)
        beta += step
        if np.abs(step).max() < 1e-6:
            break
    return dict(zip(names, beta.round(3).tolist(), strict=True))


class Measure:
    """The measure's figures of a set of scores, as arrays, so that many thresholds cost little."""

    def __init__(self, rows: list[Row]) -> None:
        self.certain = np.array([row.certain for row in rows])
        self.sheltered = np.array([row.sheltered for row in rows])
        self.injected = np.array([row.injected for row in rows])
        self.body = np.array([row.label in BODY for row in rows])
        self.lines = np.array([row.source == "lines" for row in rows])
        self.written = np.array([row.source == "articles" for row in rows])
        self.words = np.array([row.words for row in rows])
        self.documents = np.array([row.document for row in rows])
        self.votes = np.array([row.page_injected**-0.5 if row.injected else 0.0 for row in rows])
        self.number = len({row.document for row in rows if row.source == "lines"})

    def at(self, scores: np.ndarray, threshold: float, daring: bool = False) -> dict[str, float]:
        """Recall and losses when everything above `threshold` goes; if `daring`, what is sheltered by a guess, too."""
        gone = self.certain | (scores > threshold)
        if not daring:
            gone &= ~self.sheltered
        votes = self.votes * self.lines
        lost = gone & self.body & self.lines
        articles = self.injected & self.written
        return {
            "recall": (votes * gone).sum() / votes.sum(),
            "body_words_lost": (self.words * lost).sum() / (self.words * (self.body & self.lines)).sum(),
            "articles_harmed": len(np.unique(self.documents[lost & (self.words > 0)])) / self.number,
            "articles_recall": (articles & gone).sum() / articles.sum(),
            "articles_body_lines_lost": int((gone & self.body & self.written).sum()),
        }


def thresholds(figures: Measure, plain: np.ndarray, held_out: np.ndarray) -> dict[str, float]:
    """For each mode the lowest threshold within its limits, on the data itself and on publishers not seen."""
    found = {}
    for mode, (words, harmed, lines, words_held_out) in LIMITS.items():
        for threshold in np.arange(-5.0, 9.0, 0.05):
            now = figures.at(plain, threshold, mode == "recall")
            if (
                now["body_words_lost"] <= words
                and now["articles_harmed"] <= harmed
                and now["articles_body_lines_lost"] <= lines
                and figures.at(held_out, threshold, mode == "recall")["body_words_lost"] <= words_held_out
            ):
                break
        found[mode] = round(float(threshold), 2)
    return found


def cross_validate(rows: list[Row], matrix, folds: int = 5) -> np.ndarray:
    """Scores of every block from weights fitted on other publishers."""
    groups = [row.group for row in rows]
    scored = np.array([bool(row.values) for row in rows])
    first = np.full(len(rows), -20.0)
    splits = list(GroupKFold(folds).split(rows, groups=groups))
    for train, test in splits:
        model = fit(matrix, rows, train[scored[train]])
        inside = test[scored[test]]
        first[inside] = model.decision_function(matrix[inside])
    final = first.copy()
    values = neighbour_values(rows, with_certain(rows, first))
    for train, test in splits:
        beta = fit_neighbours(rows, with_certain(rows, first), train[scored[train]])
        for at in test[scored[test]]:
            final[at] += beta.get(values[at], 0.0)
    return final


def with_certain(rows: list[Row], scores: np.ndarray) -> np.ndarray:
    """The scores, beyond doubt where a certain rule answers."""
    return np.where([row.certain for row in rows], 20.0, scores)


def table(model: LogisticRegression, vectorizer: DictVectorizer, rows: list[Row]) -> dict:
    """Weights as in `weights.toml`. Each signal is shifted so that body text averages 0; the bias takes the rest."""
    body = [row for row in rows if row.values and row.label in BODY]
    weights: dict[str, dict[str, float]] = {}
    for name, weight in zip(vectorizer.get_feature_names_out(), model.coef_[0], strict=True):
        signal, value = name.split("=", 1)
        if value.endswith(UNTOLD):
            continue
        weights.setdefault(signal, {})[value] = weight
    bias = float(model.intercept_[0])
    for signal, values in weights.items():
        if "*" in signal:
            continue
        counts = Counter(row.values[signal] for row in body)
        mean = sum(values.get(value, 0.0) * count for value, count in counts.items()) / max(1, len(body))
        bias += mean
        for value in values:
            values[value] -= mean
    return {"bias": bias, "weights": weights}


def write(path: pathlib.Path, found: dict, neighbours: dict, limits: dict, note: list[str]) -> None:
    """Write the weights, with a note on where they are from."""
    lines = [f"# {line}".rstrip() for line in note]
    lines += [f"bias = {found['bias']:.3f}", "", "[thresholds]"]
    lines += [f"{mode} = {limits[mode]}" for mode in limits]
    lines += ["", "[neighbours]"] + [f'"{name}" = {value}' for name, value in neighbours.items()]
    for signal, values in sorted(found["weights"].items()):
        if "*" not in signal:
            lines += ["", f"[signals.{signal}]"]
            lines += [f'"{value}" = {weight:.3f}' for value, weight in sorted(values.items()) if abs(weight) >= 0.005]
    for signal, values in sorted(found["weights"].items()):
        if "*" in signal:
            nested: dict[str, dict[str, float]] = {}
            for pair, weight in values.items():
                one, other = pair.split("*")
                if abs(weight) >= 0.02:
                    nested.setdefault(one, {})[other] = weight
            for one, others in sorted(nested.items()):
                lines += ["", f'[pairs."{signal}"."{one}"]']
                lines += [f'"{other}" = {weight:.3f}' for other, weight in sorted(others.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def shown(now: dict[str, float]) -> str:
    """The figures in a sentence."""
    return (
        f"recall {now['recall']:.3f}, body words lost {now['body_words_lost']:.5f}, articles harmed "
        f"{now['articles_harmed']:.4f}; written articles: recall {now['articles_recall']:.3f}, "
        f"body lines lost {now['articles_body_lines_lost']}"
    )


def main() -> None:
    """Cross-validate, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, default=HERE.parent.parent / "shared" / "bench")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    parser.add_argument("--weights", type=pathlib.Path, default=HERE.parent / "cleaner" / "weights.toml")
    args = parser.parse_args()
    rows = rows_of(documents(args.data))
    scored = np.array([bool(row.values) for row in rows])
    vectorizer = DictVectorizer()
    filled = vectorizer.fit_transform([features(row) for row in rows if row.values]).tocsr()
    place = np.cumsum(scored) - 1
    matrix = filled[np.where(scored, place, 0)]
    extra = np.array([row.fixed for row in rows])
    held_out = cross_validate(rows, matrix) + extra
    model = fit(matrix, rows, np.flatnonzero(scored))
    plain = np.full(len(rows), -20.0)
    plain[scored] = model.decision_function(matrix[scored])
    neighbours = fit_neighbours(rows, with_certain(rows, plain), np.flatnonzero(scored))
    values = neighbour_values(rows, with_certain(rows, plain))
    for at in np.flatnonzero(scored):
        plain[at] += neighbours.get(values[at], 0.0)
    plain += extra
    figures = Measure(rows)
    limits = thresholds(figures, plain, held_out)
    note = [
        "Log-odds of the judge. Written by benchmarks/fit.py; change the script, not this file.",
        f"Fitted {datetime.date.today().isoformat()} on {sum(scored)} blocks of "
        f"{len({row.document for row in rows})} documents,",
        f"data sha256 {data_hash(args.data)}.",
    ]
    for mode, limit in limits.items():
        note.append(f"{mode}: {shown(figures.at(plain, limit, mode == 'recall'))}")
    for mode, limit in limits.items():
        note.append(f"{mode}, on publishers not seen: {shown(figures.at(held_out, limit, mode == 'recall'))}")
    print("\n".join(note))
    if not args.dry_run:
        write(args.weights, table(model, vectorizer, rows), neighbours, limits, [*note, ""])


def data_hash(data: pathlib.Path) -> str:
    """One hash over the files that the weights are fitted on."""
    digest = hashlib.sha256()
    for name in ("lines.jsonl.gz", "articles.jsonl", "pages.jsonl.gz"):
        digest.update((data / name).read_bytes())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
