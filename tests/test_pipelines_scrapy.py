"""The Scrapy pipeline: items of every kind, settings, and whole crawls of a local site by a real Scrapy."""

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

pytest.importorskip("scrapy")

import attrs
import pydantic
import scrapy
from pipeline_world import ADVERTS, STORIES, news_site, story
from scrapy.exceptions import DropItem
from scrapy.utils.test import get_crawler

from cleaner.pipelines.scrapy import CleanerPipeline, keep_parts
from cleaner.sightings import Sightings
from cleaner.sightings_store import Learner, load

ROOT = Path(__file__).parent.parent
STORY = story(7)


class ClassicItem(scrapy.Item):
    url = scrapy.Field()
    text = scrapy.Field()


@dataclass
class DataItem:
    text: str
    url: str = ""


@attrs.define
class AttrsItem:
    text: str
    url: str = ""


class PydanticItem(pydantic.BaseModel):
    text: str
    url: str = ""


def pipeline(**settings):
    crawler = get_crawler(settings_dict={f"CLEANER_{name}": value for name, value in settings.items()})
    made = CleanerPipeline.from_crawler(crawler)
    return made, crawler.stats


def process(item, **settings):
    made, stats = pipeline(**settings)

    async def run():
        await made.open_spider()
        try:
            return await made.process_item(item)
        finally:
            await made.close_spider()

    return asyncio.run(run()), stats


@pytest.mark.parametrize("kind", [dict, ClassicItem, DataItem, AttrsItem, PydanticItem])
def test_every_kind_of_item_is_cleaned(kind):
    item, stats = process(kind(text=STORY.text, url="https://news.example/7"))
    assert isinstance(item, kind)
    text = item["text"] if isinstance(item, dict | ClassicItem) else item.text
    assert text == STORY.cleaned
    assert stats.get_value("cleaner/articles") == stats.get_value("cleaner/changed") == 1
    assert stats.get_value("cleaner/removed") == len(ADVERTS)
    assert stats.get_value("cleaner/removed/ad") == 1


def test_a_list_of_paragraphs_stays_a_list():
    item, _ = process({"text": list(STORY.lines)})
    assert item["text"] == list(STORY.body)


def test_parts_keep_what_no_removal_touches():
    assert keep_parts(["one", "", "two\nlines"], ()) == ["one", "", "two\nlines"]


def test_several_fields_by_name():
    item, _ = process({"title": "Roof", "body": STORY.text, "raw": STORY.text}, FIELDS="body,summary")
    assert item["body"] == STORY.cleaned
    assert item["raw"] == STORY.text


def test_removed_pieces_can_be_put_back():
    item, _ = process({"text": STORY.text}, REMOVED_FIELD="gone")
    assert [row["text"].strip() for row in item["gone"]] == [line for line in STORY.lines if line in ADVERTS]
    assert all(row["field"] == "text" and row["reasons"][0]["says"] for row in item["gone"])
    assert json.loads(json.dumps(item["gone"])) is not None


def test_annotate_leaves_the_text():
    item, _ = process({"text": STORY.text}, ANNOTATE=True)
    assert item["text"] == STORY.text
    assert item["removed"]
    assert all(STORY.text[row["start"] : row["end"]] == row["text"] for row in item["removed"])


def test_keep_leaves_a_category():
    item, _ = process({"text": STORY.text}, KEEP="newsletter")
    assert "Subscribe to our newsletter" in item["text"]
    assert "Advertisement" not in item["text"]


def test_an_item_without_text_passes():
    item, stats = process({"image": "harbour.jpg"}, DROP_IF_EMPTY=True)
    assert item == {"image": "harbour.jpg"}
    assert stats.get_value("cleaner/fields_without_text") == 1


def test_an_emptied_item_is_dropped_with_its_reason():
    with pytest.raises(DropItem, match=r"nothing is left of the text of https://news.example/1: 1 ad, 1 stub"):
        process({"text": "Advertisement\nRead more", "url": "https://news.example/1"}, DROP_IF_EMPTY=True)
    item, _ = process({"text": "Advertisement\nRead more"})
    assert item["text"].strip() == ""


def test_a_long_text_does_not_stop_the_crawl():
    long = "\n".join(one.text for one in STORIES)
    made, stats = pipeline(THREAD_FROM=1000)
    ticks = []

    async def tick():
        while True:
            ticks.append(time.monotonic())
            await asyncio.sleep(0.005)

    async def run():
        ticking = asyncio.create_task(tick())
        await asyncio.sleep(0)
        before = len(ticks)
        item = await made.process_item({"text": long})
        ticking.cancel()
        return item, len(ticks) - before

    item, ticked = asyncio.run(run())
    assert item["text"] == "\n".join(one.cleaned for one in STORIES)
    assert stats.get_value("cleaner/in_thread") == 1
    assert ticked > 2


def test_settings_that_contradict_are_refused_and_unknown_ones_named(caplog):
    with pytest.raises(ValueError, match="CLEANER_LEARN needs a store"):
        pipeline(LEARN=True)
    with pytest.raises(ValueError, match="unknown mode"):
        pipeline(MODE="brutal")
    pipeline(MOED="recall")
    assert "CLEANER_MOED is not a setting of the cleaner" in caplog.text


def test_a_store_of_sightings_is_used_and_learned_into(tmp_path):
    store = tmp_path / "seen.db"
    pitch = "You can keep your family safe tonight with the amazing Lumitorch pocket lantern."
    with Learner(store) as learner:
        for one in STORIES[:40]:
            learner.add(f"{one.cleaned}\n{pitch}", f"https://news.example{one.path}")
    item, _ = process({"text": f"{STORIES[60].cleaned}\n{pitch}"}, SIGHTINGS=str(store), LEARN=True)
    assert item["text"].strip() == STORIES[60].cleaned
    assert load(store).stories == 41


CRAWL = """
import json, sys
sys.path.insert(0, "examples")
from scrapy_news import crawl
stats = crawl(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))
print(json.dumps({name: value for name, value in stats.items() if name.startswith(("cleaner", "item_", "log_count"))}))
"""


def start_crawl(address, output, **settings):
    return subprocess.Popen(
        [sys.executable, "-c", CRAWL, address, str(output), json.dumps(settings)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(crawl):
    out, errors = crawl.communicate(timeout=120)
    assert crawl.returncode == 0, errors
    return json.loads(out.splitlines()[-1])


def read(path):
    return {int(Path(row["url"]).stem): row for row in map(json.loads, path.read_text().splitlines())}


def test_a_crawl_of_two_hundred_pages(tmp_path):
    with news_site() as address:
        stats = finish(start_crawl(f"{address}/index-0-200", tmp_path / "out.jsonl"))
    rows = read(tmp_path / "out.jsonl")
    assert {number: row["text"] for number, row in rows.items()} == {one.number: one.cleaned for one in STORIES}
    assert all(len(row["removed"]) == len(ADVERTS) for row in rows.values())
    assert stats["item_scraped_count"] == stats["cleaner/articles"] == stats["cleaner/changed"] == 200
    assert stats["cleaner/removed"] == 600
    assert "log_count/ERROR" not in stats


def test_two_crawlers_learn_into_one_store_without_asyncio(tmp_path):
    """On the other kind of reactor, so that both are proven."""
    store = tmp_path / "seen.db"
    settings = {
        "CLEANER_SIGHTINGS": str(store),
        "CLEANER_LEARN": True,
        "CLEANER_THREAD_FROM": 100,
        "TWISTED_REACTOR": "twisted.internet.selectreactor.SelectReactor",
    }
    with news_site() as address:
        crawls = [
            start_crawl(f"{address}/index-{first}-{first + 60}", tmp_path / f"{first}.jsonl", **settings)
            for first in (0, 60)
        ]
        stats = [finish(crawl) for crawl in crawls]
        expected = Sightings.count((one.text, f"{address}{one.path}", None) for one in STORIES[:120])
    rows = read(tmp_path / "0.jsonl") | read(tmp_path / "60.jsonl")
    assert {number: row["text"] for number, row in rows.items()} == {one.number: one.cleaned for one in STORIES[:120]}
    assert [one["cleaner/learned"] for one in stats] == [60, 60]
    assert [one["cleaner/in_thread"] for one in stats] == [60, 60]
    assert load(store).stories == expected.stories
