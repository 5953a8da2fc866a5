"""What a pattern cannot match without, so that a glance at a line names the few rules worth trying.

Two thousand patterns in one RE2 set need more automaton states than any cache holds: measured, a line that the set has
not met before costs milliseconds. Most rules are labels and begin with `^`: the first letters of a line, looked up in a
table, name the rules that could match. The others have a literal that every match contains; all of these are searched
for together in one pass (Aho and Corasick 1975). The derivation follows the prefilter of RE2 (Cox 2010, "Regular
Expression Matching in the Wild").
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

PREFIX = 6  # characters of a line's beginning that the table is keyed by
LITERAL = 12  # characters: a longer literal is cut, its beginning is telling enough
MOST_STRINGS = 24  # a larger set of whole strings is given up for its best part
MOST_PREFIXES = 3000
SHORTEST = 2  # UTF-8 bytes


@dataclass(frozen=True, slots=True)
class Clues:
    """When a pattern is worth trying: its line starts with one of `prefixes`, or holds one of `literals`.

    Prefixes and literals are lower case; prefixes count from the first letter or digit of the line. Both empty: always.
    """

    prefixes: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()


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
    """A piece of a pattern: all strings it can be, or a set of which each match holds one, and how matches begin."""

    exact: frozenset[str] | None = None
    required: frozenset[str] | None = None
    begins: Prefixes = frozenset([("", False)])
    anchored: bool = False
    marks: bool = False  # holds no letter or digit: at a line's beginning it does not count
    choices: tuple[_Part, ...] = ()  # the alternatives of a group


_NOTHING = _Part(exact=frozenset([""]), begins=frozenset([("", True)]))
_ANYTHING = _Part()
_DIGIT = _Part(begins=frozenset((digit, True) for digit in "0123456789"))
_LINE_START = _Part(exact=frozenset([""]), begins=frozenset([("", True)]), anchored=True)


def lowered(text: str) -> str:
    """Case folded the way clues are: lower case, one form of the Greek sigma, no dot left over from a Turkish İ."""
    low = text.lower()
    return low if low.isascii() else low.replace("ς", "σ").replace("i̇", "i")


def beginning(line: str) -> str:
    """The first letters of a lowered line, from its first letter or digit on: what prefixes are compared with.

    Digits of all scripts count as 0 to 9. A line of marks begins with its first mark.
    """
    for at, char in enumerate(line[:24]):
        if char.isalnum():
            start = line[at : at + PREFIX]
            return f"{unicodedata.digit(char, 0)}{start[1:]}" if not char.isascii() and char.isdecimal() else start
    return ""


def clues(pattern: str) -> Clues:
    """The clues of an RE2 pattern."""
    try:
        alternatives = _Reader(pattern).read()
    except NotUnderstoodError:
        return Clues()
    prefixes: set[str] = set()
    literals: set[str] = set()
    for part in alternatives:
        starts = _prefixes(part)
        best = _best([part.exact, part.required])
        if starts:
            prefixes |= starts
        elif best:
            literals |= best
        else:
            return Clues()
    return Clues(frozenset(prefixes), frozenset(literals))


def _prefixes(part: _Part) -> set[str]:
    if not part.anchored:
        return set()
    found = {beginning(text) or text.strip()[:1] for text, _ in part.begins}
    return set() if "" in found or len(found) > MOST_PREFIXES else found


def _best(candidates: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """The candidate whose shortest literal is longest, then the one with fewest literals."""
    cuts = [frozenset(text[:LITERAL] for text in found) for found in candidates if found]
    usable = [cut for cut in cuts if all(len(text.strip().encode()) >= SHORTEST for text in cut)]
    return min(usable, key=lambda cut: (sum(map(_commonness, cut)), sorted(cut)), default=None)


def _commonness(literal: str) -> float:
    """A guess at how often a literal stands in a line that has nothing to do with it."""
    bare = literal.strip()
    if bare in _COMMON:
        return 0.5
    rarity = len(bare) if bare.isascii() else len(bare.encode()) // 2 + len(bare) // 2
    return 2.0 ** (2 - rarity)


class _Reader:
    """A recursive-descent reader of the RE2 syntax that rules use."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def read(self) -> list[_Part]:
        """The alternatives of the whole pattern; those of its first group count as such: each has its own clues."""
        parts = self._spread(self._pieces())
        while self._peek() == "|":
            self.at += 1
            parts += self._spread(self._pieces())
        if self.at < len(self.pattern):
            raise NotUnderstoodError(self.pattern)
        return parts

    @staticmethod
    def _spread(pieces: list[_Part]) -> list[_Part]:
        if pieces and pieces[0].anchored:  # marks before the first letter do not count: see `beginning`
            first = next((at for at, piece in enumerate(pieces[1:], 1) if not piece.marks), len(pieces))
            pieces = [pieces[0], *pieces[first:]]
        for at, piece in enumerate(pieces):
            if piece.choices:
                return [_after_another([*pieces[:at], choice, *pieces[at + 1 :]]) for choice in piece.choices]
        return [_after_another(pieces)]

    def _parts(self) -> list[_Part]:
        parts = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            parts.append(self._sequence())
        return parts

    def _sequence(self) -> _Part:
        return _after_another(self._pieces())

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
            return _NOTHING
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
        return parts[0] if len(parts) == 1 else _either(parts)

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
        if char in "bBz":
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
        while (char := self._next()) != "]" or first:
            first = False
            if char == "[" and self._peek() == ":":
                raise NotUnderstoodError(self.pattern)
            if char == "\\":
                part = self._escape()
                small = small and part.exact is not None and part.exact != {""}
                chars.update(part.exact or ())
            elif char == "-" and chars and self._peek() != "]":
                self._next()
                small = False
            else:
                chars.add(lowered(char))
        if not small or len(chars) > 16:
            return _ANYTHING
        return _Part(exact=frozenset(chars), begins=frozenset((char, True) for char in chars))

    def _repeated(self, part: _Part) -> _Part:
        while (char := self._peek()) and char in "?*+{":
            self.at += 1
            least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(char) or self._counts()
            if self._peek() == "?":
                self.at += 1
            part = _repeat(part, least, most)
        return part

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


def _literal(char: str) -> _Part:
    low = lowered(char)
    return _Part(exact=frozenset([low]), begins=frozenset([(low, True)]))


def _repeat(part: _Part, least: int, most: int | None) -> _Part:
    marks = part.exact is not None and not any(char.isalnum() for text in part.exact for char in text)
    begins: set[tuple[str, bool]] = {(text, more and most == 1) for text, more in part.begins}
    if least == 0:
        begins.add(("", True))
    if least == 0:
        if most == 1 and part.exact is not None and len(part.exact) < MOST_STRINGS:
            return _Part(exact=part.exact | {""}, begins=frozenset(begins), marks=marks)
        return _Part(begins=frozenset(begins), marks=marks)
    return _Part(required=_best([part.exact, part.required]), begins=frozenset(begins), marks=marks)


def _either(parts: Sequence[_Part]) -> _Part:
    begins: Prefixes = frozenset().union(*(part.begins for part in parts))
    anchored = all(part.anchored for part in parts)
    exacts = [part.exact for part in parts if part.exact is not None]
    if len(exacts) == len(parts):
        union = frozenset[str]().union(*exacts)
        if len(union) <= MOST_STRINGS:
            return _Part(exact=union, begins=begins, anchored=anchored, choices=tuple(parts))
    best = [_best([part.exact, part.required]) for part in parts]
    known = [found for found in best if found is not None]
    required = frozenset[str]().union(*known) if len(known) == len(best) else None
    return _Part(required=required, begins=begins, anchored=anchored, choices=tuple(parts))


def _after_another(parts: Sequence[_Part]) -> _Part:
    current = frozenset([""])
    whole = True
    candidates: list[frozenset[str] | None] = []
    begins: set[tuple[str, bool]] = {("", True)}
    for part in parts:
        begins = _extend(begins, part)
        if part.exact is not None and len(current) * len(part.exact) <= MOST_STRINGS:
            current = frozenset(head + tail for head in current for tail in part.exact)
            continue
        whole = False
        candidates += [current, part.required]
        current = part.exact if part.exact is not None else frozenset([""])
    anchored = bool(parts) and parts[0].anchored
    if whole:
        return _Part(exact=current, begins=frozenset(begins), anchored=anchored)
    return _Part(required=_best([*candidates, current]), begins=frozenset(begins), anchored=anchored)


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
                    extended.add((grown[: grown.index(known) + PREFIX], False))
                else:
                    extended.add((grown, goes_on))
    return extended
