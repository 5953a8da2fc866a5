"""Texts from lines of articles, of adverts and of nothing that makes sense, joined and bent in odd ways."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from conftest import ROOT

from fuzzing.chance import Chance

LONGEST = 20_000  # characters

ENDINGS = (
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "",
    " ",
    "\n \n",
    "  \n",
    "\r\n\r\n",
    "\n\r",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x85",
    "\t\n",
)
ODD = (
    "\ufeff", "\x00", "\u200b", "\u200d", "\u2060", "\u00ad", "\u202e", "\u2066", "\ufe0f", "\ufffd", "\ufffe",
    "\ud800", "\udc80", "\udfff", "\U0001f468\u200d\U0001f469", "\U000e0041", "\U0010ffff", "e\u0301\u0301\u0301",
    "\u0e33", "ﷺ", "ﬁ", "ß", "ẞ", "İ", "ı", "K", "Ⅷ", "１", "①", "…", "。", "।", "؟", "»", "›", "„", "“", "”", "’", "'",
    '"', "`", "(", ")", "[", "]", "](", "{", "}", "<", ">", "<br>", "&nbsp;", "&", "|", "||", "*", "**", "_", "__", "#",
    "######", "-", "--", "—", "–", "•", "・", "→", "->", ">>", "1.", "a)", ":", ";", ",", ".", "...", "!", "?", "/",
    "\\", "\\n", "@", "$", "€", "%", "=", "+", "~", "^", "\u00a0", "\u3000", "\t", " ", "  ", "\x1b[31m", "\x7f", "http://",
    "https://example.org/a_(b)", "www.example.com", "@example", "#tag", "AD: x", "0", "24/7", "3 min read", "©", "™",
)  # fmt: skip


@lru_cache(maxsize=1)
def article_lines() -> tuple[str, ...]:
    """The lines of the sample articles."""
    paths = sorted(path for path in (ROOT / "fixtures/inbox").iterdir() if path.suffix in (".txt", ".md"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return tuple(dict.fromkeys(filter(str.strip, lines)))


@lru_cache(maxsize=1)
def rule_lines() -> tuple[str, ...]:
    """What the rules remove and what they keep, by their own examples."""
    found: list[str] = []
    for path in sorted((ROOT / "cleaner/rulebook").rglob("*.toml")):
        for rule in tomllib.loads(path.read_text(encoding="utf-8")).get("rule", ()):
            if "pattern" in rule:
                found += [*rule.get("removes", ()), *rule.get("keeps", ())]
    return tuple(dict.fromkeys(found))


def text_of(chance: Chance, longest: int = LONGEST) -> str:
    """A text, by the decisions of `chance`."""
    pieces: list[str] = []
    size = 0
    while chance.left and size < longest:
        piece = MAKERS[chance.below(len(MAKERS))](chance)
        if chance.one_in(4) and pieces:
            piece = BENDS[chance.below(len(BENDS))](piece, pieces[-1], chance)
        pieces += [piece, chance.pick(ENDINGS)]
        size += len(piece)
    return "".join(pieces)[:longest]


def _slice(text: str, chance: Chance) -> str:
    start, size = chance.below(64), chance.below(200)
    return text[start : start + size]


MAKERS: tuple[Callable[[Chance], str], ...] = (
    lambda chance: chance.pick(article_lines()),
    lambda chance: chance.pick(rule_lines()),
    lambda chance: chance.pick(rule_lines()),
    lambda chance: _slice(chance.pick(article_lines()), chance),
    lambda chance: _slice(chance.pick(rule_lines()), chance),
    lambda chance: f"{chance.pick(article_lines())} {chance.pick(rule_lines())}",
    lambda chance: f"{chance.pick(ODD)}{chance.pick(rule_lines())}{chance.pick(ODD)}",
    lambda chance: "".join(chance.pick(ODD) for _ in range(chance.below(12))),
    lambda chance: chance.take(chance.below(24)).decode("utf-8", "surrogateescape"),
    lambda chance: chance.take(chance.below(24)).decode("latin-1"),
    lambda chance: chance.take(2 * chance.below(12)).decode("utf-16-le", "ignore"),
    lambda chance: " ".join(_slice(chance.pick(article_lines()), chance) for _ in range(chance.below(5))),
)

BENDS: tuple[Callable[[str, str, Chance], str], ...] = (
    lambda piece, last, chance: piece.upper(),
    lambda piece, last, chance: piece.lower(),
    lambda piece, last, chance: piece.title(),
    lambda piece, last, chance: unicodedata.normalize("NFD", piece),
    lambda piece, last, chance: unicodedata.normalize("NFKC", piece),
    lambda piece, last, chance: piece[::-1],
    lambda piece, last, chance: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in piece),
    lambda piece, last, chance: chance.pick(ODD).join(piece.split(" ")),
    lambda piece, last, chance: piece * (1 + chance.below(8)),
    lambda piece, last, chance: (piece[:40] + " ") * (1 + chance.below(256)),
    lambda piece, last, chance: chance.pick(ODD) * (1 + chance.below(256)) + piece,
    lambda piece, last, chance: last,
    lambda piece, last, chance: last[: len(last) // 2] + piece[len(piece) // 2 :],
    lambda piece, last, chance: f"[{piece}](https://example.org/{chance.below(9)})",
    lambda piece, last, chance: f"{chance.pick(('- ', '* ', '1. ', '> ', '# ', '| ', '• ', '“', '(', '**'))}{piece}",
    lambda piece, last, chance: "\n".join(piece[at : at + 60] for at in range(0, len(piece), 60)),
)  # fmt: skip
