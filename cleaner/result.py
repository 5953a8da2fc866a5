"""What a cleaner answers: the kept text, what was removed and why, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from .article import count_lines
from .judge import Reason


@dataclass(frozen=True, slots=True)
class Removal:
    """One piece that was taken out: `text` is `input[start:end]`, `line` its first line, counted from 1.

    The span covers the line endings and blank lines that went with it, so the removals and the kept text together are
    the input. `score` is log-odds beyond the mode's threshold.
    """

    start: int
    end: int
    line: int
    text: str
    category: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What `Cleaner.clean` gives back."""

    text: str
    removed: tuple[Removal, ...] = ()
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, str | None] = field(default_factory=dict)

    def restore(self) -> str:
        """The input, character for character."""
        return restore(self.text, self.removed)


@dataclass(frozen=True, slots=True)
class Line:
    """One block of an article as `explain` shows it. `verdict` is kept, removed, or cut (a fragment went)."""

    number: int
    text: str
    verdict: str
    category: str
    score: float
    reasons: tuple[Reason, ...]


def restore(text: str, removed: Iterable[Removal]) -> str:
    """Put `removed` back into the kept `text`; the inverse of `Cleaner.clean`."""
    pieces, at, taken = [], 0, 0
    for removal in sorted(removed, key=lambda removal: removal.start):
        upto = removal.start - taken
        pieces.append(text[at:upto])
        pieces.append(removal.text)
        at = upto
        taken += removal.end - removal.start
    pieces.append(text[at:])
    return "".join(pieces)


def cut(text: str, removals: Iterable[Removal]) -> str:
    """`text` without the spans of `removals`, which are in order and do not overlap."""
    pieces, at = [], 0
    for removal in removals:
        pieces.append(text[at : removal.start])
        at = removal.end
    pieces.append(text[at:])
    return "".join(pieces)


def merge(earlier: Sequence[Removal], later: Sequence[Removal], text: str) -> list[Removal]:
    """`later` counts in the text that `earlier` left; bring both into the offsets of the input `text`.

    A later removal that encloses earlier ones is split around them, so that spans never overlap.
    """
    if not earlier:
        return list(later)
    kept: list[tuple[int, int]] = []  # the pieces of the input that `earlier` left, in order
    at = 0
    for removal in earlier:
        kept.append((at, removal.start))
        at = removal.end
    kept.append((at, len(text)))
    merged = list(earlier)
    offset = piece = counted = lines = 0
    for removal in later:
        while offset + kept[piece][1] - kept[piece][0] <= removal.start:
            offset += kept[piece][1] - kept[piece][0]
            piece += 1
        for start, end in _pieces(removal, kept, piece, offset):
            taken = text[start:end]
            visible = start + len(taken) - len(taken.lstrip("\r\n"))
            lines += count_lines(text, counted, visible)
            counted = visible
            merged.append(replace(removal, start=start, end=end, line=1 + lines, text=taken))
    return sorted(merged, key=lambda removal: removal.start)


def _pieces(removal: Removal, kept: Sequence[tuple[int, int]], piece: int, offset: int) -> Iterator[tuple[int, int]]:
    """Where in the input a removal begins and ends, once for each kept piece that it takes something of."""
    left = removal.end - removal.start
    position = removal.start
    while left:
        begin, stop = kept[piece]
        start = begin + position - offset
        taken = min(left, stop - start)
        if taken:
            yield start, start + taken
        left -= taken
        position += taken
        offset += stop - begin
        piece += 1
