"""Bytes to text, text to a tree: what a page is before anybody looks for an article in it."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes
from lxml import etree
from lxml.html import HtmlComment, HtmlElement, HtmlEntity, HtmlProcessingInstruction, document_fromstring

MOST_CHARACTERS = 10_000_000  # of a page: the largest articles are a tenth of that
MOST_DETECTED = 200_000  # bytes that are looked at to guess an encoding
MOST_NESTED = 200  # elements in each other: the parser gives up where pages nest deeper

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{2,40})|<\?xml[^>]{0,100}?encoding=["']([\w:.-]{2,40})""", re.I
)
# As browsers do: what calls itself Latin-1 is Windows-1252.
_MEANT = {
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "latin-1", "latin1", "ascii", "us-ascii"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk"), "gb18030"),
    **dict.fromkeys(("x-sjis", "shift_jis"), "cp932"),
    **dict.fromkeys(("ks_c_5601-1987", "euc-kr"), "cp949"),
    "tis-620": "cp874",
}
_CONTROL = bytes([*range(9), 11, 12, *range(14, 32), 127])
_NO_CHARACTERS = ("\ufffe", "\uffff")
# A tag of more than 50,000 characters is no writer's: its attributes go, since the parser compares each with each.
_LONG = 50_000
_LONG_TAG = re.compile(rb"<([a-zA-Z][\w-]{0,30})\s[^<>]{50000,}>")
# All behind this tag is text, even the marks that end the page. Nobody writes it any more, and no reader wants that.
_PLAINTEXT = re.compile(rb"<(/?)plaintext\b", re.I)
_NOT_HTML = (b"%PDF-", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF", b"RIFF", b"ID3")
_WHOLE = re.compile(rb"<(?:html|body|head|!doctype)\b", re.I)


def source_of(html: str | bytes) -> tuple[bytes, tuple[str, ...]]:
    """The page in UTF-8 without what a parser stumbles over, and warnings. Empty if it is not HTML at all."""
    warnings: tuple[str, ...] = ()
    if isinstance(html, bytes | bytearray | memoryview):
        data = bytes(html)
        if data.startswith(_NOT_HTML) or (b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
            return b"", ("the file is not HTML",)
        if len(data) > MOST_CHARACTERS:
            data = data[:MOST_CHARACTERS]
            warnings = ("the page is larger than 10 MB: only its beginning was read",)
        html = decode(data)
    elif html.startswith(("%PDF-", "PK\x03\x04")):
        return b"", ("the file is not HTML",)
    if len(html) > MOST_CHARACTERS:
        html = html[:MOST_CHARACTERS]
        warnings = ("the page is larger than 10 MB: only its beginning was read",)
    for character in _NO_CHARACTERS:
        if character in html:
            html = html.replace(character, "")
    source = html.encode("utf-8", "ignore").translate(None, _CONTROL)
    if _may_hold_long_tag(source):
        source = _LONG_TAG.sub(rb"<\1>", source)
    return _PLAINTEXT.sub(rb"<\1pre", source), warnings


def _may_hold_long_tag(source: bytes) -> bool:
    """Whether somewhere no tag begins over half of a long tag: a look at a few places tells."""
    half = _LONG // 2
    return any(source.find(b"<", at, at + half) < 0 for at in range(0, len(source) - half, half))


def decode(data: bytes) -> str:
    """Bytes to text: a byte order mark, UTF-8 if it is that, what the page declares, what its bytes look like."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    declared = _DECLARED.search(data[:4096])
    name = (declared.group(1) or declared.group(2)).decode("ascii", "replace").lower() if declared else ""
    name = _MEANT.get(name, name)
    if not name.startswith("iso-2022"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.start > len(data) - 4 or (name in ("utf-8", "utf8") and data.count(b"\xc3") > 3):
                return data.decode("utf-8", "replace")
    if name and name not in ("utf-8", "utf8"):
        try:
            return data.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    guess = from_bytes(data[:MOST_DETECTED]).best()
    return data.decode(guess.encoding if guess is not None else "cp1252", "replace")


def parse(source: bytes) -> HtmlElement | None:
    """The tree of a page or of a fragment in UTF-8; None if there is nothing in it."""
    if not source.strip():
        return None
    if not _WHOLE.search(source, 0, 20_000):
        source = b"<html><body><article>" + source + b"</article></body></html>"
    try:
        return document_fromstring(source, parser=_parser())
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def _parser() -> etree.HTMLParser:
    """A parser whose elements are all of one class: lxml's own asks a function which, each time it hands one out."""
    parser = etree.HTMLParser(
        collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False
    )
    classes = etree.ElementDefaultClassLookup(HtmlElement, HtmlComment, HtmlProcessingInstruction, HtmlEntity)
    parser.set_element_class_lookup(classes)
    return parser
