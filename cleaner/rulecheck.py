"""The check that every rule file passes, ours and a user's: examples against patterns, keeps against the cleaner."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from .clean import Cleaner
from .rules import Rule, Rulebook, check_pattern
from .selectors import check_selector

_CARRIER = (
    "The town council of Fernmouth voted on Tuesday evening to rebuild the old sea wall before the winter storms "
    "arrive.",
    "“We have waited eleven years for this,” said Nora Quillan, who runs the ferry office at the end of the pier.",
    "Engineers told the meeting that the work would cost about four million pounds and take until the following "
    "autumn.",
    "Two members voted against it. They said that the money should go to the school roof, which has leaked since "
    "March.",
    "The first stones will be laid in May, when the tide is low enough for lorries to reach the foot of the cliff.",
)


class Cleans(Protocol):
    """What the check needs of a cleaner."""

    def clean(self, text: str, url: str | None = None) -> Cleaned:
        """Clean one article."""


class Cleaned(Protocol):
    """What the check needs of a result."""

    @property
    def text(self) -> str:
        """What is left of it."""


def carrier(line: str, place: str = "middle") -> str:
    """A short plain article with `line` in it, at the head, in the middle, or at the tail."""
    at = {"head": 0, "middle": 3, "tail": len(_CARRIER)}[place]
    return "\n".join([*_CARRIER[:at], line, *_CARRIER[at:]]) + "\n"


def check_rules(rules: Iterable[Rule], cleaner: Cleans) -> list[str]:
    """Every fault of `rules`, one sentence each.

    Patterns are held against their examples. Every line of `keeps` is set in a plain article, where it must survive all
    the rules of `cleaner`: a headline that has nothing to do with that article may go without them, but not by them.
    """
    faults: list[str] = []
    without_rules = Cleaner(rulebook=Rulebook(()))
    for rule in rules:
        if rule.selector:
            faults.extend(check_selector(rule))
            continue
        faults.extend(check_pattern(rule))
        for line in rule.keeps:
            article = carrier(line)
            if line not in cleaner.clean(article).text and line in without_rules.clean(article).text:
                faults.append(f"{rule.file}: {rule.id}: {line!r} must stay, but the rules together remove it")
    return faults
