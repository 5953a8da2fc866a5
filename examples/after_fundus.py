"""The cleaner after Fundus, whose parsers know the layout of each publisher.

python examples/after_fundus.py 10
"""

import sys
from collections.abc import Iterable, Iterator

from fundus import Article, Crawler, PublisherCollection

from cleaner import Cleaner

CLEANER = Cleaner()


def texts_of(articles: Iterable[Article]) -> Iterator[tuple[str, str]]:
    """Address and cleaned text of each article."""
    for article in articles:
        url = article.html.requested_url
        yield url, CLEANER.clean(article.plaintext or "", url).text


if __name__ == "__main__":
    for url, text in texts_of(Crawler(PublisherCollection.us).crawl(max_articles=int(sys.argv[1]))):
        print(url, text, sep="\n", end="\n\n")
