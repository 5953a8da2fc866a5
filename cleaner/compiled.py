"""The shipped rules, made ready: no examples, clues worked out, one file that loads in a moment.

    python -m cleaner.compiled          # write it anew after a change of the rulebook

Reading three hundred TOML files and taking two thousand patterns apart costs seconds; a command that starts for one
article cannot wait for that. The sources in `rulebook/` stay the truth: a test compares the two.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict, fields
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from .literals import Clues, clues
from .rules import Rule, source_rules

FILE = "compiled.json.gz"
_LEFT_OUT = ("removes", "keeps", "misses", "file", "clues")


def _path() -> Path:
    return Path(str(resources.files("cleaner") / "rulebook" / FILE))


def compile_rules() -> bytes:
    """The shipped rules as the file holds them: gzipped JSON, the same bytes for the same sources."""
    entries = []
    for rule in source_rules():
        entry = {
            name: value
            for name, value in asdict(rule).items()
            if name not in _LEFT_OUT and value != _DEFAULTS.get(name)
        }
        found = clues(rule.pattern)
        entry["clues"] = [sorted(found.prefixes), sorted(found.literals)]
        entries.append(entry)
    return gzip.compress(json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode(), mtime=0)


_DEFAULTS = {field.name: field.default for field in fields(Rule)}


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[Rule, ...]:
    """All rules of the package, ready for matching and without their examples."""
    return tuple(_rule(entry) for entry in json.loads(gzip.decompress(_path().read_bytes())))


def _rule(entry: dict[str, Any]) -> Rule:
    prefixes, literals = entry.pop("clues")
    for name in ("sites", "languages"):
        if name in entry:
            entry[name] = tuple(entry[name])
    return Rule(**entry, clues=Clues(frozenset(prefixes), frozenset(literals)))


def main() -> None:
    """Write the file."""
    _path().write_bytes(compile_rules())


if __name__ == "__main__":
    main()
