"""The blocks of a page as Markdown, and what is taken out of them as spans of the Markdown.

Headings, lists, tables, quotations, code, links and emphasis are kept. The text itself stands as the page has it: marks
that mean something in Markdown are not escaped, so that a search in either finds the same words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .article import Article, Block
from .units import HEADINGS, Frame, Inline, Unit

LISTS = frozenset(("ul", "ol", "menu"))
MOST_INDENTED = 3  # levels of a list


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block: its text from `start` to `end`, or a mark around that text; (0, 0) is the whole block."""

    text: str
    start: int
    end: int
    is_mark: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A block as Markdown. Its pieces count in the block's plain text.

    Blocks of one `group` stand without blank lines between, as the items of a list do.
    """

    pieces: tuple[Piece, ...]
    group: Frame | None = None

    @property
    def text(self) -> str:
        """The whole block."""
        return "".join(piece.text for piece in self.pieces)

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where in the Markdown the plain text from `start` to `end` stands. A mark goes if all that it marks goes."""
        at = 0
        first = last = -1
        for piece in self.pieces:
            if piece.is_mark:
                goes = start <= piece.start < piece.end <= end
                begin, stop = at, at + (len(piece.text) if goes else 0)
            else:
                begin = at + max(0, start - piece.start)
                stop = at + min(piece.end, end) - piece.start
            if begin < stop:
                if begin != last:
                    if first >= 0:
                        yield first, last
                    first = begin
                last = stop
            at += len(piece.text)
        if first >= 0:
            yield first, last


def as_it_is(article: Article) -> tuple[Marked, ...]:
    """The blocks of an article of which no markup is known."""
    lines = [article.text[block.start : block.end] for block in article.blocks]
    return tuple(Marked((Piece(line, 0, len(line)),)) for line in lines)


def as_markdown(article: Article, units: Sequence[Unit]) -> tuple[Marked, ...]:
    """The blocks of an article as Markdown; each was made of one unit."""
    made: list[Marked] = []
    above: Unit | None = None
    for block, unit in zip(article.blocks, units, strict=True):
        group = _group(unit)
        first = above is None or above.frame is not unit.frame
        begins = group is None or not made or made[-1].group is not group
        before, after = _around(unit, first, begins)
        inside = _inside(unit, article.text[block.start : block.end])
        pieces = (Piece(before, 0, 0, is_mark=True), *inside, Piece(after, 0, 0, is_mark=True))
        made.append(Marked(tuple(piece for piece in pieces if piece.text), group))
        above = unit
    return tuple(made)


def document(article: Article, marked: Sequence[Marked]) -> Article:
    """The whole article in Markdown, with a block for each of its blocks."""
    blocks: list[Block] = []
    texts: list[str] = []
    at, line = 0, 1
    for block, written in zip(article.blocks, marked, strict=True):
        if blocks:
            gap = "\n" if written.group is not None and marked[block.index - 1].group is written.group else "\n\n"
            texts.append(gap)
            at, line = at + len(gap), line + len(gap)
        text = written.text
        blocks.append(replace(block, start=at, end=at + len(text), line=line, text=text))
        texts.append(text)
        at, line = at + len(text), line + text.count("\n")
    return Article("".join(texts), tuple(blocks), article.url, article.language, metadata=article.metadata)


def _group(unit: Unit) -> Frame | None:
    """The frame within which blocks stand close: that of the outermost list, of the table, of the code."""
    if unit.tag == "pre":
        return unit.frame
    if unit.row:
        return unit.frame.nearest("table")
    if unit.tag == "li":
        return next((frame for frame in reversed([*unit.frame.chain()]) if frame.tag in LISTS), None)
    return None


def _around(unit: Unit, first: bool, begins: bool) -> tuple[str, str]:
    """What stands before and after a unit's line. `first` of its element, `begins` a list or table."""
    quoted = "> " if unit.frame.nearest("blockquote") else ""
    if unit.row:
        cells = unit.text.strip("| ").count(" | ") + 1
        return f"{quoted}| ", f" |\n{quoted}|{' --- |' * cells}" if begins else " |"
    if unit.tag in HEADINGS:
        return f"{quoted}{'#' * int(unit.tag[1])} ", ""
    if unit.tag == "li":
        lists = [frame.tag for frame in unit.frame.chain() if frame.tag in LISTS]
        indent = "   " * min(len(lists) - 1, MOST_INDENTED)
        bullet = "1. " if lists[:1] == ["ol"] else "- "
        return quoted + indent + (bullet if first else " " * len(bullet)), ""
    return quoted + ("    " if unit.tag == "pre" else ""), ""


def _inside(unit: Unit, line: str) -> Iterator[Piece]:
    """The text of a unit with its marks, in offsets of its plain line."""
    shown = unit.text.strip("| ") if unit.row else unit.text
    left = unit.text.find(shown)
    right = left + len(shown)
    shift = line.find(shown) - left  # the plain line may begin with a bullet
    inlines = list(_shown(unit, left, right))
    edges = sorted({left, right, *(inline.start for inline in inlines), *(inline.end for inline in inlines)})
    opening: dict[int, list[Inline]] = {}
    closing: dict[int, list[Inline]] = {}
    for inline in inlines:
        opening.setdefault(inline.start, []).append(inline)
        closing.setdefault(inline.end, []).insert(0, inline)
    for at, after in zip(edges, [*edges[1:], right], strict=True):
        for inline in closing.get(at, ()):
            yield Piece(inline.closes, inline.start + shift, inline.end + shift, is_mark=True)
        for inline in opening.get(at, ()):
            yield Piece(inline.opens, inline.start + shift, inline.end + shift, is_mark=True)
        if at < after:
            yield Piece(unit.text[at:after], at + shift, after + shift)


def _shown(unit: Unit, left: int, right: int) -> Iterator[Inline]:
    """The links and emphasis of a unit within the part that is shown; a heading is emphasis enough."""
    for inline in unit.inlines:
        whole = inline.start <= left and inline.end >= right
        if inline.end <= left or inline.start >= right or (whole and unit.tag in HEADINGS and inline.opens != "["):
            continue
        yield replace(inline, start=max(left, inline.start), end=min(right, inline.end))
