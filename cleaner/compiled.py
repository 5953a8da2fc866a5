"""The shipped rules, made ready: no examples, clues worked out, one file that loads in a moment.

    python -m cleaner.compiled          # write it anew after a change of the rulebook

Reading three hundred TOML files and taking two thousand patterns apart costs seconds; a command that starts for one
article cannot wait for that. The sources in `rulebook/` stay the truth: a test compares the two.
"""

from __future__ import annotations

import gc
import gzip
import json
from dataclasses import asdict, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from .folding import fold
from .literals import Clause, clues, counted, lowered
from .rules import Part, Rule, Rulebook, pack_rules, source_rules

FILE = "compiled.json.gz"
_LEFT_OUT = ("removes", "keeps", "misses", "file")
_DEFAULTS = {field.name: field.default for field in fields(Rule)}


def _path() -> Path:
    return Path(str(resources.files("cleaner") / "rulebook" / FILE))


def compile_rules() -> bytes:
    """The shipped rules as the file holds them: gzipped JSON, the same bytes for the same sources."""
    rules = source_rules()
    commonness = counted(lowered(fold(line)) for rule in rules for line in (*rule.keeps, *rule.removes))

    def clues_of(rule: Rule) -> tuple[Clause, ...]:
        return clues(rule.pattern, commonness, rule.part == "block")

    entries = [
        {name: value for name, value in asdict(rule).items() if name not in _LEFT_OUT and value != _DEFAULTS.get(name)}
        for rule in rules
    ]
    made = {"rules": entries, "packed": pack_rules(rules, clues_of)}
    return gzip.compress(json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


@lru_cache(maxsize=1)
def shipped_part() -> Part:
    """All rules of the package, ready for matching and without their examples."""
    source = gzip.decompress(_path().read_bytes())
    collecting = gc.isenabled()
    gc.disable()  # so many lists at once would have the collector look through them again and again
    try:
        made = json.loads(source)
    finally:
        if collecting:
            gc.enable()
    return Part.of((_rule(entry) for entry in made["rules"]), made["packed"])


def shipped_rules() -> tuple[Rule, ...]:
    """All rules of the package, without their examples."""
    return shipped_part().rules


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
