"""The lines that are worth a person's look: those near the threshold, those in many articles, those that went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import islice
from typing import Any, Protocol

from cleaner.batch.inputs import Inputs, Source
from cleaner.files.articles import read_article
from cleaner.files.fields import Fields, dig, name_of
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.readers import RecordFile
from cleaner.files.streams import Limits
from cleaner.folding import fold
from cleaner.judge import LONGEST_RULED
from cleaner.listing import CLOSE
from cleaner.result import Line

REPEATED = 3  # articles from which a line counts as repeated
MOST_UNCERTAIN = 300
MOST_REPEATED = 150
MOST_REMOVED = 1000
REASONS = 5
CONTEXT = 300  # characters of the lines around


class Explains(Protocol):
    """What we need of a cleaner."""

    def explain(self, text: str, url: str | None = None) -> list[Line]:
        """See `Cleaner.explain`."""

    def explain_html(self, html: str | bytes, url: str | None = None) -> list[Line]:
        """See `Cleaner.explain_html`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What to look at: files, folders and patterns, the fields of their records, and at most so many articles."""

    inputs: tuple[str, ...]
    fields: Fields = field(default_factory=Fields)
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """A line to decide about. `id` is the same for lines that rules cannot tell apart.

    `verdict` is kept or removed, `score` log-odds beyond the threshold, `articles` how many of those looked at carry
    the line; `where`, `before` and `after` are of the first of them. `kinds` are uncertain, repeated, removed.
    """

    id: str
    line: str
    verdict: str
    category: str
    score: float
    reasons: tuple[tuple[float, str], ...]
    where: str
    before: str
    after: str
    articles: int = 1
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a look at the articles gave. `more` says that there are articles that were not looked at."""

    questions: tuple[Question, ...]
    articles: int
    more: bool
    problems: tuple[str, ...]


def line_id(line: str) -> str:
    """The id of a line: that of its folded form, whatever its case."""
    return blake2b(fold(line).casefold().encode("utf-8", "replace"), digest_size=6).hexdigest()


def gather(scope: Scope, cleaner: Explains) -> Gathered:
    """The questions about the articles of a scope."""
    problems: list[str] = []
    found: dict[str, Question] = {}
    articles = 0
    stream = _articles(Inputs(scope.inputs), scope.fields, problems)
    for name, url, body, page in islice(stream, scope.most):
        articles += 1
        lines = cleaner.explain_html(body, url) if page else cleaner.explain(str(body), url)
        _add(found, name, lines)
    more = next(stream, None) is not None
    return Gathered(tuple(_chosen(found.values())), articles, more, tuple(problems))


def _add(found: dict[str, Question], name: str, lines: Sequence[Line]) -> None:
    here = set()
    for at, line in enumerate(lines):
        if not line.number or line.verdict == "cut" or len(line.text) > LONGEST_RULED or not fold(line.text):
            continue
        known = line_id(line.text)
        if known in here:
            continue
        here.add(known)
        if known in found:
            found[known] = replace(found[known], articles=found[known].articles + 1)
            continue
        reasons = tuple((round(reason.weight, 2), reason.says) for reason in line.reasons[:REASONS] if reason.says)
        before = lines[at - 1].text[-CONTEXT:] if at else ""
        after = lines[at + 1].text[:CONTEXT] if at + 1 < len(lines) else ""
        text = " ".join(line.text.split())
        found[known] = Question(known, text, line.verdict, line.category, line.score, reasons, name, before, after)


def _chosen(found: Iterable[Question]) -> Iterator[Question]:
    """The questions worth asking, each with its kinds, the most uncertain first."""
    everything = list(found)
    uncertain = sorted((q for q in everything if abs(q.score) < CLOSE), key=lambda q: (abs(q.score), q.id))
    repeated = sorted((q for q in everything if q.articles >= REPEATED), key=lambda q: (-q.articles, q.id))
    removed = sorted((q for q in everything if q.verdict == "removed"), key=lambda q: (q.score, q.id))
    kinds: dict[str, list[str]] = {}
    for kind, questions, most in (
        ("uncertain", uncertain, MOST_UNCERTAIN),
        ("repeated", repeated, MOST_REPEATED),
        ("removed", removed, MOST_REMOVED),
    ):
        for question in questions[:most]:
            kinds.setdefault(question.id, []).append(kind)
    for question in sorted(everything, key=lambda q: (abs(q.score), q.id)):
        if question.id in kinds:
            yield replace(question, kinds=tuple(kinds[question.id]))


def _articles(
    inputs: Iterable[Source], fields: Fields, problems: list[str]
) -> Iterator[tuple[str, str | None, Any, bool]]:
    """Name, address, body, and whether that is a page, of each article; what cannot be read goes to `problems`."""
    for source in inputs:
        if source.problem:
            problems.append(f"{source.name}: {source.problem}")
            continue
        try:
            if source.form.single:
                file = read_article(source.path, source.form, Limits())
                yield source.name, None, file.data if file.page else file.text, file.page
            else:
                yield from _records(source, fields)
        except (UnreadableError, DamagedError) as error:
            problems.append(f"{source.name}: {error}")


def _records(source: Source, fields: Fields) -> Iterator[tuple[str, str | None, Any, bool]]:
    file = RecordFile(source.path, source.form, Limits(), fields)
    known = file.layout.fields
    for raw in file.raws():
        try:
            rows = file.layout.records(raw) if raw.number else []
        except UnreadableError:
            continue  # cleaning reports it
        for number, row in enumerate(rows, raw.number):
            body = dig(row, known.source)
            if isinstance(body, str | bytes) and (known.html or isinstance(body, str)):
                yield f"{source.name}, record {number}", name_of(row, known.url), body, bool(known.html)
