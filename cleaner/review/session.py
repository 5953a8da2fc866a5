"""A review from the first look to the last answer."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cleaner.clean import Cleaner
from cleaner.config import Settings
from cleaner.configured import build
from cleaner.review.answers import ALWAYS, NEVER, UNSURE, Answers, ReviewError
from cleaner.review.questions import Scope, gather
from cleaner.review.server import ReviewServer
from cleaner.sightings import Sightings

WORDS = {ALWAYS: "always remove", NEVER: "never remove", UNSURE: "not sure"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a review came to: where the rules are, how often each answer was given, what a full check found."""

    file: Path
    counts: Mapping[str, int]
    faults: tuple[str, ...]

    def sentences(self) -> list[str]:
        """The outcome in words, and what to do with it."""
        if not any(self.counts.values()):
            return ["Nothing was answered."]
        counted = ", ".join(f"{number:,} {WORDS[answer]}" for answer, number in sorted(self.counts.items()))
        return [
            *self.faults,
            f"{self.file}: {counted}; {len(self.faults):,} faults",
            f"Use it with: cleaner clean ... --rules {self.file}",
        ]


def review(
    scope: Scope,
    settings: Settings,
    file: Path = Path("my-rules.toml"),
    *,
    opens: Callable[[str], object] | None = webbrowser.open,
    says: Callable[[str], None] = print,
) -> Outcome:
    """Show the uncertain, repeated and removed lines of a scope on a local page, until Ctrl-C or "Finish".

    Each answer is in `file` before the page hears of it, so nothing is lost however this ends. `opens` shows the
    page's address, None leaves that to the person; `says` tells what happens. Raises `ReviewError` if there is nothing
    to review or `file` is not a review's, `ConfigError` and `RuleError` for settings that cannot be used.
    """
    sightings = Sightings.open(settings.sightings) if settings.sightings else None
    others = tuple(path for path in settings.rules if path.absolute() != file.absolute())
    # The verdicts shown are those without the answers, so that an answer can be seen for what it changes.
    cleaner = build(replace(settings, rules=others), sightings)
    answers = Answers.load(file, cleaner)
    says("Looking at the articles ...")
    gathered = gather(scope, cleaner)
    for problem in gathered.problems:
        says(f"cannot read {problem}")
    if not gathered.questions:
        raise ReviewError(f"nothing to review in {gathered.articles:,} articles: no line is uncertain or was removed")
    server = ReviewServer(gathered, answers)
    try:
        looked = f"the first {gathered.articles:,}" if gathered.more else f"{gathered.articles:,}"
        says(f"{len(gathered.questions):,} lines of {looked} articles to review; answers go to {file}")
        says(f"Open {server.address}")
        says("Press Ctrl-C here when you are done; every answer is saved at once.")
        if opens is not None:
            opens(server.address)
        server.serve_forever(poll_interval=0.1)
    except KeyboardInterrupt:
        pass
    finally:
        with server.lock:  # an answer on its way is saved first
            server.server_close()
    return Outcome(file, answers.counts(), _checked(answers))


def _checked(answers: Answers) -> tuple[str, ...]:
    return tuple(answers.check(Cleaner(rules=(answers.path,)))) if answers.rules else ()
