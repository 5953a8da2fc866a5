"""The records of an output with what was removed from them put back, in the format that they have."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cleaner.batch.jobs import NoCleaner, Recipe, RecordJob
from cleaner.batch.removals import CHANGED, Gone, RestoreError
from cleaner.batch.work import Records
from cleaner.files.fields import dig


class Pending:
    """The removals of a record file that still wait for their record, and what went wrong.

    `faults` are sentences; `changed` are the records whose text is not what the cleaner wrote.
    """

    def __init__(self, found: Iterator[Gone], failed: Sequence[int], source: str) -> None:
        self.found = found
        self.failed = failed
        self.source = source
        self.head = next(found, None)
        self.faults: list[str] = []
        self.changed: list[str] = []
        self.counts: Counter[str] = Counter()

    def at(self, number: int | None) -> Gone | None:
        """What was removed from the record of this number in the output, counted from 1; None asks for the end."""
        while self.head is not None:
            gone, place = self.head, self._number(self.head)
            if number is not None and place > number:
                return None
            self.head = next(self.found, None)
            if place == number:
                return gone
            self.faults.append(f"record {place} is missing or cannot be read; put back what the cleaner wrote")
        return None

    def _number(self, gone: Gone) -> int:
        """The number of a record in the output: those that failed are not there."""
        number = gone.record or 1
        return number - bisect_left(self.failed, number)


class Restores(Records):
    """The records of one job, with what was removed put back."""

    def __init__(self, job: RecordJob, recipe: Recipe, pending: Pending) -> None:
        super().__init__(job, recipe, NoCleaner())
        self.pending = pending

    def changes(self, record: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The value to set in a record, by path."""
        gone = self.pending.at(number)
        if gone is None:
            return {}
        text = dig(record, gone.goes.field)
        try:
            if not isinstance(text, str):
                raise RestoreError(CHANGED)
            whole = gone.put_back(text, self.pending.source)
        except RestoreError as error:
            if str(error) == CHANGED:
                self.pending.changed.append(f"record {number}")
            else:
                self.pending.faults.append(f"record {number}: {error}")
            return {}
        self.pending.counts["as it was" if whole == text else "restored"] += 1
        return {} if whole == text else {gone.goes.field: whole}
