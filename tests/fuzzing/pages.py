"""Pages from containers, texts and broken marks, as characters or as bytes of some encoding."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from conftest import ROOT

from cleaner.marks import MARKS
from fuzzing.chance import Chance
from fuzzing.texts import ODD, article_lines, rule_lines, text_of

LONGEST = 30_000  # characters

TAGS = (
    "p", "div", "span", "a", "h1", "h2", "h6", "ul", "ol", "li", "table", "tr", "td", "th", "blockquote", "article",
    "section", "main", "aside", "nav", "header", "footer", "figure", "figcaption", "b", "em", "strong", "i", "br", "hr",
    "pre", "code", "img", "picture", "video", "iframe", "form", "input", "button", "select", "option", "textarea",
    "label",
    "script", "style", "noscript", "template", "svg", "math", "object", "dl", "dt", "dd", "details", "summary", "time",
    "address", "center", "font", "frameset", "frame", "body", "html", "head", "title", "meta", "link", "base", "x-y",
    "p:q",
)  # fmt: skip
ATTRIBUTES = (
    "", "", " class='{}'", " id='{}'", " class={}", " href='/{}'", " href='{}", " hidden", " style='display:none'",
    " aria-hidden=true", " itemprop='author'", " itemprop='articleBody'", " rel='author'", " lang='{}'",
    " datetime='2024-05-03'", " property='og:title' content='{}'", " name='author' content='{}'", " charset='{}'",
    " http-equiv='content-type' content='text/html; charset={}'", " type='application/ld+json'", " a='{}' a='{}'",
)  # fmt: skip
MARKS_AND_DOTS = (
    "<", ">", "</", "<!", "<!--", "-->", "<![CDATA[", "]]>", "<?xml version='1.0' encoding='utf-7'?>", "<?", "&",
    "&amp",
    "&#0;", "&#xD800;", "&#99999999999;", "&nosuch;", "&lt;p&gt;", "<!doctype html>",
    "<!DOCTYPE html [<!ENTITY a 'b'>]>",
    "&a;", "'", '"', "\0", "</p></p></div>", "</article>", "</body></html>", "<p", "<a href=", "<br/>", "<plaintext>",
    "<script>var a = '</p>';</script>",
    "<script type='application/ld+json'>{\"@type\": \"NewsArticle\", \"articleBody\": \"The wall stands.\"}</script>",
    "<script type='application/ld+json'>{\"headline\": [1, {\"author\": {\"name\": null}}], \"date\": 7}</script>",
    "<script type='application/ld+json'>[[[{\"@graph\": [{\"author\": \"\\ud800\"}]}</script>",
    "<meta property='article:published_time' content='9999-99-99'>", "<base href='http://['>",
    "<link rel='canonical' href='http://[::1'>", "<time datetime='0000-00-00T99:99'>now</time>",
)  # fmt: skip
CODECS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "cp1252",
    "cp1251",
    "shift_jis",
    "gb18030",
    "utf-7",
    "iso2022_jp",
)
WORDS = tuple(sorted({word for words in MARKS.values() for word in words.split()}))


@lru_cache(maxsize=1)
def sample_pages() -> tuple[bytes, ...]:
    """The sample articles that are pages."""
    return tuple(path.read_bytes() for path in sorted((ROOT / "fixtures/inbox").glob("*.html")))


def page_of(chance: Chance) -> str | bytes:
    """A page, by the decisions of `chance`."""
    kind = chance.below(8)
    if kind == 0:
        return chance.rest()
    if kind == 1:
        return edited(chance.pick(sample_pages()), chance)
    pieces: list[str] = []
    size = 0
    while chance.left and size < LONGEST:
        pieces.append(PIECES[chance.below(len(PIECES))](chance))
        size += len(pieces[-1])
    page = "".join(pieces)[:LONGEST]
    if kind == 2:
        return page.encode(chance.pick(CODECS), "ignore")
    if kind == 3:
        page = f"<!doctype html><html lang='en'><head><title>{chance.pick(article_lines())}</title></head><body>{page}"
    return page


def edited(data: bytes, chance: Chance) -> bytes:
    """Some bytes with a few places changed, cut out, doubled or cut off."""
    page = bytearray(data)
    while chance.left:
        at, change = chance.below(len(page) + 1), chance.below(6)
        if change == 0:
            page[at : at + 1] = chance.take(1)
        elif change == 1:
            page[at:at] = chance.take(chance.below(8))
        elif change == 2:
            del page[at : at + chance.below(65536) % 500]
        elif change == 3:
            page[at:at] = page[at : at + chance.below(256)]
        elif change == 4:
            page[at : at + 1] = bytes([page[at] ^ 1 << chance.below(8)]) if at < len(page) else b""
        elif chance.one_in(4):
            del page[at:]
    return bytes(page)


def _tag(chance: Chance) -> str:
    attribute = chance.pick(ATTRIBUTES)
    for _ in range(attribute.count("{}")):
        attribute = attribute.replace("{}", chance.pick(WORDS), 1)
    return f"<{chance.pick(TAGS)}{attribute}>"


def _element(chance: Chance) -> str:
    start = _tag(chance)
    return f"{start}{_words(chance)}</{start[1:-1].split(' ')[0]}>"


def _words(chance: Chance) -> str:
    return str(chance.pick(article_lines() if chance.below(2) else rule_lines()))


PIECES: tuple[Callable[[Chance], str], ...] = (
    _tag,
    _element,
    _element,
    lambda chance: f"<p>{chance.pick(article_lines())}</p>",
    lambda chance: f"<p>{chance.pick(article_lines())}</p>\n<p>{chance.pick(article_lines())}</p>",
    lambda chance: f"<p>{chance.pick(rule_lines())}</p>",
    lambda chance: f"<li><a href='/{chance.below(99)}'>{chance.pick(rule_lines())}</a></li>",
    lambda chance: f"</{chance.pick(TAGS)}>",
    lambda chance: chance.pick(MARKS_AND_DOTS),
    lambda chance: chance.pick(ODD),
    lambda chance: _tag(chance) * (1 + chance.below(256)),
    lambda chance: chance.take(chance.below(16)).decode("latin-1"),
    lambda chance: text_of(Chance(chance.take(24)), 2000),
)
