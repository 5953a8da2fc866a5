"""A person's answers as a rule file: written after each answer, checked before it is written."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from cleaner.folding import fold
from cleaner.review.questions import line_id
from cleaner.rulecheck import Cleans, carrier, check_rules
from cleaner.rulefile import as_basic, as_table
from cleaner.rules import CATEGORIES, Rule, check_pattern, parse_rules
from cleaner.safe_write import write_whole

ALWAYS, NEVER, UNSURE = "always", "never", "unsure"
ANSWERS = (ALWAYS, NEVER, UNSURE)
TOPIC = "mine"

_UNSURE = "# not sure: "
_HEAD = """\
# Your own rules, written by `cleaner review`. Change or delete them as you like; comments of your own are not kept.
# Used by: cleaner clean FOLDER -o OUT --rules {name}     Checked by: cleaner rules check {name}
"""
_QUOTES = (
    "The words “{line}” were painted on the old harbour wall, and the mayor told the council that they would stay.",
    "The mayor told the council on Tuesday evening that the work on the harbour wall would take until the autumn.",
)
_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")


class ReviewError(ValueError):
    """The review cannot be done; the message says what to do."""


@dataclass
class Answers:
    """What a person has said of lines, and the file that it is written to. Not safe to share between threads.

    `rules` are by the id of the line, `unsure` the lines nobody knows about. `cleaner`, if given, checks that the
    look-alike of a rule survives.
    """

    path: Path
    cleaner: Cleans | None = None
    rules: dict[str, Rule] = field(default_factory=dict)
    unsure: dict[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path, cleaner: Cleans | None = None) -> Answers:
        """The answers in a file, none if it is not there yet.

        Raises `ReviewError` if it holds rules that no review wrote, `RuleError` if it cannot be used.
        """
        answers = cls(path, cleaner)
        if not path.exists():
            return answers
        source = path.read_text(encoding="utf-8")
        for rule in parse_rules(source, str(path)):
            topic, _, rest = rule.id.partition(".")
            answer, _, known = rest.partition(".")
            if topic != TOPIC or answer not in (ALWAYS, NEVER) or not known:
                raise ReviewError(
                    f"{path}: rule {rule.id} was not written by a review, and a review would not keep it as it is; "
                    "name another file with --rules-file"
                )
            answers.rules[known] = rule
        for line in source.splitlines():
            if line.startswith(_UNSURE):
                text = json.loads(line.removeprefix(_UNSURE))
                answers.unsure[line_id(text)] = text
        return answers

    def of(self, known: str) -> str:
        """The answer for the id of a line; empty if there is none."""
        if known in self.rules:
            return NEVER if self.rules[known].never else ALWAYS
        return UNSURE if known in self.unsure else ""

    def counts(self) -> Counter[str]:
        """How often each answer was given."""
        given = Counter(self.of(known) for known in self.rules)
        return given + Counter({UNSURE: len(self.unsure)})

    def give(self, line: str, answer: str, category: str = "ad") -> None:
        """Note an answer (empty takes one back) and write the file. If it cannot be written nothing is noted.

        Raises `ReviewError` for an answer that makes no rule, `OSError` as the system does.
        """
        known = line_id(line)
        after = replace(self, rules=dict(self.rules), unsure=dict(self.unsure))
        after.rules.pop(known, None)
        after.unsure.pop(known, None)
        if answer == UNSURE:
            after.unsure[known] = line
        elif answer:
            after.rules[known] = self._rule(known, line, answer, category)
        after.save()
        self.rules, self.unsure = after.rules, after.unsure

    def save(self) -> None:
        """Write the file, whole or not at all, if its rules do as they say. Raises `ReviewError` and `OSError`."""
        source = self.as_toml()
        faults = [fault for rule in parse_rules(source, str(self.path)) for fault in check_pattern(rule)]
        if faults:
            raise ReviewError(faults[0])
        write_whole(self.path, source.encode("utf-8"))

    def check(self, cleaner: Cleans) -> list[str]:
        """The full check of the rules with a cleaner that has them: what `cleaner rules check` says."""
        return check_rules(self.rules.values(), cleaner)

    def as_toml(self) -> str:
        """The file."""
        parts = [_HEAD.format(name=self.path.name)]
        parts += [as_table(rule) for _, rule in sorted(self.rules.items())]
        parts += [f"{_UNSURE}{as_basic(line)}\n" for _, line in sorted(self.unsure.items())]
        return "\n".join(parts)

    def _rule(self, known: str, line: str, answer: str, category: str) -> Rule:
        if answer not in ANSWERS:
            raise ReviewError(f"unknown answer {answer!r}; choose one of {', '.join(ANSWERS)}")
        if category not in CATEGORIES:
            raise ReviewError(f"unknown category {category!r}; known are {', '.join(CATEGORIES)}")
        folded = fold(line)
        try:
            (line + folded).encode("utf-8")
        except UnicodeEncodeError as error:
            raise ReviewError("the line holds damaged characters, which no rule can name") from error
        if not folded:
            raise ReviewError("the line holds nothing that a rule could name")
        pattern = "^" + _SIGNS.sub(r"\\\1", folded) + "$"
        name = f"{TOPIC}.{answer}.{known}"
        if answer == NEVER:
            return Rule(name, category, "is a line that you keep", pattern, never=True, keeps=(line,))
        return Rule(
            name,
            category,
            "is a line that you always remove",
            pattern,
            certain=True,
            removes=(line,),
            keeps=(self._look_alike(line),),
        )

    def _look_alike(self, line: str) -> str:
        """A sentence that quotes the line and survives; else one that has nothing to do with it."""
        quoted = _QUOTES[0].format(line=line)
        if self.cleaner is None or quoted in self.cleaner.clean(carrier(quoted)).text:
            return quoted
        return _QUOTES[1]
