"""Signals of a block in its article: place, neighbours, words shared with the prose around.

Only prose counts as surroundings, never doubtful blocks, so that taking a line out cannot change what is measured of
another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from .article import Article
from .lazily import lazy
from .signals import MONEY, Shape, Values
from .vocabulary import FUNCTION_WORDS, GOES_ON

SEARCHED = 60_000  # characters of prose up to which a stem is looked up by searching
NEAR = 3  # blocks
MOST_NAMES = 12
FEW = 3  # labels in an article
FAR = 5  # lines below a label that its headlines may fill
FARTHEST = 12  # blocks to each side that count as one run

NAMES = re.compile(r"(?<=[\w,;'\")] )[^\W\d_]{3,}")
_MONEY_SIGNS = (
    "$",
    "€",
    "£",
    "¥",
    "₹",
    "₽",
    "₴",
    "₺",
    "₩",
    "euro",
    "dollar",
    "kr",
    "zł",
    "USD",
    "EUR",
    "円",
    "元",
    "원",
)


def stems(lowered: str) -> list[str]:
    """What a block talks about: content words cut to six letters, and pairs of characters where there are no spaces."""
    found = [word[:6] for word in _stem_words().findall(lowered) if word not in FUNCTION_WORDS]
    if not lowered.isascii():
        for run in _unspaced_runs().findall(lowered):
            found.extend(run[at : at + 2] for at in range(0, len(run) - 1))
    return list(dict.fromkeys(found))


@lru_cache(maxsize=1)
def _stem_words() -> re.Pattern[str]:
    """Compiled when it is needed, as large classes take a millisecond or two."""
    return re.compile(
        r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]{4,}"
        r"|[\uac00-\ud7af]{2,}"
    )


@lru_cache(maxsize=1)
def _unspaced_runs() -> re.Pattern[str]:
    return re.compile(
        r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}"
    )


class Surroundings:
    """The prose of an article, as the background against which its doubtful blocks are seen."""

    def __init__(
        self, article: Article, shapes: Sequence[Shape], labelled: Sequence[bool], announcing: Sequence[str]
    ) -> None:
        self.article = article
        self.shapes = shapes
        self.labelled = labelled  # blocks that a rule is sure of
        self.announcing = announcing  # what labels announce, a category: "Read also:", "Advertisement"
        self.solid = solid = [shape.prose and not label for shape, label in zip(shapes, labelled, strict=True)]
        self.count = sum(solid)
        self.labels = sum(labelled)
        self._before: list[int] = []  # number of solid blocks before each block
        self._run_before: list[int] = []  # number of doubtful blocks right before each block
        self._run_after: list[int] = []  # and right after it
        running = run = 0
        for is_solid in solid:
            self._before.append(running)
            self._run_before.append(run)
            running += is_solid
            run = 0 if is_solid else run + 1
        run = 0
        for is_solid in reversed(solid):
            self._run_after.append(run)
            run = 0 if is_solid else run + 1
        self._run_after.reverse()

    @lazy
    def prose(self) -> str:
        """All solid blocks, lowered, to look stems up in."""
        return self._prose_and_places[0]

    @lazy
    def _prose_and_places(self) -> tuple[str, dict[int, tuple[int, int]]]:
        texts, places, at = [], {}, 0
        for index, (block, solid) in enumerate(zip(self.article.blocks, self.solid, strict=True)):
            if solid:
                low = block.text.lower()
                places[index] = (at, at + len(low))
                texts.append(low)
                at += len(low) + 1
        return "\n".join(texts), places

    def _found(self, own: Sequence[str], index: int) -> int:
        """How many of the stems stand in the prose around block `index`."""
        prose, places = self._prose_and_places
        if len(prose) > SEARCHED:
            counts, inside = self._stem_counts, self._stems(index) if index in places else ()
            return sum([counts[stem] > (stem in inside) for stem in own])
        if index not in places:
            return sum([stem in prose for stem in own])
        start, end = places[index]
        return sum([prose.find(stem, 0, start) >= 0 or prose.find(stem, end) >= 0 for stem in own])

    @lazy
    def _stem_counts(self) -> Counter[str]:
        """In how many solid blocks each stem stands; for long texts, where searching would take too long."""
        return Counter(stem for index, solid in enumerate(self.solid) if solid for stem in self._stems(index))

    def _stems(self, index: int) -> list[str]:
        return stems(self.shapes[index].lowered)

    @lazy
    def copies(self) -> Counter[str]:
        """How often each folded line stands in the article."""
        return Counter(shape.lowered for shape, solid in zip(self.shapes, self.solid, strict=True) if not solid)

    @lazy
    def lone(self) -> int:
        """How many doubtful blocks stand alone between two solid ones: siblings, if they are subheadings."""
        solid = self.solid
        return sum(
            not solid[i] and solid[i - 1] and solid[i + 1] and self.shapes[i].words <= 12
            for i in range(1, len(solid) - 1)
        )

    @lazy
    def form(self) -> str:
        """Whether the article is told in prose or in lists and tables, where short lines are the body."""
        others = len(self.solid) - self.count - sum(self.labelled)
        if not self.count:
            return "no-prose"
        return "prose" if others * 4 <= self.count else "mixed" if others <= self.count else "lists"

    @lazy
    def commerce(self) -> str:
        """Whether prices are the article's subject, as in reviews and deals."""
        if not any(sign in self.article.text for sign in _MONEY_SIGNS):
            return "no"
        priced = sum(
            bool(MONEY.search(shape.block.text))
            for shape, label in zip(self.shapes, self.labelled, strict=True)
            if not label
        )
        share = priced / max(1, len(self.shapes) - sum(self.labelled))
        return "no" if share <= 0.08 else "some" if share < 0.2 else "much"

    def _unfinished(self, index: int) -> str:
        """Whether an extractor has cut a sentence into lines here."""
        into = index > 0 and self.shapes[index - 1].words >= 4 and self.shapes[index - 1].ending in ("none", "comma")
        on = index + 1 < len(self.shapes) and self.shapes[index + 1].start == "lower"
        starts_low = self.shapes[index].start == "lower"
        if starts_low and into:
            return "tail"
        return "head" if on and self.shapes[index].ending in ("none", "comma") else "no"

    def measure(self, index: int) -> Values:
        """The signals of block `index` against its surroundings."""
        shape = self.shapes[index]
        own = stems(shape.lowered)
        after, before = self._neighbours(index)
        next_shares = self._shares_with(own, after)
        previous_shares = self._shares_with(own, before)
        shared = self._shared(index, own)
        alone = (index == 0 or self.solid[index - 1]) and (index + 1 == len(self.solid) or self.solid[index + 1])
        return {
            "shared": shared,
            "next-shares": next_shares,
            "previous-shares": previous_shares,
            "place": self.place(index),
            "standing": self._standing(index, alone),
            "siblings": self._siblings(alone),
            "copies": "again" if self.copies[shape.lowered] > 1 else "once",
            "previous-ending": self._previous_ending(index),
            "next-start": self._next_start(index),
            "announced": self._announced(index),
            "label-above": self._label_above(index),
            "names": self._names(index),
            "twin": self._twin(index),
            "run": self._run_size(index),
            "next-opens": self._next_opens(after),
            "labels-around": self._labels_around(index),
            "company": self._company(index),
            "alike": self._alike(index),
            "stranger": self._stranger(index, shared, "several" in (next_shares, previous_shares)),
            "form": self.form,
            "commerce": self.commerce,
            "unfinished": self._unfinished(index),
            "prose": "none" if not self.count else "little" if self.count <= 3 else "much",
        }

    def _stranger(self, index: int, shared: str, near: bool) -> str:
        """Whether a headline stands among prose that has nothing to do with it: a bare related link, a native advert.

        A subheading shares words with its section; a list item stands among its like.
        """
        shape = self.shapes[index]
        if not 5 <= shape.words <= 18 or shape.ending in ("stop", "stop-quote", "colon", "comma", "semicolon"):
            return "no-headline"
        if not self.count:
            return "no-prose"
        sides = sum(
            not 0 <= at < len(self.solid) or self.solid[at] or self.labelled[at] for at in (index - 1, index + 1)
        )
        return f"{('run', 'edge', 'alone')[sides]}-{shared}-{'near' if near else 'far'}"

    def _neighbours(self, index: int) -> tuple[int | None, int | None]:
        """The nearest prose after and before block `index`, if it is near."""
        after, before = index + 1 + self._run_after[index], index - 1 - self._run_before[index]
        return (
            after if after < len(self.solid) and after <= index + NEAR else None,
            before if before >= 0 and before >= index - NEAR else None,
        )

    def _shared(self, index: int, own: Sequence[str]) -> str:
        if self.count - self.solid[index] < 1 or not own:
            return "unknown"
        found = self._found(own, index)
        if not found:
            return "none-of-many" if len(own) >= 4 else "none-of-some" if len(own) >= 2 else "none-of-one"
        share = found / len(own)
        return "few" if share <= 0.34 else "half" if share <= 0.67 else "most" if share < 1 else "all"

    def _shares_with(self, own: Sequence[str], neighbour: int | None) -> str:
        if neighbour is None or not own:
            return "unknown"
        text = self.shapes[neighbour].lowered
        found = sum([stem in text for stem in own])
        return "none" if not found else "one" if found == 1 else "several"

    def place(self, index: int) -> str:
        """Where the block stands among the solid ones."""
        before = self._before[index]
        if not self.count:
            return "no-prose"
        if before == 0:
            return "head"
        if before == self.count:
            return "tail"
        share = before / self.count
        return "early" if share < 0.34 else "middle" if share < 0.8 else "late"

    def _standing(self, index: int, alone: bool) -> str:
        if alone:
            return "alone"
        first, last = self._run(index)
        size = last - first + 1
        where = "first" if index == first else "last" if index == last else "inside"
        return f"{where}-of-{'2' if size == 2 else '3-5' if size <= 5 else 'many'}"

    def _siblings(self, alone: bool) -> str:
        if not alone:
            return "not-alone"
        return "only" if self.lone <= 1 else "2-3" if self.lone <= 3 else "many"

    def _previous_ending(self, index: int) -> str:
        return self.shapes[index - 1].ending if index else "start"

    def _next_start(self, index: int) -> str:
        return self.shapes[index + 1].start if index + 1 < len(self.shapes) else "end"

    def _run(self, index: int) -> tuple[int, int]:
        """First and last block of the run of doubtful blocks around `index`, at most a dozen to each side."""
        return index - min(FARTHEST, self._run_before[index]), index + min(FARTHEST, self._run_after[index])

    def _announced(self, index: int) -> str:
        """Whether the line before the run ends in a colon, as in "The panel recommended:"."""
        first, _ = self._run(index)
        listed = self.shapes[index].block.kind == "item"
        for at in range(index - 1, max(first - 2, -1), -1):
            listed = listed and self.shapes[at].block.kind == "item"
            if self.labelled[at] and not listed:
                return "by-label"
            if self.shapes[at].ending == "colon":
                return "directly" if at == index - 1 else "above"
        return "no"

    def _label_above(self, index: int) -> str:
        """Whether a label stands above in the run, what it announces, and whether only headlines stand between."""
        first, _ = self._run(index)
        other = broken = False
        for at in range(index - 1, first - 1, -1):
            if self.announcing[at] == "related":
                return "directly" if at == index - 1 else "far" if broken or index - at > FAR else "near"
            if self.announcing[at]:
                return "advert" if at == index - 1 else "other"
            if self.shapes[at].block.kind == "heading":
                break  # a section of its own
            other = other or self.labelled[at]
            broken = broken or not (self.labelled[at] or self.shapes[at].headline)
        return "other" if other else "no"

    def _names(self, index: int) -> str:
        """Whether the line names somebody or something of whom the prose knows nothing."""
        shape = self.shapes[index]
        found = [word for word in NAMES.findall(shape.folded) if word[0].isupper()][:MOST_NAMES]
        if not found or not self.count:
            return "none"
        low = shape.lowered
        if shape.case in ("upper", "upper-short", "upper-word"):
            return "capitals"
        new = [word for word in found if not low.startswith(word.lower()) and word.lower()[:6] not in self.prose]
        if not new:
            return "known"
        return "title-new" if shape.case == "title" else "one-new" if len(new) == 1 else "new"

    def _run_size(self, index: int) -> str:
        """How many short lines stand together here: menus are longer than lists."""
        size = self._run_before[index] + 1 + self._run_after[index]
        return "1-5" if size <= 5 else "6-12" if size <= 12 else "13-30" if size <= 30 else "31+"

    def _twin(self, index: int) -> str:
        """Whether a short line beside this one is built like it: "Reed (Harbour Party)" and "Moss (Free Voters)"."""
        own = self.shapes[index]
        best = "no"
        for at in (index - 1, index + 1):
            if 0 <= at < len(self.shapes) and not self.solid[at] and not self.labelled[at]:
                other = self.shapes[at]
                if own.frame and own.frame == other.frame:
                    return "marks"
                if own.first_word and own.first_word == other.first_word:
                    best = "word"
        return best

    def _next_opens(self, after: int | None) -> str:
        """Whether the prose after the line goes on with what was said before the line."""
        if after is None:
            return "none"
        text = self.shapes[after].block.text
        word = text[:24].split(None, 1)[0].strip(".,;:!?…*_#>").lower() if text else ""
        if word[:1] in "\"'“„«‘‚»”-–—":
            return "quote"
        return "goes-on" if word in GOES_ON else "plain"

    def _labels_around(self, index: int) -> str:
        first, last = self._run(index)
        if first == last:
            return "alone"
        others = [self.labelled[at] for at in range(first, last + 1) if at != index]
        share = sum(others) / len(others)
        return "none" if not share else "few" if share < 0.3 else "some" if share < 0.6 else "most"

    def _company(self, index: int) -> str:
        """How many other lines of the article rules are sure of: where there are none, there may be none at all."""
        others = self.labels - self.labelled[index]
        return "none" if not others else "few" if others <= FEW else "many"

    def _alike(self, index: int) -> str:
        """Whether the neighbours have the same form: items of one list, rows of one table."""
        own = self.shapes[index]
        alike = 0
        for at in (index - 1, index + 1):
            if 0 <= at < len(self.shapes) and not self.solid[at] and not self.labelled[at]:
                other = self.shapes[at]
                alike += (
                    other.ending == own.ending
                    and other.block.kind == own.block.kind
                    and abs(other.words - own.words) <= 3
                )
        return ("no", "one", "both")[alike]
