"""How `explain` shows an article: every line with what became of it and why, for people or as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from cleaner.judge import Reason
from cleaner.result import Line

CLOSE = 2.5  # log-odds on either side of the threshold within which a verdict is uncertain
_COLOURS = {"removed": "31", "cut": "33", "kept": "32", "dim": "2"}
MOST_REASONS = 10
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
MARKS = {"removed": "-", "cut": "~", "kept": " "}


def visible(text: str) -> str:
    """A text for a terminal: control characters, which could steer it, as escapes; tabs and line endings stay."""
    return _CONTROLS.sub(lambda match: f"\\x{ord(match.group()):02x}", text)


def as_text(lines: Iterable[Line], coloured: bool = False) -> Iterator[str]:
    """The article line by line: mark, line number, text; under each the main reasons for or against it."""
    for line in lines:
        head = f"{MARKS[line.verdict]} {line.number:>4}  "
        yield _colour(head + visible(line.text), line.verdict, coloured)
        if line.verdict != "kept":
            yield _colour(f"        {line.verdict}: {line.category}, score {line.score:+.1f}", line.verdict, coloured)
        else:
            yield _colour(f"        kept, score {line.score:+.1f}{_why_kept(line.score)}", "dim", coloured)
        for sentence in summed(line.reasons):
            yield _colour(f"          {sentence}", "dim", coloured)


def _why_kept(score: float) -> str:
    """What else to say of a kept line: that it came close, or that it stays in spite of its score."""
    if score > 0:
        return "; above 0 a line goes, but its category is to stay, a rule protects it, or the text is doubted"
    return ", but it came close (above 0 a line goes)" if score > -CLOSE else ""


def summed(reasons: Sequence[Reason]) -> Iterator[str]:
    """The strongest reasons, one a line, and what the others come to together."""
    ordered = sorted(reasons, key=lambda reason: -abs(reason.weight))
    for reason in ordered[:MOST_REASONS]:
        yield f"{reason.weight:+5.1f}  {reason.says}  [{reason.source}]"
    rest = ordered[MOST_REASONS:]
    if rest:
        yield f"{sum(reason.weight for reason in rest):+5.1f}  {len(rest)} smaller reasons together"


def as_data(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The same as plain data."""
    return [{**asdict(line), "score": round(line.score, 4)} for line in lines]


def _colour(text: str, name: str, coloured: bool) -> str:
    return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if coloured else text
