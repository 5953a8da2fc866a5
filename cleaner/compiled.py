"""The shipped rules, made ready: no examples, clues worked out, one file that loads in a moment.

    python -m cleaner.compiled          # write it anew after a change of the rulebook

Reading hundreds of TOML files and taking thousands of patterns apart costs seconds; a command that starts for one
article cannot wait for that. The sources in `rulebook/` stay the truth: a test compares the two.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, overload

from .folding import fold
from .matching import LINE, TABLES, Clause, PatternIndex, as_bytes, from_bytes, lowered
from .rules import KINDS, Chosen, Part, Rule, Rulebook, pack_rules, source_rules

FILE = "compiled.gz"
_TABLE = b"\x1d"  # between the tables of the file
_LEFT_OUT = ("removes", "keeps", "misses", "file")
_DEFAULTS = {field.name: field.default for field in fields(Rule)}


def _path() -> Path:
    return Path(str(resources.files("cleaner") / "rulebook" / FILE))


def compile_rules() -> bytes:
    """The shipped rules as the file holds them, tables, packed; the same bytes for the same sources."""
    from .literals import clues, counted  # for this alone: what is compiled already loads without

    rules = source_rules()
    commonness = counted(lowered(fold(line)) for rule in rules for line in (*rule.keeps, *rule.removes))

    def clues_of(rule: Rule) -> tuple[Clause, ...]:
        return clues(rule.pattern, commonness, rule.part == "block")

    entries = [
        {name: value for name, value in asdict(rule).items() if name not in _LEFT_OUT and value != _DEFAULTS.get(name)}
        for rule in rules
    ]
    packed = pack_rules(rules, clues_of)
    tables = [LINE.join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() for entry in entries)]
    for kind, hears in KINDS.items():
        tables.append(b" ".join(b"%d" % number for number, rule in enumerate(rules) if hears(rule)))
        tables.extend(as_bytes(packed[kind]))
    return gzip.compress(_TABLE.join(tables), mtime=0)


class _Rules(Sequence[Rule]):
    """The package's rules, each read from its line when it is first looked at."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines: list[bytes | Rule] = list(lines)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, at: int) -> Rule: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Rule]: ...

    def __getitem__(self, at: int | slice) -> Rule | Sequence[Rule]:
        if isinstance(at, slice):
            return [self[number] for number in range(*at.indices(len(self)))]
        line = self._lines[at]
        if isinstance(line, bytes):
            line = self._lines[at] = _rule(json.loads(line))
        return line


@lru_cache(maxsize=1)
def shipped_part() -> Part:
    """All rules of the package, ready for matching and without their examples."""
    tables = gzip.decompress(_path().read_bytes()).split(_TABLE)
    rules = _Rules(tables[0].split(LINE))
    indices = {}
    for place, kind in enumerate(KINDS):
        numbers, *packed = tables[1 + place * (1 + TABLES) : 1 + (place + 1) * (1 + TABLES)]
        heard = tuple(map(int, numbers.split()))
        indices[kind] = PatternIndex(Chosen(rules, heard), from_bytes(packed))
    return Part(rules, indices["blocks"], indices["paragraphs"], indices["spans"], shipped=True)


def shipped_rules() -> tuple[Rule, ...]:
    """All rules of the package, without their examples."""
    return tuple(shipped_part().rules)


@lru_cache(maxsize=1)
def shipped_rulebook() -> Rulebook:
    """The package's rules as a rulebook, made ready once in a process."""
    return Rulebook((), (shipped_part(),))


def _rule(entry: dict[str, Any]) -> Rule:
    for name in ("sites", "languages"):
        if name in entry:
            entry[name] = tuple(entry[name])
    return Rule(**entry)


def main() -> None:
    """Write the file."""
    _path().write_bytes(compile_rules())


if __name__ == "__main__":
    main()
