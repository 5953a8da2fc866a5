"""Results made by hand, so that tests of reports do not depend on verdicts."""

from __future__ import annotations

from cleaner import Reason, Removal, Result
from cleaner.report import ArticleReport

BODY = "The old sea wall of Fernmouth will be rebuilt before the winter storms arrive, the council said."
END = "Two members voted against it. They said that the money should go to the school roof."


def result(*lines: tuple[str, str, str], warnings: tuple[str, ...] = ()) -> Result:
    """A result from which lines were removed; each is a text, a category, and the id of a rule."""
    text = BODY + "\n" + "".join(f"{line}\n" for line, _, _ in lines) + END + "\n"
    removed = []
    at = len(BODY) + 1
    for number, (line, category, rule) in enumerate(lines, 2):
        end = at + len(line) + 1
        reasons = (Reason(f"rule {rule}", "is a label", 6.0), Reason("signal ending=none", "has no full stop", 1.0))
        removed.append(Removal(at, end, number, text[at:end], category, 3.5, reasons))
        at = end
    return Result(BODY + "\n" + END + "\n", tuple(removed), warnings)


def article(name: str, *lines: tuple[str, str, str], url: str | None = None, warned: bool = False) -> ArticleReport:
    """An article for a report."""
    warnings = ("most of the text looked injected",) if warned else ()
    return ArticleReport.of({"file": name, "url": url}, result(*lines, warnings=warnings))
