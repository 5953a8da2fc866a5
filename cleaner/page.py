"""HTML in, the article's text and what its markup knew of each line out.

The only module that knows trafilatura.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import trafilatura

METADATA = ("title", "author", "date", "sitename", "language", "url")
NAMES = {"sitename": "site"}


@dataclass(frozen=True)
class Page:
    """An article found in a page: `text` has one block a line."""

    text: str
    metadata: dict[str, str | None] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def read_page(html: str | bytes, url: str | None = None) -> Page:
    """Find the article in `html`. Never raises for bad HTML: a page without an article is an empty text and a warning."""
    document = trafilatura.bare_extraction(html, url=url, include_comments=False, with_metadata=True)
    if document is None:
        return Page("", {"url": url}, ("no article was found in the page",))
    metadata = {NAMES.get(name, name): getattr(document, name, None) for name in METADATA}
    return Page(document.text or "", metadata)
