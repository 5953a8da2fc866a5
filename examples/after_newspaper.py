"""The cleaner after newspaper4k.

python examples/after_newspaper.py page.html
"""

import sys
from pathlib import Path

import newspaper

from cleaner import Cleaner

CLEANER = Cleaner()


def article_of(page: str, url: str = "") -> newspaper.Article:
    """The parsed article, its text cleaned."""
    article = newspaper.Article(url or "https://localhost/")
    article.download(input_html=page)
    article.parse()
    article.text = CLEANER.clean(article.text, url or None).text
    return article


if __name__ == "__main__":
    print(article_of(Path(sys.argv[1]).read_text(encoding="utf-8")).text)
