"""What must hold for every text and every page."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache

from cleaner import Cleaner
from cleaner.article import Article
from cleaner.charset import parse, source_of
from cleaner.page import METADATA
from cleaner.result import Result, cut
from cleaner.rules import CATEGORIES
from cleaner.units import key

MODES = ("balanced", "precision", "recall")
LONGEST_TIME = 10.0  # seconds of processor time for one text or page of the sizes made here


@lru_cache(maxsize=8)
def cleaner_of(mode: str, **settings: Sequence[str]) -> Cleaner:
    """The cleaner of a mode, made once."""
    return Cleaner(mode, **settings)


def check_text(text: str, mode: str = "balanced", url: str | None = None, thorough: bool = True) -> None:
    """The laws for one text; `thorough` for those, too, that take as long again."""
    cleaner = cleaner_of(mode)
    began = time.process_time()
    result = cleaner.clean(text, url)
    took = time.process_time() - began
    assert took < LONGEST_TIME, f"it took {took:.1f} seconds"
    check_removals(result, text)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
    assert all(1 <= removal.line <= lines for removal in result.removed), "a line number is not in the text"
    again = cleaner.clean(result.text, url)
    assert not again.removed, f"cleaned twice, more goes: {[removal.text for removal in again.removed]}"
    assert again.text == result.text
    _check_blocks(text)
    if thorough:
        assert cleaner.clean(text, url) == result, "the second answer is another"
        _check_explained(cleaner, text, url, result)


def check_removals(result: Result, text: str) -> None:
    """What is removed and what is kept are together the text."""
    assert result.restore() == text, "what is kept and what is removed are not the text"
    assert cut(text, result.removed) == result.text, "what is kept is not the text without what is removed"
    at = 0
    for removal in result.removed:
        assert at <= removal.start < removal.end <= len(text), "removals overlap, or are empty"
        assert text[removal.start : removal.end] == removal.text
        assert removal.category in CATEGORIES
        assert removal.reasons
        assert all(reason.source and reason.says for reason in removal.reasons)
        at = removal.end


def _check_blocks(text: str) -> None:
    at = 0
    for number, block in enumerate(Article.from_text(text).blocks):
        assert block.index == number
        assert at <= block.start < block.end <= len(text), "blocks overlap"
        assert not text[at : block.start].strip().strip("\ufeff"), "a visible character is in no block"
        assert block.text == text[block.start : block.end].strip()
        at = block.end
    assert not text[at:].strip().strip("\ufeff"), "a visible character is in no block"


def _check_explained(cleaner: Cleaner, text: str, url: str | None, result: Result) -> None:
    lines = cleaner.explain(text, url)
    assert [line.text for line in lines] == [block.text for block in Article.from_text(text, url).blocks]
    assert {line.verdict for line in lines} <= {"kept", "removed", "cut"}
    gone = {removal.category for removal in result.removed if removal.text.strip()}
    assert gone >= {line.category for line in lines if line.verdict != "kept"}
    if gone:
        assert any(line.verdict != "kept" for line in lines), "a line goes, but none is explained as gone"


def check_page(html: str | bytes, mode: str = "balanced", url: str | None = None, thorough: bool = True) -> None:
    """The laws for one page; `thorough` for those, too, that take as long again."""
    cleaner = cleaner_of(mode)
    began = time.process_time()
    result = cleaner.clean_html(html, url)
    took = time.process_time() - began
    assert took < LONGEST_TIME, f"it took {took:.1f} seconds"
    check_removals(result, result.restore())
    _check_metadata(result.metadata)
    result.text.encode()  # a page has no lone surrogates
    _check_nothing_invented(html, result.restore())
    if not thorough:
        return
    assert cleaner.clean_html(html, url) == result, "the second answer is another"
    marked = cleaner.clean_html(html, url, keep_markup=True)
    check_removals(marked, marked.restore())
    assert marked.metadata == result.metadata
    assert {removal.reasons for removal in marked.removed} == {removal.reasons for removal in result.removed}
    assert _holds(marked.text, result.text), "Markdown lacks what the text has"
    assert _holds(marked.restore(), result.restore())
    lines = cleaner.explain_html(html, url)
    assert {line.verdict for line in lines} <= {"kept", "cut", "removed"}
    if result.removed:
        assert any(line.verdict != "kept" for line in lines), "a line goes, but none is explained as gone"


def _holds(marked: str, text: str) -> bool:
    """Whether all letters of a text stand in its Markdown, in order; that has addresses and numbers besides."""
    letters = iter(key(marked))
    return all(letter in letters for letter in key(text))


def _check_metadata(metadata: Mapping[str, str | None]) -> None:
    assert metadata.keys() <= set(METADATA.values())
    assert all(value is None or isinstance(value, str) for value in metadata.values()), metadata


def _check_nothing_invented(html: str | bytes, text: str) -> None:
    """Every letter of the article stands in the page, in this order or another."""
    source, _ = source_of(html)
    tree = parse(source)
    if b"ld+json" in source or tree is None:
        return  # the body may come from there
    shown = key(tree.text_content())
    missing = [line for line in text.split("\n") if not _in_order(key(line), shown)]
    assert not missing, f"it is not in the page: {missing[0]!r}"


def _in_order(part: str, whole: str) -> bool:
    if part in whole:
        return True
    letters = iter(whole)
    return all(letter in letters for letter in part)
