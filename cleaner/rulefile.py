"""A rule as it stands in a rule file."""

from __future__ import annotations

import json

from cleaner.rules import Rule


def as_table(rule: Rule) -> str:
    """The rule as a `[[rule]]` table of TOML."""
    lines = ["[[rule]]"]
    what = "selector" if rule.selector else "pattern"
    lines += [f"{key:<8} = {as_toml(getattr(rule, key))}" for key in ("id", "category", "says", what)]
    if rule.weight:
        lines.append(f"weight   = {rule.weight}")
    lines += [f"{key:<8} = true" for key in ("certain", "never") if getattr(rule, key)]
    lines += [
        f"{key:<8} = {as_toml(getattr(rule, key))}"
        for key in ("part", "place")
        if getattr(rule, key) not in ("", "block")
    ]
    for key in ("removes", "keeps", "misses", "sites", "languages"):
        examples = getattr(rule, key)
        if len(examples) == 1:
            lines.append(f"{key:<8} = [{as_toml(examples[0])}]")
        elif examples:
            lines.append(f"{key:<8} = [")
            lines += [f"    {as_toml(example)}," for example in examples]
            lines.append("]")
    return "\n".join(lines) + "\n"


def as_toml(text: str) -> str:
    """A string of TOML: literal where a backslash would need an escape, else basic."""
    if "\\" in text and "'''" not in text and not text.endswith("'") and text.isprintable():
        return f"'''{text}'''"
    return as_basic(text)


def as_basic(text: str) -> str:
    """A basic string of TOML, which is one of JSON too: of JSON's strings, TOML refuses a bare delete sign only."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
