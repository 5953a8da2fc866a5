"""A crawl that keeps articles without their injected lines.

    python examples/scrapy_news.py https://news.example/ articles.jsonl

The spider knows nothing of the cleaner: one line of `ITEM_PIPELINES` does it.
"""

import sys
from collections.abc import Iterator
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response


class NewsSpider(scrapy.Spider):
    """Follows the links of a front page to its articles."""

    name = "news"

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Any]:
        """The front page: its links to articles."""
        yield from response.follow_all(css="a.story", callback=self.parse_article)

    def parse_article(self, response: Response) -> Iterator[dict[str, Any]]:
        """An article: its paragraphs, with whatever was injected between them."""
        paragraphs = response.css("article p::text").getall()
        yield {"url": response.url, "title": response.css("h1::text").get(), "text": "\n".join(paragraphs)}


def crawl(start: str, output: str, settings: dict[str, Any] | None = None) -> Any:
    """Crawl from one page into a JSONL file; gives the crawl's stats."""
    process = CrawlerProcess(
        {
            "ITEM_PIPELINES": {"cleaner.pipelines.scrapy.CleanerPipeline": 300},
            "CLEANER_REMOVED_FIELD": "removed",
            "FEEDS": {output: {"format": "jsonlines", "overwrite": True}},
            "LOG_LEVEL": "WARNING",
            "ROBOTSTXT_OBEY": False,
            **(settings or {}),
        }
    )
    crawler = process.create_crawler(NewsSpider)
    process.crawl(crawler, start_urls=[start])
    process.start()
    assert crawler.stats is not None
    return crawler.stats.get_stats()


if __name__ == "__main__":
    stats = crawl(sys.argv[1], sys.argv[2])
    print(f"{stats.get('cleaner/articles', 0)} articles, {stats.get('cleaner/removed', 0)} lines removed")
