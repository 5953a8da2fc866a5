"""Long texts in windows of whole paragraphs, so that what a text takes does not grow with its length.

No article is as long as a window; what is longer is an archive, a log, or hostile. Where a window ends hangs on the
words there alone (content-defined chunking, Muthitacharoen et al. 2001), so that lines taken out elsewhere do not move
it, and what was judged once need not be judged again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from zlib import crc32

from .article import count_lines

LONGEST = 200_000  # characters of a window; it is longer only if a line is
MOST_LINES = 5_000  # of a window
TELLING = 64  # characters after a break that choose it

_LINE_BREAK = re.compile(r"\r\n?|\n")
_PARAGRAPH_BREAK = re.compile(r"(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)")


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each window, in order; together they are the text. Most texts are one window."""
    start = 0
    while not fits(text, start):
        end = _end(text, start)
        yield start, end
        start = end
    if start < len(text) or not text:
        yield start, len(text)


def fits(text: str, start: int = 0) -> bool:
    """Whether what is left of a text from `start` on is one window."""
    left = len(text) - start
    return left <= MOST_LINES or (left <= LONGEST and count_lines(text, start, len(text)) <= MOST_LINES)


def _end(text: str, start: int) -> int:
    """A break in the second half of what a window may hold, the one that the words after it choose."""
    high = start + LONGEST
    if count_lines(text, start, high) > MOST_LINES:
        high = next(islice(_LINE_BREAK.finditer(text, start), MOST_LINES - 1, None)).end()
    for kind in (_PARAGRAPH_BREAK, _LINE_BREAK):
        breaks = [found.end() for found in kind.finditer(text, (start + high) // 2, high)]
        if breaks:
            return _whole_break(text, min(breaks, key=lambda at: _mark(text, at)))
    found = _LINE_BREAK.search(text, high)
    return found.end() if found else len(text)


def _mark(text: str, at: int) -> int:
    return crc32(text[at : at + TELLING].encode("utf-8", "surrogatepass"))


def _whole_break(text: str, at: int) -> int:
    """A carriage return and its line feed are one break, wherever the search had to stop."""
    return at + 1 if text[at - 1] == "\r" and text[at : at + 1] == "\n" else at
