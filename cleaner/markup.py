"""What the markup says of a unit: measures that answer with one of a few named values, as the signals of a text do.

The frames that hold most of the extracted text are the *trunk*; what hangs on it is a *branch*. A paragraph of the body
is a bare branch with the same form as its siblings; a widget among them is a branch of another form, with class names
of its own, many links, little prose. Class names far up, on the trunk or above, say nothing of a unit and are not read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice

from .marks import marks_of
from .units import HEADINGS, Frame, Unit

TRUNK_SHARE = 0.6  # of the extracted characters: a frame that holds more is the trunk
KIN_FRAMES = 3  # innermost frames by which units are told to be kin
FAR = 9  # trunk levels: where the trunk is not met at all
INNER_TAGS = (
    "aside footer header nav figure form blockquote table ul section article figcaption a details dl pre address"
).split()
_NAMES = "0123456789"
FEWEST_ROWS = 3  # of a table of data
ROWS_SHARE = 0.8  # of what a table of data holds is rows
LINKED_TABLE = 0.2  # of the characters of a table inside links: one with more is a menu
UNIT_TAGS = frozenset("p h1 h2 h3 li div blockquote figcaption span td dd dt section article pre".split())


def bucket(value: float, *limits: float) -> str:
    """The number of `limits`, which ascend, that `value` reaches, as a name."""
    return _NAMES[bisect_right(limits, value)]


def is_prose(unit: Unit) -> bool:
    """Whether a unit reads like a sentence of some body."""
    return unit.ends_like_sentence and len(unit.text) >= 60 and unit.link_share < 0.5


def is_plain_prose(unit: Unit) -> bool:
    """Whether a unit reads like a sentence of some body beyond doubt."""
    return unit.ends_like_sentence and len(unit.text) >= 80 and unit.link_share < 0.3


class PageView:
    """The units of a page, those that were extracted, and the trunk that follows from them.

    `facts` are the keys of the page's title, description, author and site, `body_key` is that of the body in its
    metadata; all may be empty. Adds the extracted characters to `kept` of the units' frames.
    """

    def __init__(self, units: Sequence[Unit], facts: Mapping[str, str], body_key: str = "") -> None:
        self.units = units
        self.facts = facts
        self.body_key = body_key
        self._frames = _frames(units)
        self._kins = _kins(units)
        self._taken = self._grow()
        self._total = self._weigh_frames()
        self._trunk = self._find_trunk()
        self._paths = [self._path(unit.frame) for unit in units]
        self._forms = ["/".join(frame.tag for frame in path) + f"|{up}" for path, up in self._paths]
        self._classes = [
            f"{form}|{path[0].label}" if path else form
            for form, (path, _) in zip(self._forms, self._paths, strict=True)
        ]
        self._prose = [taken and is_prose(unit) for unit, taken in zip(units, self._taken, strict=True)]
        self._prose_size = sum(len(unit.text) for unit, prose in zip(units, self._prose, strict=True) if prose)
        self._prose_forms = self._sum_prose(self._forms)
        self._prose_classes = self._sum_prose(self._classes)
        self._prose_kins = self._sum_prose(self._kins)
        where = [at for at, prose in enumerate(self._prose) if prose]
        self._first, self._last = (where[0], where[-1]) if where else (len(units), -1)
        self._copies = _copies(units)
        self._plain_size, self._plain_in = _plain_prose(units, self._frames)
        self._marks: dict[Frame, frozenset[str]] = {}
        self._title_at = self._find_title()

    def candidates(self) -> list[int]:
        """The units worth a look: all that were extracted, and of the others those that could be body."""
        return [index for index, unit in enumerate(self.units) if self._taken[index] or _could_be_body(unit)]

    def measure(self, index: int) -> dict[str, str]:
        """Each measure of a unit with its value, the names that `page_weights.toml` gives weights to."""
        return {
            **self._itself(index),
            **self._company(index),
            **self._names(index),
            **self._branch(index),
            "around": self._around(index),
        }

    def _grow(self) -> list[bool]:
        """Which units were extracted, or are prose of the form of most extracted prose: siblings that got lost."""
        sizes: Counter[str] = Counter()
        articles = set()
        for unit, kin in zip(self.units, self._kins, strict=True):
            if unit.kept and is_prose(unit):
                sizes[kin] += len(unit.text)
                articles.add(unit.frame.nearest("article"))
        total = sum(sizes.values())
        strong = {kin for kin, size in sizes.items() if size >= 0.4 * total and _is_telling(kin)}
        return [
            unit.kept
            or (
                kin in strong
                and unit.link_share < 0.5
                and len(unit.text) >= 40
                and unit.ends_like_sentence
                and unit.frame.nearest("article") in articles
            )
            for unit, kin in zip(self.units, self._kins, strict=True)
        ]

    def _weigh_frames(self) -> int:
        """Tell the frames how much of what they hold was taken; returns the characters of all."""
        total = 0
        for unit, taken in zip(self.units, self._taken, strict=True):
            if taken:
                size = len(unit.text)
                total += size
                unit.frame.kept += size
        for frame in self._frames:
            if frame.above is not None:
                frame.above.kept += frame.kept
        return total

    def in_table_of_article(self, index: int, values: Mapping[str, str]) -> bool:
        """Whether a unit is a row of a table of data in the article's own frame, below where its prose begins.

        Extractors lose such tables. Those of boxes and menus hang elsewhere, have few rows, or are full of links.
        """
        unit = self.units[index]
        if not unit.row or values["up"] != "0" or values["place"] in ("no-prose", "before", "just-before"):
            return False
        table = unit.frame.nearest("table")
        if table is None or self._rows[table] < FEWEST_ROWS:
            return False
        return self._rows[table] >= ROWS_SHARE * table.units and table.linked <= LINKED_TABLE * table.characters

    @cached_property
    def _rows(self) -> Counter[Frame]:
        """How many plain rows each table has."""
        tables = (unit.frame.nearest("table") for unit in self.units if unit.row)
        return Counter(table for table in tables if table is not None)

    def _is_trunk(self, frame: Frame) -> bool:
        return frame.kept >= TRUNK_SHARE * self._total

    def _find_trunk(self) -> dict[Frame, int]:
        """The frames of the trunk, and those around it, with their distance from the innermost."""
        innermost: Frame | None = None
        for unit, taken in zip(self.units, self._taken, strict=True):
            if taken:
                found = next((frame for frame in unit.frame.chain() if self._is_trunk(frame)), None)
                if found is not None and (innermost is None or found.depth > innermost.depth):
                    innermost = found
        return {frame: steps for steps, frame in enumerate(innermost.chain())} if innermost is not None else {}

    def _path(self, frame: Frame) -> tuple[tuple[Frame, ...], int]:
        """The frames from one up to the trunk, innermost first, and how far above the trunk's end they hang."""
        path: list[Frame] = []
        for around in frame.chain():
            if self._total and self._is_trunk(around):
                return tuple(path), self._trunk.get(around, FAR)
            path.append(around)
        return tuple(path), FAR

    def _sum_prose(self, names: Sequence[str]) -> Counter[str]:
        """Characters of the taken prose under each name; `names` holds one for each unit."""
        sizes: Counter[str] = Counter()
        for unit, prose, name in zip(self.units, self._prose, names, strict=True):
            if prose:
                sizes[name] += len(unit.text)
        return sizes

    def _find_title(self) -> int | None:
        """Where the headline stands: the first `h1` that shares its text with the title, else the first."""
        headlines = [at for at, unit in enumerate(self.units) if unit.tag == "h1"]
        title = self.facts.get("title", "")
        for at in headlines if title else ():
            found = self.units[at].key
            if found and (found in title or title in found):
                return at
        return headlines[0] if headlines else None

    def _itself(self, index: int) -> dict[str, str]:
        """Measures of the unit alone and of where it hangs."""
        unit = self.units[index]
        path, up = self._paths[index]
        size = len(unit.text)
        words = len(unit.text.split())
        if not unit.text.isascii():
            words = max(words, size // 6)  # scripts without spaces
        ending = "stop" if unit.ends_like_sentence else "colon" if unit.text[-1] in ":：" else "none"
        return {
            "kept": "yes" if unit.kept else "grown" if self._taken[index] else "no",
            "tag": _tag(unit),
            "broken": _yes(unit.broken),
            "up": str(min(up, 4)),
            "deep": bucket(len(path), 1, 2, 3, 4, 6),
            "link": bucket(unit.link_share, 0.01, 0.2, 0.5, 0.9),
            "strong": bucket(unit.strong / size, 0.01, 0.3, 0.9),
            "length": bucket(words, 2, 4, 6, 9, 13, 20, 35, 60),
            "ending": ending,
        }

    def _company(self, index: int) -> dict[str, str]:
        """Measures of the unit beside the others and beside what is known of the page."""
        unit = self.units[index]
        author = self.facts.get("author", "")
        return {
            "form": self._share(self._prose_forms, self._forms[index], index),
            "class": self._share(self._prose_classes, self._classes[index], index),
            "place": self._place(index),
            "title-place": self._title_place(index),
            "same": self._same(unit),
            "copies": self._copies[index],
            "kin": self._share(self._prose_kins, self._kins[index], index),
            "pup": self._steps_to_prose(unit),
            "pdown": self._prose_near(unit),
            "coverage": bucket(self._total / max(1, self._plain_size), 0.1, 0.3, 0.5, 0.7, 0.9),
            "named": _yes(len(author) >= 5 and author in unit.key),
            "ld": "none" if not self.body_key else "in" if unit.key in self.body_key else "out",
        }

    def _names(self, index: int) -> dict[str, str]:
        """What the tags and class names between the unit and the trunk say."""
        path, _ = self._paths[index]
        own = self._marks_of(path[0]) if path else frozenset()
        around: set[str] = set()
        for frame in path[1:]:
            around |= self._marks_of(frame)
        around -= own
        tags = {frame.tag for frame in path}
        values = {f"mark-{mark}": "own" for mark in sorted(own)}
        values |= {f"mark-{mark}": "around" for mark in sorted(around)}
        values |= {f"in-{tag}": "yes" for tag in INNER_TAGS if tag in tags}
        if any(frame.hidden for frame in path):
            values["hidden"] = "yes"
        return values

    def _marks_of(self, frame: Frame) -> frozenset[str]:
        """What the class names of a frame stand for. Most frames hold several units."""
        found = self._marks.get(frame)
        if found is None:
            found = self._marks[frame] = frozenset(marks_of(frame.words))
        return found

    def _branch(self, index: int) -> dict[str, str]:
        """How large, how linked and how much extracted the branch of the unit is, and the frames next to it."""
        path, _ = self._paths[index]
        values = {"branch": "trunk"}
        if path:
            branch = path[-1]
            values["branch"] = bucket(branch.units, 2, 4, 9, 20)
            values["branch-links"] = _links(branch)
            values["branch-kept"] = self._kept_beside(branch, index)
        near = path[1] if len(path) > 1 else path[0] if path else self.units[index].frame
        values["near-kept"] = self._kept_beside(near, index)
        values["near-links"] = _links(near)
        return values

    def _kept_beside(self, frame: Frame, index: int) -> str:
        """Share of what a frame holds besides the unit that was taken."""
        size = len(self.units[index].text)
        rest = frame.characters - size
        if rest < 20:
            return "alone"
        return bucket((frame.kept - (size if self._taken[index] else 0)) / rest, 0.01, 0.3, 0.7, 0.95)

    def _share(self, sizes: Counter[str], name: str, index: int) -> str:
        """Share of the other taken prose that has this name."""
        if not self._prose_size:
            return "none"
        own = len(self.units[index].text) if self._prose[index] else 0
        return bucket((sizes[name] - own) / max(1, self._prose_size - own), 0.001, 0.05, 0.3, 0.7)

    def _place(self, index: int) -> str:
        """Where the unit stands between the first and the last of the taken prose."""
        if self._last < 0:
            return "no-prose"
        if index < self._first:
            return "before" if self._first - index > 4 else "just-before"
        if index > self._last:
            return "after" if index - self._last > 4 else "just-after"
        if index in (self._first, self._last):
            return "first" if index == self._first else "last"
        return "inside" if (index - self._first) / (self._last - self._first) < 0.8 else "late"

    def _title_place(self, index: int) -> str:
        """How far below the headline the unit stands."""
        if self._title_at is None:
            return "no-title"
        distance = index - self._title_at
        if distance < 0:
            return "above"
        return "title" if not distance else "next" if distance == 1 else "near" if distance <= 4 else "below"

    def _same(self, unit: Unit) -> str:
        """Which of the page's facts the unit repeats, whole or in part."""
        if len(unit.key) < 2:
            return "no"
        for name in ("title", "description", "author", "site"):
            fact = self.facts.get(name, "")
            found = _compared(name, fact, unit.key) if fact else ""
            if found:
                return found
        return "no"

    def _steps_to_prose(self, unit: Unit) -> str:
        """Frames up to the one that holds most of the page's plain prose, extracted or not."""
        for step, frame in enumerate(unit.frame.chain()):
            if self._plain_in[frame] >= 0.6 * self._plain_size:
                return str(min(step, 5))
        return "out"

    def _prose_near(self, unit: Unit) -> str:
        """Share of the page's plain prose in the frame two above."""
        frame = unit.frame
        for _ in range(2):
            frame = frame.above or frame
        return bucket(self._plain_in[frame] / max(1, self._plain_size), 0.02, 0.1, 0.3, 0.6)

    def _around(self, index: int) -> str:
        """Whether the unit before and the one after were extracted."""
        before = index > 0 and self.units[index - 1].kept
        after = index + 1 < len(self.units) and self.units[index + 1].kept
        return ("kept" if before else "out") + "+" + ("kept" if after else "out")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _links(frame: Frame) -> str:
    """Share of a frame's text inside links."""
    return bucket(frame.linked / max(1, frame.characters), 0.05, 0.2, 0.5, 0.8)


def _tag(unit: Unit) -> str:
    if unit.row:
        return "row"
    if unit.tag in UNIT_TAGS:
        return unit.tag
    return "h4" if unit.tag in HEADINGS else "other"


def _could_be_body(unit: Unit) -> bool:
    if unit.link_share >= 0.5:
        return False
    return len(unit.text) >= 25 or unit.row or unit.tag in HEADINGS or unit.tag == "li"


def _kins(units: Sequence[Unit]) -> list[str]:
    """For each unit the tags and class names of the innermost frames. Words are sorted: their order says nothing."""
    names: dict[tuple[str, str], str] = {}
    found = []
    for unit in units:
        parts = []
        for frame in islice(unit.frame.chain(), KIN_FRAMES):
            name = names.get((frame.tag, frame.label))
            if name is None:
                name = names[frame.tag, frame.label] = " ".join((frame.tag, *sorted(frame.words)))
            parts.append(name)
        found.append("/".join(parts))
    return found


def _is_telling(kin: str) -> bool:
    """Whether a kin has all its frames, and a class name on one of them."""
    return kin.count("/") == KIN_FRAMES - 1 and " " in kin


def _copies(units: Sequence[Unit]) -> list[str]:
    """For each unit whether it stands once in the page, or as which of how many copies."""
    counts = Counter(unit.key for unit in units)
    seen: set[str] = set()
    found = []
    for unit in units:
        count = counts[unit.key]
        which = "later" if unit.key in seen else "first"
        found.append("once" if count == 1 else f"{which}-of-many" if count > 2 else which)
        seen.add(unit.key)
    return found


def _frames(units: Sequence[Unit]) -> list[Frame]:
    """All frames around units, each before the one above it."""
    found: dict[Frame, None] = {}
    for unit in units:
        for frame in unit.frame.chain():
            if frame in found:
                break
            found[frame] = None
    return sorted(found, key=lambda frame: -frame.depth)


def _plain_prose(units: Sequence[Unit], frames: Sequence[Frame]) -> tuple[int, dict[Frame, int]]:
    """Characters of the page's plain prose, extracted or not, and how much of it each frame holds."""
    total = 0
    sizes = dict.fromkeys(frames, 0)
    for unit in units:
        if is_plain_prose(unit):
            total += len(unit.text)
            sizes[unit.frame] += len(unit.text)
    for frame in frames:
        if frame.above is not None:
            sizes[frame.above] += sizes[frame]
    return total, sizes


def _compared(name: str, fact: str, key: str) -> str:
    """How the key of a unit repeats the fact of this name; empty if it does not."""
    if key == fact:
        return name
    holds = fact in key
    if len(key) >= 12 and key in fact:
        return f"{name}-part"
    if name == "title" and len(fact) >= 12 and holds and len(key) < 2 * len(fact):
        return f"{name}-part"
    if name == "description" and len(fact) > 40 and key.startswith(fact[:40]):
        return "description-start"
    if name == "author" and len(fact) >= 5 and holds and len(key) < len(fact) + 40:
        return "author-part"
    return ""
