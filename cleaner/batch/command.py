"""The commands of the command line, as functions that give an exit code."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from cleaner.batch import in_place, reporting
from cleaner.batch.bring_back import Restored, Wanted, bring_back
from cleaner.batch.inputs import Inputs
from cleaner.batch.looking import Look, observations
from cleaner.batch.machine import cores
from cleaner.batch.options import Options, Report, UsageError
from cleaner.batch.removals import RestoreError
from cleaner.batch.reporting import ReportingConsole
from cleaner.batch.run import run
from cleaner.batch.safely import StoppedError
from cleaner.batch.show import set_up_logs
from cleaner.clean import Cleaner
from cleaner.config import Settings
from cleaner.configured import SiteCleaner
from cleaner.files.articles import article_from, read_article
from cleaner.files.fields import Fields
from cleaner.files.names import ARTICLE_FORMATS, OUTPUT_FORMATS, RECORD_FORMATS, Form, form_of
from cleaner.files.problems import UnreadableError, in_words
from cleaner.files.streams import Limits
from cleaner.listing import as_data, as_text, visible
from cleaner.rulecheck import check_rules as faults_of
from cleaner.rulelook import all_source_rules
from cleaner.rules import Rule, read_rules
from cleaner.safe_write import write_whole
from cleaner.sightings_rules import as_rules
from cleaner.sightings_store import Learner, top
from cleaner.sightings_store import prune as forget

OK, FAILED = 0, 1


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run shows: progress also without a terminal, nothing but errors, or a log as JSON lines."""

    progress: bool = False
    quiet: bool = False
    as_json: bool = False

    def console(self) -> ReportingConsole:
        """Whom the run tells."""
        set_up_logs(self.as_json, self.quiet)
        terminal = sys.stderr.isatty() and not self.as_json
        mode = "none" if self.quiet else "bar" if terminal else "lines" if self.progress else "none"
        return ReportingConsole(mode, self.as_json)


def known_format(name: str, output: bool) -> str:
    """A format's name, checked. Raises `UsageError` with the names there are."""
    names = OUTPUT_FORMATS if output else (*ARTICLE_FORMATS, *RECORD_FORMATS)
    if name and name not in names:
        raise UsageError(f"unknown format {name!r}; choose one of {', '.join(names)}")
    return name


def clean(options: Options, shown: Shown, check: bool, page: tuple[Path, Settings] | None = None) -> int:
    """Clean what the options say; the exit code. `page` is where a report goes, and the settings it is to show."""
    gathered = reporting.gathering(page[0], options, page[1]) if page else None
    with shown.console() as console:
        console.gathered = gathered
        report = run(options, console)
    sys.stdout.flush()
    console.ended(report, "removed" if options.write else "would remove")
    if page and gathered:
        try:
            reporting.write(gathered, page[0], page[1], not (report.interrupted or report.stopped))
        except OSError as error:
            print(f"cleaner: cannot write {page[0]}: {in_words(error)}", file=sys.stderr)
            return FAILED
    return _code(report, check)


def _code(report: Report, check: bool) -> int:
    if report.interrupted:
        return 130
    if report.stopped or report.totals.failed or (check and report.totals.changed):
        return FAILED
    return OK


def explain(article: str, cleaner: Cleaner | SiteCleaner, url: str | None, as_json_data: bool) -> int:
    """Print an article with its verdicts; the exit code."""
    try:
        if article == "-":
            file = article_from(sys.stdin.buffer.read(), Form("txt"))
        else:
            form = form_of(article) or Form("txt")
            if not form.single:
                raise UnreadableError("it holds records; explain takes one article")
            file = read_article(Path(article), form, Limits())
    except UnreadableError as error:
        _complain(f"cleaner: {article}: {error}")
        return FAILED
    chosen = cleaner.of(url) if isinstance(cleaner, SiteCleaner) else cleaner
    lines = chosen.explain_html(file.data, url) if file.page else chosen.explain(file.text, url)
    if as_json_data:
        _print(json.dumps(as_data(lines), ensure_ascii=False, indent=1))
    else:
        coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        for line in as_text(lines, coloured):
            _print(line)
    return OK


def _print(line: str) -> None:
    """Print a line; characters that the terminal lacks come as escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))


def wanted(
    paths: Sequence[Path], removed: Path | None, output: Path | None, overwrite: bool, leave_changed: bool
) -> Wanted | Sequence[Path]:
    """What to restore: by a list of removals, else by what lies beside the paths. Raises `UsageError`."""
    if removed is not None:
        return Wanted(tuple(paths), removed, output, overwrite, leave_changed)
    if output is not None or leave_changed:
        raise UsageError("--output and --leave-changed go with --removed, the list that `cleaner clean` wrote")
    return paths


def restore(wanted: Wanted | Sequence[Path], quiet: bool) -> int:
    """Bring back what a list of removals knows, or files cleaned in place; the exit code. Raises `UsageError`."""
    try:
        outcome = bring_back(wanted) if isinstance(wanted, Wanted) else _from_keepsakes(wanted)
    except (RestoreError, StoppedError) as error:
        outcome = Restored(problems=[str(error)])
    for problem in outcome.problems:
        _complain(f"cleaner: {problem}")
    if not quiet:
        for note in outcome.notes:
            _complain(f"note: {note}")
        _complain(outcome.summary())
    return FAILED if outcome.problems else OK


def _from_keepsakes(paths: Sequence[Path]) -> Restored:
    outcome = Restored()
    for path in paths:
        try:
            keeps = list(in_place.keepsakes([path]))
        except RestoreError as error:
            outcome.problems.append(str(error))
            continue
        if not keeps:
            outcome.notes.append(
                f"{path}: nothing in it was cleaned in place; to undo `cleaner clean -o`, name the list that it wrote "
                "with --removed"
            )
        for keep in keeps:
            try:
                in_place.restore(keep)
                outcome.counts["restored"] += 1
            except RestoreError as error:
                outcome.problems.append(str(error))
    return outcome


def _complain(sentence: str) -> None:
    print(visible(sentence).encode("utf-8", "backslashreplace").decode(), file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Kept:
    """What becomes of what `learn` found: a store to add to, a rule file to write, so many lines to show."""

    store: Path | None = None
    rules: Path | None = None
    limit: int = 50
    overwrite: bool = False


def learn(arguments: Sequence[str], fields: Fields, workers: int, kept: Kept) -> int:
    """Learn which lines stand in many articles; the exit code. Raises `UsageError` and `StoreError`."""
    if kept.rules is not None and kept.rules.exists() and not kept.overwrite:
        raise UsageError(f"{kept.rules} exists already; use --overwrite to replace it")
    inputs = Inputs(arguments)
    problems = [source for source in inputs if source.problem]
    for source in problems:
        _complain(f"cleaner: {source.name}: {source.problem}")
    with tempfile.TemporaryDirectory(prefix="cleaner-") as folder:
        store = kept.store or Path(folder) / "seen.db"
        today = date.today()
        with Learner(store) as learner:
            for seen in observations(inputs, fields, Look(day=today), workers or cores()):
                learner.add_observation(seen)
        lines = top(store, None)
        show_top(store, kept.limit, as_json_data=False)
    if kept.rules is not None:
        write_whole(kept.rules, as_rules(lines, kept.rules.name.split(".")[0]).encode("utf-8", "replace"))
    repeated, alone = len(lines), sum(line.alone for line in lines)
    print(f"{learner.added:,} new articles; {repeated:,} repeated lines, {alone:,} of them would go", file=sys.stderr)
    return FAILED if problems else OK


def show_top(store: Path, limit: int, as_json_data: bool) -> None:
    """Print the most repeated lines of a store. Raises `StoreError`."""
    lines = top(store, limit)
    if as_json_data:
        _print(json.dumps([asdict(line) for line in lines], ensure_ascii=False, default=str, indent=1))
        return
    for line in lines:
        mark = "-" if line.alone else " "
        _print(f"{mark} {line.stories:>7,} stories {line.sites:>5,} sites  {visible(' '.join(line.text.split()))}")


def prune(store: Path, before: str) -> None:
    """Forget the articles seen before a day. Raises `UsageError` and `StoreError`."""
    try:
        day = date.fromisoformat(before)
    except ValueError as error:
        raise UsageError(f"{before!r} is not a day; write it as 2026-01-31") from error
    print(f"{forget(store, day):,} articles forgotten", file=sys.stderr)


def list_rules(files: Sequence[Path], as_json_data: bool) -> None:
    """Print rules, one a line. Raises `RuleError` for a file that cannot be used."""
    rules = _rules(files)
    if as_json_data:
        _print(json.dumps([asdict(rule) for rule in rules], ensure_ascii=False, indent=1))
        return
    for rule in rules:
        weight = "never" if rule.never else "certain" if rule.certain else f"{rule.weight:+.1f}"
        _print(f"{rule.id:<40} {rule.category:<10} {weight:>8}  {rule.says}")


def check_rules(files: Sequence[Path]) -> int:
    """Check rules and print their faults; the exit code. Raises `RuleError` for a file that cannot be used."""
    rules = _rules(files)
    cleaner = Cleaner(rules=files)
    faults = faults_of(rules, cleaner)
    for fault in faults:
        _print(fault)
    examples = sum(len(rule.removes) + len(rule.keeps) + len(rule.misses) for rule in rules)
    print(f"{len(rules):,} rules with {examples:,} examples: {len(faults):,} faults", file=sys.stderr)
    return FAILED if faults else OK


def _rules(files: Sequence[Path]) -> Sequence[Rule]:
    return [rule for path in files for rule in read_rules(path)] if files else all_source_rules()
