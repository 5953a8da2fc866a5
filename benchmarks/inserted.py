"""Articles with headlines of other stories put between their paragraphs, made from the labelled pages.

Bare headlines are what extractors leave most often and what labelled lines have least of: most that were found stand
below a label. A page knows both its body, as marked by hand, and dozens of headlines of other stories, the texts of its
links. Put between the paragraphs of the body, alone or two at a time, these are injected lines as real as any; the
body's own short lines, subheadings and items of lists, are what they must be told from.

Menus and footers are rare in labelled lines, too, and common in what plain converters deliver: whole pages teach
them. What stands well before and after the body is injected; what stands beside it, captions and dates, has no label.
"""

from __future__ import annotations

import gzip
import json
import pathlib
import random
import re
from urllib.parse import urlsplit

from lxml import etree, html

from cleaner.units import HEADINGS, Unit, read_units

RUNS = (1, 1, 1, 2)  # headlines that stand together: one of these by chance
MOST_PLACES = 4  # in an article
FEWEST_PARAGRAPHS, FEWEST_HEADLINES = 5, 5
WORDS = range(4, 17)  # of a headline
CHARACTERS = range(12, 141)
UNSPACED_CHARACTERS = range(10, 46)  # of a headline in a script without spaces
UNSPACED = re.compile(r"[\u0e00-\u0eff\u2e80-\u9fff\uac00-\ud7af]")
LINKED = 0.25  # of the articles, the share that keeps its links
BEFORE, AFTER = 4, 2  # lines before and after the body that have no label
SURROUNDINGS = 60  # lines before and after the body that are taken
SURE = 12  # letters of a line by which the body is found
FEWEST_LINES = 5
WHOLE = 0.9  # of a line's characters: one with more inside a link is a link
NO_HEADLINE = re.compile(r"\d{1,2}:\d\d|\d{4}$|©|@|https?:|\.(?:com|org)|[|{]|[.,:;]$")


def headlines(source: str, body: str) -> list[str]:
    """The texts of a page's links that read like headlines and stand nowhere in its body, in the order of the page."""
    tree = html.fromstring(source.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    found: dict[str, None] = {}
    for link in tree.iter("a"):
        text = " ".join(link.text_content().split())
        unspaced = len(UNSPACED.findall(text)) * 2 > len(text)
        fits = len(text) in UNSPACED_CHARACTERS if unspaced else len(text.split()) in WORDS
        small = text.isascii() and text == text.lower()
        if fits and len(text) in CHARACTERS and not small and text not in body and not NO_HEADLINE.search(text):
            found[text] = None
    return list(found)


def articles_with_headlines(data: pathlib.Path) -> list[dict]:
    """One labelled document a page that has paragraphs and headlines enough, the same at every call."""
    documents = []
    with gzip.open(data / "pages.jsonl.gz", "rt", encoding="utf-8") as rows:
        for page in map(json.loads, rows):
            gold = "\n".join(page["gold"]) if isinstance(page["gold"], list) else page["gold"]
            paragraphs = [line.strip() for line in gold.split("\n") if line.strip()]
            others = headlines(page["html"], gold)
            if len(paragraphs) >= FEWEST_PARAGRAPHS and len(others) >= FEWEST_HEADLINES:
                documents.append(mixed(page, paragraphs, others))
    return documents


def mixed(page: dict, paragraphs: list[str], others: list[str]) -> dict:
    """The document: paragraphs in their order, headlines in places that chance chooses, by the page's name."""
    chance = random.Random(page["page"])
    chance.shuffle(others)
    lines = [(paragraph, "body") for paragraph in paragraphs]
    places = sorted((chance.randint(1, len(paragraphs)) for _ in range(MOST_PLACES)), reverse=True)
    for place in places:
        count = chance.choice(RUNS)
        taken, others = others[:count], others[count:]
        lines[place:place] = [(headline, "related") for headline in taken]
    if chance.random() < LINKED:  # as an extractor delivers it that keeps links
        mark = chance.choice(("", "", "- "))
        lines = [(f"{mark}[{line}](/{label})" if label == "related" else line, label) for line, label in lines]
    return document(page, lines, "pages")


def document(page: dict, lines: list[tuple[str, str]], source: str) -> dict:
    """Labelled lines of a page in the form of the other documents."""
    return {
        "source": source,
        "group": (urlsplit(page["url"] or "").netloc or page["page"]).removeprefix("www."),
        "url": page["url"],
        "lines": [line for line, _ in lines],
        "labels": [label for _, label in lines],
    }


def whole_pages(data: pathlib.Path) -> list[dict]:
    """Every page with all its text, a line a block, the lines of its body told by the body marked by hand."""
    documents = []
    with gzip.open(data / "pages.jsonl.gz", "rt", encoding="utf-8") as rows:
        for page in map(json.loads, rows):
            gold = "\n".join(page["gold"]) if isinstance(page["gold"], list) else page["gold"]
            units = units_of(page)
            lines = [" ".join(unit.text.split()) for unit in units]
            labels = labels_of(lines, letters(gold))
            if labels:
                documents.append(around_the_body(page, lines, labels, "whole"))
                marked = [in_markdown(line, unit) for line, unit in zip(lines, units, strict=True)]
                documents.append(around_the_body(page, marked, labels, "linked"))
    return documents


def units_of(page: dict) -> list[Unit]:
    """All that a page shows, a unit a block."""
    tree = html.fromstring(page["html"].encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
    etree.strip_elements(tree, "script", "style", "noscript", "template", with_tail=False)
    return [unit for unit in read_units(tree, marked=True, page=page["url"]) if unit.text.strip()]


def in_markdown(line: str, unit: Unit) -> str:
    """The line as converters deliver it that keep links and marks."""
    links = [inline.closes for inline in unit.inlines if inline.opens == "["]
    if links and unit.link_share > WHOLE:
        line = f"[{line}{links[0]}"
    return f"- {line}" if unit.tag == "li" else f"## {line}" if unit.tag in HEADINGS else line


def letters(text: str) -> str:
    """Letters and digits alone, to find a line again."""
    return re.sub(r"\W+", "", text).lower()


def labels_of(lines: list[str], gold: str) -> list[str]:
    """The label of each line; none at all if the body is not found."""
    keys = [letters(line) for line in lines]
    inside = [at for at, key in enumerate(keys) if len(key) >= SURE and key in gold]
    if len(inside) < FEWEST_LINES:
        return []
    first, last = inside[0], inside[-1]
    return [
        "body" if first <= at <= last and key and key in gold
        else "ui" if at < first - BEFORE or at > last + AFTER
        else "unknown"
        for at, key in enumerate(keys)
    ]  # fmt: skip


def around_the_body(page: dict, lines: list[str], labels: list[str], source: str) -> dict:
    """The document: the body and what stands around it."""
    first, last = labels.index("body"), len(labels) - labels[::-1].index("body")
    taken = slice(max(0, first - SURROUNDINGS), last + SURROUNDINGS)
    return document(page, list(zip(lines[taken], labels[taken], strict=True)), source)
