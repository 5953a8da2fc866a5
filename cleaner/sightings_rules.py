"""Repeated lines written as a rule file, for a person to review."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cleaner.folding import fold
from cleaner.sightings_lines import normalise
from cleaner.sightings_store import SeenLine


def as_rules(lines: Iterable[SeenLine], topic: str = "seen") -> str:
    """The lines that sightings condemn alone as a rule file (TOML) for a person to review.

    Each rule matches one line, whatever figures stand in it, and carries its evidence as a comment. `topic` is what
    the rules' ids start with, the name of the file without its ending.
    """
    parts = [
        "# Lines that stand in many different stories. Review each one, delete what belongs to the articles,",
        "# and set its category. Check the file with: cleaner rules check FILE",
    ]
    written: set[int] = set()
    for line in lines:
        known = normalise(line.text)
        if line.alone and known and known.key not in written:
            written.add(known.key)
            parts.append(_rule(f"{topic}.{known.key:016x}", " ".join(line.text.split()), line))
    return "\n".join(parts) + "\n"


def _rule(name: str, text: str, line: SeenLine) -> str:
    days = f", first {line.first}, last {line.last}" if line.first and line.last else ""
    opening = " ".join(fold(text).split()[:3]) if " " in text else fold(text)[:6]
    sites = "1 site" if line.sites == 1 else f"{line.sites} sites"
    return f"""
# Seen in {line.stories} stories on {sites}{days}.
[[rule]]
id       = {_toml(name)}
category = "ad"
says     = "stands in {line.stories} different stories"
pattern  = {_toml(_pattern(text))}
certain  = true
removes  = [{_toml(text)}]
keeps    = [{_toml(f'The court heard on Monday what "{opening}" means to its readers.')}]"""


def _pattern(text: str) -> str:
    """RE2 for exactly this line, with any figures where it has figures."""
    pattern = ""
    in_figure = False
    for sign in fold(text):
        if sign.isdecimal():
            pattern += "" if in_figure else r"\d+" if sign.isascii() else r"\p{Nd}+"
            in_figure = True
            continue
        in_figure = False
        pattern += sign if sign.isalnum() or sign == " " or not sign.isascii() else f"\\{sign}"
    return f"^{pattern}$"


def _toml(text: str) -> str:
    """A basic TOML string. JSON's escapes are TOML's, but for the delete sign, which TOML wants escaped."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
