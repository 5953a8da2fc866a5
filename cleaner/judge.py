"""The judge: adds up the evidence of each block and gives a verdict.

Everything speaks log-odds. A block's score is the bias, plus the weight of each signal's value, plus the weights of the
rules that answer to it, plus what sightings say; above the threshold of the mode it goes. Two passes, as in jusText
(Pomikálek 2011): first each block alone, then again with what is thought of its neighbours.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Protocol

from .article import Article, Block
from .folding import fold
from .rules import INJECTED, PARAGRAPH, Rule, Rulebook
from .says import says
from .shelters import Shelters
from .signals import Shape, leads_outside

MODES = ("precision", "balanced", "recall")
CERTAIN = 20.0  # log-odds of a rule that decides alone
RULE_SHARES = (1.0, 0.3)  # of the strongest rule's log-odds and the next one's: both answer to the same words
LONGEST_RULED = 800  # characters: in a longer block a rule's words are a sentence among many, not what the block is
LISTED = 2.0  # log-odds of a headline below a label of other stories
FEWEST_LISTED = 4  # words of such a headline: a shorter line may head what follows
LONGEST_LABEL = 6  # words: a longer line that a rule knows is a label and what it announces in one
MOST_BEYOND = 4.0  # log-odds
LABEL_SHARE = 0.5  # of the log-odds beyond a strong rule's that count for a label
ANNOUNCING = ("related", "ad", "newsletter", "title")  # what a label may announce in the lines below it
MOST_REASONS = 12  # a removal is recorded with its strongest reasons and all rules; `explain` gives them all
LONGEST_ROW = 16  # words of a line that may be several labels run together
MOST_PIECES = 4  # of a row that may be one label
FEWEST_BEFORE = 4  # words of a line whose last word may stand below it
STRONG_RULE = 3.0  # log-odds from which a rule makes a block a label for those around it


# Where a label may begin behind another one: at a capital, a figure or a bracket, or behind a stop.
_PIECE = re.compile(r"(?<=\s)(?=[^\W\d_a-zß-öø-ÿа-яα-ω]|[\d(\[])|(?<=[.!?…] )(?=\S)")


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: where it is from, what it says of the line, its weight in log-odds (above 0: injected)."""

    source: str
    says: str
    weight: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judge thinks of a block. `score` is log-odds beyond the mode's threshold; above 0 the block goes."""

    block: Block
    removed: bool
    category: str
    score: float
    certain: bool
    prose: bool  # long and sentence-shaped
    ruled: bool  # a rule or sightings speak against it
    reasons: tuple[Reason, ...]


class Evidence(Protocol):
    """What sightings know of a line."""

    @property
    def weight(self) -> float:
        """Log-odds that the line is injected."""

    @property
    def says(self) -> str:
        """A sentence for the reader."""

    @property
    def alone(self) -> bool:
        """Whether this is enough to condemn the line, whatever else speaks for it."""


class Seen(Protocol):
    """Where sightings come from: see `sightings.py`."""

    def weigh(self, lines: Sequence[str], url: str | None = None) -> Sequence[Evidence | None]:
        """What is known of each line, None of lines not met often enough."""


@dataclass(frozen=True)
class Weights:
    """The fitted log-odds: `signals[name][value]`, `pairs["one*other"][value][value]`, a bias, a threshold a mode.

    `benchmarks/fit.py` writes these.
    """

    bias: float
    signals: Mapping[str, Mapping[str, float]]
    pairs: Mapping[str, Mapping[str, Mapping[str, float]]]
    neighbours: Mapping[str, float]
    thresholds: Mapping[str, float]

    @classmethod
    def parse(cls, source: str) -> Weights:
        """Weights from the text of a `weights.toml`."""
        table = tomllib.loads(source)
        names = ("bias", "signals", "pairs", "neighbours", "thresholds")
        return cls(*(table[name] for name in names))


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights of the package."""
    return Weights.parse((resources.files("cleaner") / "weights.toml").read_text(encoding="utf-8"))


Known = dict[tuple[str, str], tuple[Shape, Sequence[Rule]]]


class Judge:
    """Rulebook, weights and sightings brought together. Immutable; holds nothing of what it has judged."""

    def __init__(
        self,
        rulebook: Rulebook,
        weights: Weights,
        mode: str,
        removes: frozenset[str],
        sightings: Seen | None = None,
    ) -> None:
        self.rulebook = rulebook
        self.weights = weights
        self.threshold = weights.thresholds[mode]
        self.daring = mode == "recall"
        self.removes = removes
        self.sightings = sightings
        self._signals = tuple(weights.signals.items())
        names = [pair.partition("*") for pair in weights.pairs]
        self._pairs = [
            (one, other, table) for (one, _, other), table in zip(names, weights.pairs.values(), strict=True)
        ]

    def judge(self, article: Article, explain: bool = False, known: Known | None = None) -> list[Verdict]:
        """A verdict for each block; for blocks that stay, reasons are given only if `explain` is true.

        `known` carries what was measured of blocks alone from one round over a text to the next.
        """
        shapes, hits, surroundings = self.view(article, known)
        seen = self._seen(article)
        cases = [self._case(index, shape, hits[index], surroundings, seen[index]) for index, shape in enumerate(shapes)]
        scores = [case.score for case in cases]
        verdicts = []
        for index, block in enumerate(article.blocks):
            case = cases[index]
            around = ""
            if case.values:
                around = neighbour_value(index, scores)
            elif not explain:
                verdicts.append(Verdict(block, False, "", case.score - self.threshold, False, True, False, ()))
                continue
            verdicts.append(self._verdict(block, shapes[index], hits[index], case, around, explain))
        return verdicts

    def view(self, article: Article, known: Known | None = None) -> tuple[list[Shape], list[Sequence[Rule]], Shelters]:
        """What there is to see of an article: each block's shape, the rules that answer to it, the prose around."""
        known = {} if known is None else known
        shapes, hits = [], []
        flat = article.flat
        for block in article.blocks:
            key = (block.text, block.kind)
            alone = known.get(key) if block.markup is None else None
            if alone is None:
                shape = Shape(block, flat[block.start : block.end].strip())
                sure = block.markup is not None and block.markup.sure
                alone = known[key] = (shape, () if sure else self._rules(shape, article))
            shapes.append(alone[0])
            hits.append(alone[1])
        for index, rules in enumerate(hits):
            if rules and index and _is_last_word(shapes[index], shapes[index - 1]):
                hits[index] = ()
        labelled = [rule_weight(self.speaking(rules)) >= STRONG_RULE for rules in hits]
        announcing = [
            _announces(self.speaking(rules)) if label and _is_label(shape) else ""
            for label, shape, rules in zip(labelled, shapes, hits, strict=True)
        ]
        surroundings = Shelters(article, shapes, labelled, announcing)
        placed = [
            [rule for rule in rules if _in_place(rule, surroundings, index)] if rules else rules
            for index, rules in enumerate(hits)
        ]
        return shapes, placed, surroundings

    def speaking(self, rules: Sequence[Rule]) -> Sequence[Rule]:
        """The rules that speak for removal: not those for neutral lines, unless the user wants these gone too.

        Where a rule is certain that a line is neutral ("Photo: R. Holt"), only one as certain speaks against it.
        """
        if not rules:
            return rules
        found = [rule for rule in rules if not rule.never and self._unwanted(rule)]
        if found and any(rule.certain and not rule.never and not self._unwanted(rule) for rule in rules):
            return [rule for rule in found if rule.certain]
        return found

    def _unwanted(self, rule: Rule) -> bool:
        return rule.category in INJECTED or rule.category in self.removes

    def spares(self, block: Block, article: Article) -> bool:
        """Whether a `never` rule protects the block, whatever else speaks against it."""
        return any(rule.never and _in_scope(rule, article) for rule in self.rulebook.match(fold(block.text)))

    def _rules(self, shape: Shape, article: Article) -> Sequence[Rule]:
        if shape.length > LONGEST_RULED:
            return []
        found: Sequence[Rule] = self.rulebook.match(shape.folded, shape.solid and shape.length >= PARAGRAPH)
        if not shape.solid and shape.words <= LONGEST_ROW and not any(map(_is_strong, found)):
            found = [*found, *self._row(shape.folded)]
        return [rule for rule in found if _in_scope(rule, article)] if found else found

    def _row(self, folded: str) -> Sequence[Rule]:
        """The rules of a row of labels that an extractor has run together: "Listen to this article 23 comments".

        One strong rule for each piece; none if a piece is left over. Pieces begin with a capital, or anywhere where
        there are none.
        """
        starts = [match.start() for match in _PIECE.finditer(folded)]
        if not starts and folded.upper() == folded.lower():
            starts = [at + 1 for at, char in enumerate(folded) if char == " "]
        if not starts:
            return ()
        ends = [*starts, len(folded)]
        rules: list[Rule] = []
        at = 0
        while at < len(folded):
            for end in reversed([end for end in ends if end > at][:MOST_PIECES]):
                if end - at == len(folded):
                    continue  # the whole line, to which no strong rule answers
                piece = folded[at:end].strip(" -|/,:")
                found = self.speaking(self.rulebook.match(piece)) if any(map(str.isalpha, piece)) else ()
                strongest = max(found, key=_strength, default=None)
                if strongest is not None and _is_strong(strongest):
                    rules.append(strongest)
                    at = end
                    break
            else:
                return ()
        sure = [rule for rule in rules if rule.certain]
        return rules if len(sure) in (0, len(rules)) else [rule for rule in rules if not rule.certain]

    def _seen(self, article: Article) -> Sequence[Evidence | None]:
        if self.sightings is None:
            return [None] * len(article.blocks)
        return self.sightings.weigh([block.text for block in article.blocks], article.url)

    def _case(
        self, index: int, shape: Shape, rules: Sequence[Rule], surroundings: Shelters, seen: Evidence | None
    ) -> Case:
        """First pass: the block alone. Solid prose that nothing speaks against is not looked at any further."""
        speaking = self.speaking(rules) if rules else ()
        if not speaking and seen is None and shape.solid:
            return _SOLID
        shelter = surroundings.shelter(index)
        if self.protects(shelter, speaking):
            return Case({}, -CERTAIN, says=SHELTERS[shelter])
        values = measure(index, shape, speaking, len(speaking) < len(rules), surroundings)
        weights = self.weights
        score = weights.bias
        for name, single in self._signals:
            score += single.get(values[name], 0.0)
        for one, other, table in self._pairs:
            row = table.get(values[one])
            if row is not None:
                score += row.get(values[other], 0.0)
        label = label_weight(shape, speaking)
        if speaking:
            score += (CERTAIN if _certain(speaking) else 0.0) + label
        listed = listed_weight(shape, values)
        if seen is not None:
            score += _sighting_weight(seen)
        return Case(values, score + listed, speaking, seen, label=label, listed=listed)

    def protects(self, shelter: str, speaking: Sequence[Rule]) -> bool:
        """Whether a shelter holds: rules may overrule it, and whoever prefers recall takes some chances."""
        if shelter in OVERRULED_FROM:
            strong = any(_strength(rule) >= OVERRULED_FROM[shelter] for rule in speaking)
            return not strong and not (self.daring and shelter in GUESSES)
        return bool(shelter) and not (shelter in ("announced", "speech", "title") and _certain(speaking))

    def _verdict(
        self, block: Block, shape: Shape, rules: Sequence[Rule], case: Case, around: str, explain: bool
    ) -> Verdict:
        score = case.score + (self.weights.neighbours.get(around, 0.0) if around else 0.0) - self.threshold
        certain = any(rule.certain for rule in case.rules)
        category = _category(shape, case.rules or rules)
        removed = score > 0 and category in self.removes and not any(rule.never for rule in rules)
        shown: tuple[Reason, ...] = ()
        if explain:
            shown = tuple(sorted(self._reasons(case, around), key=lambda reason: -abs(reason.weight)))
        elif removed:
            reasons = sorted(self._reasons(case, around), key=lambda reason: -reason.weight)
            shown = tuple(
                reason
                for at, reason in enumerate(reasons)
                if not at or (at < MOST_REASONS and reason.weight > 0) or reason.source.startswith("rule ")
            )
        ruled = bool(case.rules) or case.seen is not None
        return Verdict(block, removed, category, round(score, 3), certain and removed, shape.solid, ruled, shown)

    def _reasons(self, case: Case, around: str) -> list[Reason]:
        """The terms of a block's sum, one a signal. What rules count for stands with the strongest of them."""
        if not case.values:
            return [Reason("solid", case.says, -CERTAIN - self.threshold)]
        weights, values = self.weights, case.values
        counts = self._counts(values)
        reasons: list[Reason] = []
        ruled = counts.pop("ruled", 0.0) + (CERTAIN if _certain(case.rules) else 0.0) if case.rules else 0.0
        for rule in sorted(case.rules, key=_strength, reverse=True):
            reasons.append(Reason(f"rule {rule.id}", rule.says, 0.0 if reasons else ruled))
        if case.label:
            reasons.append(Reason("label", "says nothing but what a rule knows", case.label))
        if case.listed:
            reasons.append(Reason("listed", "is one of the headlines that a label above announces", case.listed))
        if case.seen is not None:
            reasons.append(Reason("sightings", case.seen.says, _sighting_weight(case.seen)))
        reasons.extend(
            Reason(f"signal {name}={values[name]}", says(name, values[name]), weight)
            for name, weight in counts.items()
            if weight
        )
        if around and weights.neighbours.get(around):
            said = says("neighbours", around)
            reasons.append(Reason(f"neighbours={around}", said, weights.neighbours[around]))
        reasons.append(Reason("bias", "starts with the benefit of the doubt", weights.bias - self.threshold))
        return reasons

    def _counts(self, values: Mapping[str, str]) -> dict[str, float]:
        """What each signal counts for: its own log-odds, and half of what it is worth together with another.

        Half to each is the Shapley value of a sum of pairs (Shapley 1953; Lundberg and Lee 2017 for models that are
        fitted): hundreds of small terms become some thirty that a reader can weigh.
        """
        counts = {name: single.get(values[name], 0.0) for name, single in self._signals}
        for one, other, table in self._pairs:
            row = table.get(values[one])
            half = row.get(values[other], 0.0) / 2 if row else 0.0
            if half:
                counts[one] = counts.get(one, 0.0) + half
                counts[other] = counts.get(other, 0.0) + half
        return counts


@dataclass(frozen=True, slots=True)
class Case:
    """A block before its neighbours are heard: its signals' values (none for solid prose), what they sum up to."""

    values: Mapping[str, str]
    score: float
    rules: Sequence[Rule] = ()
    seen: Evidence | None = None
    says: str = ""  # why a block without values stays
    label: float = 0.0
    listed: float = 0.0


_SOLID = Case({}, -CERTAIN, says="is prose: long, and ends like a sentence")
PLAINLY_WRONG = 4.0  # log-odds that a rule needs against a full sentence or somebody's words
OVERRULED_FROM = {  # shelters that end where a rule of so many log-odds speaks against the line
    "headline": STRONG_RULE,
    "announcing": STRONG_RULE,
    "subheading": STRONG_RULE,
    "below": STRONG_RULE,
    "list": STRONG_RULE,
    "question": STRONG_RULE,
    "sentence": PLAINLY_WRONG,
    "paragraph": STRONG_RULE,
    "quote": PLAINLY_WRONG,
    "service": STRONG_RULE,
    "verse": STRONG_RULE,
    "broken": STRONG_RULE,
    "price": PLAINLY_WRONG,
    "post": STRONG_RULE,
}
GUESSES = (
    "subheading",
    "below",
    "list",
    "sentence",
    "paragraph",
)  # shelters that are wrong often enough for recall mode to do without
SHELTERS = {
    "title": "is marked as the heading of the article",
    "headline": "opens the article",
    "row": "is a row of a table",
    "announced": "is an item of a list that the text announces",
    "sentence": "is prose, or a plain sentence that addresses nobody, or the first below a marked heading",
    "paragraph": "is a paragraph, and no strong rule speaks against it",
    "verse": "rhymes with a line beside it",
    "heading": "is marked as the heading of what follows",
    "question": "is a question between paragraphs, or one of several questions and answers",
    "service": "gives a telephone number or an address",
    "price": "gives a price, as several lines of the article do",
    "post": "is the text of an embedded post",
    "quote": "is somebody's words between quotation marks",
    "announcing": "announces what follows",
    "speech": "tells what somebody said",
    "subheading": "is short, and prose or a list follows at once: a subheading",
    "below": "stands right below a line that announces a list",
    "broken": "is a piece of a sentence that an extractor has cut into lines",
    "echoed": "is short, and all its words come back in the paragraph right below: a heading",
    "list": "is one of several lines built alike: the entries of a list",
    "time": "is an entry with its time, or the time above one",
}


def _certain(rules: Sequence[Rule]) -> bool:
    return any(rule.certain for rule in rules)


def _sighting_weight(seen: Evidence) -> float:
    return CERTAIN if seen.alone else seen.weight


def measure(index: int, shape: Shape, rules: Sequence[Rule], neutral: bool, surroundings: Shelters) -> dict[str, str]:
    """All signals of one block: shape, surroundings, how strongly rules speak, whether one calls it neutral."""
    values = dict(shape.values)
    if shape.is_link and leads_outside(shape.target, surroundings.article.url):
        values["link"] = "outside"
    values.update(surroundings.measure(index))
    values["ruled"] = _ruled(rules)
    values["neutral"] = "yes" if neutral else "no"
    return values


def _ruled(rules: Sequence[Rule]) -> str:
    if not rules:
        return "no"
    weight = rule_weight(rules)
    return "cue" if weight < 2 else "hint" if weight < 3.5 else "strong"


def rule_weight(rules: Sequence[Rule]) -> float:
    """The rules' common evidence in log-odds: that of the strongest, and a share of the next one's."""
    if not rules:
        return 0.0
    strongest = sorted(map(_strength, rules), reverse=True)
    return sum(weight * share for weight, share in zip(strongest, RULE_SHARES, strict=False))


def label_weight(shape: Shape, rules: Sequence[Rule]) -> float:
    """What a strong rule counts for on top where the line says nothing else.

    That is so if the line is short, or speaks to the reader or of the outlet, or is no sentence.
    """
    if not rules:
        return 0.0
    beyond = min(MOST_BEYOND, rule_weight([rule for rule in rules if not rule.certain]) - STRONG_RULE)
    if beyond <= 0.0:
        return 0.0
    if shape.words > LONGEST_LABEL and shape.ends_like_sentence and not shape.addressing:
        return 0.0
    return LABEL_SHARE * beyond


def listed_weight(shape: Shape, values: Mapping[str, str]) -> float:
    """What it counts for that only headlines stand between a line and a label that announces other stories.

    Of such lines 1 in 30 was body, on the labelled data and on articles written apart; there are too few of them for
    the regression to dare as much.
    """
    announced = values["label-above"] in ("directly", "near") and shape.headline and shape.words >= FEWEST_LISTED
    last = values["standing"].startswith("last")
    if last and values["label-above"] == "near" and values["next-shares"] in ("one", "several"):
        return 0.0  # the subheading of what follows
    return LISTED if announced and values["place"] != "head" else 0.0


def _strength(rule: Rule) -> float:
    return CERTAIN if rule.certain else rule.weight


def _is_strong(rule: Rule) -> bool:
    return _strength(rule) >= STRONG_RULE


def _in_scope(rule: Rule, article: Article) -> bool:
    if rule.sites:
        from urllib.parse import urlsplit  # few rules are for single sites, and importing takes its time

        host = urlsplit(article.url or "").hostname or ""
        if not any(host == site or host.endswith("." + site) for site in rule.sites):
            return False
    return not (rule.languages and article.language and article.language not in rule.languages)


def _in_place(rule: Rule, surroundings: Shelters, index: int) -> bool:
    if not rule.place:
        return True
    return surroundings.place(index) in (rule.place, "no-prose")


def neighbour_value(index: int, scores: Sequence[float]) -> str:
    """What the first pass thinks of the blocks beside a doubtful one, as one value."""
    sides = []
    for at in (index - 1, index + 1):
        if not 0 <= at < len(scores):
            sides.append("edge")
        elif scores[at] < -2:
            sides.append("body")
        else:
            sides.append("injected" if scores[at] > 1 else "doubtful")
    return "+".join(sorted(sides))


def _is_label(shape: Shape) -> bool:
    """Whether a line that a rule knows can announce the lines below it: one with its story behind it does not."""
    return shape.ending == "colon" or (shape.words <= LONGEST_LABEL and ": " not in shape.folded)


def _is_last_word(shape: Shape, above: Shape) -> bool:
    """Whether a line is but the last word of a sentence that the line above begins: no label, whatever rules know."""
    if shape.words != 1 or shape.start != "lower" or shape.ending != "stop":
        return False
    return above.words >= FEWEST_BEFORE and above.ending in ("none", "comma")


def _announces(rules: Sequence[Rule]) -> str:
    """What a label announces: other stories only if a rule is certain of it."""
    strongest = max(rules, key=_strength)
    if strongest.category not in ANNOUNCING:
        return ""
    return strongest.category if strongest.certain or strongest.category != "related" else "perhaps"


def _category(shape: Shape, rules: Sequence[Rule]) -> str:
    """The category of the strongest rule; without one, what the line's form suggests."""
    if rules:
        return max(rules, key=_strength).category
    values = shape.values
    if shape.words <= 3 and values["link"] == "none":
        return "ui"
    if values["reader"] != "no" or values["figures"] in ("money", "percent"):
        return "ad"
    return "related"
