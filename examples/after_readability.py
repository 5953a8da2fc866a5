"""The cleaner after readability-lxml, which gives the article as HTML.

python examples/after_readability.py page.html
"""

import sys
from pathlib import Path

from readability import Document

from cleaner import Cleaner

CLEANER = Cleaner()


def text_of(page: str, url: str | None = None) -> str:
    """The article as text."""
    return CLEANER.clean_html(Document(page, url=url).summary(), url).text


if __name__ == "__main__":
    print(text_of(Path(sys.argv[1]).read_text(encoding="utf-8")))
