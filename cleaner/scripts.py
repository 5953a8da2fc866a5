"""Articles that a page keeps in its scripts: pages built in the browser show no text before their programs have run.

Their frameworks deliver the article as JSON inside a script: as a page's properties, as chunks of a stream, as
structured data. In all of these the body is a string of HTML, or of plain text under the name `articleBody`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape

from lxml.html import HtmlElement

SHORTEST = 400  # characters of a string that is looked at
FEWEST_PARAGRAPHS = 2
DEEPEST = 3  # strings inside strings: a stream's chunk holds JSON that holds HTML
LARGEST = 20_000_000  # characters of a page's scripts that are looked through

_STRING = re.compile(rf'"((?:[^"\\]|\\.){{{SHORTEST},}})"', re.DOTALL)
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_BODY = re.compile(r'"articleBody"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_TAG = re.compile(r"<[^>]*>")


def article_in_scripts(tree: HtmlElement) -> tuple[str, int]:
    """The HTML of the longest article that the page's scripts hold, empty if there is none, and its characters."""
    found: list[str] = []
    left = LARGEST
    for script in tree.iter("script"):
        text = script.text or ""
        left -= len(text)
        if left < 0:
            break
        found.extend(_fragments(text, DEEPEST))
        found.extend(_plain(text))
    longest = max(found, key=_visible, default="")
    return longest, _visible(longest)


def _fragments(source: str, depth: int) -> Iterator[str]:
    """Strings of HTML with paragraphs, in JSON or in JSON inside of JSON."""
    for match in _STRING.finditer(source):
        text = _decoded(match.group(1))
        if len(_PARAGRAPH.findall(text)) >= FEWEST_PARAGRAPHS and '"<p' not in text:
            yield text
        elif depth and '"' in text:
            yield from _fragments(text, depth - 1)


def _plain(source: str) -> Iterator[str]:
    for match in _BODY.finditer(source):
        lines = [line.strip() for line in _decoded(match.group(1)).split("\n")]
        yield "".join(f"<p>{escape(line)}</p>" for line in lines if line)


def _decoded(literal: str) -> str:
    try:
        return str(json.loads(f'"{literal}"', strict=False))
    except ValueError:
        return ""


def _visible(fragment: str) -> int:
    return len(_TAG.sub("", fragment))
