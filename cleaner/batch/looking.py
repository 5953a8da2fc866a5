"""A first look at all articles of a run, before any is cleaned, for the lines that stand in many of them.

What comes of it does not depend on the order of the files or the number of workers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import date
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from cleaner.batch.inputs import Inputs, Source
from cleaner.batch.jobs import ArticleJob, Done, Item, Job, NoCleaner, Recipe, RecordJob
from cleaner.batch.tasks import Plan, Position, Task, tasks
from cleaner.batch.workers import Pool
from cleaner.files.articles import read_article
from cleaner.files.fields import Fields, dig, name_of
from cleaner.files.names import Form
from cleaner.files.streams import Limits
from cleaner.page import read_page
from cleaner.sightings import FEWEST_IN_ALL, Sightings
from cleaner.sightings_documents import Observation, observe, observe_lines


@dataclass(frozen=True, slots=True)
class Look:
    """What workers are told when they only look: see `Works`. `day` is noted as that of the sighting."""

    limits: Limits = field(default_factory=Limits)
    day: date | None = None
    warm: str = "cleaner.batch.looking"
    errors_inline: bool = False

    def begin(self) -> Callable[[Job], Done]:
        """See `Works`."""
        return partial(_look, limits=self.limits, day=self.day)


def _look(job: Job, limits: Limits, day: date | None) -> Done:
    """What the articles of a job consist of. One that cannot be read says nothing; cleaning will report it."""
    done = Done([None], [None])
    articles = _in_files(job, limits, day) if isinstance(job, ArticleJob) else _in_records(job, day)
    for article in articles:
        try:
            done.seen.append(article())
        except Exception:
            done.totals.failed += 1
        done.totals.articles += 1
    return done


def _in_files(job: ArticleJob, limits: Limits, day: date | None) -> Iterator[Callable[[], Observation]]:
    for item in job.items:
        yield partial(_in_file, item, limits, day)


def _in_file(item: Item, limits: Limits, day: date | None) -> Observation:
    file = read_article(item.path, item.form, limits)
    folder = PurePosixPath(item.name).parts[:-1]  # often one for each site
    site = folder[0] if folder else None
    if file.page:
        return _in_page(file.data, None, site, day)
    return observe(file.text, None, site, day)


def _in_page(page: str | bytes, url: str | None, site: str | None, day: date | None) -> Observation:
    blocks = read_page(page, url).article.blocks
    return observe_lines([block.text for block in blocks], url, site, day)


def _in_records(job: RecordJob, day: date | None) -> Iterator[Callable[[], Observation]]:
    fields = job.layout.fields
    for raw in job.raws:
        if not raw.number:
            continue
        try:
            rows = job.layout.records(raw)
        except Exception:  # cleaning will report it
            continue
        for row in rows:
            yield partial(_in_record, row, fields, day)


def _in_record(row: dict[str, Any], fields: Fields, day: date | None) -> Observation:
    url = name_of(row, fields.url)
    body = dig(row, fields.source)
    if fields.html and isinstance(body, str | bytes):
        return _in_page(body, url, None, day)
    if not isinstance(body, str):
        raise TypeError("no text")
    return observe(body, url, day=day)


def observations(
    inputs: Iterable[Source],
    fields: Fields,
    look: Look,
    workers: int,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Observation]:
    """What every article of the inputs consists of, in their order; fewer if `stop` says so."""
    # What a table would be written as does not matter here, so the output form is the one that any record fits.
    plan = Plan(Recipe(NoCleaner(), limits=look.limits), fields, lambda form: Form("jsonl"))
    feed = _Feed(tasks(inputs, plan, Position()))
    for _, done in Pool(look, workers, timeout=0).run(feed, stop):
        if done is not None:
            yield from done.seen


class _Feed:
    source = None

    def __init__(self, found: Iterator[Task]) -> None:
        self.found = found

    def take(self) -> Task:
        return next(self.found)


def digest(table: Sightings) -> str:
    """What a table says, in short: two runs with the same digest saw the same lines as often."""
    lines = sorted((key, astuple(seen)) for key, seen in table.lines.items())
    return hashlib.sha256(repr((table.stories, lines)).encode()).hexdigest()[:16]


def worth_a_look(inputs: Inputs) -> bool:
    """Whether there are enough articles for repeated lines to say anything."""
    number = 0
    for source in inputs:
        if source.problem:
            continue
        number += 1
        if not source.form.single or number >= FEWEST_IN_ALL:
            return True
    return False
