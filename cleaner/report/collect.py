"""What a report needs to know of a run, gathered article by article in bounded memory.

Counts are exact. Of the articles themselves a sample stays: those whose names have the smallest hashes, of all
articles and of each category, so that the sample is the same in whatever order the articles come.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cleaner.judge import Reason
from cleaner.report.language import guess_language
from cleaner.result import Line, Removal, Result

LONGEST_SHOWN = 40_000  # characters of an article that the report shows
MOST_LISTED = 200  # failures and doubted articles that are listed by name
MOST_REASONS = 6  # of a removal; the rest adds little
MOST_SITES = 50_000  # different sites that are told apart

Explain = Callable[[str, str | None], Sequence[Line]]

# A word, or a sign of a script that writes without spaces.
_WORDS = re.compile(
    "[\u0e01-\u0e4e\u3041-\u30fa\u4e00-\u9fff]|[^\\W\u0e01-\u0e4e\u3041-\u30fa\u4e00-\u9fff]+(?:['’][^\\W_]+)*"
)


def count_words(text: str) -> int:
    """Words of `text`; of scripts without spaces, their signs."""
    return len(_WORDS.findall(text))


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """One article as the report sees it. Small enough to send between processes: reasons are the strongest few.

    `text` is the article as it came, no longer than `LONGEST_SHOWN`; `words` counts the whole. `page` says that it came
    out of HTML.
    """

    name: str
    record: int | None
    url: str | None
    language: str
    words: int
    text: str
    longer: bool
    removed: tuple[Removal, ...]
    warnings: tuple[str, ...]
    page: bool = False

    @classmethod
    def of(cls, where: Mapping[str, Any], result: Result) -> ArticleReport:
        """From a result. `where` says whose it is: `file`, and if known `record` (counted from 1) and `url`."""
        text = result.restore()
        url = where.get("url") or result.metadata.get("url")
        language = (result.metadata.get("language") or "")[:2].lower() or guess_language(text)
        shown = text[:LONGEST_SHOWN]
        return cls(
            str(where.get("file", "")),
            where.get("record"),
            str(url) if url else None,
            language,
            count_words(text),
            shown,
            len(shown) < len(text),
            tuple(replace(removal, reasons=_few(removal.reasons)) for removal in result.removed),
            result.warnings,
            bool(result.metadata),
        )

    @property
    def label(self) -> str:
        """The name as people know it."""
        return f"{self.name}, record {self.record}" if self.record else self.name

    @property
    def site(self) -> str:
        """The host of the address without `www.`, or empty."""
        try:
            host = urlsplit(self.url or "").hostname or ""
        except ValueError:
            return ""
        return host.removeprefix("www.")


def answerable(removal: Removal) -> tuple[str, str]:
    """The strongest rule that speaks for a removal, its id and sentence; else that no rule does."""
    rule = _strongest_rule(removal.reasons)
    if rule is not None:
        return rule.source.removeprefix("rule "), rule.says
    if any(reason.source == "sightings" for reason in removal.reasons):
        return "sightings", "stands in many articles"
    return "signals", "no rule answers; its form and place give it away"


def _strongest_rule(reasons: Sequence[Reason]) -> Reason | None:
    rules = [reason for reason in reasons if reason.source.startswith("rule ")]
    return max(rules, key=lambda reason: reason.weight, default=None)


def _few(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """The first few reasons, the strongest rule among them."""
    rule = _strongest_rule(reasons)
    first = tuple(reasons[:MOST_REASONS])
    return first if rule is None or rule in first else (*first[:-1], rule)


@dataclass(slots=True)
class Share:
    """What one category, language, site or rule accounts for. `says` is the sentence of a rule."""

    articles: int = 0
    lines: int = 0
    words: int = 0
    says: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """An article that could not be cleaned."""

    label: str
    reason: str


@dataclass
class RunReport:
    """Gathers a run; `write` makes the page. Not safe to share between threads: the one who collects results owns it.

    `settings` is shown on the page. `shown` articles are shown in full at most, and `each` of every category besides.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    shown: int = 250
    each: int = 15
    articles: int = 0
    changed: int = 0
    words: int = 0
    removed_lines: int = 0
    removed_words: int = 0
    doubts: int = 0
    failures: int = 0
    other_sites: bool = False
    categories: dict[str, Share] = field(default_factory=dict)
    languages: dict[str, Share] = field(default_factory=dict)
    sites: dict[str, Share] = field(default_factory=dict)
    rules: dict[str, Share] = field(default_factory=dict)
    doubted: list[str] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _heaps: dict[str, list[tuple[int, int, ArticleReport]]] = field(default_factory=dict, repr=False)

    def add(self, article: ArticleReport) -> None:
        """Count an article in."""
        self.articles += 1
        self.changed += bool(article.removed)
        self.words += article.words
        if article.warnings:
            self.doubts += 1
            if len(self.doubted) < MOST_LISTED:
                self.doubted.append(article.label)
        self._count(article)
        self._sample(article)

    def fail(self, label: str, reason: str) -> None:
        """Count an article or file that could not be cleaned."""
        self.failures += 1
        if len(self.failed) < MOST_LISTED:
            self.failed.append(Failed(label, reason))

    def note(self, sentence: str) -> None:
        """Something that a reader of the page should know, such as that a run was resumed."""
        self.notes.append(sentence)

    def sample(self) -> list[ArticleReport]:
        """The articles that are shown in full, in the order in which they came."""
        found = {sequence: article for heap in self._heaps.values() for _, sequence, article in heap}
        return [found[sequence] for sequence in sorted(found)]

    def write(self, path: Path | str, explain: Explain | None = None) -> None:
        """Write the page to `path`, whole or not at all.

        `explain` (that of a cleaner) is asked about the articles that are shown, for what is said of kept lines.
        Raises `ReportError` if Jinja2 is not installed, `OSError` if the file cannot be written.
        """
        from cleaner.report.page import write_page

        write_page(self, Path(path), explain)

    def _count(self, article: ArticleReport) -> None:
        lines = len(article.removed)
        words = 0
        for removal in article.removed:
            size = count_words(removal.text)
            words += size
            _add(self.categories, removal.category, 0, 1, size)
            name, says = answerable(removal)
            _add(self.rules, name, 0, 1, size).says = says
        for category in {removal.category for removal in article.removed}:
            self.categories[category].articles += 1
        self.removed_lines += lines
        self.removed_words += words
        _add(self.languages, article.language, 1, lines, words)
        site = article.site
        if site not in self.sites and len(self.sites) >= MOST_SITES:
            self.other_sites = True
            return
        if site:
            _add(self.sites, site, 1, lines, words)

    def _sample(self, article: ArticleReport) -> None:
        digest = blake2b(f"{article.name}\0{article.record}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
        entry = (-int.from_bytes(digest, "big"), self.articles, article)
        kinds = Counter(removal.category for removal in article.removed)
        self._keep("any", entry, self.shown)
        for kind in kinds:
            self._keep(kind, entry, self.each)
        if article.warnings:
            self._keep("doubted", entry, self.each)

    def _keep(self, kind: str, entry: tuple[int, int, ArticleReport], most: int) -> None:
        heap = self._heaps.setdefault(kind, [])
        if len(heap) < most:
            heapq.heappush(heap, entry)
        elif heap and entry > heap[0]:
            heapq.heapreplace(heap, entry)


def _add(shares: dict[str, Share], name: str, articles: int, lines: int, words: int) -> Share:
    share = shares.setdefault(name, Share())
    share.articles += articles
    share.lines += lines
    share.words += words
    return share
