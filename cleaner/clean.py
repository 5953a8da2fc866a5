"""The one place that removes: text in, a result out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from .article import Article, Block, count_lines
from .compiled import shipped_rulebook
from .judge import CERTAIN, MODES, Judge, Known, Reason, Seen, Verdict, Weights, shipped_weights
from .result import Line, Removal, Result, cut, merge
from .rules import CATEGORIES, INJECTED, NEUTRAL, Rule, Rulebook, read_rules
from .weigh import shipped_page_weights, weigh
from .windows import fits, windows

if TYPE_CHECKING:  # pages need lxml and trafilatura, which plain text must not wait for
    from .page import Page
    from .selectors import Pruner

MOST_ROUNDS = 12  # taking a line out shows others in a new light; ordinary articles settle after one or two rounds
DOUBT_SHARE = 0.5  # share of the characters from which the cleaner doubts itself
PAGE_DOUBT_SHARE = 0.9  # the same for pages, whose markup is better evidence than words alone
DOUBT_PROSE = 600  # characters of prose left from which there is an article, whatever stood around it


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
        """Take the injected lines out of `text`. `url` lets rules for single sites answer; nothing is fetched.

        A text longer than any article is judged in windows: see `windows.py`.
        """
        if fits(text):
            return self._clean_window(text, url)
        removed: list[Removal] = []
        warnings: dict[str, None] = {}
        kept = text
        settled: set[bytes] = set()
        for _ in range(MOST_ROUNDS):
            more: list[Removal] = []
            lines = 0
            for start, end in windows(kept):
                window = kept[start:end]
                if _digest(window) not in settled:
                    result = self._clean_window(window, url)
                    settled.add(_digest(result.text))
                    warnings.update(dict.fromkeys(result.warnings))
                    more.extend(_moved(removal, start, lines) for removal in result.removed)
                lines += count_lines(kept, start, end)
            if not more:
                return Result(kept, tuple(removed), tuple(warnings))
            kept = cut(kept, more)
            removed = merge(removed, more, text)
        return _unsettled(text)

    def _clean_window(self, text: str, url: str | None) -> Result:
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
        return _unsettled(text)

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        """Find the article in a page or a fragment of one and take the injected lines out of it.

        `text` is the body, one block a line; headline, byline, dates and captions go too, unless `keep` names "title"
        or "meta". The offsets of `removed` are those of all that was extracted or recovered. `metadata` holds title,
        author, date, site, language and url. With `keep_markup` the text, and what `restore` gives, is Markdown:
        `markdown.py`. `url` helps; nothing is fetched.
        """
        page = self._read(html, url, keep_markup)
        article = page.article
        removals, warnings = self._removals(article, self._page_verdicts(article), PAGE_DOUBT_SHARE)
        if keep_markup:
            article, removals = _in_markdown(page, removals)
        return Result(cut(article.text, removals), tuple(removals), (*page.warnings, *warnings), page.metadata)

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
        verdicts = self._page_verdicts(page.article, explain=True)
        removed, _ = self._removals(page.article, verdicts, PAGE_DOUBT_SHARE)
        return lines + _all_explained(verdicts, removed)

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
        removed = self.clean(text, url).removed
        lines: list[Line] = []
        before = at = 0
        for start, end in windows(text):
            article = Article.from_text(text[start:end], url)
            upto = at
            while upto < len(removed) and removed[upto].start < end:
                upto += 1
            lines += _all_explained(self._judge.judge(article, explain=True), removed[at:upto], start, before)
            while at < upto and removed[at].end <= end:
                at += 1
            before += count_lines(text, start, end)
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
            reasons = _cut_reasons(rule)
            cuts.append(Removal(start, end, block.line, text[start:end], rule.category, reasons[0].weight, reasons))
        return [] if cuts and self._judge.spares(block, article) else cuts


def _all_explained(
    verdicts: Iterable[Verdict], removed: Sequence[Removal], start: int = 0, lines: int = 0
) -> list[Line]:
    """The lines of an article that begins after `start` characters and `lines` lines of the text of `removed`."""
    explained: list[Line] = []
    at = 0
    for verdict in verdicts:
        block_start, block_end = start + verdict.block.start, start + verdict.block.end
        while at < len(removed) and removed[at].end <= block_start:
            at += 1
        upto = at
        while upto < len(removed) and removed[upto].start < block_end:
            upto += 1
        explained.append(_explained(verdict, removed[at:upto], block_start, block_end, lines))
    return explained


def _explained(verdict: Verdict, inside: Sequence[Removal], start: int, end: int, lines: int) -> Line:
    """The line of a block from `start` to `end`, of which the removals `inside` took all, a part, or nothing."""
    block = verdict.block
    whole = sum(min(removal.end, end) - max(removal.start, start) for removal in inside) >= end - start
    state = "removed" if inside and whole else "cut" if inside else "kept"
    category = inside[0].category if inside else ""
    score = verdict.score if not whole or verdict.score > 0 or not inside else inside[0].score
    reasons = verdict.reasons if state != "cut" else (*inside[0].reasons, *verdict.reasons)
    return Line(lines + block.line, block.text, state, category, score, reasons)


@lru_cache(maxsize=1024)
def _cut_reasons(rule: Rule) -> tuple[Reason, ...]:
    """Why a fragment is cut: held once for all that a rule cuts."""
    return (Reason(f"rule {rule.id}", rule.says, rule.weight or CERTAIN),)


def _unsettled(text: str) -> Result:
    return Result(text, (), ("the text does not settle: left as it was",))


def _digest(text: str) -> bytes:
    from hashlib import blake2b  # long texts are rare, and importing takes its time

    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _moved(removal: Removal, characters: int, lines: int) -> Removal:
    """A removal of a window in the offsets of the whole."""
    if not characters:
        return removal
    return replace(removal, start=removal.start + characters, end=removal.end + characters, line=removal.line + lines)


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


def _in_markdown(page: Page, removals: Sequence[Removal]) -> tuple[Article, list[Removal]]:
    """The article of a page as Markdown, and the removals in its offsets."""
    from .markdown import document  # it knows pages, which text must not wait for

    blocks = {block.line: block for block in page.article.blocks}
    whole = document(page.article, page.marked)
    gone: dict[int, Removal] = {}
    moved: list[Removal] = []
    for removal in removals:
        block = blocks[removal.line]
        if removal.start <= block.start and removal.end >= block.end:
            gone[block.index] = removal
            continue
        at = whole.blocks[block.index]
        for start, end in page.marked[block.index].spans(removal.start - block.start, removal.end - block.start):
            moved.append(_placed(removal, whole, at.start + start, at.start + end, at.line))
    for first, last in _runs(sorted(gone)):
        starts, ends = _spans(whole, first, last)
        for index, start, end in zip(range(first, last + 1), starts, ends, strict=True):
            moved.append(_placed(gone[index], whole, start, end, whole.blocks[index].line))
    return whole, sorted(moved, key=lambda removal: removal.start)


def _placed(removal: Removal, article: Article, start: int, end: int, line: int) -> Removal:
    return replace(removal, start=start, end=end, line=line, text=article.text[start:end])
