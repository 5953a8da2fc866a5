"""Rules: what injected lines say, as data, each with its own proof.

A rule file is TOML with one `[[rule]]` table a rule; `rulebook/` holds ours, a user's own files take the same form and
pass the same check. RE2 reads the patterns, in time linear in the block, so no rule, whoever wrote it, can hang a run;
`matching.py` finds the few that are worth trying.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal, overload

import re2

from .folding import flatten, fold
from .matching import Clause, Packed, PatternIndex, encode, options, pack, single_pass

INJECTED = ("ad", "newsletter", "related", "stub", "social", "app", "support", "engage", "legal", "ui")
NEUTRAL = ("meta", "title")
CATEGORIES = INJECTED + NEUTRAL
PLAIN_WORD = 4.0  # log-odds from which a legal rule is heard in a long paragraph
PARAGRAPH = 300  # characters: prose from this length on is no label, whatever words it has

_KEYS = frozenset(
    "id category says pattern weight certain part removes keeps misses sites languages place never selector".split()
)


class RuleError(ValueError):
    """A rule file that cannot be used. The message names the file, the rule and the remedy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `weight` is log-odds; a `certain` rule decides alone; a `never` rule protects the block it matches."""

    id: str
    category: str
    says: str
    pattern: str
    weight: float = 0.0
    certain: bool = False
    part: Literal["block", "span"] = "block"
    removes: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    place: Literal["", "head", "tail"] = ""
    never: bool = False
    selector: str = ""  # CSS: names a part of a page instead of the words of a line; see `selectors.py`
    file: str = field(default="", compare=False)


@dataclass(frozen=True)
class Part:
    """Rules of one origin, made ready: block rules for folded blocks, span rules for the text as it stands.

    In `paragraphs` are the numbers of the block rules that are heard in long paragraphs.
    """

    rules: Sequence[Rule]
    blocks: PatternIndex[Rule]
    paragraphs: PatternIndex[Rule]
    spans: PatternIndex[Rule]
    shipped: bool = False  # the package's own, which `compiled.py` has made ready

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> Part:
        """From rules."""
        rules = tuple(rules)
        from .literals import clues  # the package's own rules are ready, and importing takes its time

        made = pack_rules(rules, lambda rule: clues(rule.pattern, beginnings=rule.part == "block"))
        indices = {
            kind: PatternIndex([(rule.pattern, rule) for rule in rules if hears(rule)], made[kind])
            for kind, hears in KINDS.items()
        }
        return cls(rules, indices["blocks"], indices["paragraphs"], indices["spans"])


class Chosen(Sequence[tuple[str, Rule]]):
    """Some of the rules, by their numbers, each with its pattern; none is looked at before it is asked for."""

    def __init__(self, rules: Sequence[Rule], numbers: Sequence[int]) -> None:
        self._rules = rules
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, at: int) -> tuple[str, Rule]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[str, Rule]]: ...

    def __getitem__(self, at: int | slice) -> tuple[str, Rule] | Sequence[tuple[str, Rule]]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        rule = self._rules[self._numbers[at]]
        return rule.pattern, rule


KINDS: Mapping[str, Callable[[Rule], bool]] = {
    "blocks": lambda rule: rule.part == "block" and not rule.selector,
    "paragraphs": lambda rule: rule.part == "block" and not rule.selector and _heard_in_paragraphs(rule),
    "spans": lambda rule: rule.part == "span",
}


def pack_rules(rules: Sequence[Rule], clues_of: Callable[[Rule], Sequence[Clause]]) -> dict[str, Packed]:
    """What `matching` needs to know of the rules, a table for each kind of text that they are matched with."""
    found = {rule.id: clues_of(rule) for rule in rules if rule.pattern}
    return {kind: pack(found[rule.id] for rule in rules if hears(rule)) for kind, hears in KINDS.items()}


def _heard_in_paragraphs(rule: Rule) -> bool:
    """Whether a rule is heard in a long paragraph: it is sure of itself, or speaks of the small print."""
    return rule.certain or rule.never or (rule.category == "legal" and rule.weight >= PLAIN_WORD)


class Rulebook:
    """Rules made ready for matching. Immutable; `adding` and `without` give others."""

    def __init__(self, rules: Iterable[Rule], parts: Sequence[Part] = (), off: frozenset[str] = frozenset()) -> None:
        """The rules, in parts that are ready; or all in one part, which takes some milliseconds a rule."""
        self._parts = tuple(parts) or (Part.of(rules),)
        self._off = off
        if any(not part.shipped for part in self._parts):
            _refuse_duplicates(self.rules)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of their files."""
        return tuple(rule for part in self._parts for rule in part.rules if rule.id not in self._off)

    @cached_property
    def selector_rules(self) -> tuple[Rule, ...]:
        """The rules of a user that name a part of a page; the package's own are in `sites.toml`."""
        parts = [part.rules for part in self._parts if not part.shipped]
        return tuple(rule for rules in parts for rule in rules if rule.selector and rule.id not in self._off)

    def __reduce__(self) -> tuple[Any, ...]:
        own = tuple(tuple(part.rules) for part in self._parts if not part.shipped)
        return _again, (len(own) < len(self._parts), own, self._off)

    def adding(self, rules: Iterable[Rule]) -> Rulebook:
        """The same rulebook with other rules after it."""
        rules = tuple(rules)
        return Rulebook((), (*self._parts, Part.of(rules)), self._off) if rules else self

    def without(self, off: Iterable[str]) -> Rulebook:
        """The same rulebook but for the rules of these ids."""
        return Rulebook((), self._parts, self._off | frozenset(off))

    def match(self, folded: str, paragraph: bool = False) -> list[Rule]:
        """The block rules that answer to a folded block, in the order of the files.

        With `paragraph`, only those that are certain: in a long paragraph of prose, other rules' words are words like
        any other.
        """
        found = [rule for part in self._parts for rule in (part.paragraphs if paragraph else part.blocks).match(folded)]
        return [rule for rule in found if rule.id not in self._off] if found and self._off else found

    def may_cut(self, flat: str) -> bool:
        """Whether a span rule could answer anywhere in a flattened text, at a glance: False is certain, True is not."""
        return any(part.spans.may_match(flat) for part in self._parts)

    def spans(self, flat: str) -> list[tuple[int, int, Rule]]:
        """The fragments of a kept, flattened block that span rules cut: offsets, in order, never overlapping."""
        if not self.may_cut(flat):
            return []
        hits = [rule for part in self._parts for rule in part.spans.match(flat) if rule.id not in self._off]
        if not hits:
            return []
        data = encode(flat)
        found = []
        for rule in hits:
            bytes_seen = characters = 0
            for match in re2.compile(rule.pattern, options()).finditer(data):
                group = 1 if match.re.groups else 0
                if match.start(group) < bytes_seen:
                    continue
                characters += len(data[bytes_seen : match.start(group)].decode("utf-8", "replace"))
                length = len(match.group(group).decode("utf-8", "replace"))
                if length:
                    found.append((characters, characters + length, rule))
                bytes_seen = match.end(group)
                characters += length
        return _without_overlaps(found)


def _without_overlaps(found: list[tuple[int, int, Rule]]) -> list[tuple[int, int, Rule]]:
    kept: list[tuple[int, int, Rule]] = []
    for start, end, rule in sorted(found, key=lambda item: (item[0], -item[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, rule))
    return kept


def _again(shipped: bool, own: Sequence[tuple[Rule, ...]], off: frozenset[str]) -> Rulebook:
    """A rulebook from its pickle."""
    from .compiled import shipped_part

    parts = [shipped_part()] if shipped else []
    return Rulebook((), [*parts, *map(Part.of, own)], off)


def _refuse_duplicates(rules: Sequence[Rule]) -> None:
    seen: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError(
                f"{rule.file or 'rules'}: rule id {rule.id!r} is already used in {seen[rule.id].file or 'rules'}; "
                "give one of the two another id"
            )
        seen[rule.id] = rule


def read_rules(path: Path | str) -> list[Rule]:
    """Read one rule file. Raises `RuleError` with file, rule and remedy if anything in it cannot be used."""
    path = Path(path)
    try:
        source = path.read_text(encoding="utf-8")
    except OSError as error:
        raise RuleError(f"{path}: cannot read the rule file ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise RuleError(f"{path}: not UTF-8 ({error.reason}); save the file as UTF-8") from error
    return parse_rules(source, str(path))


def parse_rules(source: str, file: str) -> list[Rule]:
    """Rules from the text of a rule file; `file` is the name that errors show."""
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(
            f"{file}: not valid TOML: {error}; write patterns between ''' and ''' to avoid escapes"
        ) from error
    unknown = set(tables) - {"rule"}
    if unknown:
        raise RuleError(f"{file}: unknown table {sorted(unknown)[0]!r}; rules stand under [[rule]]")
    entries = tables.get("rule", [])
    if not isinstance(entries, list):
        raise RuleError(f"{file}: [rule] must be written [[rule]], once for each rule")
    rules = [_rule(entry, file, number) for number, entry in enumerate(entries, 1)]
    _refuse_duplicates(rules)
    return rules


def _rule(entry: dict[str, Any], file: str, number: int) -> Rule:
    where = f"{file}: rule {entry.get('id') or f'number {number}'}"
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise RuleError(f"{where}: unknown key {unknown[0]!r}; known are {', '.join(sorted(_KEYS))}")
    if entry.get("selector") and not entry.get("pattern"):
        entry["pattern"] = entry["selector"]
    for key in ("id", "category", "says", "pattern"):
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise RuleError(f"{where}: {key} is missing; every rule needs id, category, says and pattern")
    if entry["category"] not in CATEGORIES:
        raise RuleError(f"{where}: unknown category {entry['category']!r}; known are {', '.join(CATEGORIES)}")
    for key in ("removes", "keeps", "misses", "sites", "languages"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise RuleError(f"{where}: {key} must be a list of strings")
        entry[key] = tuple(value)
    never = entry.get("never", False)
    if not entry["removes"] and not never:
        raise RuleError(f"{where}: removes is empty; give at least one line that the rule takes out")
    if not entry["keeps"]:
        raise RuleError(f"{where}: keeps is empty; give at least one line that looks alike and must stay")
    if entry.get("part", "block") not in ("block", "span"):
        raise RuleError(f'{where}: part must be "block" or "span"')
    if entry.get("place", "") not in ("", "head", "tail"):
        raise RuleError(f'{where}: place must be "head" or "tail"')
    weight = entry.get("weight", 0.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise RuleError(f"{where}: weight must be a number (log-odds, about 1 to 6)")
    if not weight and not entry.get("certain") and not never and entry.get("part") != "span":
        raise RuleError(f"{where}: give a weight (log-odds, about 1 to 6) or certain = true")
    if "selector" in entry:
        if not isinstance(entry["selector"], str) or entry["pattern"] != entry["selector"]:
            raise RuleError(
                f"{where}: a rule has a pattern (for lines of text) or a selector (for parts of a page), not both"
            )
        return Rule(file=file, **{**entry, "weight": float(weight), "pattern": ""})
    try:
        re2.compile(entry["pattern"], options())
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise RuleError(
            f"{where}: the pattern does not compile: {reason}; patterns are RE2 (no lookaround, no \\1)"
        ) from error
    try:
        single_pass([entry["pattern"]])
    except re2.error as error:
        raise RuleError(
            f"{where}: the pattern is too large to be matched; ask for fewer repetitions (such as {{8,140}}), or make "
            "several rules of it"
        ) from error
    return Rule(file=file, **{**entry, "weight": float(weight)})


def shipped_files() -> list[Path]:
    """The package's rule files, a folder a language, in a fixed order; not `sites.toml`, which `selectors.py` reads."""
    root = Path(str(resources.files("cleaner") / "rulebook"))
    return sorted(root.glob("*/*.toml"))


def source_rules() -> tuple[Rule, ...]:
    """The package's rules from their source files, with their examples: for checks and for reading, slow to load."""
    return tuple(rule for path in shipped_files() for rule in read_rules(path))


def check_pattern(rule: Rule) -> list[str]:
    """What a rule's own examples say against its pattern, one sentence a fault. Empty if it does as it says."""
    pattern = re2.compile(rule.pattern, options())
    see = fold if rule.part == "block" else flatten
    faults = []
    for line in rule.removes:
        if not pattern.search(encode(see(line))):
            faults.append(f"{rule.file}: {rule.id}: does not match its own example {line!r} (seen as {see(line)!r})")
    if rule.certain or rule.part == "span":
        for line in rule.keeps:
            if pattern.search(encode(see(line))):
                faults.append(f"{rule.file}: {rule.id}: matches {line!r}, which must stay")
    for line in rule.misses:
        if pattern.search(encode(see(line))):
            faults.append(f"{rule.file}: {rule.id}: now matches {line!r}; move it from misses to removes")
    return faults
