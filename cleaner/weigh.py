"""The last word on a block of a page: what the judge thinks of its words, and what its markup says, in one sum.

The judge knows how injected lines read, the markup where they stand. Both are log-odds; `benchmarks/fit_pages.py` fits
how much each counts, on pages with bodies marked by hand, and writes `page_weights.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from .judge import Reason, Verdict
from .rules import NEUTRAL
from .says_pages import says
from .signals import word_count

TEXT_STEPS = (-6.0, -4.0, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0, 6.0)  # steps of the judge's score that are told apart
REGAINED = range(20, 400)  # words of a paragraph that the extractor had lost and that markup alone does not take out
SPARED = -0.001  # the score of such a paragraph
OF_WORDS = ("text", "category")  # measures by the judge of words, see `text_values`

Pair = tuple[str, str, Mapping[str, Mapping[str, float]]]


@dataclass(frozen=True)
class Table:
    """Log-odds that a unit is body: a bias and a weight for each value of each measure, pairs under "one*other"."""

    bias: float
    weights: Mapping[str, Mapping[str, float]]
    pairs: tuple[Pair, ...]
    word_pairs: tuple[Pair, ...] = ()  # those with a measure of words

    @classmethod
    def parse(cls, table: Mapping[str, Mapping[str, float]], bias: float) -> Table:
        """From a table of `page_weights.toml`."""
        single = {name: weights for name, weights in table.items() if "*" not in name}
        pairs: list[Pair] = []
        word_pairs: list[Pair] = []
        for name, weights in table.items():
            one, paired, other = name.partition("*")
            if paired:
                rows: dict[str, dict[str, float]] = {}
                for values, weight in weights.items():
                    first, _, second = values.partition("*")
                    rows.setdefault(first, {})[second] = weight
                (word_pairs if one in OF_WORDS or other in OF_WORDS else pairs).append((one, other, rows))
        return cls(bias, single, tuple(pairs), tuple(word_pairs))

    def terms(self, values: Mapping[str, str]) -> Iterator[tuple[str, str, float]]:
        """Every measure that counts: its name, its value, its weight."""
        for name, value in values.items():
            weight = self.weights.get(name, {}).get(value)
            if weight:
                yield name, value, weight
        for one, other, rows in (*self.pairs, *self.word_pairs):
            first, second = values.get(one, "-"), values.get(other, "-")
            weight = rows[first].get(second) if first in rows else None
            if weight:
                yield f"{one}*{other}", f"{first}*{second}", weight

    def score(self, values: Mapping[str, str]) -> float:
        """The sum."""
        return self.by_markup(values) + self.by_words(values)

    def by_markup(self, values: Mapping[str, str]) -> float:
        """The part of the sum that the words of a unit cannot change."""
        total = self.bias
        tables = self.weights
        for name, value in values.items():
            if name in tables and name not in OF_WORDS:
                total += tables[name].get(value, 0.0)
        return total + _sum_of_pairs(self.pairs, values)

    def by_words(self, values: Mapping[str, str]) -> float:
        """The other part; `values` holds the measures of markup too, since words count differently with each."""
        total = sum(self.weights.get(name, {}).get(values[name], 0.0) for name in OF_WORDS if name in values)
        return total + _sum_of_pairs(self.word_pairs, values)


def _sum_of_pairs(pairs: Sequence[Pair], values: Mapping[str, str]) -> float:
    total = 0.0
    get = values.get
    for one, other, rows in pairs:
        row = rows.get(get(one, "-"))
        if row is not None:
            total += row.get(get(other, "-"), 0.0)
    return total


@dataclass(frozen=True)
class PageWeights:
    """The fitted tables: `recover` judges units by markup alone, `keep` blocks by words and markup together.

    `floors` gives for each mode the log-odds below which a block goes.
    """

    recover: Table
    keep: Table
    floors: Mapping[str, float]
    recover_from: float


@lru_cache(maxsize=1)
def shipped_page_weights() -> PageWeights:
    """The package's weights for pages."""
    source = tomllib.loads((resources.files("cleaner") / "page_weights.toml").read_text(encoding="utf-8"))
    return PageWeights(
        Table.parse(source["recover"], source["recover_bias"]),
        Table.parse(source["keep"], source["keep_bias"]),
        source["floors"],
        source["recover_from"],
    )


def text_values(verdict: Verdict) -> dict[str, str]:
    """What the judge of words thinks of a block, as measures beside those of the markup."""
    values = {
        "text": "solid"
        if verdict.prose and not verdict.ruled
        else str(sum(verdict.score > step for step in TEXT_STEPS))
    }
    if verdict.ruled and verdict.score > -3:
        values["category"] = verdict.category
    return values


def weigh(verdict: Verdict, weights: PageWeights, mode: str, removes: frozenset[str], explain: bool = False) -> Verdict:
    """The verdict on a block of a page, from the judge's verdict on its words and from its markup.

    As in the judge, blocks that stay carry reasons only if `explain` is true.
    """
    markup = verdict.block.markup
    if markup is None or verdict.certain or not markup.values:
        return verdict
    values = {**markup.values, **text_values(verdict)}
    by_markup = weights.keep.by_markup(values) if markup.score is None else markup.score
    score = weights.floors[mode] - (by_markup + weights.keep.by_words(values))
    spared = _spared_as(verdict) if score > 0 else ""
    relief = SPARED - score if spared else 0.0
    score += relief
    if score <= 0 and not explain:
        return replace(verdict, removed=False, score=round(score, 3), reasons=())
    category = _category(verdict, values)
    removed = score > 0 and category in removes
    reasons = _reasons(verdict, values, weights.keep, removed and not explain)
    if relief:
        reasons = (Reason(f"page {spared}", says(spared, ""), round(relief, 3)), *reasons)
    return replace(verdict, removed=removed, category=category, score=round(score, 3), certain=False, reasons=reasons)


def _spared_as(verdict: Verdict) -> str:
    """As what a block stays whatever its markup says; empty if it does not."""
    if _is_regained(verdict):
        return "table" if verdict.block.kind == "row" else "regained"
    return "code" if _is_code(verdict) else ""


def _is_regained(verdict: Verdict) -> bool:
    """Whether the block is a paragraph, or a row of a table, that the extractor had lost and no word speaks against.

    Of the paragraphs that markup alone condemned, six in seven were body.
    """
    markup = verdict.block.markup
    if markup is None or not markup.recovered or verdict.ruled:
        return False
    return verdict.block.kind == "row" or (verdict.prose and word_count(verdict.block.text) in REGAINED)


def _is_code(verdict: Verdict) -> bool:
    """Whether the block is a line of preformatted text that was extracted and that no word speaks against.

    Such lines are short and end without a full stop, as labels do; a program or a poem without one of them is spoilt.
    """
    markup = verdict.block.markup
    return (
        markup is not None
        and not verdict.ruled
        and markup.values.get("tag") == "pre"
        and markup.values.get("kept") == "yes"
    )


def _reasons(verdict: Verdict, values: Mapping[str, str], table: Table, against: bool) -> tuple[Reason, ...]:
    """Strongest first; `against` leaves out what speaks for the block."""
    words = [
        reason for reason in verdict.reasons if reason.weight >= 0 and reason.source.startswith(("rule", "sightings"))
    ]
    terms = [
        (name, value, round(-weight, 3)) for name, value, weight in (("bias", "", table.bias), *table.terms(values))
    ]
    reasons = [
        Reason(f"page {name}={value}", says(name, value), weight)
        for name, value, weight in terms
        if not against or weight > 0
    ]
    return (*words, *sorted(reasons, key=lambda reason: -abs(reason.weight)))


def _category(verdict: Verdict, values: Mapping[str, str]) -> str:
    """The words' category if rules named one, else what the markup suggests."""
    if "category" in values and values["category"] not in NEUTRAL:
        return values["category"]
    if values.get("same", "no").startswith("title") or values.get("tag") == "h1":
        return "title"
    for mark, category in (
        ("social", "social"),
        ("newsletter", "newsletter"),
        ("comment", "engage"),
        ("ad", "ad"),
        ("wall", "support"),
    ):
        if values.get(f"mark-{mark}") == "own":
            return category
    if values.get("mark-related") and values.get("link", "0") >= "3":
        return "related"
    for sign in ("mark-caption", "mark-author", "mark-date", "mark-tags", "in-figure", "in-figcaption", "mark-note"):
        if sign in values:
            return "meta"
    if values.get("same", "no") != "no" or values.get("named") == "yes" or values.get("mark-lead"):
        return "meta"
    return verdict.category if verdict.score > -2 else "ui" if values.get("length", "0") <= "1" else "meta"
