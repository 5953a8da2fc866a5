"""A look at the rules: one with its examples, and which of them answer to a line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from cleaner.compiled import shipped_rulebook
from cleaner.config import ConfigError, Settings
from cleaner.configured import build, container_rules, switched_off
from cleaner.folding import flatten, fold
from cleaner.listing import summed
from cleaner.rulecheck import carrier
from cleaner.rulefile import as_table
from cleaner.rules import Rule, read_rules, source_rules


def known_rules(settings: Settings) -> list[Rule]:
    """The shipped rules and those of the settings' files, without those that are switched off."""
    rules = [*all_source_rules(), *(rule for path in settings.rules for rule in read_rules(path))]
    gone = switched_off(settings.off, rules)[1]
    return [rule for rule in rules if rule.id not in gone]


def all_source_rules() -> Sequence[Rule]:
    """The shipped rules with their examples, those for containers of pages included."""
    return [*source_rules(), *container_rules()]


def shown_rule(name: str, rules: Sequence[Rule]) -> Iterator[str]:
    """A rule by its id as lines of its file, examples included. Raises `ConfigError` with the closest ids."""
    for rule in rules:
        if rule.id == name:
            yield f"# {_place(rule)}"
            yield from as_table(rule).splitlines()
            return
    close = (
        get_close_matches(name, [rule.id for rule in rules], 3) or [rule.id for rule in rules if name in rule.id][:3]
    )
    hint = f"; close to it are {', '.join(close)}" if close else ""
    raise ConfigError(f"no rule {name!r}{hint}; `cleaner rules list` shows all ids")


def tried(line: str, settings: Settings, url: str | None = None) -> Iterator[str]:
    """What the rules and signals say of a line in the middle of a plain article, as lines for people."""
    text = " ".join(line.split())
    folded = fold(text)
    yield f"seen as   {folded}"
    own = [rule for path in settings.rules for rule in read_rules(path)]
    whole = shipped_rulebook().adding(own)
    rules = whole.without(switched_off(settings.off, [*whole.rules, *container_rules()])[1])
    answering = rules.match(folded)
    for rule in answering:
        yield f"rule      {rule.id:<32} {weight_of(rule):>8}  {rule.says}"
    for start, end, rule in rules.spans(flatten(text)):
        yield f"cuts      {rule.id:<32} {text[start:end]!r}  {rule.says}"
    if not answering:
        yield "rule      none answers"
    # Without what other articles have shown: a line that is tried stands alone.
    explained = build(replace(settings, sightings=None)).explain(carrier(text), url)
    for shown in explained:
        if " ".join(shown.text.split()) == text:
            state = f"{shown.verdict} as {shown.category}" if shown.category else shown.verdict
            yield f"verdict   {state}, score {shown.score:+.1f} (above 0 a line goes)"
            yield from (f"          {sentence}" for sentence in summed(shown.reasons))
            return


def weight_of(rule: Rule) -> str:
    """A rule's weight in a word or as log-odds."""
    return "never" if rule.never else "certain" if rule.certain else f"{rule.weight:+.1f}"


def _place(rule: Rule) -> str:
    """The file of a rule, of the shipped ones from the package on."""
    inside = re.search(r"rulebook[/\\].+$", rule.file)
    return inside.group().replace("\\", "/") if inside else str(Path(rule.file))
