"""Documents gathered into stories, and lines counted by the stories that carry them.

Twenty sites print the same agency report, a crawl fetches one page thirty times, a story is updated all day: all of
these are one story, however often its lines are met. Documents are compared by the lines they share, after Broder, "On
the resemblance and containment of documents" (1997): a document's sketch is the few smallest hashes of its long lines,
the same few in every near-copy, and two documents are one story if what they share is at least two fifths of the
smaller one: an agency report loses a paragraph and gains a headline and three adverts, and to take two stories for one
costs little.

Comparing all pairs would be quadratic. Instead each document asks its sketch which stories already carry those lines
and joins the one with which it shares most, if that is enough. A line that more than `MOST_HOLDERS` stories carry says
nothing of the story any more and is no longer asked, so a document costs at most sketch times holders steps: the whole
is linear. Documents are taken in an order of their own (those with most lines of their own first, then by hash), so
the order in which they came does not matter.

That a document is its own story must also be visible: only a story with lines that no other story carries counts as a
witness against a line. If a story comes apart in two all the same (an agency report cut to a third), its pieces have
next to nothing of their own and are no witnesses.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from cleaner.sightings_documents import END, Document

FEWEST_STORIES = 4  # a line in fewer stories is not reported
MOST_HOLDERS = 8  # a long line carried by more stories tells none of them apart
SKETCH = 32  # lines by which documents are compared: all of them in most articles
FIGURES_SAMPLED = 32  # stories in which the figures of a line are compared
WORDS_OF = 50_000  # documents whose words are kept: a sample tells common words from rare ones
_UNIQUE = 0xFFFFFFFF
_PARTS = 256


@dataclass(frozen=True, slots=True)
class Count:
    """How often a line was met: stories and sites that carry it, and the ordinals of its first and last day.

    `documents` are the copies of all stories. `varies` is true if it carries other figures nearly each time: then the
    figures are news.
    """

    stories: int
    sites: int
    documents: int
    varies: bool
    first: int
    last: int


class Tally:
    """Collects documents, then counts. Eleven bytes a line and some hundred a document are kept, and a sample of words.

    Add everything, call `settle` once, then ask for `stories` and `uses`. The sample holds the documents whose hash is
    a multiple of `modulus`, which doubles when they become too many: it does not depend on the order either.
    """

    def __init__(self, modulus: int = 1) -> None:
        self._known: set[int] = set()
        self.numbers = array("Q")
        self.addresses = array("Q")
        self.days = array("I")
        self.sites = array("I")
        self._site_numbers: dict[str, int] = {}
        self._ends = array("Q", [0])
        self._keys = array("Q")
        self.figures = array("H")
        self.sizes = array("B")
        self._words: dict[int, array[int]] = {}
        self._gathered: _Stories | None = None
        self.modulus = modulus
        self.stories = 0

    def add(self, document: Document) -> bool:
        """Add one document. False, and nothing counted, if it is already here."""
        if document.number in self._known:
            return False
        self._known.add(document.number)
        if document.number % self.modulus == 0:
            self._words[len(self.numbers)] = document.words
        self.numbers.append(document.number)
        self.addresses.append(document.address)
        self.days.append(document.day)
        self.sites.append(self._site_numbers.setdefault(document.site, len(self._site_numbers)))
        self._keys.extend(document.keys)
        self.figures.extend(document.figures)
        self.sizes.extend(document.sizes)
        self._ends.append(len(self._keys))
        while len(self._words) > WORDS_OF:
            self.modulus *= 2
            self._words = {at: words for at, words in self._words.items() if self.numbers[at] % self.modulus == 0}
        return True

    def lines(self, at: int) -> range:
        """Where the lines of the document at this place stand in `sizes` and `figures`."""
        return range(self._ends[at], self._ends[at + 1])

    def settle(self) -> dict[int, Count]:
        """Gather stories and count: what is known of each line that at least `FEWEST_STORIES` stories carry."""
        self._known.clear()
        shared = _repeated(self._keys)
        places = self._places(shared)
        self._gathered = _Stories(self, places, len(shared))
        self.stories = sum(self._gathered.witness)
        return self._gathered.count(shared)

    def uses(self, wanted: Collection[int]) -> dict[int, int]:
        """In how many lines that only one story carries these words stand, by bucket. Estimated from the sample."""
        found = dict.fromkeys(wanted, 0)
        if self._gathered is None:
            return found
        for at, words in self._words.items():
            lines = iter(self.lines(at))
            line = next(lines, None)
            for word in words:
                if word == END:
                    line = next(lines, None)
                elif word in found and line is not None and self._gathered.is_own(line):
                    found[word] += self.modulus
        return found

    def _places(self, shared: array[int]) -> array[int]:
        """For each line its index among the shared ones; the keys themselves are given up to make room."""
        places = array("I")
        total = len(shared)
        for key in self._keys:
            place = bisect_left(shared, key)
            places.append(place if place < total and shared[place] == key else _UNIQUE)
        self._keys = array("Q")
        return places


def _repeated(keys: array[int]) -> array[int]:
    """The keys that occur more than once, sorted. Sorts part by part so that memory stays near that of `keys`."""
    parts = [array("Q") for _ in range(_PARTS)]
    for key in keys:
        parts[key >> 55].append(key)
    repeated = array("Q")
    for at in range(_PARTS):
        ordered = sorted(parts[at])
        parts[at] = array("Q")
        last = previous = -1
        for key in ordered:
            if key == previous and key != last:
                repeated.append(key)
                last = key
            previous = key
    return repeated


class _Stories:
    """Which story each document tells (`of`), and whether a story has enough of its own to bear witness."""

    def __init__(self, tally: Tally, places: array[int], shared: int) -> None:
        self._tally = tally
        self._places = places
        self._first_holder = array("i", [-1]) * shared
        self._more_holders: dict[int, list[int]] = {}
        self._weights: list[int] = []
        self._by_address: dict[int, int] = {}
        self.of = array("i", [-1]) * len(tally.numbers)
        for document in self._order():
            self._place(document)
        self.witness = self._witnesses()

    def _order(self) -> list[int]:
        """Those with most of their own first: they are stories beyond doubt and show which lines are furniture."""
        own = array("H")
        for document in range(len(self.of)):
            total = unique = 0
            for line in self._tally.lines(document):
                size = self._tally.sizes[line]
                total += size
                unique += size if self._places[line] == _UNIQUE else 0
            own.append(unique * 1000 // total if total else 0)
        documents = self._tally.numbers
        return sorted(range(len(self.of)), key=lambda document: (-own[document], documents[document]))

    def _place(self, document: int) -> None:
        sizes, places = self._tally.sizes, self._places
        asked, own = self._asked(document)
        weight = own
        votes: dict[int, int] = defaultdict(int)
        lines: dict[int, int] = defaultdict(int)
        for line in asked:
            holders = self._holders(places[line])
            if len(holders) <= MOST_HOLDERS:
                weight += sizes[line]
                for story in holders:
                    votes[story] += sizes[line]
                    lines[story] += 1
        address = self._tally.addresses[document]
        story = self._by_address.get(address, -1) if address else -1
        if story < 0:
            story = self._best(document, votes, lines, own, weight)
        if story < 0:
            story = len(self._weights)
            self._weights.append(weight)
        if address:
            self._by_address[address] = story
        self.of[document] = story
        for line in self._tally.lines(document):
            if sizes[line] and places[line] != _UNIQUE:
                self._hold(places[line], story)

    def _asked(self, document: int) -> tuple[list[int], int]:
        """The long lines of the sketch that stand in other documents too, and the size of those that do not."""
        sizes, places = self._tally.sizes, self._places
        long = [line for line in self._tally.lines(document) if sizes[line]]
        shared = [line for line in long if places[line] != _UNIQUE]
        own = sum(sizes[line] for line in long if places[line] == _UNIQUE)
        if len(shared) > SKETCH:
            shared = sorted(shared, key=places.__getitem__)[:SKETCH]  # places are in the order of the hashes
        return shared, own

    def _best(self, document: int, votes: dict[int, int], lines: dict[int, int], own: int, weight: int) -> int:
        """The story with which a document shares most, if that is enough; -1 if it is a story of its own.

        Enough is two fifths of the smaller one and, unless both begin alike, a quarter more than the document has to
        itself: short reports with the same long foot have as much of their own as they share.
        """
        opening = next((line for line in self._tally.lines(document) if self._tally.sizes[line]), -1)
        begins: Sequence[int] = ()
        if opening >= 0 and self._places[opening] != _UNIQUE:
            begins = self._holders(self._places[opening])
        best, most = -1, 0
        for story in sorted(votes):
            shared = votes[story]
            smaller = min(weight, self._weights[story])
            if shared <= most or shared * 5 < smaller * 2 or (shared * 4 < own * 5 and story not in begins):
                continue
            if lines[story] > 1 or shared * 4 >= smaller * 3:
                best, most = story, shared
        return best

    def _holders(self, place: int) -> Sequence[int]:
        first = self._first_holder[place]
        return () if first < 0 else self._more_holders.get(place, (first,))

    def _hold(self, place: int, story: int) -> None:
        holders = self._holders(place)
        if not holders:
            self._first_holder[place] = story
        elif story not in holders and len(holders) <= MOST_HOLDERS:
            self._more_holders[place] = [*holders, story]

    def is_own(self, line: int) -> bool:
        """Whether only one story carries this line. Of short lines, whether only one document does."""
        place = self._places[line]
        return place == _UNIQUE or len(self._holders(place)) == 1

    def _witnesses(self) -> bytearray:
        """One byte a story: 1 if some copy of it has half of its text, or a quarter in two lines, to itself."""
        witness = bytearray(len(self._weights))
        sizes = self._tally.sizes
        for document, story in enumerate(self.of):
            if witness[story]:
                continue
            total = own = lines = 0
            for line in self._tally.lines(document):
                if size := sizes[line]:
                    total += size
                    if self.is_own(line):
                        own += size
                        lines += 1
            if total and (own * 2 >= total or (lines > 1 and own * 4 >= total)):
                witness[story] = 1
        return witness

    def count(self, shared: array[int]) -> dict[int, Count]:
        """Distinct stories, sites and days of each line that enough stories carry."""
        tally, places = self._tally, self._places
        total = len(shared)
        carried = array("I", [0]) * total
        copies = array("I", [0]) * total
        last = array("i", [-1]) * total
        order = sorted(range(len(self.of)), key=lambda at: (self.of[at], tally.numbers[at]))
        for document in order:
            story = self.of[document]
            counts = self.witness[story]
            for line in self._tally.lines(document):
                place = places[line]
                if place != _UNIQUE:
                    copies[place] += 1
                    if counts and last[place] != story:
                        last[place] = story
                        carried[place] += 1
        details = _Details({place for place in range(total) if carried[place] >= FEWEST_STORIES}, last, total)
        for document in order:
            story, site, day = self.of[document], tally.sites[document], tally.days[document]
            for line in self._tally.lines(document):
                if places[line] in details.figures:
                    details.see(places[line], story, site, tally.figures[line], day)
        return {
            shared[place]: Count(
                carried[place], len(details.sites[place]), copies[place], details.varies(place), *details.days[place]
            )
            for place in sorted(details.figures)
        }


class _Details:
    """Sites, days and figures of the lines that are reported; they are few."""

    def __init__(self, wanted: set[int], last: array[int], total: int) -> None:
        self.figures: dict[int, list[int]] = {place: [] for place in wanted}
        self.sites: dict[int, set[int]] = {place: set() for place in wanted}
        self.days: dict[int, tuple[int, int]] = {}
        self._last = array("i", [-1]) * total

    def see(self, place: int, story: int, site: int, figures: int, day: int) -> None:
        self.sites[place].add(site)
        first, latest = self.days.get(place, (day, day))
        self.days[place] = (min(first, day), max(latest, day))
        if figures and self._last[place] != story and len(self.figures[place]) < FIGURES_SAMPLED:
            self.figures[place].append(figures)
        self._last[place] = story

    def varies(self, place: int) -> bool:
        seen = self.figures[place]
        return len(seen) >= FEWEST_STORIES and len(set(seen)) * 2 > len(seen)
