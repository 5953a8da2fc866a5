"""Shelters: lines that look like promotion and are the article's by their place or form.

Each was counted on the labelled data before it was built: of the lines that it protects, hardly one in thirty was
injected. `judge.py` says which of them rules may overrule.
"""

from __future__ import annotations

import re
from collections import Counter

from .lazily import lazy
from .matching import encode
from .signals import MONEY, TIME, Shape
from .surroundings import FEW, NEAR, Surroundings, stems
from .vocabulary import voices

SAID = 8  # words from which a sentence with a verb of speech tells what somebody said
LONGEST_ATTRIBUTION = 5  # words
LONGEST_SUBHEADING = 5  # words; of lines as short that stand right before prose one in seventy was injected
LONG_QUESTION = 10  # words of a question that is no headline
LONGEST_VALUE = 14  # words of a line that gives a name and a value
LONGEST_HEAD = 3  # words of a line that may head other short lines
FEWEST_ASKING = 6  # words of a question that stands for itself
FEWEST_ANNOUNCING = 3  # words of a line with a colon that announces what follows
LONG_ANNOUNCING = 5  # words of such a line that does so even where a rule knows what follows: it may be quoted
LONGEST_SPEECH = 3000  # characters of a block that may begin with its speaker's name
LONGEST_TIME = 16  # characters
LONGEST_ENTRY = 9  # words of an entry of a list
FEWEST_ENTRIES = 3
FEWEST_PRICES = 4  # short lines with a price that make prices a subject: of 138 such lines none was injected
FEWEST_OFFERS = 8  # such lines where one that stands alone between two paragraphs can be an offer of the article
LONGEST_PRICED = 25  # words of one of them
TELLING_FRAME = 2  # marks from which two lines of one frame are entries of a list
WEAK_FRAMES = frozenset(("", ":", ",", "-", "|"))  # marks that headlines have in common, too
FEWEST_TOLD = 16  # words of prose that addresses somebody, and is more than a pitch
FEWEST_BROKEN = 8  # words of a line that begins in lower case: the rest of a broken sentence
FEWEST_BEGUN = 6  # words of a line that begins a sentence which the next line goes on with, in lower case
LONGEST_ECHOED = 6  # words of a heading whose words come back right below
FEWEST_BELOW = 3  # words of a line below one that announces a list; shorter ones are told by other means
MOST_BELOW = 4  # lines below it
OPENING = 2  # the last of the blocks that open an article: headline, byline, first subheading

VERSE_WORDS = range(3, 15)  # of a line of verse
SHORTEST_RHYME = 3  # letters of a word that rhymes

_BEGINS_WITH_TIME = re.compile(r"\(?\d{1,2}[:.h]\d{2}\b(?!\d)")
_QUESTION_OR_ANSWER = re.compile(r"(?:Q|A|F|P|R|D|В|О|Π|Ε|问|答|問|Q\d+|A\d+)\s?[.:)]\s?(?=\S)")
_QUOTATION = re.compile(r"\"[^\"]{8,}(?:[.!?]\" .{0,40}|\",? ?[-(].{0,60}|\"[.,!?]?)$")
_TELEPHONE = re.compile(r"(?<![\w/=])\+?\d(?:[ ()./-]{0,2}\d){6,12}(?![\w/])")
_POSTAL = re.compile(r"[^\W\d_][^\d,:;|]{3,40},? \d{1,4} ?[a-z]?, (?:\d{4,6} )?[^\W\d_a-zß-öø-ÿ][^\d,.:;|!?]{2,30}$")
_POST = re.compile(r"\bpic\.twitter\.com/|https?://t\.co/\w")
_NOTE = re.compile(r"\\?[*†‡] ?(?=[^\W\d_])")
_DAY = re.compile(r"(?:19|20)\d\d[-/.]\d|\d[/.]\d{1,2}[/.]\d{2}")
_TIME_AND_TEXT = re.compile(r"\(?\d{1,2}[:.h]\d{2}\)? ?(?:uhr|am|pm|a\.m\.|p\.m\.|h)? ?[-:] ?\S", re.I)
_SPEAKER = re.compile(
    r"(?=[^:]{3,32}:)(?:[^\W\d_a-zà-öø-ÿ][^\W\d_a-zà-öø-ÿа-я.'-]* )*([^\W\d_a-zà-öø-ÿ][^\W\d_a-zà-öø-ÿа-я.'-]+): \S"
)
_ANSWERING = re.compile(r"(?=[^:]{2,24}:)[^\W\d_a-zà-öø-ÿа-я][^\s:]*(?: [^\s:]+)?(?=: \S)")
_LINE_UP = re.compile(r"[^:]{2,40}: ?(?:[^,;:]{2,30}[,;] ?){6}")
# A word or two in an item before all prose: a step of the path to the page, as nearly all of them are.
_STEP = re.compile(r"[^\W\d_]+(?: [^\W\d_]+)?$")
_TITLE = re.compile(r"# \S")
_YEAR = re.compile(r"(?:1[4-9]|20)\d\d(?=(?:[:,.-]| -)? [^\W\d])")
_NUMBERED = re.compile(r"\s*\d{1,2}[.)]\s")


def _is_told(shape: Shape) -> bool:
    """Whether the last clause of a short sentence says who said it: "Tell us more, the judge asked."."""
    said, comma, by_whom = shape.folded.partition(", ")
    if not comma or len(said.split()) < 2 or len(by_whom.split()) > LONGEST_ATTRIBUTION:
        return False
    return 3 in (voices().Match(encode(by_whom)) or ())


def _names_many(shape: Shape) -> bool:
    """Whether the line is a line-up: a name, a colon, and seven or more short parts behind it."""
    return not shape.is_link and bool(_LINE_UP.match(shape.folded))


class Shelters(Surroundings):
    """The surroundings of an article's blocks, and what they protect."""

    def shelter(self, index: int) -> str:
        """What protects a line that is the article's by its place or form; the judge's `SHELTERS` names the kinds."""
        shape = self.shapes[index]
        kind = shape.block.kind
        if shape.ends_like_sentence and 3 in shape.voices and (shape.words >= SAID or _is_told(shape)):
            return "speech"
        plain = not shape.addressing or self._opens_section(index)
        if shape.solid or (shape.prose and plain and self._states(shape)):
            return "sentence"
        if shape.prose and shape.words >= FEWEST_TOLD:
            return "paragraph"
        if self._is_echoed(index):
            return "echoed"
        if self._is_broken(index):
            return "broken"
        path = kind == "item" and bool(_STEP.match(shape.folded)) and self.place(index) == "head"
        if index <= OPENING and shape.words >= 2 and self.place(index) == "head" and not path:
            return "title" if index == 0 and kind == "heading" else "headline"
        if kind == "row":
            beside = [at for at in (index - 1, index + 1) if 0 <= at < len(self.shapes)]
            several = shape.block.text.count("|") >= 3
            return "row" if several and any(self.shapes[at].block.kind == "row" for at in beside) else ""
        if kind == "item" and not shape.is_link and self._announced(index) in ("directly", "above"):
            return "announced"
        if TIME.match(shape.folded):
            told = self.live or any(after.ends_like_sentence for after in self.shapes[index + 1 : index + 3])
            return "time" if told else ""
        if self.timed >= FEWEST_ENTRIES and self._is_entry(shape):
            return "time"
        if kind == "heading" and self._has_section(index):
            return "heading"
        if kind == "heading" and self.titles == 1 and _TITLE.match(shape.block.text) and not shape.is_link:
            return "title"
        if (shape.ending == "question" and self._asks(index)) or self._answers(index) or self._speaks(shape):
            return "question"
        if self._quotes(index):
            return "quote"
        if kind == "item" and self._numbered(index):
            return "list"
        if shape.ending == "colon" and not shape.is_link and self._announces(index):
            return "announcing"
        if not path and self._heads(index):
            return "subheading"
        if self._stands_below(index):
            return "below"
        if self._rhymes(index):
            return "verse"
        if self._lists(index) or self._notes(index):
            return "list"
        if self._reaches(index):
            return "service"
        if self._prices(index):
            return "price"
        if _POST.search(shape.folded) and not shape.is_link:
            return "post"
        return ""

    def _states(self, shape: Shape) -> bool:
        """Whether the line is a full sentence, or a question too long for a headline."""
        return shape.ending in ("stop", "stop-quote") or (shape.ending == "question" and shape.words >= LONG_QUESTION)

    def _is_broken(self, index: int) -> bool:
        """Whether the line is a piece of a sentence that an extractor has cut into lines."""
        shape = self.shapes[index]
        if shape.is_link:
            return False
        if shape.start == "lower" and shape.words >= FEWEST_BROKEN:
            return True
        piece = self._unfinished(index)
        return (piece == "tail" and shape.ending == "stop") or (piece == "head" and shape.words >= FEWEST_BEGUN)

    def _opens_section(self, index: int) -> bool:
        """Whether a marked heading that no rule knows stands right above, as above the first lines of a section."""
        return index > 0 and self.shapes[index - 1].block.kind == "heading" and not self.labelled[index - 1]

    def _heads(self, index: int) -> bool:
        """Whether the line can be the subheading of what follows at once: short, and no label announces it."""
        shape = self.shapes[index]
        if shape.words > LONGEST_SUBHEADING or shape.ending not in ("none", "question", "digit"):
            return False
        if shape.is_link or index + 1 == len(self.shapes) or self._label_above(index) in ("directly", "advert"):
            return False
        after = index + 1
        if self._prose_follows(index) or self._listed(after) or self._quotes(after):
            return True
        if self._named(after) or self._reaches(after) or self._rhymes(after):
            return True
        if self._run_size(index) not in ("1-5", "6-12"):
            return False
        following = self.shapes[index + 1]
        if following.block.kind in ("item", "row") and not following.is_link and not self.labelled[index + 1]:
            return True
        if shape.words > LONGEST_HEAD or self.labelled[index + 1] or self._label_above(index) != "no":
            return False
        return self.form == "mixed" or (index > 0 and self._listed(index - 1))

    def _is_echoed(self, index: int) -> bool:
        """Whether all words of a short line come back in the paragraph right below, as those of a heading do.

        Of such lines one in a hundred was injected. What a rule calls a label of adverts may stand anywhere.
        """
        shape = self.shapes[index]
        if shape.words > LONGEST_ECHOED or shape.is_link or shape.block.kind in ("item", "row"):
            return False
        if index + 1 == len(self.shapes) or not self.solid[index + 1] or self.announcing[index] == "ad":
            return False
        own, text = stems(shape.lowered), self.shapes[index + 1].lowered
        return bool(own) and all(stem in text for stem in own)

    def _stands_below(self, index: int) -> bool:
        """Whether the line is one of the first below a line with a colon, and no label or paragraph is between them."""
        shape = self.shapes[index]
        if self.solid[index] or self.labelled[index] or shape.ending not in ("none", "digit", "bracket"):
            return False
        if shape.words < FEWEST_BELOW or shape.is_link:
            return False
        for at in range(index - 1, max(-1, index - 1 - MOST_BELOW), -1):
            above = self.shapes[at]
            if above.is_link or self.labelled[at]:
                return False
            if above.ending == "colon":
                return above.words >= FEWEST_ANNOUNCING and self._label_above(at) == "no"
            if self.solid[at] or above.ending in ("stop", "question"):
                return False
        return False

    def _prose_follows(self, index: int) -> bool:
        return index + 1 < len(self.shapes) and self.shapes[index + 1].solid and self.solid[index + 1]

    def _has_section(self, index: int) -> bool:
        """Whether a heading stands above prose, or above a list that is none of links."""
        if index + 1 == len(self.shapes) or self.labelled[index + 1]:
            return False
        following = self.shapes[index + 1]
        listed = following.block.kind in ("item", "row") and not following.is_link and not self.labelled[index]
        return following.prose or listed

    def _quotes(self, index: int) -> bool:
        """Whether the line is somebody's words between quotation marks, and perhaps whose: no headline ends so."""
        shape = self.shapes[index]
        if shape.start != "quote" or shape.is_link or not _QUOTATION.match(shape.folded):
            return False
        return self._label_above(index) not in ("directly", "near")

    def _answers(self, index: int) -> bool:
        """Whether the line is one of several that begin with the letter of a question or an answer, or follows one."""
        shape = self.shapes[index]
        if shape.ending in ("stop", "stop-quote") and index and self.shapes[index - 1].ending == "question":
            return not self.labelled[index - 1]
        return bool(_QUESTION_OR_ANSWER.match(shape.folded)) and self.asked >= FEWEST_ENTRIES

    def _announces(self, index: int) -> bool:
        """Whether a line with a colon at its end announces what follows: a long one does so whatever that is."""
        if index + 1 == len(self.shapes):
            return False
        return self.shapes[index].words >= (LONG_ANNOUNCING if self.labelled[index + 1] else FEWEST_ANNOUNCING)

    def _is_entry(self, shape: Shape) -> bool:
        """Whether a line is an entry with its time before it: a sentence, or what a dash or a colon sets off."""
        entry = _BEGINS_WITH_TIME if shape.ends_like_sentence else _TIME_AND_TEXT
        return not shape.is_link and bool(entry.match(shape.folded))

    def _speaks(self, shape: Shape) -> bool:
        """Whether the line begins with the name, in capitals, of one of several who speak in turns."""
        name = _SPEAKER.match(shape.folded)
        return name is not None and len(self.speakers) > 1 and self.speakers[name.group(1)] > 1

    @lazy
    def speakers(self) -> Counter[str]:
        """Who speaks how often: the last names, in capitals, that blocks begin with. What stands twice counts once."""
        said = {shape.folded for shape in self.shapes if shape.length <= LONGEST_SPEECH}
        return Counter(name.group(1) for name in map(_SPEAKER.match, said) if name)

    def _named(self, index: int) -> bool:
        """Whether the line and one beside it give a name and a value: "Lighting: Atelier Ferrand"."""
        if not self._gives_value(index) or self._label_above(index) in ("directly", "near", "advert"):
            return False
        return any(0 <= at < len(self.shapes) and self._gives_value(at) for at in (index - 1, index + 1))

    def _reaches(self, index: int) -> bool:
        """Whether the line gives a telephone number or an address, and is not one of a page's footer."""
        shape = self.shapes[index]
        if (self.labels > FEW and self.place(index) in ("tail", "no-prose")) or shape.is_link:
            return False
        if _POSTAL.match(shape.folded):
            return True
        return bool(_TELEPHONE.search(shape.folded)) and not _DAY.search(shape.folded)

    def _prices(self, index: int) -> bool:
        """Whether the line names a price, as several others of the article do, and no label announces it."""
        shape = self.shapes[index]
        if shape.words > LONGEST_PRICED or not MONEY.search(shape.folded):
            return False
        alone = not self._run_before[index] and not self._run_after[index]
        if self.priced < (FEWEST_OFFERS if alone else FEWEST_PRICES):
            return False
        return self._label_above(index) not in ("directly", "near", "advert")

    @lazy
    def priced(self) -> int:
        """How many short lines name a price."""
        return sum(
            not prose and shape.words <= LONGEST_PRICED and bool(MONEY.search(shape.block.text))
            for shape, prose in zip(self.shapes, self.solid, strict=True)
        )

    def _notes(self, index: int) -> bool:
        """Whether the line, with an asterisk before it, stands below a list whose entries have none: a note to it."""
        if not _NOTE.match(self.shapes[index].block.text) or self.shapes[index].is_link:
            return False
        above = index - 1
        while above >= 0 and index - above <= FEWEST_ENTRIES and _NOTE.match(self.shapes[above].block.text):
            above -= 1
        return above >= 0 and self.shapes[above].block.kind != "item" and self._lists(above)

    @lazy
    def titles(self) -> int:
        """How many headings are of the first level; none if the marks are not Markdown's."""
        return sum(shape.block.kind == "heading" and bool(_TITLE.match(shape.block.text)) for shape in self.shapes)

    def _gives_value(self, index: int) -> bool:
        shape = self.shapes[index]
        if self.solid[index] or self.labelled[index] or shape.words > LONGEST_VALUE or shape.is_link:
            return False
        name, colon, value = shape.folded.partition(": ")
        return bool(colon and value) and len(name) <= 30 and len(name.split()) <= 4 and len(value.split()) <= 10

    @lazy
    def asked(self) -> int:
        """How many blocks begin with the letter of a question or an answer."""
        return sum(bool(_QUESTION_OR_ANSWER.match(shape.folded)) for shape in self.shapes)

    def _asks(self, index: int) -> bool:
        """Whether the line is a question in plain words between paragraphs, as in an interview."""
        shape = self.shapes[index]
        if self._is_answered(index):
            return True
        plain = shape.words >= FEWEST_ASKING and shape.case not in ("title", "upper")
        return plain and self._prose_follows(index) and (index == 0 or self.solid[index - 1])

    def _is_answered(self, index: int) -> bool:
        """Whether the block right below begins with the name of one who answers all along: "Voss: At night."."""
        if index + 1 == len(self.shapes) or self.labelled[index + 1]:
            return False
        name = _ANSWERING.match(self.shapes[index + 1].folded)
        return name is not None and self.answering[name.group()] >= FEWEST_ENTRIES

    @lazy
    def answering(self) -> Counter[str]:
        """How many blocks begin with which name and a colon."""
        names = (_ANSWERING.match(shape.folded) for shape in self.shapes if shape.length <= LONGEST_SPEECH)
        return Counter(name.group() for name in names if name)

    def _rhymes(self, index: int) -> bool:
        """Whether the line ends like a short line beside it or the one after that: a line of verse."""
        shape = self.shapes[index]
        own = shape.last_word
        if not self._verse_like(index) or len(own) < SHORTEST_RHYME or self._label_above(index) != "no":
            return False
        for at in (index - 2, index - 1, index + 1, index + 2):
            if 0 <= at < len(self.shapes) and not self.labelled[at] and self._verse_like(at):
                other = self.shapes[at].last_word
                if len(other) >= SHORTEST_RHYME and other != own and other[-2:] == own[-2:]:
                    return True
        return False

    def _verse_like(self, index: int) -> bool:
        shape = self.shapes[index]
        fits = not self.solid[index] and shape.words in VERSE_WORDS and not shape.is_link
        return fits and shape.case in ("sentence", "mixed", "short")

    def _numbered(self, index: int) -> bool:
        """Whether the line is one of several with numbers of their own, steps or places, that no label announces."""
        if not _NUMBERED.match(self.shapes[index].block.text) or self.shapes[index].is_link:
            return False
        beside = self.shapes[max(0, index - NEAR) : index + NEAR + 1]
        several = sum(bool(_NUMBERED.match(shape.block.text)) for shape in beside) >= FEWEST_ENTRIES
        return several and self._label_above(index) in ("no", "other")

    def _lists(self, index: int) -> bool:
        """Whether the line is an entry of a list, or a whole list."""
        return _names_many(self.shapes[index]) or self._listed(index) or self._named(index) or self._dated(index)

    def _listed(self, index: int) -> bool:
        """Whether the line is one of several built alike that no label announces: results, candidates, ingredients."""
        shape = self.shapes[index]
        if self.solid[index] or shape.words > LONGEST_ENTRY or shape.frame in WEAK_FRAMES or shape.is_link:
            return False
        if self._twin(index) != "marks" or self._label_above(index) in ("directly", "near", "advert"):
            return False
        first, last = self._run(index)
        alike = [
            at
            for at in range(first, last + 1)
            if not self.labelled[at] and not self.solid[at] and self.shapes[at].frame == shape.frame
        ]
        return len(alike) >= (FEWEST_ENTRIES if len(shape.frame) < TELLING_FRAME else 2)

    def _dated(self, index: int) -> bool:
        """Whether the line is one of several that begin with their years, in order: a life, a chronology."""
        if not _YEAR.match(self.shapes[index].folded) or self._label_above(index) in ("directly", "near", "advert"):
            return False
        first, last = self._run(index)
        years = [found.group() for shape in self.shapes[first : last + 1] if (found := _YEAR.match(shape.folded))]
        return len(years) >= FEWEST_ENTRIES and years in (sorted(years), sorted(years, reverse=True))

    @lazy
    def timed(self) -> int:
        """How many blocks begin with a time."""
        return sum(bool(_BEGINS_WITH_TIME.match(shape.block.text)) for shape in self.shapes)

    @lazy
    def live(self) -> bool:
        """Whether the article is told in entries with a time above each, and prose in every other one at least."""
        times = [
            index
            for index, shape in enumerate(self.shapes)
            if shape.length <= LONGEST_TIME and TIME.match(shape.folded)
        ]
        if len(times) < FEWEST_ENTRIES:
            return False
        return (self._before[times[-1]] - self._before[times[0]]) * 2 >= len(times)
