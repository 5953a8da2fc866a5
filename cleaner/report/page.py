"""The page: what was gathered, laid out for the template."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.compiled import shipped_rulebook
from cleaner.folding import fold
from cleaner.judge import Reason
from cleaner.listing import CLOSE
from cleaner.report.collect import MOST_LISTED, ArticleReport, Explain, RunReport, Share, answerable
from cleaner.report.language import NAMES
from cleaner.result import Line, Removal
from cleaner.rules import CATEGORIES, NEUTRAL
from cleaner.safe_write import write_whole

TOP = 15  # sites and rules shown in the tables
SHOWN_REASONS = 6
LONGEST_NEUTRAL = 300  # characters of a byline or caption
INSTALL = "pip install 'article-cleaner[report]'"

_LINES = re.compile(r"[^\r\n]+")


class ReportError(ValueError):
    """The report cannot be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line: kept, or removed with the rest of `removal`."""

    text: str
    removal: Removal | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of an article on the page. `state` is removed, cut, neutral, close or kept; `reasons` go in its note."""

    number: int
    state: str
    category: str
    pieces: tuple[Piece, ...]
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article on the page; `rules` are what removed its lines."""

    article: ArticleReport
    lines: tuple[ShownLine, ...]
    categories: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def state(self) -> str:
        """What the filter of states calls it."""
        if self.article.warnings:
            return "doubted"
        return "changed" if self.article.removed else "unchanged"


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a chart: `percent` is the bar's length, 100 that of the longest."""

    name: str
    label: str
    share: Share
    percent: float


def check_ready() -> None:
    """Raise `ReportError` if Jinja2 is not installed: better before a long run than behind it."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise ReportError(f"the report needs Jinja2; install it with: {INSTALL}") from error


def write_page(run: RunReport, path: Path, explain: Explain | None = None) -> None:
    """Write the page of `run` to `path`, whole or not at all."""
    write_whole(path, render(run, explain).encode("utf-8", "backslashreplace"))


def render(run: RunReport, explain: Explain | None = None, now: datetime | None = None) -> str:
    """The page as HTML. `now` is the time that it shows."""
    check_ready()
    from jinja2 import Environment, StrictUndefined

    style, script = _part("style.css"), _part("script.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["number"] = lambda value: f"{value:,}"
    sample = [shown_article(article, explain) for article in run.sample()]
    return environment.from_string(_part("page.html.jinja")).render(
        run=run,
        sample=sample,
        sampled=len(sample) < run.articles,
        categories=bars(run.categories, {name: name for name in run.categories}),
        languages=bars(run.languages, NAMES),
        sites=bars(run.sites, {name: name for name in run.sites}, TOP),
        rules=bars(run.rules, {name: name for name in run.rules}, TOP),
        known=[name for name in CATEGORIES if name in run.categories],
        names=NAMES,
        listed=MOST_LISTED,
        settings=_settings(run.settings),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
        now=(now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC"),
    )


def _settings(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
        for name, value in settings.items()
        if value
    ]


def _part(name: str) -> str:
    return (resources.files("cleaner.report") / name).read_text(encoding="utf-8")


def _hash(source: str) -> str:
    """What the page's Content-Security-Policy calls an inline style or script."""
    return f"'sha256-{base64.b64encode(sha256(source.encode()).digest()).decode()}'"


def bars(shares: Mapping[str, Share], labels: Mapping[str, str], most: int = 0) -> list[Bar]:
    """The rows of a chart by removed lines, the longest first; those behind the first `most` are left out."""
    ordered = sorted(shares.items(), key=lambda item: (-item[1].lines, -item[1].articles, item[0]))
    longest = max((share.lines for _, share in ordered), default=0) or 1
    rows = [Bar(name, labels.get(name, name), share, round(100 * share.lines / longest, 2)) for name, share in ordered]
    return rows[:most] if most else rows


def shown_article(article: ArticleReport, explain: Explain | None = None) -> ShownArticle:
    """An article laid out line by line."""
    # What the markup of a page said is gone with it, so that of pages only the removals can be explained.
    silent = article.longer or article.page
    known: Sequence[Line] = () if silent or explain is None else explain(article.text, article.url)
    rules = {answerable(removal)[0] for removal in article.removed}
    categories = {removal.category for removal in article.removed}
    return ShownArticle(article, tuple(_lines(article, known)), tuple(sorted(categories)), tuple(sorted(rules)))


def _lines(article: ArticleReport, known: Sequence[Line]) -> Iterator[ShownLine]:
    text = article.text
    verdicts = iter(known)
    verdict: Line | None = None
    following = next(verdicts, None)
    number, counted = 1, 0
    for match in _LINES.finditer(text):
        number += _endings(text[counted : match.start()])
        counted = match.start()
        if match.group().isspace():
            continue
        while following is not None and following.number <= number:
            verdict, following = following, next(verdicts, None)
        yield _line(number, match.start(), match.group(), article.removed, verdict)


def _endings(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _line(start: int, begin: int, text: str, removed: Sequence[Removal], verdict: Line | None) -> ShownLine:
    pieces = tuple(_pieces(text, begin, removed))
    gone = [piece.removal for piece in pieces if piece.removal is not None]
    if gone:
        whole = all(piece.removal is not None or piece.text.isspace() for piece in pieces)
        first = gone[0]
        state = "removed" if whole else "cut"
        return ShownLine(start, state, first.category, pieces, first.score, first.reasons[:SHOWN_REASONS])
    neutral = _neutral(text)
    if neutral:
        return ShownLine(start, "neutral", neutral, pieces, 0.0, ())
    if verdict is None:
        return ShownLine(start, "kept", "", pieces, 0.0, ())
    if verdict.verdict == "kept" and verdict.score > -CLOSE:
        return ShownLine(start, "close", "", pieces, verdict.score, verdict.reasons[:SHOWN_REASONS])
    return ShownLine(start, "kept", "", pieces, verdict.score, ())


def _neutral(text: str) -> str:
    """The neutral category (byline, caption, title) of a line that only rules for such lines answer to; else empty."""
    if len(text) > LONGEST_NEUTRAL:
        return ""
    rules = shipped_rulebook().match(fold(text))
    return rules[0].category if rules and all(rule.category in NEUTRAL for rule in rules) else ""


def _pieces(text: str, begin: int, removed: Sequence[Removal]) -> Iterator[Piece]:
    """A line cut at the edges of what was removed from it."""
    at, end = begin, begin + len(text)
    for removal in removed:
        if removal.end <= at or removal.start >= end:
            continue
        if removal.start > at:
            yield Piece(text[at - begin : removal.start - begin])
        start, at = max(removal.start, at), min(removal.end, end)
        yield Piece(text[start - begin : at - begin], removal)
    if at < end:
        yield Piece(text[at - begin :])
