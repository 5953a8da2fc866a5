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
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import re2

from .literals import Clues, clues
from .matching import PatternIndex, encode, options

INJECTED = ("ad", "newsletter", "related", "stub", "social", "app", "support", "engage", "legal", "ui")
NEUTRAL = ("meta", "title")
CATEGORIES = INJECTED + NEUTRAL
LONGEST_FOLDED, HALF = 4000, 2000  # characters of a block that are looked at in full; beyond, this much of either end
EDGE = 60  # characters at either end in which marks are looked for
PLAIN_WORD = 3.0  # log-odds from which a rule is heard in a paragraph of prose

_KEYS = frozenset(
    "id category says pattern weight certain part removes keeps misses sites languages place never selector".split()
)

# One character for one character, so that offsets survive: typographic variants that must not matter to a rule.
_FLAT = {
    **dict.fromkeys(map(ord, "‘’‚‛´`ʼ′＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»‹›″＂「」『』《》〈〉"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-"),
    **dict.fromkeys(
        map(
            ord,
            "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n\u2028\u2029\x0b\x0c\x85",
        ),
        " ",
    ),
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＇＂－"},
    ord("…"): "…",
}
_DROPPED = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\x00"))
_LINK = re.compile(r"!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s\"[^\"]*\")?\)")
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`")
# Vowel signs and accents of their own (Hindi, Thai, Arabic, Hebrew ...) belong to the letter before them.
_SIGNS = "".join(chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)).startswith("M"))
# Bullets, arrows, emoji and Markdown marks at either end say nothing of a line's meaning. Quotation marks protect: they
# stay.
_HEAD = re.compile(r"^(?:[^\w\"'(\[<@€$£¥#¿¡.…©-]+|-+(?=\s)|[#>]+(?=\s|$)|-+>|>+)+\s*")
_TAIL = re.compile(r"(?:\s?(?:[^\w\s\"'()\[\].!?:;,…%€$£¥°。！？।؟+*" + _SIGNS + r"-]|-+>))+$")
_ARROWS = re.compile(r"^\s*(?:[»›]\s)+|(?:\s[»›])+\s*$")
_SPACE = re.compile(r"\s+")


def flatten(text: str) -> str:
    """Straighten quotes, dashes, white space and full-width forms, one character for one: offsets stay true."""
    return (
        text if text.isascii() and "\n" not in text and "\t" not in text and "`" not in text else text.translate(_FLAT)
    )


def fold(text: str) -> str:
    """The form of a block that block rules see.

    On top of `flatten`: Markdown links become their text, emphasis marks, bullets, arrows and emoji at the ends and
    invisible characters go, `…` becomes `...`, and runs of white space become one space. Case stays: rules ignore it.
    """
    if len(text) > LONGEST_FOLDED:  # no rule sees it, and measures need only its ends
        text = f"{text[:HALF]} {text[-HALF:]}"
    if ("»" in text or "›" in text) and "«" not in text:
        text = _ARROWS.sub(" ", text)
    flat = flatten(text)
    if not flat.isascii():
        flat = flat.translate(_DROPPED).replace("…", "...")
    elif "\0" in flat:
        flat = flat.replace("\0", "")
    flat = _SPACE.sub(" ", flat)
    if "](" in flat:
        flat = _LINK.sub(r"\1", flat)
    if "*" in flat or "_" in flat or "`" in flat:
        flat = _MARKS.sub("", flat)
    flat = flat.strip(" |")
    head = _HEAD.sub("", flat[:EDGE])
    flat = head + flat[EDGE:]
    return (flat[:-EDGE] + _TAIL.sub("", flat[-EDGE:])).strip()


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
    clues: Clues | None = field(default=None, compare=False, repr=False)
    file: str = field(default="", compare=False)


class Rulebook:
    """Rules made ready for matching: block rules against folded blocks, span rules against the text as it stands."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        _refuse_duplicates(self.rules)
        self.block_rules = tuple(rule for rule in self.rules if rule.part == "block" and not rule.selector)
        self.selector_rules = tuple(rule for rule in self.rules if rule.selector)
        self.span_rules = tuple(rule for rule in self.rules if rule.part == "span")
        self._blocks = _index(self.block_rules)
        self._sentences = _index(
            rule for rule in self.block_rules if rule.certain or rule.never or rule.weight >= PLAIN_WORD
        )
        self._spans = _index(self.span_rules)

    def __reduce__(self) -> tuple[type[Rulebook], tuple[tuple[Rule, ...]]]:
        return Rulebook, (self.rules,)

    def match(self, folded: str, sentence: bool = False) -> list[Rule]:
        """The block rules that answer to a folded block, in the order of the files.

        With `sentence`, only rules that speak plainly: in a paragraph of prose, a mere cue is a word like any other.
        """
        return (self._sentences if sentence else self._blocks).match(folded)

    def may_cut(self, text: str) -> bool:
        """Whether a span rule could answer anywhere in `text`."""
        return self._spans.may_match(flatten(text))

    def spans(self, text: str) -> list[tuple[int, int, Rule]]:
        """The fragments of a kept block that span rules cut: offsets into `text`, in order, never overlapping."""
        flat = flatten(text)
        hits = self._spans.match(flat)
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


def _index(rules: Iterable[Rule]) -> PatternIndex[Rule]:
    return PatternIndex([(rule.pattern, rule.clues or clues(rule.pattern), rule) for rule in rules])


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
