"""The form of a text in which rules and measures see it: straight quotes, one kind of dash and space, no marks around.

`flatten` keeps every character in its place, so that what is found in a flat text is found in the text; `fold` brings a
block down to its words.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST_FOLDED, HALF = 4000, 2000  # characters of a block that are looked at in full; beyond, this much of either end
EDGE = 60  # characters at either end in which marks are looked for

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
}
# Replacing a character that hardly occurs costs next to nothing, a table look-up for every character much. These are
# the common ones; the few texts that hold any of the others take the slow way.
_COMMON = tuple((char, str(_FLAT[ord(char)])) for char in "\n\r\t`’‘“”„«»–—\u00a0")
_OTHERS = re.compile("[" + re.escape("".join(chr(code) for code in _FLAT if chr(code) not in dict(_COMMON))) + "]")
_DROPPED = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\ufe0e\ufe0f\x00"
# A link or picture of Markdown: its "!", its text, where it leads.
LINK = re.compile(
    r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\((<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s\"[^\"]*\")?\)"
)
_MARKS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
# Bullets, arrows, emoji and Markdown marks at either end say nothing of a line's meaning. Quotation marks protect: they
# stay.
_HEAD = re.compile(r"^(?:[^\w\"'(\[<@€$£¥#¿¡.…©-]+|-+(?=\s)|[#>]+(?=\s|$)|-+>|>+)+\s*")
_GOOD_HEAD, _GOOD_TAIL = frozenset("\"'(."), frozenset(".!?:;,\"'()")  # beside letters and digits: nothing to take off
_ARROWS = re.compile(r"^\s*(?:[»›]\s)+|(?:\s[»›])+\s*$")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=1)
def _tail() -> re.Pattern[str]:
    """Marks at the end. Vowel signs and accents of their own (Hindi, Thai, Arabic ...) belong to the letter before."""
    signs = "".join(chr(code) for code in range(0x300, 0x2000) if unicodedata.category(chr(code)).startswith("M"))
    return re.compile(r"(?:\s?(?:[^\w\s\"'()\[\].!?:;,…%€$£¥°。！？।؟+*" + signs + r"-]|-+>))+$")


def flatten(text: str) -> str:
    """Straighten quotes, dashes, white space and full-width forms, one character for one: offsets stay true."""
    for char, flat in _COMMON:
        if char in text:
            text = text.replace(char, flat)
    return text if text.isascii() or not _OTHERS.search(text) else text.translate(_FLAT)


def fold(text: str, flat: str | None = None) -> str:
    """The form of a block that block rules see. `flat` is `flatten(text)`, if it is known.

    On top of `flatten`: arrows between words become ">", Markdown links become their text, emphasis marks, bullets,
    arrows and emoji at the ends and invisible characters go, `…` becomes `...`, runs of white space become one space,
    and what is said twice is said once. Case stays: rules ignore it.
    """
    if len(text) > LONGEST_FOLDED:  # no rule sees it, and measures need only its ends
        text = f"{text[:HALF]} {text[-HALF:]}"
        flat = None
    if not text.isascii() and ("»" in text or "›" in text) and "«" not in text:
        text = _ARROWS.sub(" ", text).replace(" » ", " > ").replace(" › ", " > ")
        flat = None
    if flat is None:
        flat = flatten(text)
    if not flat.isprintable() or "…" in flat:  # invisible characters are not printable, but for two
        for char in _DROPPED:
            flat = flat.replace(char, "")
        flat = flat.replace("…", "...")
    elif "\ufe0f" in flat or "\ufe0e" in flat:
        flat = flat.replace("\ufe0f", "").replace("\ufe0e", "")
    if "  " in flat or not flat.isprintable():
        flat = _SPACE.sub(" ", flat)
    if "](" in flat:
        flat = LINK.sub(r"\2", flat)
    if "*" in flat or "_" in flat:
        flat = _MARKS.sub("", flat)
    flat = flat.strip(" |")
    if flat and not (flat[0].isalnum() or flat[0] in _GOOD_HEAD):
        flat = _HEAD.sub("", flat[:EDGE]) + flat[EDGE:]
    if flat and not (flat[-1].isalnum() or flat[-1] in _GOOD_TAIL):
        flat = flat[:-EDGE] + _tail().sub("", flat[-EDGE:])
    return _once(flat.strip())


def _once(flat: str) -> str:
    """A label without its double: buttons carry theirs a second time, for screen readers ("Copy link Copy link")."""
    half = len(flat) // 2
    if flat[half : half + 1] != " " or flat[:half].lower() != flat[half + 1 :].lower():
        return flat
    return flat[:half]
