"""The cleaner after trafilatura: for text, Markdown and the documents of `bare_extraction`.

python examples/after_trafilatura.py page.html
"""

import sys
from pathlib import Path

import trafilatura

from cleaner import Cleaner

CLEANER = Cleaner()


def text_of(page: str, url: str | None = None) -> str | None:
    """The article as text."""
    text = trafilatura.extract(page, url=url)
    return CLEANER.clean(text, url).text if text else None


def markdown_of(page: str, url: str | None = None) -> str | None:
    """The article as Markdown; links and emphasis stay."""
    text = trafilatura.extract(page, url=url, output_format="markdown", include_links=True)
    return CLEANER.clean(text, url).text if text else None


def document_of(page: str, url: str | None = None) -> trafilatura.settings.Document | None:
    """The article with its metadata."""
    document = trafilatura.bare_extraction(page, url=url, with_metadata=True)
    if document is not None and document.text:
        document.text = CLEANER.clean(document.text, document.url).text
    return document


if __name__ == "__main__":
    print(text_of(Path(sys.argv[1]).read_text(encoding="utf-8")))
