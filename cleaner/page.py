"""HTML in, the article out, with what the markup knew of each of its blocks.

The only module that knows trafilatura. trafilatura says where the article is and what belongs to it; we read the same
tree a second time, in units that keep their frames, find its lines there, and look for what it lost.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from trafilatura import bare_extraction, extract_metadata
from trafilatura.settings import MANUALLY_CLEANED

from .article import Article, Block, Markup
from .charset import parse, source_of
from .markdown import Marked, as_it_is, as_markdown
from .markup import PageView, is_plain_prose
from .scripts import article_in_scripts
from .selectors import Pruned, Pruner
from .units import HEADINGS, Unit, key, read_units, without_repeats
from .weigh import PageWeights, shipped_page_weights

METADATA = {
    "title": "title",
    "author": "author",
    "date": "date",
    "sitename": "site",
    "language": "language",
    "url": "url",
}
CERTAIN_MATCH = 25  # letters: a unit this long that stands anywhere in the extracted text was extracted
FOUND_SHARE = 0.5  # of the extracted text: if less is found again in the units, the text itself is the article
COVERED_SHARE = 0.3  # of the page's prose: if less was extracted, the extractor's other way is tried too
MORE = 3.0  # times longer its result must be to be taken
FEW_SHOWN = 300  # characters of lines: a page that shows fewer may keep its article in its scripts
SHORTEST_SHOWN = 20  # characters of a line that counts as shown: shorter ones are buttons and labels
MUCH_LONGER = 3.0  # times: an article in the scripts is taken only if it is longer than what is shown by that
LINKED = 0.5  # share of a line that is a link: a line with more leads elsewhere
LOST_SHARE = 0.25  # of the article: if more had been lost, the result says so
UNFAVOURABLE = {"text": "6"}  # the judge of words leans against the block
LONGEST_BYLINE = 400  # characters
_AUTHOR = re.compile("[aA]uthor|[bB]yline|autor")  # in class names
_DATE = re.compile("[dD]ate|publish")
_SPEAKING = {"h1": 2, "time": 3, "author": 4, "date": 4}  # what metadata is read from, and how many of each
_OF_THE_HEAD = frozenset(("title", "meta", "link", "base", "script"))
_SCRIPTS = ("style", "svg", "noscript", "template")
_TAGS = re.compile(r"<[^>]+>")
_REMOVED = frozenset(MANUALLY_CLEANED) - {"form"}
_IDLE = tuple(_REMOVED - {"aside", "figure", "head", "script", "math", "time"})
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """An article found in a page. `marked` is each of its blocks as Markdown, where that was asked for."""

    article: Article
    warnings: tuple[str, ...] = ()
    pruned: tuple[Pruned, ...] = ()
    marked: tuple[Marked, ...] = ()

    @property
    def metadata(self) -> Mapping[str, str | None]:
        """Title, author, date, site, language and url, each None where the page does not say."""
        return self.article.metadata


@dataclass(frozen=True)
class _Read:
    """What was read of a tree before it is judged."""

    units: Sequence[Unit]
    extracted: str
    found: int  # letters of the extracted text that stand in the units
    metadata: dict[str, str | None]
    facts: dict[str, str]
    body_key: str
    pruned: tuple[Pruned, ...] = ()


def read_page(
    html: str | bytes,
    url: str | None = None,
    pruner: Pruner | None = None,
    removes: frozenset[str] = frozenset(),
    marked: bool = False,
    weights: PageWeights | None = None,
) -> Page:
    """Find the article in `html`. Never raises for bad HTML: a page without an article is empty and carries a warning.

    `pruner` takes the containers of `removes` out first; `marked` asks for Markdown besides.
    """
    weights = weights or shipped_page_weights()
    read, warnings = read_tree(html, url, pruner, removes, marked)
    if read is None:
        return Page(Article("", (), url, metadata={"url": url}), warnings)
    units = read.units
    found = read.found
    whole = len(key(read.extracted))
    if whole and found < FOUND_SHARE * whole:
        article = Article.from_text(read.extracted, url)
        article = Article(article.text, article.blocks, url, read.metadata["language"], metadata=read.metadata)
        return Page(article, warnings, read.pruned, as_it_is(article) if marked else ())
    if not found:
        seed(units)
        warnings = (*warnings, "the extractor found no article: taken from the page's prose")
    view = PageView(units, read.facts, read.body_key)
    blocks: list[tuple[Unit, dict[str, str]]] = []
    chosen: list[Unit] = []
    lost = 0
    for index in view.candidates():
        unit = units[index]
        values = view.measure(index)
        if not unit.kept:
            if weights.recover.score(values) < weights.recover_from and not view.in_table_of_article(index, values):
                continue
            lost += len(unit.key)
        blocks.append((unit, values))
        chosen.append(unit)
    if found and lost > LOST_SHARE * (found + lost):
        warnings = (*warnings, "the extractor had lost part of the article: recovered from the page")
    if not blocks:
        warnings = (*warnings, "no article was found in the page")
    article = as_article(blocks, url, read.metadata, weights)
    return Page(article, warnings, read.pruned, as_markdown(article, chosen) if marked else ())


def read_tree(
    html: str | bytes, url: str | None, pruner: Pruner | None, removes: frozenset[str], marked: bool = False
) -> tuple[_Read | None, tuple[str, ...]]:
    """Parse, prune, extract and cut into units; None and the reason if there is nothing to read."""
    source, warnings = source_of(html)
    tree = parse(source) if source else None
    if tree is None:
        return None, (*warnings, "the page holds no HTML that can be read")
    metadata, facts = _metadata(tree, url)
    body_key = _body_key(tree)
    pruned = _prune(tree, source, pruner, removes)
    units = _units(tree, marked, url)
    hidden = _hidden(tree, units)
    found = parse(hidden) if hidden else None
    if found is not None:
        tree, source = found, hidden
        pruned = _prune(tree, source, pruner, removes)
        units = _units(tree, marked, url)
        warnings = (*warnings, "the page shows no article: taken from its scripts")
    if not units:
        return None, (*warnings, "the page shows no text")
    _lighten(tree)
    extracted = _extract(tree, url)
    find_again(units, extracted)
    if _covered(units) < COVERED_SHARE:
        whole = parse(source)
        assert whole is not None  # it has been read before
        _prune(whole, source, pruner, removes)
        other = _extract(whole, url, recall=False)
        if len(other) > MORE * len(extracted):
            extracted = other
            for unit in units:
                unit.kept = False
            find_again(units, extracted)
    letters = sum(len(unit.key) for unit in units if unit.kept)
    return _Read(without_repeats(units), extracted, letters, metadata, facts, body_key, tuple(pruned)), warnings


def _prune(tree: HtmlElement, source: bytes, pruner: Pruner | None, removes: frozenset[str]) -> list[Pruned]:
    """Take out of a tree what rules name and what is no text; what the rules named."""
    pruned = pruner.prune(tree, source, removes) if pruner is not None else []
    etree.strip_elements(tree, *_SCRIPTS, with_tail=False)
    return pruned


def _units(tree: HtmlElement, marked: bool, url: str | None) -> list[Unit]:
    """What a tree shows, in order."""
    return [unit for unit in read_units(tree, marked, url) if unit.key]


def _hidden(tree: HtmlElement, units: Sequence[Unit]) -> bytes:
    """The HTML of an article in the scripts of a page that shows next to nothing; empty if there is none.

    Whatever stands in the page counts as shown, in paragraphs or not. A short article below a headline stays too, if
    the hidden one does not hold its sentences: that would be another one.
    """
    shown = 0
    for unit in units:
        if len(unit.text) >= SHORTEST_SHOWN and unit.link_share < LINKED:
            shown += len(unit.text)
            if shown >= FEW_SHOWN:
                return b""
    hidden, size = article_in_scripts(tree)
    if size <= MUCH_LONGER * shown:
        return b""
    if any(unit.tag == "h1" for unit in units):
        whole = key(_TAGS.sub(" ", hidden))
        if any(unit.key not in whole for unit in units if is_plain_prose(unit)):
            return b""
    return source_of(hidden)[0]


def _lighten(tree: HtmlElement) -> None:
    """Take out what the extractor takes out as well, but only after it has searched and copied the tree several times.

    Where that would leave no paragraph it keeps all, and so do we.
    """
    for script in tree.iter("script"):
        if script.get("type") != "application/ld+json":
            script.text = None
    etree.strip_elements(tree, "link", "meta", "source", with_tail=False)
    if any(next(paragraph.iterancestors(*_REMOVED), None) is None for paragraph in tree.iter("p")):
        etree.strip_elements(tree, *_IDLE, with_tail=False)


def _covered(units: Sequence[Unit]) -> float:
    """Share of the page's prose that was extracted."""
    prose = [unit for unit in units if is_plain_prose(unit)]
    return sum(len(unit.text) for unit in prose if unit.kept) / max(1, sum(len(unit.text) for unit in prose))


def _extract(tree: HtmlElement, url: str | None, recall: bool = True) -> str:
    """The text that trafilatura finds, empty if none.

    With `recall` it is quicker and takes more; without, it compares itself with other extractors.
    """
    try:
        document = bare_extraction(tree, url=url, include_comments=False, favor_recall=recall)
    except Exception as error:  # no page may stop a run, whatever it does to the extractor
        _LOG.debug("extraction failed: %s", error)
        return ""
    return (getattr(document, "text", "") or "") if document is not None else ""


def _metadata(tree: HtmlElement, url: str | None) -> tuple[dict[str, str | None], dict[str, str]]:
    """What the page says of itself, and of that the keys by which units are compared with it."""
    found: object = None
    try:
        found = extract_metadata(_essence(tree), url, None, False)
    except Exception as error:
        _LOG.debug("metadata failed: %s", error)
    metadata = {ours: (getattr(found, theirs, None) or None) for theirs, ours in METADATA.items()}
    metadata["url"] = url or metadata["url"]
    metadata["language"] = metadata["language"] or (tree.get("lang") or "")[:2].lower() or None
    facts = {name: key(metadata[name] or "") for name in ("title", "author", "site")}
    facts["description"] = key(getattr(found, "description", None) or "")
    return metadata, facts


def _essence(tree: HtmlElement) -> HtmlElement:
    """A small page with what speaks of the large one: head, headline, byline, dates. Looking through it is quick."""
    page = document_fromstring("<html><head></head><body></body></html>")
    page.attrib.update(tree.attrib)
    head, body = page[0], page[1]
    speaking: dict[str, list[HtmlElement]] = {name: [] for name in _SPEAKING}
    known: dict[str, tuple[bool, bool]] = {"": (False, False)}
    for element in tree.iter("*"):
        if element.tag in _OF_THE_HEAD:
            if element.tag != "script" or element.get("type") == "application/ld+json":
                head.append(copy(element))
        elif element.tag in _SPEAKING:
            speaking[element.tag].append(element)
        label, property = element.get("class") or "", element.get("itemprop")
        said = known.get(label)
        if said is None:
            said = known[label] = (bool(_AUTHOR.search(label)), bool(_DATE.search(label)))
        if said[0] or property == "author" or element.get("rel") == "author":
            speaking["author"].append(element)
        if said[1] or property == "datePublished":
            speaking["date"].append(element)
    for name, most in _SPEAKING.items():
        for element in speaking[name][:most]:
            if len(element.text_content()) < LONGEST_BYLINE:
                body.append(copy(element))
    return page


def _body_key(tree: HtmlElement) -> str:
    """The longest `articleBody` of the page's JSON-LD, as a key; empty if there is none."""
    bodies: list[str] = []
    for script in tree.iter("script"):
        if script.get("type") == "application/ld+json" and script.text and '"articleBody"' in script.text:
            try:
                _walk(json.loads(script.text, strict=False), bodies)
            except (ValueError, RecursionError):
                continue
    return key(_TAGS.sub(" ", max(bodies, key=len))) if bodies else ""


def _walk(value: object, bodies: list[str], depth: int = 0) -> None:
    """Add every `articleBody` inside a JSON value to `bodies`."""
    if depth > 12:
        return
    if isinstance(value, dict):
        body = value.get("articleBody")
        if isinstance(body, str):
            bodies.append(body)
        for inner in value.values():
            _walk(inner, bodies, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, bodies, depth + 1)


def find_again(units: Sequence[Unit], extracted: str) -> None:
    """Mark the units whose text was extracted. Both stand in the order of the page, so a cursor settles short ones."""
    lines = [line for line in map(key, extracted.split("\n")) if line]
    whole = set(lines)
    joined = "".join(lines)
    at = 0
    for unit in units:
        if joined.startswith(unit.key, at):
            unit.kept = True
            at += len(unit.key)
        elif len(unit.key) >= CERTAIN_MATCH:
            start = joined.find(unit.key, at)
            start = start if start >= 0 else joined.find(unit.key, 0, at)
            if start >= 0:
                unit.kept = True
                at = start + len(unit.key)
        elif unit.key in whole:
            unit.kept = True
            start = joined.find(unit.key, at, at + 2000)
            if start >= 0:
                at = start + len(unit.key)


def seed(units: Sequence[Unit]) -> None:
    """Where the extractor found nothing: start from the page's prose."""
    for unit in units:
        unit.kept = unit.link_share < 0.3 and len(unit.text) >= 60 and unit.ends_like_sentence


def as_article(
    blocks: Sequence[tuple[Unit, dict[str, str]]],
    url: str | None,
    metadata: dict[str, str | None],
    weights: PageWeights | None = None,
) -> Article:
    """One block a unit, one line a block. With `weights`, blocks that words could not condemn are marked sure."""

    def unfavourable(values: Mapping[str, str]) -> float:
        return weights.keep.by_words({**values, **UNFAVOURABLE}) if weights is not None else 0.0

    made: list[Block] = []
    lines: list[str] = []
    at = 0
    for unit, values in blocks:
        line = as_text(unit)
        kind = "row" if unit.row else "item" if unit.tag == "li" else "heading" if unit.tag in HEADINGS else "paragraph"
        frames = [frame for frame, _ in zip(unit.frame.chain(), range(6), strict=False)]
        words = frozenset(word for frame in frames[:3] for word in frame.words)
        score = weights.keep.by_markup(values) if weights is not None else None
        sure = score is not None and unit.ends_like_sentence and score + unfavourable(values) > 0
        tags = tuple(frame.tag for frame in frames)
        markup = Markup(unit.link_share, tags, words, values, not unit.kept, sure, score)
        made.append(Block(len(made), at, at + len(line), len(made) + 1, line.strip(), kind, markup))  # type: ignore[arg-type]
        lines.append(line)
        at += len(line) + 1
    return Article("\n".join(lines), tuple(made), url, metadata.get("language"), metadata=metadata)


def as_text(unit: Unit) -> str:
    """A unit as a line of plain text."""
    if unit.row:
        return f"| {unit.text.strip('| ')} |"
    return f"- {unit.text}" if unit.tag == "li" and not unit.broken else unit.text
