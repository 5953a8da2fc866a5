"""A document as it is counted for sightings: what its lines hash to, and where it comes from."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from cleaner.article import Article
from cleaner.sightings_lines import buckets, digest, normalise

END = 0xFFFFFFFF  # closes the words of a line


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is counted: what its lines hash to.

    `number` is the hash of the whole, its site and URL included; `address` that of its URL, 0 if it has none that
    tells pages apart; `day` the ordinal of the day of sighting, 0 if unknown. `keys`, `figures` and `sizes` are those
    of its lines (`sightings_lines.Line`), each line once; `words` the buckets of each line's content words, each line
    closed by `END`, or nothing where the words of a document are not needed.
    """

    number: int
    address: int
    site: str
    day: int
    keys: array[int]
    figures: array[int]
    sizes: array[int]
    words: array[int]


@dataclass(frozen=True, slots=True)
class Observation:
    """A document and its lines as they stood, one for each key."""

    document: Document
    texts: tuple[str, ...]


def observe(text: str, url: str | None = None, site: str | None = None, day: date | None = None) -> Observation:
    """Read one document. Costs no shared state, so worker processes may do it for a parent that counts."""
    return observe_lines([block.text for block in Article.from_text(text).blocks], url, site, day)


def observe_lines(
    lines: Iterable[str], url: str | None = None, site: str | None = None, day: date | None = None
) -> Observation:
    """The same for a document that is already cut into blocks. A line that stands twice counts once."""
    found = {}
    for text in lines:
        line = normalise(text)
        if line is not None and line.key not in found:
            found[line.key] = (line, text)
    keys = array("Q", found)
    figures = array("H", [line.figures for line, _ in found.values()])
    words = array("I")
    for line, _ in found.values():
        words.extend(buckets(line.tokens))
        words.append(END)
    site, address = site_of(url, site), _address(url)
    document = Document(
        number=digest(f"{sorted(zip(keys, figures, strict=True))} {site} {address}"),
        address=address,
        site=site,
        day=day.toordinal() if day else 0,
        keys=keys,
        figures=figures,
        sizes=array("B", [line.size for line, _ in found.values()]),
        words=words,
    )
    return Observation(document, tuple(text for _, text in found.values()))


def site_of(url: str | None, site: str | None = None) -> str:
    """The site a document comes from: the host of its URL without `www.`, else `site`, else an empty string."""
    host = _split(url)[0]
    return host.removeprefix("www.") or site or ""


def _address(url: str | None) -> int:
    host, path, query = _split(url)
    return digest(f"{host}{path}?{query}") if host and (path.strip("/") or query) else 0


def _split(url: str | None) -> tuple[str, str, str]:
    if not url:
        return "", "", ""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        return parts.hostname or "", parts.path.rstrip("/"), parts.query
    except ValueError:
        return "", "", ""
