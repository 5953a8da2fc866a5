"""What a run counts, and the summary of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Failure:
    """An article or file that could not be cleaned: where it is and why, in a sentence. `record` counts from 1."""

    file: str
    error: str
    record: int | None = None

    def __str__(self) -> str:
        place = f"{self.file}, record {self.record}" if self.record else self.file
        return f"{place}: {self.error}"

    def row(self) -> dict[str, Any]:
        """The failure as a line of failed.jsonl."""
        return asdict(self)


@dataclass(slots=True)
class Totals:
    """Counts of a run, or of a part of one. `removed` is by category, in removed lines."""

    articles: int = 0
    changed: int = 0
    without_text: int = 0
    doubted: int = 0
    failed: int = 0
    skipped: int = 0
    removed: Counter[str] = field(default_factory=Counter)

    def add(self, other: Totals) -> None:
        """Count another part in."""
        self.articles += other.articles
        self.changed += other.changed
        self.without_text += other.without_text
        self.doubted += other.doubted
        self.failed += other.failed
        self.skipped += other.skipped
        self.removed.update(other.removed)

    def copy(self) -> Totals:
        """The counts as they are now."""
        return replace(self, removed=Counter(self.removed))

    @property
    def lines(self) -> int:
        """How many lines were removed."""
        return self.removed.total()

    def as_dict(self) -> dict[str, Any]:
        """For logs and the manifest, in a fixed order."""
        return {**asdict(self), "removed": dict(sorted(self.removed.items()))}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Totals:
        """The inverse of `as_dict`."""
        return cls(**{**data, "removed": Counter(data["removed"])})

    def summary(self, verb: str = "removed") -> str:
        """One or two lines for people."""
        articles = _count(self.articles, "article")
        lines = _count(self.lines, "line")
        by_category = ", ".join(f"{name} {number:,}" for name, number in self.removed.most_common())
        parts = [
            f"{articles}, {_count(self.changed, 'changed', '')}; {verb} {lines}"
            + (f" ({by_category})" if by_category else "")
        ]
        if self.without_text:
            parts.append(f"{_count(self.without_text, 'record')} without text passed through")
        if self.doubted:
            parts.append(
                f"{_count(self.doubted, 'article')} doubted: most of the text looked injected, so little was removed"
            )
        if self.skipped:
            parts.append(f"{_count(self.skipped, 'file')} skipped")
        parts.append(f"{self.failed:,} failed")
        return "; ".join(parts)


def _count(number: int, noun: str, plural: str = "s") -> str:
    return f"{number:,} {noun}{plural if number != 1 else ''}"
