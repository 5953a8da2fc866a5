"""Thousands of patterns against a line: a glance finds the few that could match, RE2 says which do.

The answer is exactly that of trying every pattern; `literals.py` explains why nothing is lost. Each pattern is compiled
when it is first worth trying, so a rulebook of any size costs nothing to have.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypedDict, TypeVar

import re2
from ahocorasick_rs import AhoCorasick, MatchKind

Named = TypeVar("Named")
PREFIX = 5  # characters of a line's beginning that the table is keyed by
END = "\n"  # stands for the end of the line in literals
MAX_PATTERN_MEMORY = 8 << 20  # bytes; what a pattern remembers of the lines it has met is kept in it, too


def options() -> re2.Options:
    """How every pattern is read: case ignored, UTF-8, `.` stops at a line ending, no noise on stderr."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = MAX_PATTERN_MEMORY
    return chosen


def encode(text: str) -> bytes:
    """UTF-8 for RE2; a lone surrogate, which no rule names, becomes a question mark."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def single_pass(patterns: Iterable[str]) -> re2.Set:
    """A few patterns matched together in one pass: `Match` gives the numbers of those that match."""
    compiled = re2.Set.SearchSet(options())
    for pattern in patterns:
        compiled.Add(pattern)
    compiled.Compile()
    return compiled


Entry = tuple[int, ...]
Numbers = list[int] | bytes  # as text until they are first looked at: b"3 14 15"


@dataclass(frozen=True, slots=True)
class Clause:
    """One way to match a pattern, and what a line needs for it.

    The line starts with one of `prefixes` or holds one of `literals` (both empty: any line will do); and it holds
    one of each set in `also`; and it has at most `longest` characters (0: any number). All are lower case; prefixes
    count from the first letter or digit of the line, and a line feed stands for the end of the line.
    """

    prefixes: frozenset[str] = frozenset()
    literals: frozenset[str] = frozenset()
    also: tuple[frozenset[str], ...] = ()
    longest: int = 0


class Packed(TypedDict):
    """The clauses of many patterns, turned around: what to look for, and what is wanted besides where it is found.

    An entry of `wanted` gives a pattern's number, the length of its longest match (0: no limit) and the numbers of the
    `groups` of which the line must hold a literal each; the other tables name these entries by number. Whatever is made
    of numbers or of several strings may be bytes, which are taken apart when they are needed: most never are.
    """

    always: list[int]
    prefixes: dict[str, Numbers]
    literals: dict[str, Numbers]
    wanted: list[Entry | bytes]
    groups: list[Sequence[str] | bytes]


def pack(patterns: Iterable[Sequence[Clause]]) -> Packed:
    """The clauses of each pattern, packed."""
    always: list[int] = []
    prefixes: dict[str, list[int]] = {}
    literals: dict[str, list[int]] = {}
    wanted: list[Entry | bytes] = []
    groups: dict[frozenset[str], int] = {}
    for number, clauses in enumerate(patterns):
        for clause in clauses:
            also = [groups.setdefault(group, len(groups)) for group in clause.also]
            place = len(wanted)
            wanted.append((number, clause.longest, *also))
            if not clause.prefixes and not clause.literals:
                always.append(place)
            for prefix in sorted(clause.prefixes):
                prefixes.setdefault(prefix, []).append(place)
            for literal in sorted(clause.literals):
                literals.setdefault(literal, []).append(place)
    found: list[Sequence[str] | bytes] = [sorted(group) for group in groups]
    return Packed(always=always, prefixes={**prefixes}, literals={**literals}, wanted=wanted, groups=found)


LINE, ITEM = b"\x1e", b"\x1f"  # between the entries of a table, between the strings of an entry


def as_bytes(packed: Packed) -> list[bytes]:
    """The tables as bytes, from which `from_bytes` makes them again."""

    def numbers(values: Iterable[Numbers | Entry]) -> bytes:
        return LINE.join(b" ".join(b"%d" % number for number in value) for value in values)

    def strings(values: Iterable[str], between: bytes = LINE) -> bytes:
        return between.join(value.encode() for value in values)

    return [
        numbers([packed["always"]]),
        strings(packed["prefixes"]),
        numbers(packed["prefixes"].values()),
        strings(packed["literals"]),
        numbers(packed["literals"].values()),
        numbers(packed["wanted"]),
        LINE.join(strings(map(str, group), ITEM) for group in packed["groups"]),
    ]


TABLES = 7  # that `as_bytes` makes


def from_bytes(tables: Sequence[bytes]) -> Packed:
    """Tables from the bytes that `as_bytes` made of them; nothing is taken apart that can wait."""

    def entries(table: bytes) -> list[bytes]:
        return table.split(LINE) if table else []

    def strings(table: bytes) -> list[str]:
        return table.decode().split(LINE.decode()) if table else []

    always, prefixes, prefix_places, literals, literal_places, wanted, groups = tables
    return Packed(
        always=list(map(int, always.split())),
        prefixes=dict(zip(strings(prefixes), entries(prefix_places), strict=True)),
        literals=dict(zip(strings(literals), entries(literal_places), strict=True)),
        wanted=list(entries(wanted)),
        groups=list(entries(groups)),
    )


class PatternIndex(Generic[Named]):
    """RE2 patterns, each naming something, that answers which of these match a line."""

    def __init__(self, patterns: Sequence[tuple[str, Named]], packed: Packed) -> None:
        self._patterns = patterns
        self._packed = packed
        self._compiled: dict[int, re2.Set] = {}
        self._wanted, self._groups = packed["wanted"], packed["groups"]
        self._always = self._entries(packed["always"])
        self._prefixes: dict[str, Numbers | tuple[Entry, ...]] = {**packed["prefixes"]}
        self._by_literal: list[Numbers | tuple[Entry, ...]] = list(packed["literals"].values())

    def match(self, line: str) -> list[Named]:
        """What the patterns that match somewhere in `line` name, in the order they were given."""
        candidates = self._candidates(line)
        return self._tried(candidates, line) if candidates else []

    def may_match(self, text: str) -> bool:
        """Whether any pattern could match somewhere in `text`, a whole document, at a glance: False is certain."""
        low = _searchable(lowered(text))
        return bool(self._packed["always"]) or (
            self._anywhere is not None and bool(self._anywhere.find_matches_as_indexes(low))
        )

    @cached_property
    def _search(self) -> AhoCorasick | None:
        return _search_for(self._packed["literals"])

    @cached_property
    def _anywhere(self) -> AhoCorasick | None:
        """What one of must stand in a text that any pattern matches a part of."""
        return _search_for({*self._packed["prefixes"], *(literal.rstrip(END) for literal in self._packed["literals"])})

    def _candidates(self, line: str) -> set[int]:
        low = lowered(line) + END
        found = [*self._always, *self._beginning_with(low[:1])]
        start = beginning(low)
        for length in range(1, len(start) + 1):
            found += self._beginning_with(start[:length])
        if self._search is not None:
            by_literal = self._by_literal
            for hit in {hit[0] for hit in self._search.find_matches_as_indexes(_searchable(low), overlapping=True)}:
                places = by_literal[hit]
                if not isinstance(places, tuple):
                    places = by_literal[hit] = self._entries(places)
                found += places
        length = len(line)
        groups = self._groups
        candidates: set[int] = set()
        known: dict[int, bool] = {}
        for entry in found:
            number, longest = entry[0], entry[1]
            if number in candidates or (longest and length > longest):
                continue
            for group in entry[2:]:
                holds = known.get(group)
                if holds is None:
                    members = groups[group]
                    if isinstance(members, bytes):
                        members = groups[group] = [member.decode() for member in members.split(ITEM)]
                    holds = False
                    for literal_of_group in members:  # a loop of one's own is twice as fast as any()
                        if literal_of_group in low:
                            holds = True
                            break
                    known[group] = holds
                if not holds:
                    break
            else:
                candidates.add(number)
        return candidates

    def _beginning_with(self, prefix: str) -> tuple[Entry, ...]:
        places = self._prefixes.get(prefix, ())
        if not isinstance(places, tuple):
            places = self._prefixes[prefix] = self._entries(places)
        return places

    def _entries(self, places: Numbers) -> tuple[Entry, ...]:
        """The entries at some places, taken apart if they have not been yet."""
        found = []
        for place in map(int, places.split()) if isinstance(places, bytes) else places:
            entry = self._wanted[place]
            if isinstance(entry, bytes):
                entry = self._wanted[place] = tuple(map(int, entry.split()))
            found.append(entry)
        return tuple(found)

    def _tried(self, candidates: Iterable[int], line: str) -> list[Named]:
        data = encode(line)
        found = []
        for number in sorted(candidates):
            compiled = self._compiled.get(number)
            if compiled is None:
                compiled = self._compiled[number] = single_pass([self._patterns[number][0]])
            if compiled.Match(data):
                found.append(self._patterns[number][1])
        return found


def _search_for(literals: Iterable[str]) -> AhoCorasick | None:
    several = list(literals)
    return AhoCorasick(several, matchkind=MatchKind.Standard, store_patterns=False) if several else None


def _searchable(low: str) -> str:
    try:
        low.encode()
    except UnicodeEncodeError:
        return low.encode("utf-8", "replace").decode()
    return low


def lowered(text: str) -> str:
    """Case folded the way clues are: lower case, one form of the Greek sigma, no dot left over from a Turkish İ."""
    low = text.lower()
    return low if low.isascii() else low.replace("ς", "σ").replace("i̇", "i")


def beginning(line: str) -> str:
    """The first letters of a lowered line, from its first letter or digit on: what prefixes are compared with.

    Digits of all scripts count as 0 to 9. A line of marks begins with its first mark.
    """
    at = first_letter(line)
    start = line[at : at + PREFIX] if at >= 0 else ""
    if start.isascii():
        return start
    return "".join(str(unicodedata.digit(char)) if char.isdecimal() else char for char in start)


def first_letter(line: str) -> int:
    """Where the first letter or digit stands, -1 if there is none near."""
    for at, char in enumerate(line[:24]):
        if char.isalnum():
            return at
    return -1
