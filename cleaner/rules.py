"""Rules: what injected lines say, as data, each with its own proof.

A rule file is TOML with one `[[rule]]` table a rule; `rulebook/` holds ours, a user's own files take the same form and
pass the same check. All patterns are compiled once into one RE2 set, so a block is matched against hundreds of rules in
one linear pass and no rule, whoever wrote it, can hang a run.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import re2

INJECTED = ("ad", "newsletter", "related", "stub", "social", "app", "support", "engage", "legal", "ui")
NEUTRAL = ("meta", "title")
CATEGORIES = INJECTED + NEUTRAL
MAX_PATTERN_MEMORY = 512 << 20

_KEYS = frozenset(
    "id category says pattern weight certain part removes keeps misses sites languages place never".split()
)

# One character for one character, so that offsets survive: typographic variants that must not matter to a rule.
_FLAT = {
    **dict.fromkeys(map(ord, "‘’‚‛´`ʼ′＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»‹›″＂「」『』《》〈〉"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n\u2028\u2029\x0b\x0c\x85"), " "),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＇＂－"},
    ord("…"): "…",
}
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\x00"))
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s\"[^\"]*\")?\)")
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`")
# Vowel signs and accents of their own (Hindi, Thai, Arabic, Hebrew ...) belong to the letter before them.
_SIGNS = "".join(chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)).startswith("M"))
# Bullets, arrows, emoji and Markdown marks at either end say nothing of a line's meaning. Quotation marks stay: they protect.
_HEAD = re.compile(r"^(?:[^\w\"'(\[<@€$£¥#¿¡.…©-]+|-+(?=\s)|[#>]+(?=\s|$)|-+>|>+)+\s*")
_TAIL = re.compile(r"(?:\s*(?:[^\w\"'()\[\].!?:;,…%€$£¥°。！？।؟+*" + _SIGNS + r"-]|-+>))+$")
_ARROWS = re.compile(r"^\s*(?:[»›]\s)+|(?:\s[»›])+\s*$")
_SPACE = re.compile(r"\s+")


def flatten(text: str) -> str:
    """Straighten quotes, dashes, white space and full-width forms, one character for one: offsets stay true."""
    return text if text.isascii() and "\n" not in text and "\t" not in text and "`" not in text else text.translate(_FLAT)


def fold(text: str) -> str:
    """The form of a block that block rules see.

    On top of `flatten`: Markdown links become their text, emphasis marks, bullets, arrows and emoji at the ends and
    invisible characters go, `…` becomes `...`, and runs of white space become one space. Case stays: rules ignore it.
    """
    if ("»" in text or "›" in text) and "«" not in text:
        text = _ARROWS.sub(" ", text)
    flat = flatten(text)
    if not flat.isascii():
        flat = flat.translate(_DROPPED).replace("…", "...")
    elif "\0" in flat:
        flat = flat.replace("\0", "")
    if "](" in flat:
        flat = _LINK.sub(r"\1", flat)
    if "*" in flat or "_" in flat or "`" in flat:
        flat = _MARKS.sub("", flat)
    flat = _SPACE.sub(" ", flat).strip(" |")
    return _TAIL.sub("", _HEAD.sub("", flat)).strip()


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
    file: str = field(default="", compare=False)


def options() -> re2.Options:
    """How every pattern is read: case ignored, UTF-8, `.` stops at a line ending, no noise on stderr."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = MAX_PATTERN_MEMORY
    return chosen


def encode(text: str) -> bytes:
    """UTF-8 for RE2; a lone surrogate, which no rule names, becomes a question mark."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


class Rulebook:
    """Rules compiled into one set for blocks; span rules are few and matched one by one behind a set of their own."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        _refuse_duplicates(self.rules)
        self.block_rules = tuple(rule for rule in self.rules if rule.part == "block")
        self.span_rules = tuple(rule for rule in self.rules if rule.part == "span")
        self._block_set = _compile(self.block_rules)
        self._span_set = _compile(self.span_rules)
        self._span_patterns = [re2.compile(rule.pattern, options()) for rule in self.span_rules]

    def __reduce__(self) -> tuple[type[Rulebook], tuple[tuple[Rule, ...]]]:
        return Rulebook, (self.rules,)

    def match(self, folded: str) -> list[Rule]:
        """The block rules that answer to a folded block, in the order of the files."""
        hits = self._block_set.Match(encode(folded)) if self._block_set else None
        return [self.block_rules[hit] for hit in sorted(hits)] if hits else []

    def spans(self, text: str) -> list[tuple[int, int, Rule]]:
        """The fragments of a kept block that span rules cut out, as offsets into `text`, in order, never overlapping."""
        if not self._span_set:
            return []
        flat = flatten(text)
        data = encode(flat)
        hits = self._span_set.Match(data)
        if not hits:
            return []
        found = []
        for hit in sorted(hits):
            for match in self._span_patterns[hit].finditer(data):
                group = 1 if match.re.groups else 0
                start = len(data[: match.start(group)].decode("utf-8", "replace"))
                end = start + len(match.group(group).decode("utf-8", "replace"))
                if end > start:
                    found.append((start, end, self.span_rules[hit]))
        return _without_overlaps(found)


def _without_overlaps(found: list[tuple[int, int, Rule]]) -> list[tuple[int, int, Rule]]:
    kept: list[tuple[int, int, Rule]] = []
    for start, end, rule in sorted(found, key=lambda item: (item[0], -item[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, rule))
    return kept


def _compile(rules: Sequence[Rule]) -> re2.Set | None:
    if not rules:
        return None
    compiled = re2.Set.SearchSet(options())
    for rule in rules:
        compiled.Add(rule.pattern)
    compiled.Compile()
    return compiled


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
        raise RuleError(f"{file}: not valid TOML: {error}; write patterns between ''' and ''' to avoid escapes") from error
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
        raise RuleError(f"{where}: part must be \"block\" or \"span\"")
    if entry.get("place", "") not in ("", "head", "tail"):
        raise RuleError(f"{where}: place must be \"head\" or \"tail\"")
    weight = entry.get("weight", 0.0)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        raise RuleError(f"{where}: weight must be a number (log-odds, about 1 to 6)")
    if not weight and not entry.get("certain") and not never and entry.get("part") != "span":
        raise RuleError(f"{where}: give a weight (log-odds, about 1 to 6) or certain = true")
    try:
        re2.compile(entry["pattern"], options())
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise RuleError(f"{where}: the pattern does not compile: {reason}; patterns are RE2 (no lookaround, no \\1)") from error
    return Rule(file=file, **{**entry, "weight": float(weight)})


def shipped_files() -> list[Path]:
    """The rule files of the package, in a fixed order."""
    root = Path(str(resources.files("cleaner") / "rulebook"))
    return sorted(root.rglob("*.toml"))


@lru_cache(maxsize=1)
def shipped_rules() -> tuple[Rule, ...]:
    """All rules of the package."""
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
