"""Decisions from bytes: the same bytes always decide the same, and a small change of them changes little."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

Any_ = TypeVar("Any_")


class Chance:
    """Decides by the bytes it is given, one after another; when they are used up, always for the first choice."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    @property
    def left(self) -> bool:
        """Whether there are bytes left to decide by."""
        return self.at < len(self.data)

    def take(self, size: int) -> bytes:
        """The next bytes as they are; fewer if there are no more."""
        taken = self.data[self.at : self.at + size]
        self.at += len(taken)
        return taken

    def rest(self) -> bytes:
        """All bytes that are left."""
        return self.take(len(self.data))

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1, by one byte or, beyond 256, by two."""
        return int.from_bytes(self.take(1 if limit <= 256 else 2), "big") % limit

    def one_in(self, number: int) -> bool:
        """True for one of so many decisions; False when the bytes are used up."""
        return self.below(number) == number - 1

    def pick(self, choices: Sequence[Any_]) -> Any_:
        """One of some things."""
        return choices[self.below(len(choices))]
