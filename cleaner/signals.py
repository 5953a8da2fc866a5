"""Signals of a block alone: pure measures, each answering with one of a few named values.

A signal knows nothing of weights. `judge.py` looks the value up in `weights.toml` and adds the log-odds; so every
verdict is a sum that `explain` can show. The measures follow what readers of extractor output go by: shape of the line
(Pomikálek 2011, jusText; Kohlschütter et al. 2010, boilerpipe: number of words, link density); what a block is to those
around it, `surroundings.py` tells. Nothing is measured before somebody asks for it: most blocks are long prose, which a
glance recognises.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import lru_cache

from .article import Block
from .folding import LINK, LONGEST_FOLDED, fold
from .lazily import lazy
from .matching import encode
from .vocabulary import GOES_ON, OTHER_PROMISES, PROMISES, STOPWORDS, voices

Values = dict[str, str]

LONGEST_HEADLINE = 20  # words: what is longer and ends like a sentence is one, whatever its capitals
MANY_CAPITALS, ALL_CAPITALS = 6, 0.8  # words of a line in capitals, and the share of them that must be
LINKED = 0.5  # of the characters inside links: a block with more is a link
LONG = 40  # words from which a sentence-shaped block is body unless a rule says otherwise
HEADLINE_WORDS = range(3, 22)
HEADLINE_ENDINGS = frozenset(("none", "question", "exclamation", "quote", "digit", "ellipsis", "bracket"))
LONGEST_FRAME = 12  # marks of a frame
FRAMED = 120  # characters of a line whose frame is looked at
PIECE = 50_000  # characters whose words are counted at a time: all words of a line of megabytes are too many to hold
LONGEST_COUNTED = 500  # characters whose stopwords are counted
FEWEST_COUNTED = 3  # words
GLANCE = 300  # characters: that many hold more than `LONG` words in nearly every language

_LETTER_WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?。！？।؟۔։᙮፡።…](?:[\"')\]]|\s)*$")
_INNER_SENTENCE = re.compile(r"[.!?;](?:[\"')\]])*\s+[\"'(]*[^\W\d_a-zà-öø-ÿ]|[。！？।۔](?=.)|[,;，、؛،] ")
_STOP_THEN_CAPITAL = re.compile(r"(?<=[^\W\d_]{3})[.!?][\"')]*\s+[\"'(]*[^\W\d_]|[。！？।۔؟].")
TIME = re.compile(r"^\(?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s*(?:uhr|am|pm|a\.m\.|p\.m\.|h))?\)?$", re.I)
_NUMBER = re.compile(r"^[\W\d_]+$")
_DIGIT = re.compile(r"\d")
_COMMA = re.compile(r"[,;、，،;] ?")
_FRAME = re.compile(r"[^\w\s'\"?!.]|\d(?=\d*)(?<!\d\d)|(?<!\w)\w(?!\w)")
_TOKENS = re.compile(r"\w+")
_WORDS_AND_ELISIONS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_ELIDED = re.compile(r"(?:[cdjlmnst]|qu|un|dell|all|nell|sull|dall)'")
_DATE = re.compile(
    r"\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d\b|\b\d{1,2}\.? "
    r"[^\W\d_]{3,10}\.?,? (?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,9}\.? \d{1,2}, (?:19|20)\d\d\b|(?:19|20)\d\d年|\d{1,2}月\d{1,2}日|(?:19|20)\d\d년"
)
_AGO = re.compile(
    r"\d+\s?(?:h|hours?|hrs?|min(?:ute)?s?|days?|weeks?|months?|years?)\s+ago\b|\d+\s?(?:時間|分|日|か月|年)前|\d+\s?(?:시간"
    r"|분|일) ?전|\d+\s?(?:小时|分钟|天|小時|分鐘)前|vor \d+ |il y a \d+|hace \d+|há \d+ |\d+ (?:ore|giorni) fa\b",
    re.I,
)
_DURATION = re.compile(r"(?:^|\s|\()\d{1,2}:\d{2}(?:\)|\s|$)")
MONEY = re.compile(r"[$€£¥₹₽₴₺₩]\s?\d|\d\s?(?:[$€£¥₹₽₴₺₩]|euros?\b|dollars?\b|kr\b|zł\b|usd\b|eur\b|円|元|원)", re.I)
_PERCENT_OFF = re.compile(r"\d\s?%|\bsave\b", re.I)
_ADDRESS = re.compile(
    r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|org|net|de|fr|co\.uk|es|it|nl|pl|se|no|dk|jp|ru"
    r"|br)\b(?!\w)",
    re.I,
)
_HANDLE = re.compile(r"(?:^|\s)[@#]\w+")
_TAG_AT_END = re.compile(r"[\[(][A-Z][\w \-]{2,18}[\])]$")
_LABEL_COLON = re.compile(r"^[^\W\d_][^:.!?\"]{1,28}:\s?\S")
_SEPARATOR = re.compile(r"\s[|•·/»›-]\s|\|")
_QUOTES = re.compile(r"\"[^\"]{2,}\"|^\"|\"$|(?:^|\s)'[^']{3,}'(?:\W|$)")
_HOST = re.compile(r"(?i)(?:https?:)?//(?:[^/@\s]*@)?([^/:?#\s]+)")
_COMMON_HOST_WORDS = frozenset("www m en co com org net ac gov gob gouv or ne go".split())
_TEASER = re.compile(
    r"^(?:this|these|why|how|what|when|here's|here are|meet|watch|see|inside|the real reason|\d+ )\b", re.I
)


class Shape:
    """What a block looks like by itself. `flat` is its text as `folding.flatten` makes it, if known."""

    def __init__(self, block: Block, flat: str | None = None) -> None:
        self.block = block
        self.length = len(block.text)
        self._flat = flat
        text = block.text
        if (
            self.length >= GLANCE
            and block.markup is None
            and "](" not in text
            and (text[-1] in ".!?" or _SENTENCE_END.search(text, self.length - 4))
        ):
            self.prose = self.solid = not text.endswith(("...", "…"))
            self._glanced = True
            return
        self._glanced = False
        self.prose = self._is_prose()
        self.solid = self.prose and self._is_solid()

    @lazy
    def words(self) -> int:
        """Words by white space; in scripts without spaces, by two characters."""
        if self._glanced:
            return max(word_count(self.block.text), LONG)
        return word_count(self.block.text if self.length > LONGEST_FOLDED else self.folded)

    @lazy
    def folded(self) -> str:
        """The block as rules see it."""
        return fold(self.block.text, self._flat)

    @lazy
    def lowered(self) -> str:
        """The folded block in lower case."""
        return self.folded.lower()

    @lazy
    def ends_like_sentence(self) -> bool:
        """Whether the last mark is one that ends a sentence."""
        folded = self.folded
        if folded[-1:] in ".!?" and folded:
            return not folded.endswith("...")
        if folded[-1:].isalnum():
            return False
        return bool(_SENTENCE_END.search(folded, max(0, len(folded) - 8)))

    @lazy
    def links(self) -> tuple[float, bool]:
        """Share of the characters inside links, and whether the block is a picture and nothing else."""
        return _links(self.block)

    @property
    def is_link(self) -> bool:
        """Whether at least half of the block is inside links."""
        return self.links[0] >= LINKED

    @lazy
    def target(self) -> str:
        """Where the first link of the block leads, as it is written; empty if it is not known."""
        found = LINK.search(self.block.text) if self.links[0] else None
        return found.group(3).strip("<>") if found else ""

    @lazy
    def values(self) -> Mapping[str, str]:
        """The signals of the block alone."""
        folded, words = self.folded, self.words
        return {
            "length": LENGTHS[bisect_left(_LENGTH_LIMITS, words)],
            "ending": self.ending,
            "kind": self.block.kind,
            "case": self.case,
            "sentences": _sentences(folded),
            "start": self.start,
            "marks": _marks(folded, words),
            "figures": self.figures,
            "quote": "yes" if self.quoted else "no",
            "link": "image" if self.links[1] else _share(self.links[0]),
            "reader": self.reader,
            "offer": "yes" if 2 in self.voices else "no",
            "speech": "yes" if 3 in self.voices else "no",
            "commas": _commas(folded),
            "teaser": "yes" if _TEASER.match(folded) else "no",
            "bait": self._bait(),
            "stopwords": self._stopwords(),
            "opens": "goes-on" if self.first_word.strip("\"'([{.,;:!?") in GOES_ON else "plain",
        }

    @lazy
    def ending(self) -> str:
        """The kind of the last mark."""
        folded = self.folded
        if not folded:
            return "none"
        last = folded[-1]
        if last.isalpha():
            return "none"
        if last == "." and folded.endswith("..."):
            return "ellipsis"
        if last in "\"')]" and self.ends_like_sentence:
            return "stop-quote"
        if last.isdigit() or last == "%":
            return "digit"
        return _ENDINGS.get(last, "none")

    @lazy
    def start(self) -> str:
        """The kind of the first character."""
        if not self.folded:
            return "none"
        first = self.folded[0]
        if first in "\"'":
            return "quote"
        if first in "([{<":
            return "bracket"
        if first.isdigit():
            return "digit"
        if first.islower():
            return "lower"
        return "letter" if first.isalpha() else "mark"

    @lazy
    def case(self) -> str:
        """How the line is capitalised."""
        folded, upper = self.folded, self.folded.upper()
        if upper == self.lowered:  # a script without capitals
            return "short" if self.words <= 3 else "sentence"
        letters = _LETTER_WORDS.findall(folded)
        if upper == folded and letters:
            return "upper" if len(letters) > 1 or len(folded) > 4 else "upper-short"
        if len(letters) >= MANY_CAPITALS and sum(map(str.isupper, letters)) >= ALL_CAPITALS * len(letters):
            return "upper"  # "SINGER CLEARED TO PERFORM AT AMAs"
        long = [word for word in letters[1:] if len(word) >= 4]
        capital = len([word for word in long if word[0].isupper()])
        if len(long) >= 3 and capital >= 0.8 * len(long):
            return "title"
        if any(word.isupper() for word in long) or (letters and len(letters[0]) >= 4 and letters[0].isupper()):
            return "upper-word"
        if not any(word[0].isupper() for word in letters):
            return "lower"
        if self.words <= 3:
            return "short"
        return "mixed" if capital * 2 >= len(long) and len(long) >= 2 else "sentence"

    @lazy
    def figures(self) -> str:
        """What kind of numbers the line has."""
        folded = self.folded
        if not _DIGIT.search(folded):
            return "no"
        for name, pattern in _FIGURES:
            if pattern.search(folded):
                return name
        return "some"

    @lazy
    def headline(self) -> bool:
        """Whether the line has the length and the ending of a headline."""
        return self.words in HEADLINE_WORDS and self.ending in HEADLINE_ENDINGS and self.block.kind != "row"

    @lazy
    def frame(self) -> str:
        """What stands between the words: marks, figures and one-letter words, in order."""
        marks = _FRAME.findall(self.lowered[:FRAMED])[:LONGEST_FRAME]
        return "".join(["9" if mark.isdigit() else mark for mark in marks])

    @lazy
    def first_word(self) -> str:
        """The first word, in lower case."""
        return self.lowered[:FRAMED].partition(" ")[0]

    @lazy
    def last_word(self) -> str:
        """The last word, in lower case."""
        words = _LETTER_WORDS.findall(self.lowered[-FRAMED:])
        return words[-1] if words else ""

    @lazy
    def quoted(self) -> bool:
        """Whether somebody is quoted in the line."""
        folded = self.folded
        return ('"' in folded or "'" in folded) and bool(_QUOTES.search(folded))

    @lazy
    def voices(self) -> Sequence[int]:
        """Who speaks in the line: see `vocabulary.voices`."""
        return voices().Match(encode(self.folded)) or ()

    @property
    def addressing(self) -> bool:
        """Whether the line speaks to the reader, of the outlet, or offers something."""
        return any(voice < 3 for voice in self.voices)

    @property
    def reader(self) -> str:
        """Whether the line speaks to the reader, of the outlet, or both."""
        return ("you" if 0 in self.voices else "") + ("we" if 1 in self.voices else "") or "no"

    def _stopwords(self) -> str:
        """The share of articles, auxiliaries, prepositions and their like; of languages that hardly have such, none."""
        low = self.lowered[:LONGEST_COUNTED]
        if not low.isascii() and _without_stopwords().search(low):
            return "other-script"
        words = _WORDS_AND_ELISIONS.findall(low)
        if len(words) < FEWEST_COUNTED:
            return "short"
        share = len([word for word in words if word in STOPWORDS or _ELIDED.match(word)]) / len(words)
        return "no" if not share else STOPWORD_SHARES[bisect_right(_STOPWORD_LIMITS, share)]

    def _bait(self) -> str:
        """How many marks of a teaser a headline has: capitals, a question, the reader, a hidden object, a promise."""
        folded = self.folded
        if not 5 <= self.words <= 18 or (self.ends_like_sentence and folded[-1] not in "?!"):
            return "no-headline"
        marks = (
            self.case in ("title", "upper"),
            "?" in folded,
            0 in self.voices,
            bool(_TEASER.match(folded)),
            _promises(self.lowered),
            ": " in folded,
        )
        return str(min(4, sum(marks)))

    def _is_prose(self) -> bool:
        """Ends like a sentence and is no link: one of the lines that carry the article along."""
        if not self.ends_like_sentence or self.words < 5 or self.is_link:
            return False
        if self.words <= 14 and self.folded[-1] in "?؟" and not self.quoted:
            return False
        if self.words > LONGEST_HEADLINE:
            return self.words >= LONG or self.case != "upper"
        return self.case not in ("title", "upper")

    def _is_solid(self) -> bool:
        """Prose long enough to be body until a rule says otherwise. Short pitches to the reader are not."""
        if self.words < 12:
            return False
        if self.words >= LONG or self.quoted:
            return True
        return not self.addressing and self.figures != "money"


def word_count(text: str) -> int:
    """Words by white space; in scripts without spaces (Han, Kana, Thai, Khmer, Burmese) two characters are a word."""
    if len(text) <= PIECE:
        words = len(text.split())
    else:
        words = sum(len(text[at : at + PIECE].split()) for at in range(0, len(text), PIECE))
    if text.isascii():
        return words
    if len(text) > GLANCE:  # a sample tells which kind of script it is
        sample = text[:GLANCE]
        return words + (len(text) // 2 if len(_unspaced().findall(sample)) * 2 > GLANCE else 0)
    unspaced = len(_unspaced().findall(text))
    return words + unspaced // 2 if unspaced else words


@lru_cache(maxsize=1)
def _unspaced() -> re.Pattern[str]:
    """Compiled when it is needed, as large classes take a millisecond or two."""
    return re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


@lru_cache(maxsize=1)
def _without_stopwords() -> re.Pattern[str]:
    """Characters of scripts whose languages write such words at the end of others, or not at all."""
    return re.compile(
        r"[\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    )


_LENGTH_LIMITS = (0, 1, 2, 3, 5, 7, 9, 12, 16, 22, 35, 60)
LENGTHS = ("0", "1", "2", "3", "4-5", "6-7", "8-9", "10-12", "13-16", "17-22", "23-35", "36-60", "61+")

_STOPWORD_LIMITS = (0.15, 0.3, 0.42)
STOPWORD_SHARES = ("few", "some", "many", "most")

_ENDINGS = {
    ".": "stop",
    "。": "stop",
    "।": "stop",
    "۔": "stop",
    "!": "exclamation",
    "?": "question",
    "؟": "question",
    ":": "colon",
    ",": "comma",
    ";": "comma",
    "-": "dash",
    ")": "bracket",
    "]": "bracket",
    '"': "quote",
    "'": "quote",
}


_FIGURES = (
    ("time", TIME),
    ("number", _NUMBER),
    ("ago", _AGO),
    ("date", _DATE),
    ("duration", _DURATION),
    ("money", MONEY),
    ("percent", _PERCENT_OFF),
)


def _commas(folded: str) -> str:
    count = len(_COMMA.findall(folded))
    return "none" if not count else "few" if count <= 2 else "many"


def _promises(low: str) -> bool:
    words = _TOKENS.findall(low)
    if not PROMISES.isdisjoint(words):
        return True
    return any(promise in low and re.search(rf"\b{promise}\b", low) for promise in OTHER_PROMISES)


def _sentences(folded: str) -> str:
    if _STOP_THEN_CAPITAL.search(folded):
        return "several"
    if _INNER_SENTENCE.search(folded):
        return "clause"
    return "colon" if ": " in folded else "one"


def _marks(folded: str, words: int) -> str:
    if ("." in folded or "@" in folded or "://" in folded) and _ADDRESS.search(folded):
        return "address"
    if folded[-1:] in "])" and _TAG_AT_END.search(folded):
        return "tag"
    if _SEPARATOR.search(folded):
        return "separator"
    if ("@" in folded or "#" in folded) and _HANDLE.search(folded):
        return "handle"
    if ":" in folded and words > 3 and _LABEL_COLON.match(folded):
        return "label"
    return "no"


def leads_outside(target: str, url: str | None) -> bool:
    """Whether a link on the page at `url` leads to another site; not known without that address, then it does not.

    Sites are told by the words of their hosts: "shop.fernmouth.co.uk" and "www.fernmouth.com" are one.
    """
    there, here = _HOST.match(target), _HOST.match(url or "")
    return there is not None and here is not None and _names_of(there).isdisjoint(_names_of(here))


def _names_of(found: re.Match[str]) -> set[str]:
    """The words of a host without those that many hosts have, or the whole host if it has no others."""
    host = found.group(1).lower()
    return set(host.split(".")[:-1]) - _COMMON_HOST_WORDS or {host}


def _share(link_share: float) -> str:
    if link_share == 0:
        return "none"
    return "whole" if link_share > 0.9 else "most" if link_share >= LINKED else "some"


def _links(block: Block) -> tuple[float, bool]:
    """Share of the visible characters inside links (0 to 1), and whether the block is a picture and nothing else."""
    if block.markup is not None:
        return block.markup.link_share, False
    text = block.text
    if "](" not in text or len(text) > LONGEST_FOLDED:
        return 0.0, False
    linked = images = 0
    visible = len(text)
    for match in LINK.finditer(text):
        visible -= match.end() - match.start()
        if match.group(1):
            images += 1
        else:
            inner = LINK.sub(r"\2", match.group(2))
            linked += len(inner)
            visible += len(inner)
    bare = sum(char.isalnum() for char in LINK.sub("", text))
    if images and not linked and not bare:
        return 0.0, True
    if not bare and linked:
        return 1.0, False
    return linked / max(1, visible), False
