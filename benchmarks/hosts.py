"""Articles per second in the hosts: a Scrapy crawl with and without the step, datatrove, Arrow batches.

    python benchmarks/hosts.py 2>/dev/null      # all of them, some minutes, without the hosts' logs
    python benchmarks/hosts.py arrow sightings  # only these

Everything is generated and local. Processor time is told besides the time on the wall, which other work on the machine
lengthens. Where a host starts processes, their start and the making of a cleaner in each are in its figures.
`sightings` gives the rates for the estimate in docs/scale.md.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread

ARTICLES = 500
PARAGRAPHS = 18
ADVERTS = ("Advertisement", "Read more", "Subscribe to our newsletter", "Continue reading")
WORDS = """
the a of in on and to for with from council harbour bridge mayor school court river market report builder
engineer budget repair winter question answer meeting street house teacher doctor train station library
museum garden neighbour officer witness fire storm weather summer morning evening decision proposal vote
member party minister district county village town city plan project company worker union contract price
cost percent million year month week said told asked decided announced closed opened rebuilt found lost
began ended stayed moved returned explained
""".split()


def article(number: int, paragraphs: int = PARAGRAPHS) -> str:
    """An article of invented sentences, about 3,900 characters, with four injected lines at places that vary."""
    chance = random.Random(number)
    lines = []
    for _ in range(paragraphs):
        words = [chance.choice(WORDS) for _ in range(chance.randint(22, 40))]
        lines.append(f"{words[0].capitalize()} {' '.join(words[1:])} {number}.")
    for advert in ADVERTS:
        lines.insert(chance.randint(1, len(lines)), advert)
    return "\n".join(lines)


def page(number: int) -> str:
    """The same as a page."""
    paragraphs = "".join(f"<p>{line}</p>\n" for line in article(number).split("\n"))
    head = f"<head><title>{number}</title></head>"
    return f"<html>{head}<body><article><h1>{number}</h1>{paragraphs}</article></body></html>"


class Site(BaseHTTPRequestHandler):
    """A news site of `ARTICLES` pages."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """A front page with links, or an article."""
        if self.path.startswith("/index"):
            text = "".join(f'<a class="story" href="/{number}">{number}</a>' for number in range(ARTICLES))
        else:
            text = page(int(self.path.strip("/")))
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


CRAWL = """
import sys, time, scrapy
from scrapy import signals
from scrapy.crawler import CrawlerProcess
class News(scrapy.Spider):
    name = "news"
    def parse(self, response):
        yield from response.follow_all(css="a.story", callback=self.article)
    def article(self, response):
        yield {"url": response.url, "text": "\\n".join(response.css("article p::text").getall())}
pipelines = {"cleaner.pipelines.scrapy.CleanerPipeline": 300} if sys.argv[2] == "with" else {}
process = CrawlerProcess({"ITEM_PIPELINES": pipelines, "LOG_LEVEL": "ERROR", "CONCURRENT_REQUESTS": 16,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_DELAY": 0, "FEEDS": {sys.argv[3]: {"format": "jsonlines"}}})
crawler = process.create_crawler(News)
times = []
def scraped(item):
    times.append((time.perf_counter(), time.process_time()))
crawler.signals.connect(scraped, signal=signals.item_scraped)
process.crawl(crawler, start_urls=[sys.argv[1]])
process.start()
print(len(times) - 1, *(last - first for first, last in zip(times[0], times[-1])))
"""


class Clock:
    """Seconds on the wall and of processor time, of this process and of those that it started and saw end."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), self._used()

    @staticmethod
    def _used() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system

    def stop(self) -> tuple[float, float]:
        """The seconds since the clock was made."""
        return time.perf_counter() - self._wall, self._used() - self._processor


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """The seconds that it takes, on the wall and of processor time."""
    clock = Clock()
    work()
    return clock.stop()


def report(what: str, articles: int, seconds: tuple[float, float], whole: bool = True) -> None:
    """Print one figure; `whole` says that the processor time is known, other processes' included."""
    wall, processor = seconds
    rates = f"{articles / wall:,.0f} a second"
    if whole:
        rates += f", {articles / processor:,.0f} a second of processor time"
    print(f"{what:<56} {articles:>6,} articles in {wall:>6.1f} s: {rates}", flush=True)


def crawl_rates(folder: Path) -> None:
    """A crawl of a local site by one Scrapy process, the site being another process."""
    script = folder / "crawl.py"  # a file, for Scrapy reads the source of callbacks
    script.write_text(CRAWL)
    server = "import sys; sys.path.insert(0, sys.argv[1]); import hosts; hosts.serve()"
    site = subprocess.Popen(
        [sys.executable, "-c", server, str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert site.stdout is not None
        address = site.stdout.readline().strip()
        for step in ("without", "with"):
            done = subprocess.run(
                [sys.executable, str(script), f"{address}/index", step, str(folder / f"{step}.jsonl")],
                capture_output=True,
                text=True,
                check=True,
            )
            articles, wall, processor = done.stdout.split()[-3:]
            what = f"Scrapy {version('scrapy')}, {step} the step, from first item to last"
            report(what, int(articles), (float(wall), float(processor)))
    finally:
        site.terminate()


def serve() -> None:
    """Serve the site until the process is ended; prints its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    thread.join()


def datatrove_rates(folder: Path) -> None:
    """JSONL in, cleaned JSONL out, with one and two workers."""
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers.jsonl import JsonlWriter

    from cleaner.pipelines.datatrove import InjectedLineCleaner

    total = 4 * ARTICLES
    write_jsonl(folder / "in", total, files=4)
    runs = (
        (1, "reading and writing only"),
        (1, "with the step, start included"),
        (2, "with the step, start included"),
    )
    for number, (workers, what) in enumerate(runs):
        name = str(number)
        steps = [InjectedLineCleaner()] if number else []
        pipeline = [JsonlReader(str(folder / "in")), *steps, JsonlWriter(str(folder / f"out-{name}"))]
        logs = str(folder / f"logs-{name}")
        executor = LocalPipelineExecutor(pipeline, tasks=4, workers=workers, logging_dir=logs)
        seconds = timed(executor.run)
        label = f"datatrove {version('datatrove')}, {workers} worker{'s' * (workers > 1)}, {what}"
        report(label, total, seconds, workers == 1)


def arrow_rates(folder: Path) -> None:
    """Record batches of 500 rows, in one process."""
    import pyarrow as pa

    from cleaner.pipelines.arrow import TableCleaner, clean_batches

    table = pa.table({"text": [article(number) for number in range(ARTICLES)]})
    clean = TableCleaner()
    print(f"making a cleaner: {timed(clean.options.cleaner)[1]:.1f} s of processor time")
    batches = table.to_batches(max_chunksize=500)
    report(f"pyarrow {pa.__version__}, batches of 500", ARTICLES, timed(lambda: list(clean_batches(batches))))
    cleaner = clean.options.cleaner()
    texts = table["text"].to_pylist()
    report("Cleaner.clean, without a host", ARTICLES, timed(lambda: [cleaner.clean(text) for text in texts]))


def sightings_rates(folder: Path) -> None:
    """The three stages of sightings by themselves, from which docs/scale.md reckons."""
    import io

    from cleaner.pipelines.sightings_parts import (
        PartedSightings,
        PartWriter,
        count_part,
        read_part,
        write_table,
    )
    from cleaner.sightings_documents import Document, observe

    total = 40 * ARTICLES
    texts = [article(number) for number in range(total)]
    urls = [f"https://site{number % 50}.example/{number}" for number in range(total)]
    size = sum(map(len, texts))
    writer, file = PartWriter(0, 1), io.BytesIO()

    def count() -> None:
        for text, url in zip(texts, urls, strict=True):
            writer.add(observe(text, url).document, url)
        writer.write(file)

    seconds = timed(count)
    report("sightings, count", total, seconds)
    print(f"  {size / seconds[1] / 1e6:.1f} MB of text a second of processor time")
    print(f"  {file.tell() / size:.3f} bytes shuffled for each byte of text")
    found = []

    def documents() -> Iterator[Document]:
        file.seek(0)
        return read_part(file, 0)

    def merge() -> None:
        found.append(count_part(documents))

    report("sightings, merge", total, timed(merge))
    stored = io.BytesIO()
    write_table(stored, found[0], 0, 1)
    print(f"  {len(found[0].lines)} repeated lines of {found[0].stories} stories, {stored.tell()} bytes")
    stored.seek(0)
    parted = PartedSightings.read([stored])
    weigh = [text.split("\n") for text in texts[: 4 * ARTICLES]]
    report("sightings, weigh", len(weigh), timed(lambda: [parted.weigh(lines, urls[0]) for lines in weigh]))


def write_jsonl(folder: Path, total: int, files: int) -> None:
    """Articles in packed JSONL files."""
    folder.mkdir(parents=True)
    for at in range(files):
        rows: Iterator[str] = (json.dumps({"id": n, "text": article(n)}) for n in range(at, total, files))
        with gzip.open(folder / f"{at}.jsonl.gz", "wt", compresslevel=1) as file:
            file.writelines(f"{row}\n" for row in rows)


RATES = {"scrapy": crawl_rates, "datatrove": datatrove_rates, "arrow": arrow_rates, "sightings": sightings_rates}


def main(names: list[str]) -> None:
    """Measure the hosts of these names, all if there are none."""
    size = sum(len(article(number)) for number in range(100)) // 100
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, articles of {size:,} characters on average")
    for name in names or RATES:
        with tempfile.TemporaryDirectory() as folder:
            RATES[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
