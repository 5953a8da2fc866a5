"""Thousands of patterns against a line: a glance finds the few that could match, RE2 says which do.

The answer is exactly that of trying every pattern; `literals.py` explains why nothing is lost. Each pattern is compiled
when it is first worth trying, so a rulebook of any size costs nothing to have.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Generic, TypeVar

import re2
from ahocorasick_rs import AhoCorasick, MatchKind

from .literals import Clues, beginning, lowered

Named = TypeVar("Named")
MAX_PATTERN_MEMORY = 64 << 20


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


class PatternIndex(Generic[Named]):
    """RE2 patterns, each naming something, that answers which of these match a line."""

    def __init__(self, patterns: Iterable[tuple[str, Clues, Named]]) -> None:
        self._patterns = list(patterns)
        self._compiled: dict[int, re2.Set] = {}
        self._always: list[int] = []
        prefixes: defaultdict[str, list[int]] = defaultdict(list)
        literals: defaultdict[str, list[int]] = defaultdict(list)
        for number, (_, clue, _) in enumerate(self._patterns):
            if not clue.prefixes and not clue.literals:
                self._always.append(number)
            for prefix in clue.prefixes:
                prefixes[prefix].append(number)
            for literal in clue.literals:
                literals[literal].append(number)
        self._prefixes = dict(prefixes)
        self._by_literal = list(literals.values())
        self._search = (
            AhoCorasick(list(literals), matchkind=MatchKind.Standard, store_patterns=False) if literals else None
        )

    def match(self, line: str) -> list[Named]:
        """What the patterns that match somewhere in `line` name, in the order they were given."""
        candidates = self._candidates(lowered(line))
        if not candidates:
            return []
        data = encode(line)
        return [self._patterns[number][2] for number in sorted(candidates) if self._try(number, data)]

    def may_match(self, text: str) -> bool:
        """Whether any pattern could match somewhere in `text`, at a glance: False is certain, True is not."""
        if self._always or self._prefixes:
            return True
        return self._search is not None and bool(self._search.find_matches_as_indexes(_searchable(lowered(text))))

    def _candidates(self, low: str) -> set[int]:
        candidates = set(self._always)
        if low[:1] in self._prefixes:
            candidates.update(self._prefixes[low[:1]])
        start = beginning(low)
        for length in range(1, len(start) + 1):
            found = self._prefixes.get(start[:length])
            if found:
                candidates.update(found)
        if self._search is not None:
            for literal in {hit[0] for hit in self._search.find_matches_as_indexes(_searchable(low), overlapping=True)}:
                candidates.update(self._by_literal[literal])
        return candidates

    def _try(self, number: int, data: bytes) -> bool:
        compiled = self._compiled.get(number)
        if compiled is None:
            compiled = self._compiled[number] = single_pass([self._patterns[number][0]])
        return bool(compiled.Match(data))


def _searchable(low: str) -> str:
    try:
        low.encode()
    except UnicodeEncodeError:
        return low.encode("utf-8", "replace").decode()
    return low
