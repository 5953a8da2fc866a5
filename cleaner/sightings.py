"""Sightings: in how many other stories, on how many sites, a line has been seen.

The strongest evidence there is against an advert that is written like a sentence: it stands in many stories that have
nothing else in common. What many stories carry is not always injected, though. Bias: a line falls by sightings alone
only if all of this holds; otherwise they support other evidence with a small weight, or say nothing.

* Enough *stories* carry it. Copies of one story count once (`sightings_stories`), the document being judged counts
  itself out, and a collection of fewer than `FEWEST_IN_ALL` stories gives no verdict. How many are enough grows with
  the cube root of the collection: among a million stories some ordinary sentences meet by chance.
* Its form allows it: a whole sentence of some length. Subheadings, labels, table heads, quotations and the standing
  sentences of reports, credits and notices never fall by sightings alone (`sightings_lines.may_decide`).
* It brings two words of its own, which the lines of single stories use more rarely than this line is repeated.
  "Season with salt and pepper to taste." is made of words that other lines use as well; an advert names its product.
* Its figures do not change each time, unless it speaks of buying: "Crude rose 2 % on Monday." is news every day.
* It shares neither its names nor most of its long words with the rest of the document (`Sightings.weigh`): a
  paragraph of background that twenty stories on one affair repeat speaks of what they speak of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2
from pathlib import Path

from cleaner.sightings_documents import Observation, observe
from cleaner.sightings_lines import (
    Line,
    buckets,
    content_words,
    is_standing,
    may_decide,
    names,
    normalise,
    sells,
)
from cleaner.sightings_stories import FEWEST_STORIES, Count, Tally

FEWEST_IN_ALL = 10  # stories in a collection below which it gives no verdict
ALONE = 5.0  # log-odds of a line that falls by sightings alone; grows with the number of stories
MOST = 8.0
SUPPORT = 1.5  # log-odds at most for a line that sightings may not condemn alone
OWN_WORDS = 2  # words of its own that a line must bring to fall by sightings alone
_SIEVE = 1 << 26


@dataclass(frozen=True, slots=True)
class Evidence:
    """What sightings know of a line: `weight` in log-odds, `says` for the reader, other stories, and sites in all."""

    weight: float
    says: str
    stories: int
    sites: int

    @property
    def alone(self) -> bool:
        """Whether the line falls by this evidence without any other."""
        return self.weight >= ALONE


@dataclass(frozen=True, slots=True)
class Seen:
    """A repeated line in the table. `own` is true if it brings words of its own; `varies` if its figures do."""

    stories: int
    sites: int
    own: bool
    varies: bool


@dataclass(frozen=True)
class Sightings:
    """A table of repeated lines; immutable, picklable, safe to share between threads.

    `lines` goes from `sightings_lines.Line.key` to what is known of it; `stories` is the number of all stories counted.
    """

    lines: Mapping[int, Seen] = field(repr=False)
    stories: int

    @classmethod
    def open(cls, path: Path | str) -> Sightings:
        """Read the table of a store on disk as it is now; what is learned later is seen by the next `open`.

        Raises `sightings_store.StoreError` if there is no store at `path` or it cannot be read.
        """
        from cleaner.sightings_store import load  # the store imports this module

        return load(path)

    @classmethod
    def count(cls, documents: Iterable[tuple[str, str | None, str | None] | Observation]) -> Sightings:
        """Count the lines of a folder in memory. `documents` yields text, URL, site; or what `observe` made of them.

        The result does not depend on the order of the documents.
        """
        tally = Tally()
        texts: dict[int, str] = {}
        sieve = bytearray(_SIEVE)  # how often each line was met, roughly: a line's text is kept from the fourth time on
        for document in documents:
            seen = document if isinstance(document, Observation) else observe(*document)
            if not tally.add(seen.document):
                continue
            for key, text in zip(seen.document.keys, seen.texts, strict=True):
                met = sieve[key % _SIEVE] + 1
                if met < FEWEST_STORIES:
                    sieve[key % _SIEVE] = met
                elif key not in texts:
                    texts[key] = text
        del sieve
        return cls(table(tally.settle(), texts, tally), tally.stories)

    def evidence(self, line: str, url: str | None = None) -> Evidence | None:
        """What is known of one line, if anything, without a look at the document around it. See `weigh`."""
        return self.weigh([line], url)[0]

    def weigh(self, lines: Sequence[str], url: str | None = None) -> tuple[Evidence | None, ...]:
        """What is known of each line of a document; None where nothing speaks against it.

        One story is always taken off, for the document itself: a store cannot tell whether it has learned it, and the
        smaller count is the careful error. `url` is not needed and stands for symmetry with `Cleaner.clean`.
        """
        if self.stories < FEWEST_IN_ALL:
            return (None,) * len(lines)
        forms = [normalise(text) for text in lines]
        found = [self.lines.get(form.key) if form else None for form in forms]
        if not any(found):
            return (None,) * len(lines)
        others = frozenset(
            token for form, seen in zip(forms, found, strict=True) if form and not seen for token in form.tokens
        )
        return tuple(
            self._evidence(text, form, seen, others) if form and seen else None
            for text, form, seen in zip(lines, forms, found, strict=True)
        )

    def _evidence(self, text: str, line: Line, seen: Seen, others: frozenset[str]) -> Evidence | None:
        stories = seen.stories - 1
        if is_standing(line) or is_related(text, line, others):
            return None
        enough = others_needed(self.stories)
        if stories >= enough and decides(text, line, seen):
            weight = min(MOST, ALONE + log2(stories / enough) / 2)
        else:
            weight = min(SUPPORT, log2(stories) / 4)
        sites = f"on {seen.sites} sites" if seen.sites > 1 else "on one site"
        return Evidence(round(weight, 3), f"stands in {stories} other stories {sites}", stories, seen.sites)


def others_needed(stories: int) -> int:
    """The number of other stories that condemn a line among `stories`: 3 in small collections, 21 in a million."""
    return max(FEWEST_STORIES - 1, round(3 * float((stories / 3000) ** (1 / 3))))


def decides(text: str, line: Line, seen: Seen) -> bool:
    """Whether a line is of a kind that enough sightings condemn alone, as far as the line itself can show it."""
    return seen.own and (not seen.varies or sells(line)) and may_decide(text, line)


def is_related(text: str, line: Line, others: frozenset[str]) -> bool:
    """Whether a line speaks of what the rest of its document (`others`, its words) speaks of.

    The names inside the sentence decide, if it has any: most of them stand elsewhere too. Else most of its long words.
    """
    found = names(text)
    if found:
        return sum(name in others for name in found) * 2 > len(found)
    long = {word for word in content_words(line.tokens) if len(word) >= 7}
    return len(long) > 1 and sum(word in others for word in long) * 5 >= len(long) * 3


def table(counts: Mapping[int, Count], texts: Mapping[int, str], tally: Tally) -> dict[int, Seen]:
    """The table for `counts`, which `tally` has settled; `texts` are the lines of it as far as they are known.

    A word is a line's own if fewer lines of single stories use it than there are stories that carry this line.
    """
    in_line = {key: _buckets(texts.get(key, "")) for key in counts}
    uses = tally.uses({bucket for found in in_line.values() for bucket in found})
    return {
        key: Seen(
            count.stories,
            count.sites,
            sum(uses[bucket] < count.stories for bucket in in_line[key]) >= OWN_WORDS,
            count.varies,
        )
        for key, count in counts.items()
    }


def _buckets(text: str) -> list[int]:
    line = normalise(text)
    return buckets(line.tokens) if line else []
