"""A page's tree cut into units: the paragraphs, headings, list items and table rows that a reader sees, in order.

Extractors give text and forget where it stood. A unit keeps it: its element, the frames around that element, how much
of it is linked or bold. Frames form a tree of their own, of those elements only that hold text, each with its totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

BLOCKS = frozenset(
    (
        "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure"
        " footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre section summary table"
        " tbody td tfoot th thead tr ul"
    ).split()
)
SILENT = frozenset(  # what is inside is not text that a reader sees
    (
        "applet area audio base button canvas command datalist embed frame frameset head iframe input link map math"
        " meta noframes noscript object option param progress rp rt script select source style svg template textarea"
        " title track video"
    ).split()
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
STRONG = frozenset(("b", "strong", "em", "i"))
MOST_DEPTH = 400  # frames: deeper nesting is flattened into the frame above, so no page can exhaust us
MOST_UNITS = 20_000
SHORTEST_PART = 25  # letters of a line that is looked for in longer ones
FEWEST_PARTS = 3
MOST_ALIKE = 20  # lines with the same first letters that are looked for: more are a list, not an article
UNREPEATED_SHARE = 0.05  # of a line's letters: a line with more that stands nowhere else says something of its own
MOST_UNREPEATED = 40  # letters, where the line was extracted: more might be a sentence
MOST_LABEL = 300  # characters of class and id that are read

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPLIT = re.compile(r"[^a-z]+")
_MARKS = re.compile(r"[\W_]+")
_LETTERS = {at: chr(at).lower() if chr(at).isalnum() else None for at in range(128)}
_NO_TARGET = re.compile(r"(?i)#|(javascript|data|vbscript|about):")
_ESCAPES = {" ": "%20", "\t": "%09", "\n": "%0A", "\r": "%0D", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E"}
_PROSE_END = re.compile(r"[.!?。！？।؟…۔][\"'”’»)\]]*$")


@dataclass(slots=True, eq=False)
class Frame:
    """An element around units.

    `characters`, `linked` and `units` are totals of the text inside, `kept` the characters of it that were extracted.
    """

    tag: str
    label: str
    above: Frame | None
    depth: int
    known: dict[str, frozenset[str]]  # the words of each label of the page
    characters: int = 0
    linked: int = 0
    kept: int = 0
    units: int = 0
    hidden: bool = False

    @property
    def words(self) -> frozenset[str]:
        """The words of the label; most labels of a page come again and again."""
        found = self.known.get(self.label)
        if found is None:
            found = self.known[self.label] = label_words(self.label)
        return found

    def chain(self) -> Iterator[Frame]:
        """The frame itself and those around it, innermost first."""
        frame: Frame | None = self
        while frame is not None:
            yield frame
            frame = frame.above

    def nearest(self, tag: str) -> Frame | None:
        """The innermost frame with this tag, itself or around it."""
        return next((frame for frame in self.chain() if frame.tag == tag), None)


@dataclass(frozen=True, slots=True)
class Inline:
    """A link or emphasis on the characters of a line from `start` to `end`, and its marks in Markdown."""

    start: int
    end: int
    opens: str
    closes: str


@dataclass(slots=True, eq=False)
class Unit:
    """One line of a page.

    `linked` and `strong` count characters inside links and inside bold or italic marks, `links` the links. `key` is
    what is compared, `inlines` are the links and emphasis of the line, outer ones first, if they were asked for;
    `kept` says whether it was extracted.
    """

    text: str
    frame: Frame
    linked: int = 0
    strong: int = 0
    links: int = 0
    row: bool = False
    broken: bool = False  # one of several lines of one element, parted by <br>
    key: str = ""
    inlines: tuple[Inline, ...] = ()
    kept: bool = False

    @property
    def tag(self) -> str:
        """The tag of the element that holds the unit."""
        return self.frame.tag

    @property
    def link_share(self) -> float:
        """Share of the characters inside links, 0 to 1."""
        return min(1.0, self.linked / max(1, len(self.text)))

    @property
    def ends_like_sentence(self) -> bool:
        """Whether the last mark is a full stop or its like."""
        return bool(_PROSE_END.search(self.text[-6:]))


def label_words(label: str) -> frozenset[str]:
    """The words of class and id attributes, lowered, parted at hyphens, underscores, digits and inner capitals."""
    return frozenset(word for word in _SPLIT.split(_CAMEL.sub(" ", label).lower()) if len(word) > 1)


# Kinds of elements: those from _LINK on open and close something.
_INLINE, _SILENT, _BREAK, _LINK, _STRONG, _BLOCK = range(6)


def _kind(tag: str) -> int:
    """What an element does to the run of text."""
    if tag in SILENT:
        return _SILENT
    if tag == "br":
        return _BREAK
    if tag == "a":
        return _LINK
    if tag in STRONG:
        return _STRONG
    return _BLOCK if tag in BLOCKS or "-" in tag else _INLINE


@dataclass(slots=True, eq=False)
class _Mark:
    """A link or emphasis in the run being gathered, from its piece `first` up to `last` (None: still open)."""

    opens: str
    closes: str
    first: int = 0
    last: int | None = None


class _Reader:
    """One walk over a tree. Holds the run of inline text being gathered and the frame it will belong to."""

    def __init__(self, marked: bool, page: str | None) -> None:
        self.marked = marked
        self.page = page
        self.open_marks: list[_Mark] = []
        self.marks: list[_Mark] = []
        self.units: list[Unit] = []
        self.frame = Frame("body", "", None, 0, {})
        self.kinds: dict[str, int] = {}
        self.pieces: list[str] = []
        self.linked = self.strong = self.links = 0
        self.in_link = self.in_strong = 0
        self.row = 0  # depth of table rows read as one line

    @property
    def counting(self) -> bool:
        """Whether blanks at the beginning of a run count: in marks, rows and where text is preformatted."""
        return bool(self.in_link or self.in_strong or self.row) or self.frame.tag == "pre"

    def add(self, text: str) -> None:
        """Take inline text into the run."""
        self.pieces.append(text)
        if self.in_link:
            self.linked += len(text)
        elif self.in_strong:
            self.strong += len(text)

    def flush(self, broken: bool) -> None:
        """End the run: it becomes a unit, or one a line where the text is preformatted."""
        if self.frame.tag == "pre":
            lines = [line.rstrip() for line in "".join(self.pieces).splitlines()]
            broken = True
        else:
            lines = [" ".join("".join(self.pieces).split())]
        inlines: tuple[Inline, ...] = ()
        if self.marks and self.frame.tag != "pre":
            inlines = _inlines(self.pieces, self.marks)
        self.forget_marks()
        for text in lines:
            if text and len(self.units) < MOST_UNITS:
                self.append(text, broken, inlines)
        self.pieces = []
        self.linked = self.strong = self.links = 0

    def forget_marks(self) -> None:
        """What has been opened and not closed goes on in the next run."""
        if self.marked:
            self.marks = [_Mark(mark.opens, mark.closes) for mark in self.open_marks]
            self.open_marks = list(self.marks)

    def append(self, text: str, broken: bool, inlines: tuple[Inline, ...]) -> None:
        """Add a unit and count it in its frame; those around learn of it when the frame is closed."""
        frame = self.frame
        self.units.append(
            Unit(text, frame, self.linked, self.strong, self.links, self.row > 0, broken, key(text), inlines)
        )
        frame.characters += len(text)
        frame.linked += min(self.linked, len(text))
        frame.units += 1

    def read(self, root: etree._Element) -> list[Unit]:
        """Walk over all that is under `root`."""
        walker = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        kinds = self.kinds
        for event, element in walker:
            if event == "start":
                tag = element.tag
                kind = kinds.get(tag)
                if kind is None:
                    kind = kinds[tag] = _kind(tag)
                if kind == _SILENT:
                    walker.skip_subtree()
                    continue
                if kind == _BREAK:
                    if self.row:
                        self.pieces.append(" ")
                    else:
                        self.end(broken=True)
                    continue
                if kind != _INLINE:
                    self.open(kind, tag, element)
                text = element.text
                if not text and kind == _INLINE and not self.row and _is_drawn_break(element):
                    self.end(broken=True)
            else:
                if event == "end":
                    tag = element.tag
                    kind = kinds[tag]
                    if kind >= _LINK:
                        self.close(kind, tag)
                if element is root:
                    continue
                text = element.tail
            if text and (self.pieces or self.counting or not text.isspace()):
                self.add(text)
        self.end()
        return self.units

    def end(self, broken: bool = False) -> None:
        """End the run, if there is one."""
        if self.pieces:
            self.flush(broken)
        else:
            self.links = 0
            self.forget_marks()

    def open(self, kind: int, tag: str, element: etree._Element) -> None:
        """An element begins: a link, emphasis, or a block, which ends the run and is a new frame."""
        if kind == _LINK:
            self.in_link += 1
            self.links += 1
            if self.marked:
                target = _target(element.get("href") or "", self.page)
                self.mark("[" if target else "", f"]({target})" if target else "")
        elif kind == _STRONG:
            self.in_strong += 1
            if self.marked:
                mark = "**" if tag in ("b", "strong") else "*"
                inside = any(around.opens == mark for around in self.open_marks)
                self.mark("" if inside else mark, "" if inside else mark)
        else:
            if self.row:
                self.row += tag == "tr"
                self.pieces.append(" | " if tag in ("td", "th") and self.pieces else " ")
                return
            self.end()
            if tag == "tr" and _is_plain_row(element):
                self.row = 1
            if self.frame.depth < MOST_DEPTH:
                self.frame = self.frame_of(tag, element)
            else:
                self.frame.depth += 1

    def mark(self, opens: str, closes: str) -> None:
        """A link or emphasis begins here."""
        mark = _Mark(opens, closes, len(self.pieces))
        self.open_marks.append(mark)
        self.marks.append(mark)

    def unmark(self) -> None:
        """The innermost link or emphasis ends here."""
        if self.open_marks:
            self.open_marks.pop().last = len(self.pieces)

    def frame_of(self, tag: str, element: etree._Element) -> Frame:
        """The frame of a block that begins inside the present one."""
        above = self.frame
        get = element.get
        label = f"{get('class') or ''} {get('id') or ''}"[:MOST_LABEL]
        return Frame(tag, label, above, above.depth + 1, above.known, hidden=_is_hidden(element))

    def close(self, kind: int, tag: str) -> None:
        """An element ends: what `open` did is undone."""
        if kind == _LINK:
            self.in_link -= 1
            self.unmark()
        elif kind == _STRONG:
            self.in_strong -= 1
            self.unmark()
        else:
            if self.row:
                self.row -= tag == "tr"
                if self.row:
                    self.pieces.append(" ")
                    return
                self.row = 1
                self.end()
                self.row = 0
            else:
                self.end()
            if self.frame.depth > MOST_DEPTH:
                self.frame.depth -= 1
            elif self.frame.above is not None:
                above = self.frame.above
                above.characters += self.frame.characters
                above.linked += self.frame.linked
                above.units += self.frame.units
                self.frame = above


def _inlines(pieces: Sequence[str], marks: Sequence[_Mark]) -> tuple[Inline, ...]:
    """The marks of a run in offsets of its line, in which every white space is one blank."""
    begins: list[int] = []  # for each piece and the end: where the next character that shows stands
    ends = [0]  # for each piece and the end: where the last one before it ends
    size, blank = 0, False
    for piece in pieces:
        words = " ".join(piece.split())
        if words:
            first = size + (size > 0 and (blank or piece[0].isspace()))
            begins += [first] * (len(ends) - len(begins))
            size = first + len(words)
        blank = piece[-1:].isspace() or (blank and not words)
        ends.append(size)
    begins += [size] * (len(ends) - len(begins))
    found = [
        Inline(begins[mark.first], ends[len(pieces) if mark.last is None else mark.last], mark.opens, mark.closes)
        for mark in marks
        if mark.opens
    ]
    return tuple(inline for inline in found if inline.start < inline.end)


def _target(address: str, page: str | None) -> str:
    """The address of a link as Markdown takes it, whole if that of the page is known; empty for one inside a page."""
    address = address.strip()
    if not address or _NO_TARGET.match(address):
        return ""
    if page:
        with suppress(ValueError):  # what cannot be read as an address stays as it is
            address = urljoin(page, address)
    return "".join(_ESCAPES.get(letter, letter) for letter in address)


def _is_plain_row(row: etree._Element) -> bool:
    """Whether a table row holds data, one line of text a cell, and not the page's layout."""
    cells = sum(1 for cell in row if cell.tag in ("td", "th"))
    if cells < 2:
        return False
    return (
        sum(1 for _ in row.iter("p", "li", "table", "div", "h2", "h3", "h4")) <= 2 * cells
        and row.find(".//table") is None
    )


def _is_drawn_break(element: etree._Element) -> bool:
    """Whether an empty inline element is a line break that the page draws by its styles, not by <br>."""
    label = element.get("class")
    return bool(label) and not len(element) and "br" in label.split()


def _is_hidden(element: etree._Element) -> bool:
    """Whether an element says of itself that readers do not see it."""
    if element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    style = element.get("style")
    return bool(style) and "display:none" in style.replace(" ", "").lower()[:200]


def read_units(root: etree._Element, marked: bool = False, page: str | None = None) -> list[Unit]:
    """The units under `root`, in the order of the page, at most `MOST_UNITS`.

    `marked` asks for their links and emphasis too; `page` is the address that makes those of links whole.
    """
    return _Reader(marked, page).read(root)


def without_repeats(units: Sequence[Unit]) -> list[Unit]:
    """The units without those that only string together extracted ones: the article once more, in one line.

    Pages hold it for search engines, for printing or for reading aloud. Each part has been extracted itself, so no
    sentence is lost.
    """
    starts: dict[str, set[str]] = {}
    for unit in units:
        if unit.kept and len(unit.key) >= SHORTEST_PART:
            alike = starts.setdefault(unit.key[:SHORTEST_PART], set())
            if len(alike) < MOST_ALIKE:
                alike.add(unit.key)
    return [unit for unit in units if not _is_repeat(unit, starts)]


def _is_repeat(unit: Unit, starts: Mapping[str, set[str]]) -> bool:
    """Whether a unit is made of others; `starts` holds their keys by the first letters."""
    whole = unit.key
    left = int(UNREPEATED_SHARE * len(whole))
    if unit.kept:
        left = min(left, MOST_UNREPEATED)
    at = parts = 0
    while at < len(whole):
        found = [
            part
            for part in starts.get(whole[at : at + SHORTEST_PART], ())
            if len(part) < len(whole) and whole.startswith(part, at)
        ]
        if found:
            at += len(max(found, key=len))
            parts += 1
        elif left:  # a label, a short line, letters of another kind
            at += 1
            left -= 1
        else:
            return False
    return parts >= FEWEST_PARTS


def key(text: str) -> str:
    """What two renderings of one line have in common: its letters and digits, lowered."""
    if text.isascii():
        return text.translate(_LETTERS)
    return _MARKS.sub("", text).lower().replace("ς", "σ")  # lowered capitals have either, by what stands behind
