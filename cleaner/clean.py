"""The one place that removes: text in, kept text and removals out, and the way back."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .article import Article, Block
from .compiled import shipped_rulebook
from .judge import MODES, Judge, Known, Reason, Seen, Verdict, Weights, shipped_weights
from .rules import CATEGORIES, INJECTED, NEUTRAL, Rulebook, read_rules
from .weigh import shipped_page_weights, weigh

if TYPE_CHECKING:  # pages need lxml and trafilatura, which plain text must not wait for
    from .page import Page
    from .selectors import Pruner

_LINE_BREAK = re.compile(r"\r\n?|\n")
MOST_ROUNDS = 12  # taking a line out shows others in a new light; ordinary articles settle after one or two rounds
DOUBT_SHARE = 0.5  # share of the characters from which the cleaner doubts itself
PAGE_DOUBT_SHARE = 0.9  # the same for pages, whose markup is better evidence than words alone
DOUBT_PROSE = 600  # characters of prose left from which there is an article, whatever stood around it


@dataclass(frozen=True, slots=True)
class Removal:
    """One piece that was taken out: `text` is `input[start:end]`, `line` its first line, counted from 1.

    The span covers the line endings and blank lines that went with it, so the removals and the kept text together are
    the input. `score` is log-odds beyond the mode's threshold.
    """

    start: int
    end: int
    line: int
    text: str
    category: str
    score: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What `Cleaner.clean` gives back."""

    text: str
    removed: tuple[Removal, ...] = ()
    warnings: tuple[str, ...] = ()
    metadata: Mapping[str, str | None] = field(default_factory=dict)

    def restore(self) -> str:
        """The input, character for character."""
        return restore(self.text, self.removed)


@dataclass(frozen=True, slots=True)
class Line:
    """One block of an article as `explain` shows it. `verdict` is kept, removed, or cut (a fragment went)."""

    number: int
    text: str
    verdict: str
    category: str
    score: float
    reasons: tuple[Reason, ...]


def restore(text: str, removed: Iterable[Removal]) -> str:
    """Put `removed` back into the kept `text`; the inverse of `Cleaner.clean`."""
    pieces, at, taken = [], 0, 0
    for removal in sorted(removed, key=lambda removal: removal.start):
        upto = removal.start - taken
        pieces.append(text[at:upto])
        pieces.append(removal.text)
        at = upto
        taken += removal.end - removal.start
    pieces.append(text[at:])
    return "".join(pieces)


class Cleaner:
    """Takes injected lines out of article text. Immutable, picklable, safe to share between threads.

    mode: "precision" (rather leave an advert), "balanced", or "recall" (rather lose a doubtful line).
    also: neutral categories to remove besides ("meta", "title"); keep: categories to leave.
    rules: rule files of your own, read after the shipped ones. sightings: see `sightings.py`.
    Raises `ValueError` for an unknown mode or category, `RuleError` for a rule file that cannot be used.
    """

    def __init__(
        self,
        mode: str = "balanced",
        also: Iterable[str] = (),
        keep: Iterable[str] = (),
        rules: Iterable[str | Path] = (),
        sightings: Seen | None = None,
        *,
        rulebook: Rulebook | None = None,
        weights: Weights | None = None,
    ) -> None:
        if mode not in MODES:
            raise ValueError(f"unknown mode {mode!r}; choose one of {', '.join(MODES)}")
        also, keep = _categories(also), _categories(keep)
        self.mode = mode
        self._removes = (frozenset(INJECTED) | frozenset(also)) - frozenset(keep)
        own = [rule for path in rules for rule in read_rules(path)]
        self._rulebook = rulebook or shipped_rulebook().adding(own)
        self._judge = Judge(self._rulebook, weights or shipped_weights(), mode, self._removes, sightings)
        self._page_removes = (self._removes | frozenset(NEUTRAL)) - frozenset(keep)
        self._page_judge = Judge(self._rulebook, weights or shipped_weights(), mode, self._page_removes, sightings)
        if self._rulebook.selector_rules:
            _ = self._pruner  # a selector of the user's that cannot be read is an error now, not at the first page

    @cached_property
    def _pruner(self) -> Pruner:
        from .selectors import Pruner, shipped_selector_rules

        return Pruner([*shipped_selector_rules(), *self._rulebook.selector_rules])

    def clean(self, text: str, url: str | None = None) -> Result:
        """Take the injected lines out of `text`. `url` lets rules for single sites answer; nothing is fetched."""
        removed: list[Removal] = []
        warnings: tuple[str, ...] = ()
        kept = text
        known: Known = {}
        for _ in range(MOST_ROUNDS):
            article = Article.from_text(kept, url)
            more, warnings_now = self._removals(article, self._judge.judge(article, known=known))
            warnings = warnings or warnings_now
            if not more:
                return Result(kept, tuple(removed), warnings)
            kept = cut(kept, more)
            removed = merge(removed, more, text)
        return Result(text, (), ("the text does not settle: left as it was",))

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        """Find the article in a page or a fragment of one and take the injected lines out of it.

        `text` is the body, one block a line; headline, byline, dates and captions go too, unless `keep` names "title"
        or "meta". The offsets of `removed` are those of all that was extracted or recovered. `metadata` holds title,
        author, date, site, language and url. With `keep_markup` the text is Markdown. `url` helps; nothing is fetched.
        """
        page = self._read(html, url, keep_markup)
        article = page.article
        removals, warnings = self._removals(article, self._page_verdicts(article), PAGE_DOUBT_SHARE)
        text = cut(article.text, removals)
        if keep_markup:
            text = _markdown(page, removals)
        return Result(text, tuple(removals), (*page.warnings, *warnings), page.metadata)

    def explain_html(self, html: str | bytes, url: str | None = None) -> list[Line]:
        """Every block of a page's article with its verdict, score and reasons; the pruned containers come first."""
        page = self._read(html, url)
        lines = [
            Line(
                0,
                pruned.text,
                "removed",
                pruned.rule.category,
                pruned.rule.weight,
                (Reason(f"rule {pruned.rule.id}", pruned.rule.says, pruned.rule.weight),),
            )
            for pruned in page.pruned
            if pruned.text
        ]
        for verdict in self._page_verdicts(page.article, explain=True):
            state = "removed" if verdict.removed else "kept"
            lines.append(
                Line(
                    verdict.block.line,
                    verdict.block.text,
                    state,
                    verdict.category if verdict.removed else "",
                    verdict.score,
                    verdict.reasons,
                )
            )
        return lines

    def _read(self, html: str | bytes, url: str | None, marked: bool = False) -> Page:
        from .page import read_page

        return read_page(html, url, self._pruner, self._page_removes, marked)

    def _page_verdicts(self, article: Article, explain: bool = False) -> list[Verdict]:
        weights = shipped_page_weights()
        verdicts = self._page_judge.judge(article, explain)
        weighed = [weigh(verdict, weights, self.mode, self._page_removes, explain) for verdict in verdicts]
        return [
            replace(verdict, removed=False)
            if verdict.removed and self._page_judge.spares(verdict.block, article)
            else verdict
            for verdict in weighed
        ]

    def explain(self, text: str, url: str | None = None) -> list[Line]:
        """Every block of `text` with its verdict, score and reasons, strongest first."""
        result = self.clean(text, url)
        article = Article.from_text(text, url)
        gone = [(removal.start, removal.end, removal) for removal in result.removed]
        lines = []
        for verdict in self._judge.judge(article, explain=True):
            block = verdict.block
            inside = [removal for start, end, removal in gone if start < block.end and end > block.start]
            whole = sum(min(r.end, block.end) - max(r.start, block.start) for r in inside) >= block.end - block.start
            state = "removed" if inside and whole else "cut" if inside else "kept"
            category = inside[0].category if inside else verdict.category
            score = verdict.score if not whole or verdict.score > 0 or not inside else inside[0].score
            reasons = verdict.reasons if state != "cut" else (*inside[0].reasons, *verdict.reasons)
            lines.append(Line(block.line, block.text, state, category if inside else "", score, reasons))
        return lines

    def _removals(
        self, article: Article, verdicts: list[Verdict], doubt: float = DOUBT_SHARE
    ) -> tuple[list[Removal], tuple[str, ...]]:
        warnings: tuple[str, ...] = ()
        if _doubtful(verdicts, doubt):
            warnings = ("most of the text looked injected: only what a rule is certain of was removed",)
            verdicts = [verdict for verdict in verdicts if verdict.certain or not verdict.removed]
        gone = {verdict.block.index: verdict for verdict in verdicts if verdict.removed}
        removals = _block_removals(article, gone)
        if self._rulebook.may_cut(article.flat):
            for block in article.blocks:
                if block.index not in gone:
                    removals.extend(self._cuts(article, block))
        return sorted(removals, key=lambda removal: removal.start), warnings

    def _cuts(self, article: Article, block: Block) -> list[Removal]:
        text = article.text
        cuts: list[Removal] = []
        for first, last, rule in self._rulebook.spans(article.flat[block.start : block.end]):
            if rule.category not in self._removes:
                continue
            start, end = _tidy(text, block, block.start + first, block.start + last)
            if cuts and start < cuts[-1].end:
                continue
            reason = Reason(f"rule {rule.id}", rule.says, rule.weight or 20.0)
            cuts.append(Removal(start, end, block.line, text[start:end], rule.category, reason.weight, (reason,)))
        return [] if cuts and self._judge.spares(block, article) else cuts


def _categories(names: Iterable[str]) -> tuple[str, ...]:
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if name not in CATEGORIES:
            raise ValueError(f"unknown category {name!r}; known are {', '.join(CATEGORIES)}")
    return names


def _doubtful(verdicts: Sequence[Verdict], share: float) -> bool:
    """Whether so much would go on mere likelihood, and so little prose be left, that the judge must be wrong here."""
    total = going = prose = 0
    for verdict in verdicts:
        if verdict.certain:
            continue
        size = len(verdict.block.text)
        total += size
        going += size if verdict.removed else 0
        prose += size if verdict.prose and not verdict.removed else 0
    return going > share * total and prose < DOUBT_PROSE


def _block_removals(article: Article, gone: Mapping[int, Verdict]) -> list[Removal]:
    removals: list[Removal] = []
    blocks = article.blocks
    for first, last in _runs(sorted(gone)):
        starts, ends = _spans(article, first, last)
        for index, start, end in zip(range(first, last + 1), starts, ends, strict=True):
            verdict = gone[index]
            removals.append(
                Removal(
                    start,
                    end,
                    blocks[index].line,
                    article.text[start:end],
                    verdict.category,
                    verdict.score,
                    verdict.reasons,
                )
            )
    return removals


def _runs(indices: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index - 1:
            runs[-1] = (runs[-1][0], index)
        else:
            runs.append((index, index))
    return runs


def _spans(article: Article, first: int, last: int) -> tuple[list[int], list[int]]:
    """Where the removals of a run begin and end. Of the two gaps around the run the larger stays, the other goes."""
    text, blocks = article.text, article.blocks
    run = blocks[first : last + 1]
    before = blocks[first - 1].end if first else None
    after = blocks[last + 1].start if last + 1 < len(blocks) else None
    if before is not None and after is not None:
        keep_before = _breaks(text[before : run[0].start]) >= _breaks(text[run[-1].end : after])
    else:
        keep_before = before is None
    if keep_before:
        starts = [block.start for block in run]
        return starts, [*starts[1:], after if after is not None else len(text)]
    assert before is not None
    ends = [block.end for block in run]
    return [before, *ends[:-1]], ends


def _breaks(gap: str) -> int:
    return gap.count("\n") + gap.count("\r") - gap.count("\r\n")


def _tidy(text: str, block: Block, start: int, end: int) -> tuple[int, int]:
    """Widen a cut over the spaces that would be left double or dangling."""
    at_start, at_end = start == block.start, end == block.end
    if at_start or text[start - 1] in " \t\u00a0":
        while end < block.end and text[end] in " \t\u00a0":
            end += 1
    if at_end:
        while start > block.start and text[start - 1] in " \t\u00a0":
            start -= 1
    return start, end


def _markdown(page: Page, removals: Sequence[Removal]) -> str:
    """The blocks that stay, as Markdown: items and rows of one list together, else a blank line between blocks."""
    gone = {removal.line for removal in removals}
    lines: list[str] = []
    last = ""
    for block, marked in zip(page.article.blocks, page.marked, strict=True):
        if block.line in gone:
            continue
        if lines and not (block.kind == last and block.kind in ("item", "row")):
            lines.append("")
        lines.append(marked)
        last = block.kind
    return "\n".join(lines)


def cut(text: str, removals: Iterable[Removal]) -> str:
    """`text` without the spans of `removals`, which are in order and do not overlap."""
    pieces, at = [], 0
    for removal in removals:
        pieces.append(text[at : removal.start])
        at = removal.end
    pieces.append(text[at:])
    return "".join(pieces)


def merge(earlier: Sequence[Removal], later: Sequence[Removal], text: str) -> list[Removal]:
    """`later` counts in the text that `earlier` left; bring both into the offsets of the input `text`.

    A later removal that encloses earlier ones is split around them, so that spans never overlap.
    """
    if not earlier:
        return list(later)
    kept: list[tuple[int, int]] = []  # the pieces of the input that `earlier` left, in order
    at = 0
    for removal in earlier:
        kept.append((at, removal.start))
        at = removal.end
    kept.append((at, len(text)))
    merged = list(earlier)
    breaks = [found.end() for found in _LINE_BREAK.finditer(text)]
    offset = piece = 0
    for removal in later:
        while offset + kept[piece][1] - kept[piece][0] <= removal.start:
            offset += kept[piece][1] - kept[piece][0]
            piece += 1
        merged.extend(_pieces(removal, kept, piece, offset, text, breaks))
    return sorted(merged, key=lambda removal: removal.start)


def _pieces(
    removal: Removal, kept: Sequence[tuple[int, int]], piece: int, offset: int, text: str, breaks: Sequence[int]
) -> list[Removal]:
    found = []
    left = removal.end - removal.start
    position = removal.start
    while left:
        begin, stop = kept[piece]
        start = begin + position - offset
        taken = min(left, stop - start)
        if taken:
            taken_text = text[start : start + taken]
            visible = start + len(taken_text) - len(taken_text.lstrip("\r\n"))
            line = 1 + bisect_right(breaks, visible)
            found.append(
                Removal(
                    start,
                    start + taken,
                    line,
                    text[start : start + taken],
                    removal.category,
                    removal.score,
                    removal.reasons,
                )
            )
        left -= taken
        position += taken
        offset += stop - begin
        piece += 1
    return found
