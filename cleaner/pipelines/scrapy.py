"""The cleaner as a Scrapy item pipeline.

One line in the settings of a project is enough:

    ITEM_PIPELINES = {"cleaner.pipelines.scrapy.CleanerPipeline": 300}

It takes injected lines out of the field `text` of every item: dicts, `Item`s, dataclasses, attrs and pydantic items
alike. Settings, all optional:

    CLEANER_MODE = "balanced"           which errors to prefer: "precision", "balanced" or "recall"
    CLEANER_FIELDS = ["text"]           fields to clean; a list of strings counts as one article, a paragraph each
    CLEANER_URL_FIELD = "url"           field with the address, for rules of single sites
    CLEANER_ALSO = []                   neutral categories to remove besides: "meta", "title"
    CLEANER_KEEP = []                   categories to leave
    CLEANER_RULES = []                  rule files of your own
    CLEANER_SIGHTINGS = None            a store of lines seen in other stories, read when the crawl starts
    CLEANER_LEARN = False               add the crawl's articles to that store; many crawlers may share it
    CLEANER_ANNOTATE = False            leave the text; only note in CLEANER_REMOVED_FIELD what would go
    CLEANER_REMOVED_FIELD = None        field that gets the removed pieces; with CLEANER_ANNOTATE it is "removed"
    CLEANER_DROP_IF_EMPTY = False       drop items of which nothing is left
    CLEANER_THREAD_FROM = 20_000        characters from which a text is cleaned in a thread, so that the crawl goes on

Counts are in the crawl's stats under `cleaner/`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from cleaner import Removal, Result
from cleaner.pipelines.options import Options, missing, removal_rows
from cleaner.sightings_store import Learner

try:
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem
    from scrapy.utils.asyncio import is_asyncio_available
    from scrapy.utils.defer import maybe_deferred_to_future
    from twisted.internet.defer import Deferred
except ImportError as error:
    raise missing("scrapy", error) from error

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

logger = logging.getLogger(__name__)
T = TypeVar("T")
NAMES = ("MODE", "FIELDS", "URL_FIELD", "ALSO", "KEEP", "RULES", "SIGHTINGS", "LEARN", "ANNOTATE", "REMOVED_FIELD")
KNOWN = frozenset(f"CLEANER_{name}" for name in (*NAMES, "DROP_IF_EMPTY", "THREAD_FROM"))


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a crawl that begin with `CLEANER_`. `learns` is the store to learn into, if any."""

    options: Options
    fields: tuple[str, ...] = ("text",)
    url_field: str = "url"
    annotate: bool = False
    removed_field: str | None = None
    drop_if_empty: bool = False
    thread_from: int = 20_000
    learns: Path | None = None

    @classmethod
    def read(cls, settings: BaseSettings) -> Settings:
        """Raises `ValueError` for settings that contradict each other, with what to do."""
        for name in sorted(str(key) for key in settings if str(key).startswith("CLEANER_")):
            if name not in KNOWN:
                logger.warning("%s is not a setting of the cleaner; known are %s", name, ", ".join(sorted(KNOWN)))
        store = settings.get("CLEANER_SIGHTINGS")
        learns = settings.getbool("CLEANER_LEARN")
        if learns and not store:
            raise ValueError("CLEANER_LEARN needs a store: set CLEANER_SIGHTINGS to the path of a file")
        annotate = settings.getbool("CLEANER_ANNOTATE")
        options = Options.of(
            settings.get("CLEANER_MODE", "balanced"),
            settings.getlist("CLEANER_ALSO"),
            settings.getlist("CLEANER_KEEP"),
            settings.getlist("CLEANER_RULES"),
            store if store and not (learns and not Path(store).exists()) else None,
        )
        return cls(
            options=options,
            fields=tuple(settings.getlist("CLEANER_FIELDS", ["text"])),
            url_field=settings.get("CLEANER_URL_FIELD", "url"),
            annotate=annotate,
            removed_field=settings.get("CLEANER_REMOVED_FIELD") or ("removed" if annotate else None),
            drop_if_empty=settings.getbool("CLEANER_DROP_IF_EMPTY"),
            thread_from=settings.getint("CLEANER_THREAD_FROM", 20_000),
            learns=Path(store) if learns else None,
        )


class CleanerPipeline:
    """Takes injected lines out of the text of items. See the module for its settings."""

    def __init__(self, settings: Settings, stats: StatsCollector) -> None:
        self._settings = settings
        self._stats = stats
        self._cleaner = settings.options.cleaner()
        # One thread: cleaning is work for the processor, and a store wants to be used from the thread that opened it.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cleaner")
        self._learner: Learner | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The pipeline for a crawl."""
        assert crawler.stats is not None
        return cls(Settings.read(crawler.settings), crawler.stats)

    async def open_spider(self) -> None:
        """Open the store to learn into, if the settings name one."""
        if self._settings.learns:
            self._learner = await self._in_thread(Learner, self._settings.learns)

    async def close_spider(self) -> None:
        """Write what was learned and settle the store."""
        if self._learner is not None:
            learner = self._learner
            await self._in_thread(learner.__exit__, None, None, None)
            self._stats.set_value("cleaner/learned", learner.added)
        self._thread.shutdown(wait=False)

    async def process_item(self, item: Any) -> Any:
        """The item with its text cleaned. Raises `DropItem` if nothing is left and the settings say so."""
        adapter = ItemAdapter(item)
        url = adapter.get(self._settings.url_field)
        url = url if isinstance(url, str) else None
        removed: list[dict[str, Any]] = []
        found = left = 0
        for name in self._settings.fields:
            value = adapter.get(name)
            parts = _parts(value)
            if parts is None:
                self._stats.inc_value("cleaner/fields_without_text")
                continue
            result = await self._clean("\n".join(parts), url)
            self._count(result)
            found += 1
            left += bool(result.text.strip())
            removed += [{"field": name, **row} for row in removal_rows(result.removed)]
            if result.removed and not self._settings.annotate:
                adapter[name] = _like(value, parts, result)
        if self._settings.removed_field and found:
            adapter[self._settings.removed_field] = removed
        if self._settings.drop_if_empty and found and not left:
            self._stats.inc_value("cleaner/dropped")
            raise DropItem(_why(removed, url))
        return item

    async def _clean(self, text: str, url: str | None) -> Result:
        if self._learner is not None:
            await self._in_thread(self._learner.add, text, url)
        if len(text) < self._settings.thread_from:
            return self._cleaner.clean(text, url)
        self._stats.inc_value("cleaner/in_thread")
        return await self._in_thread(self._cleaner.clean, text, url)

    def _count(self, result: Result) -> None:
        self._stats.inc_value("cleaner/articles")
        if result.warnings:
            self._stats.inc_value("cleaner/doubted")
        if result.removed:
            self._stats.inc_value("cleaner/changed")
            self._stats.inc_value("cleaner/removed", len(result.removed))
            for category, count in Counter(removal.category for removal in result.removed).items():
                self._stats.inc_value(f"cleaner/removed/{category}", count)

    def _in_thread(self, function: Callable[..., T], *arguments: Any) -> Awaitable[T]:
        """Call a function in the pipeline's own thread, whichever reactor runs the crawl."""
        future = self._thread.submit(function, *arguments)
        if is_asyncio_available():
            return asyncio.wrap_future(future)
        from twisted.internet import reactor  # importing it installs it, so not before the crawl runs

        deferred: Deferred[T] = Deferred()

        def fire() -> None:
            error = future.exception()
            if error is None:
                deferred.callback(future.result())
            else:
                deferred.errback(error)

        future.add_done_callback(lambda _: reactor.callFromThread(fire))
        return maybe_deferred_to_future(deferred)


def _parts(value: Any) -> Sequence[str] | None:
    """The paragraphs of a field: a string is one article, a list of strings too. None if it holds no text."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple) and value and all(isinstance(part, str) for part in value):
        return value
    return None


def _like(value: Any, parts: Sequence[str], result: Result) -> str | Sequence[str]:
    """The cleaned field, of the type that it had."""
    if isinstance(value, str):
        return result.text
    kept = keep_parts(parts, result.removed)
    return tuple(kept) if isinstance(value, tuple) else kept


def keep_parts(parts: Sequence[str], removed: Sequence[Removal]) -> list[str]:
    """What the removals leave of each part, when the parts joined by line endings were cleaned; emptied parts go."""
    kept: list[str] = []
    start = 0
    for part in parts:
        end = start + len(part)
        pieces, at = [], start
        for removal in removed:
            if removal.start < end and removal.end > at:
                pieces.append(part[at - start : max(removal.start, at) - start])
                at = min(removal.end, end)
        pieces.append(part[at - start :])
        left = "".join(pieces)
        if left.strip() or not part.strip():
            kept.append(left)
        start = end + 1
    return kept


def _why(removed: Sequence[dict[str, Any]], url: str | None) -> str:
    counts = Counter(row["category"] for row in removed)
    found = ", ".join(f"{count} {category}" for category, count in sorted(counts.items())) or "it was empty"
    return f"nothing is left of the text of {url or 'the item'}: {found}"
