"""What a pattern cannot match without, so that a glance at a line names the few rules worth trying.

Thousands of patterns in one RE2 set need more automaton states than any cache holds: measured, a line that the set has
not met before costs milliseconds. So each pattern is taken apart: most are labels and begin with `^`, and the first
letters of a line name those that could match; and nearly every pattern has literals that all its matches hold, of
which one pass finds all (Aho and Corasick 1975). Only where everything that a pattern needs is there, it is tried. The
derivation follows the prefilter of RE2 (Cox 2010, "Regular Expression Matching in the Wild"), with beginnings and
lengths on top.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import fsum

from .matching import END, PREFIX, Clause, beginning, first_letter, lowered

LITERAL = 10  # characters: a longer literal is cut, its beginning is telling enough
MOST_STRINGS = 24  # a larger set of whole strings is given up for its best part
MOST_PREFIXES = 3000
FEW_PREFIXES = 24  # more than these are shortened
SHORTENED = 1.6  # times as many lines may begin with the shorter ones
RARE = 0.0002  # a share of lines that is too small to matter
MOST_ALSO = 2  # sets of literals that a line must hold besides
LARGEST_ALSO = 12  # looking for more strings than these takes as long as trying the pattern
TOO_COMMON = 0.7  # a set that so many lines hold a member of is no help
WORTH = 0.5  # a set that more lines than this share hold a member of is not asked for besides
RARER = 0.3  # a line's beginning is found faster than a literal in it, unless the literal is this much rarer
GRAM = 4  # characters: how often a literal stands in lines is told from its parts of this length
LONGEST_RANGE = 16  # characters of a range in a class that are counted one by one


ANY_LINE = (Clause(),)


_COMMON = frozenset(
    """the and you your this that these those with from for have has are was will not but all one new men women people
    over it its is he she his her they we our in on at to of an as by or if so who what when how why more most der die
    das und ist ein eine einen mit für von auf den dem des sich nicht auch diese dieser dieses bei nur noch im zu les
    des une est pour dans sur avec vous votre qui que ces cet cette le la el los las una por para con del se su sus
    este esta il lo gli che di della non per questo questa un uno da do dos das um uma com no na os as não het een van
    voor met zijn deze dit er det som til på av att och den ett på för
    """.split()
)


class NotUnderstoodError(ValueError):
    """The pattern uses syntax that this reader does not follow; the rule is then tried on every line."""


Prefixes = frozenset[tuple[str, bool]]  # a beginning, and whether the part may end right after it


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern: all strings it can be, or what each match holds, and how matches begin and end."""

    exact: frozenset[str] | None = None
    required: tuple[frozenset[str], ...] = ()  # sets of which each match holds one, in the order of the pattern
    begins: Prefixes = frozenset([("", False)])
    longest: int | None = None  # characters of the longest match; None: no limit
    anchored: bool = False
    closed: bool = False  # ends where the line ends
    marks: bool = False  # holds no letter or digit: at a line's beginning it does not count
    choices: tuple[_Part, ...] = ()  # the alternatives of a group


_NOTHING = _Part(exact=frozenset([""]), begins=frozenset([("", True)]), longest=0)
_ANYTHING = _Part(longest=1)
_DIGIT = _Part(begins=frozenset((digit, True) for digit in "0123456789"), longest=1)
_LINE_START = _Part(exact=frozenset([""]), begins=frozenset([("", True)]), longest=0, anchored=True)
_LINE_END = _Part(exact=frozenset([END]), begins=frozenset([("", True)]), longest=0, closed=True)


Commonness = Callable[[str], float]  # the share of lines that hold a literal


def guessed(literal: str) -> float:
    """A guess at the share of lines that hold a literal, from its length alone."""
    bare = literal.strip()
    if bare in _COMMON:
        return 0.5
    rarity = len(bare) if bare.isascii() else len(bare.encode()) // 2 + len(bare) // 2
    return min(1.0, 2.0 ** (1 - rarity))


def counted(lines: Iterable[str]) -> Commonness:
    """How often literals stand in lines such as these: better than a guess. The lines are lower case.

    A literal that begins with a line feed is a line's beginning.
    """
    grams: Counter[str] = Counter()
    total = 0
    for line in lines:
        total += 1
        whole = f"\n{beginning(line)}\n{line}{END}"
        grams.update({whole[at : at + size] for size in range(1, GRAM + 1) for at in range(len(whole) - size + 1)})

    def commonness(literal: str) -> float:
        parts = [literal[at : at + GRAM] for at in range(max(1, len(literal) - GRAM + 1))]
        return (min(grams[part] for part in parts) + 0.2) / total * 0.8 ** (len(parts) - 1)

    return commonness


def clues(pattern: str, commonness: Commonness = guessed, beginnings: bool = True) -> tuple[Clause, ...]:
    """What the lines that an RE2 pattern matches have, one way or another: a line that fits no clause is no match.

    Without `beginnings`, literals are preferred to prefixes wherever there are any.
    """
    reader = _Reader(pattern, commonness)
    try:
        alternatives = reader.read()
    except NotUnderstoodError:
        return ANY_LINE
    found: dict[tuple[tuple[frozenset[str], ...], int], tuple[set[str], set[str]]] = {}
    for part in alternatives:
        prefixes = reader.cut(_prefixes(part))
        groups = reader.groups(part)
        longest = part.longest or 0 if part.anchored and part.closed else 0
        if not (prefixes or groups or longest):
            return ANY_LINE
        if groups and not (beginnings and reader.worth(prefixes, groups[0])):
            prefixes = set()
        literals = frozenset() if prefixes or not groups else groups.pop(0)
        small = [group for group in groups if len(group) <= LARGEST_ALSO and reader.rate(group) < WORTH]
        also = tuple(sorted(small, key=len)[:MOST_ALSO])
        begin, hold = found.setdefault((also, longest), (set(), set()))
        begin |= prefixes
        hold |= literals
    return tuple(
        Clause(frozenset(begin), _shortest(hold), also, longest) for (also, longest), (begin, hold) in found.items()
    )


def _shortest(texts: Iterable[str]) -> frozenset[str]:
    """`texts` without those that hold another of them: who has the longer one has the shorter one too."""
    kept: list[str] = []
    for text in sorted(set(texts), key=lambda text: (len(text), text)):
        if not any(shorter in text for shorter in kept):
            kept.append(text)
    return frozenset(kept)


def _prefixes(part: _Part) -> set[str]:
    if not part.anchored:
        return set()
    found = {beginning(text) or text.strip()[:1] for text, _ in part.begins}
    return set() if "" in found or len(found) > MOST_PREFIXES else found


class _Reader:
    """A recursive-descent reader of the RE2 syntax that rules use."""

    def __init__(self, pattern: str, commonness: Commonness) -> None:
        self.pattern = pattern
        self.at = 0
        self.commonness = commonness

    def read(self) -> list[_Part]:
        """The alternatives of the whole pattern; those of its first group count as such: each has its own clause."""
        parts = self._spread(self._pieces())
        while self._peek() == "|":
            self.at += 1
            parts += self._spread(self._pieces())
        if self.at < len(self.pattern):
            raise NotUnderstoodError(self.pattern)
        return parts

    def _spread(self, pieces: list[_Part]) -> list[_Part]:
        if pieces and pieces[0].anchored:  # marks before the first letter do not count: see `beginning`
            first = next((at for at, piece in enumerate(pieces[1:], 1) if not piece.marks), len(pieces))
            pieces = [replace(pieces[0], longest=_longest(pieces[:first])), *pieces[first:]]
        for at, piece in enumerate(pieces):
            if piece.choices:
                return [self._after_another([*pieces[:at], choice, *pieces[at + 1 :]]) for choice in piece.choices]
        return [self._after_another(pieces)]

    def _parts(self) -> list[_Part]:
        parts = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            parts.append(self._sequence())
        return parts

    def _sequence(self) -> _Part:
        return self._after_another(self._pieces())

    def _pieces(self) -> list[_Part]:
        pieces = []
        while (char := self._peek()) and char not in "|)":
            pieces.append(self._repeated(self._atom()))
        return pieces

    def _atom(self) -> _Part:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._character_class()
        if char == ".":
            return _ANYTHING
        if char == "^":
            return _LINE_START
        if char == "$":
            return _LINE_END
        return self._escape() if char == "\\" else _literal(char)

    def _group(self) -> _Part:
        if self._peek() == "?":
            self.at += 1
            while (char := self._next()) not in ":>)":
                if not (char.isalnum() or char in "-<_"):
                    raise NotUnderstoodError(self.pattern)
            if char == ")":
                return _NOTHING
        parts = self._parts()
        if self._next() != ")":
            raise NotUnderstoodError(self.pattern)
        return parts[0] if len(parts) == 1 else self._either(parts)

    def _escape(self) -> _Part:
        char = self._next()
        if char in "pP":
            name = self._next()
            if name == "{":
                while (letter := self._next()) != "}":
                    name += letter
            return _DIGIT if char == "p" and name == "{Nd" else _ANYTHING
        if char in "ntrfv":
            return _literal({"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}[char])
        if char == "z":
            return _LINE_END
        if char in "bB":
            return _NOTHING
        if char == "A":
            return _LINE_START
        if char == "d":
            return _DIGIT
        if char in "DwWsS":
            return _ANYTHING
        if char.isalnum():
            raise NotUnderstoodError(self.pattern)
        return _literal(char)

    def _character_class(self) -> _Part:
        chars: set[str] = set()
        small = True
        if self._peek() == "^":
            small = False
            self.at += 1
        first = True
        last = char = ""
        while (char := self._next()) != "]" or first:
            first = False
            if char == "[" and self._peek() == ":":
                raise NotUnderstoodError(self.pattern)
            if char == "\\":
                part = self._escape()
                small = small and part.exact is not None and part.exact != {""}
                chars.update(part.exact or ())
            elif char == "-" and last and self._peek() != "]":
                end = self._next()
                if end == "\\" or ord(end) - ord(last) >= LONGEST_RANGE:
                    small = False
                else:
                    chars.update(lowered(chr(code)) for code in range(ord(last), ord(end) + 1))
            else:
                chars.add(lowered(char))
                last = char
                continue
            last = ""
        if not small or len(chars) > 16:
            return _ANYTHING
        marks = not any(char.isalnum() for char in chars)
        return _Part(exact=frozenset(chars), begins=frozenset((char, True) for char in chars), longest=1, marks=marks)

    def _repeated(self, part: _Part) -> _Part:
        while (char := self._peek()) and char in "?*+{":
            self.at += 1
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(char) or self._counts()
            if self._peek() == "?":
                self.at += 1
            part = self._repeat(part, least, most)
        return part

    def rate(self, literals: Iterable[str]) -> float:
        """About the share of lines that hold one of the literals."""
        return fsum(map(self.commonness, literals))

    def worth(self, prefixes: set[str], group: frozenset[str]) -> bool:
        """Whether to look for `prefixes` rather than for `group`."""
        if not all(prefix[0].isalnum() for prefix in prefixes):
            return False
        return self.rate(group) >= RARER * self.rate("\n" + prefix for prefix in prefixes)

    def cut(self, prefixes: set[str]) -> set[str]:
        """Many prefixes made few by shortening them, as long as lines hardly begin with them more often for it."""
        limit = max(RARE, SHORTENED * self.rate("\n" + prefix for prefix in prefixes))
        shorter = prefixes
        for length in range(PREFIX - 1, 0, -1):
            if len(shorter) <= FEW_PREFIXES:
                break
            candidates = {prefix[:length] for prefix in prefixes}
            if self.rate("\n" + prefix for prefix in candidates) <= limit:
                shorter = candidates
        return {prefix for prefix in shorter if not any(prefix[:length] in shorter for length in range(1, len(prefix)))}

    def groups(self, part: _Part) -> list[frozenset[str]]:
        """The sets of literals of which each match of `part` holds one, cut to size, the rarest first."""
        sets = (part.exact,) if part.exact is not None else part.required
        cuts = {_shortest(text[:LITERAL] for text in found) for found in sets if found}
        rated = [(self.rate(cut), sorted(cut)) for cut in cuts if all(text.strip() for text in cut)]
        return [frozenset(cut) for rate, cut in sorted(rated) if rate < TOO_COMMON]

    def _in_common(self, parts: Sequence[_Part]) -> list[frozenset[str]]:
        """Sets of literals of which every match holds one, whichever of `parts` it is a match of."""
        return [
            _shortest(text for one in several for text in one)
            for several in zip(*map(self.groups, parts), strict=False)
        ]

    def _repeat(self, part: _Part, least: int, most: int | None) -> _Part:
        longest = 0 if part.longest == 0 else None if most is None or part.longest is None else most * part.longest
        begins: set[tuple[str, bool]] = {(text, more and most == 1) for text, more in part.begins}
        if least == 0:
            begins.add(("", True))
            once = most == 1 and part.exact is not None and len(part.exact) < MOST_STRINGS
            exact = part.exact | {""} if once and part.exact is not None else None
            return _Part(exact=exact, begins=frozenset(begins), longest=longest, marks=part.marks)
        if most == 1:
            return part
        return _Part(required=tuple(self.groups(part)), begins=frozenset(begins), longest=longest, marks=part.marks)

    def _either(self, parts: Sequence[_Part]) -> _Part:
        begins: Prefixes = frozenset().union(*(part.begins for part in parts))
        longest = max(-1 if part.longest is None else part.longest for part in parts)
        if any(part.longest is None for part in parts):
            longest = -1
        exacts = [part.exact for part in parts if part.exact is not None]
        union = frozenset[str]().union(*exacts)
        small = len(exacts) == len(parts) and len(union) <= MOST_STRINGS
        return _Part(
            exact=union if small else None,
            required=() if small else tuple(self._in_common(parts)),
            begins=begins,
            longest=None if longest < 0 else longest,
            anchored=all(part.anchored for part in parts),
            closed=all(part.closed for part in parts),
            marks=all(part.marks for part in parts),
            choices=tuple(parts),
        )

    def _after_another(self, parts: Sequence[_Part]) -> _Part:
        current = frozenset([""])
        whole = True
        required: list[frozenset[str]] = []
        begins: set[tuple[str, bool]] = {("", True)}
        longest: int | None = 0
        for part in parts:
            begins = _extend(begins, part)
            longest = None if longest is None or part.longest is None else longest + part.longest
            if part.exact is not None and len(current) * len(part.exact) <= MOST_STRINGS:
                current = frozenset(head + tail for head in current for tail in part.exact)
                continue
            whole = False
            required += [current, *part.required]
            current = part.exact if part.exact is not None else frozenset([""])
        return _Part(
            exact=current if whole else None,
            required=() if whole else (*required, current),
            begins=frozenset(begins),
            longest=longest,
            anchored=bool(parts) and parts[0].anchored,
            closed=bool(parts) and parts[-1].closed,
            marks=bool(parts) and all(part.marks for part in parts),
            choices=parts[-1].choices if all(part.longest == 0 for part in parts[:-1]) and parts else (),
        )

    def _counts(self) -> tuple[int, int | None]:
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at : end].partition(",")
        if end < 0 or not low.isdigit():
            raise NotUnderstoodError(self.pattern)
        self.at = end + 1
        return int(low), int(high) if high else None if comma else int(low)

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _next(self) -> str:
        if self.at >= len(self.pattern):
            raise NotUnderstoodError(self.pattern)
        self.at += 1
        return self.pattern[self.at - 1]


def _longest(parts: Iterable[_Part]) -> int | None:
    """Characters of the longest match of parts that follow each other; None: no limit."""
    total = 0
    for part in parts:
        if part.longest is None:
            return None
        total += part.longest
    return total


def _literal(char: str) -> _Part:
    low = lowered(char)
    return _Part(exact=frozenset([low]), begins=frozenset([(low, True)]), longest=1, marks=not low.isalnum())


def _extend(begins: set[tuple[str, bool]], part: _Part) -> set[tuple[str, bool]]:
    if len(begins) * len(part.begins) > 40_000:
        return {(text, False) for text, _ in begins}
    extended = set()
    for text, may_go_on in begins:
        if not may_go_on:
            extended.add((text, False))
        else:
            for tail, goes_on in part.begins:
                grown = text + tail
                known = beginning(grown)
                if len(known) >= PREFIX:
                    extended.add((grown[: first_letter(grown) + PREFIX], False))
                else:
                    extended.add((grown, goes_on))
    return extended
