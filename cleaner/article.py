"""An article as blocks: paragraphs, headings, list items, table rows, each with its place in the text.

A scraped article reaches us in one of four shapes, depending on the extractor:

* plain: every line is a block;
* blank-line: the same with empty lines between blocks;
* hard-wrapped: a paragraph runs over several short lines, cut where the next word would not have fitted;
* Markdown: headings, bullets, links, tables carry marks.

The blocks never overlap and never leave a visible character out: joined with the gaps between them they are the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from .folding import flatten
from .lazily import lazy

Kind = Literal["paragraph", "heading", "item", "row", "quote"]

# A line ends at \n, \r\n or \r only. Other separators (\u2028, form feed) are characters of the line:
# extractors leave them inside sentences.
_LINES = re.compile(r"[^\r\n]+")
_MARKED = re.compile(
    r"[ \t]*(?:(?P<heading>\#{1,6}[ \t])|(?P<row>\|)|(?P<quote>>[ \t]?)"
    r"|(?P<item>(?:[-*+•·‣▪◦●○–—]|\d{1,3}[.)]|[a-z]\))[ \t]+(?=\S)|・))"
)
_MARK_STARTS = frozenset("#|>-*+•·‣▪◦●○–—・0123456789")

_STOPS = frozenset(".!?。！？।॥؟۔:;\"'”’»)」』）…")

WRAP_NARROWEST = 40  # columns: below this, short lines are lists or verse, not wrapped prose
WRAP_WIDEST = 110  # columns: nobody wraps wider, and plain one-line paragraphs are longer
WRAP_SLACK = 16  # columns: a word of this length may not have fitted any more


@dataclass(frozen=True, slots=True)
class Block:
    """One block of an article.

    `start` and `end` are character offsets into the article's text; they cover whole lines without the last line
    ending. `text` is that span without surrounding white space.
    """

    index: int
    start: int
    end: int
    line: int
    text: str
    kind: Kind = "paragraph"
    markup: Markup | None = None


@dataclass(frozen=True, slots=True)
class Markup:
    """What the HTML knew of a block before its tags were dropped. Only `page.py` makes these.

    `link_share` is the share of the block's characters inside links (0 to 1); `tags` the names of the block's own
    element and its ancestors, innermost first; `words` the words of their class and id attributes; `values` the
    measures of `markup.py`; `recovered` says that the extractor had lost the block;
    `sure` that the block is body whatever its words say; `score` is what the measures sum up to, where that is known.
    """

    link_share: float = 0.0
    tags: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    values: Mapping[str, str] = field(default_factory=dict)
    recovered: bool = False
    sure: bool = False
    score: float | None = None


@dataclass(frozen=True)
class Article:
    """A text cut into blocks, with what is known of where it comes from."""

    text: str
    blocks: Sequence[Block]
    url: str | None = None
    language: str | None = None
    wrapped: bool = False
    metadata: dict[str, str | None] = field(default_factory=dict)

    @lazy
    def flat(self) -> str:
        """The text with straight quotes, one kind of dash and space: see `folding.flatten`."""
        return flatten(self.text)

    @classmethod
    def from_text(cls, text: str, url: str | None = None) -> Article:
        """Cut `text` into blocks. Any string is an article, the empty one and lone surrogates included."""
        spans = [
            (match.start(), match.end())
            for match in _LINES.finditer(text, 1 if text.startswith("\ufeff") else 0)
            if not match.group().isspace()
        ]
        width = wrap_width(text, spans)
        return cls(text, tuple(_blocks(text, spans, width)), url, wrapped=bool(width))


def wrap_width(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """The column at which the paragraphs of a hard-wrapped text are cut, or 0 if its lines are whole blocks.

    Wrapped prose betrays itself by lines that stop in the middle of a sentence and go on in the next line, where the
    next word would not have fitted before one and the same column. Menus, headings and addresses may stand around them.
    """
    broken = []  # of each such line, its columns, and the columns with the next word
    for (start, end), (after, after_end) in pairwise(spans):
        if end - start <= WRAP_WIDEST and after - end <= 2 and _goes_on(text, end, after):
            length = columns(text, start, end)
            if WRAP_NARROWEST <= length <= WRAP_WIDEST:
                broken.append((length, length + min(WRAP_SLACK, _first_word(text, after, after_end))))
    finished = sum(text[end - 1] in _STOPS for _, end in spans)
    if len(broken) < 3 or finished * 12 < len(broken):
        return 0
    lengths = {length for length, _ in broken}
    fitting, width = max((sum(low <= column <= high for low, high in broken), column) for column in lengths)
    longer = sum(columns(text, start, end) > width + WRAP_SLACK for start, end in spans)
    return width if fitting * 10 >= len(broken) * 6 and longer * 10 <= len(spans) else 0


def columns(text: str, start: int, end: int) -> int:
    """Columns that a line takes: Chinese, Japanese and Korean characters take two."""
    return end - start + len(_wide().findall(text, start, end))


@lru_cache(maxsize=1)
def _wide() -> re.Pattern[str]:
    """Compiled when it is needed, as large classes take a millisecond or two."""
    return re.compile(
        "[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]"
    )


def _goes_on(text: str, end: int, after: int) -> bool:
    """Whether the sentence is unfinished at `end` and what follows at `after` could be its continuation."""
    if text[end - 1] in _STOPS:
        return False
    first = text[after]
    return first.islower() or (first.isalpha() and not first.isupper())


def _blocks(text: str, spans: Sequence[tuple[int, int]], width: int) -> list[Block]:
    blocks: list[Block] = []
    line, counted = 1, 0
    at = 0
    while at < len(spans):
        start, end = spans[at]
        at += 1
        kind = _kind(text, start, end)
        while width and at < len(spans) and kind not in ("heading", "row"):
            following, following_end = spans[at]
            if _gap_lines(text, end, following) != 1 or not _runs_on(
                text, spans[at - 1], following, following_end, width
            ):
                break
            end = following_end
            at += 1
        line += count_lines(text, counted, start)
        counted = start
        blocks.append(Block(len(blocks), start, end, line, text[start:end].strip(), kind))
    return blocks


def _kind(text: str, start: int, end: int) -> Kind:
    first = text[start]
    if first in " \t":
        first = text[start:end].lstrip()[:1]
    if first not in _MARK_STARTS and text[start + 1 : start + 2] != ")":
        return "paragraph"
    match = _MARKED.match(text, start, end)
    return match.lastgroup if match else "paragraph"  # type: ignore[return-value]


def _runs_on(text: str, previous: tuple[int, int], start: int, end: int, width: int) -> bool:
    """Whether the line at `start` continues the previous one: its first word would not have fitted there.

    Each line of a wrapped quotation carries the mark of the quotation.
    """
    kind = _kind(text, start, end)
    if kind == "quote" and _kind(text, *previous) == "quote":
        start = text.find(">", start, end) + 1
    elif kind != "paragraph":
        return False
    length = columns(text, *previous)
    return length <= width + WRAP_SLACK and length + 1 + _first_word(text, start, end) > width


def _first_word(text: str, start: int, end: int) -> int:
    """Columns of the line's first word."""
    words = text[start:end].split(None, 1)
    return columns(words[0], 0, len(words[0])) if words else end - start


def count_lines(text: str, start: int, end: int) -> int:
    """How many line endings, of any of the three kinds, stand between two offsets."""
    return text.count("\n", start, end) + text.count("\r", start, end) - text.count("\r\n", start, end)


def _gap_lines(text: str, start: int, end: int) -> int:
    return count_lines(text, start, end)
