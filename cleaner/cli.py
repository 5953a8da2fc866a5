"""The command line. No logic: it turns words into calls and results into words."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from cleaner.batch.make import Choice

# Help without rich: it starts fast, and reads the same in a pipe.
app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Takes injected lines (adverts, read-more links, newsletter pitches, stubs) out of news articles.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show and check rules.")
app.add_typer(rules_app, name="rules")
config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show the settings.")
app.add_typer(config_app, name="config")
sightings_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look into a store of sightings.")
app.add_typer(sightings_app, name="sightings")

Mode = Annotated[
    str | None, typer.Option("--mode", "-m", help="Which errors to prefer: precision, balanced or recall.")
]
Also = Annotated[
    list[str] | None, typer.Option("--also", help="Remove this category besides (meta, title). May be repeated.")
]
Keep = Annotated[list[str] | None, typer.Option("--keep", help="Leave this category in. May be repeated.")]
Off = Annotated[
    list[str] | None, typer.Option("--off", help="Switch off this rule, or start.* of ids. May be repeated.")
]
Rules = Annotated[list[Path] | None, typer.Option("--rules", help="A rule file of your own. May be repeated.")]
Sightings = Annotated[
    Path | None, typer.Option("--sightings", help="A store of lines seen in other stories, made by `cleaner learn`.")
]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="A settings file. [cleaner.toml, here or in a folder above]")
]


def main() -> None:
    """The entry point: exit code 0 if all went well, 1 if some input failed, 2 if the command cannot be done."""
    try:
        app()
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        from cleaner import __version__

        typer.echo(f"cleaner {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def clean(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders, patterns, or - for standard input.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write: a folder, or a file for one input.")
    ] = None,
    mode: Mode = None,
    also: Also = None,
    keep: Keep = None,
    off: Off = None,
    rules: Rules = None,
    sightings: Sightings = None,
    config: ConfigFile = None,
    no_sightings: Annotated[
        bool, typer.Option("--no-sightings", help="Do not look for lines that several inputs share.")
    ] = False,
    format: Annotated[
        str, typer.Option("--format", help="Output format: txt, json, jsonl, csv, tsv, parquet. [as the input]")
    ] = "",
    input_format: Annotated[str, typer.Option("--input-format", help="What standard input holds. [found out]")] = "",
    text_field: Annotated[
        str, typer.Option("--text-field", help="Field of a record with the text; dots lead inside. [guessed]")
    ] = "",
    html_field: Annotated[
        str, typer.Option("--html-field", help="Field with HTML to make the text from; it goes to the text field.")
    ] = "",
    url_field: Annotated[str, typer.Option("--url-field", help="Field with the address.")] = "url",
    id_field: Annotated[str, typer.Option("--id-field", help="Field with the name of the record.")] = "id",
    annotate: Annotated[
        bool, typer.Option("--annotate", help="Leave the text; add the removed spans as attributes (as dolma does).")
    ] = False,
    removed: Annotated[
        Path | None, typer.Option("--removed", help="Collect every removal of the run in this JSONL file.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Write a page of what was removed and why, such as report.html."),
    ] = None,
    preserve_encoding: Annotated[
        bool, typer.Option("--preserve-encoding", help="Write text as it was encoded, not in UTF-8.")
    ] = False,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Replace the inputs; `cleaner restore` brings them back.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; write nothing.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if anything would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; print what would change as a diff.")] = False,
    workers: Annotated[
        int | None, typer.Option("--workers", "-j", min=0, help="Processes. [one for each core]")
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0, help="Seconds until a hanging worker is ended; 0 is never. [300]"),
    ] = None,
    max_record_bytes: Annotated[
        int, typer.Option("--max-record-bytes", min=1, help="The longest article that is taken.")
    ] = 1 << 26,
    max_ratio: Annotated[
        int, typer.Option("--max-ratio", min=1, help="How many times its size a packed file may unpack to.")
    ] = 300,
    progress: Annotated[bool, typer.Option("--progress", help="Report progress also without a terminal.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary; errors only.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Write the log as JSON lines.")] = False,
) -> None:
    """Clean articles: one file to standard output, or files and folders to -o."""
    from cleaner.batch import command  # the help must not wait for it
    from cleaner.batch.options import Options
    from cleaner.files.fields import Fields
    from cleaner.files.streams import Limits

    write = not (dry_run or check or diff)
    with _refusing():
        said = {"mode": mode, "also": also, "keep": keep, "off": off, "rules": rules, "sightings": sightings}
        choice = _choice(config, {**said, "workers": workers, "timeout": timeout})
        options = Options(
            inputs=tuple(inputs),
            choice=choice,
            output=output if write else None,
            settings=choice.described(),
            fields=Fields(text_field, html_field, url_field, id_field),
            format=command.known_format(format, output=True),
            input_format=command.known_format(input_format, output=False),
            annotate=annotate,
            tag=f"cleaner__{choice.settings.mode}",
            preserve_encoding=preserve_encoding,
            removed=removed,
            diff=diff,
            write=write,
            look=not no_sightings and choice.settings.sightings is None,
            in_place=in_place and write,
            resume=resume,
            overwrite=overwrite,
            workers=choice.settings.workers,
            timeout=choice.settings.timeout,
            limits=Limits(max_record_bytes, max_ratio),
            report=report is not None,
        )
        shown = command.Shown(progress, quiet, log_json)
        page = (report, choice.settings) if report else None
        raise typer.Exit(command.clean(options, shown, check, page))


@app.command()
def explain(
    article: Annotated[str, typer.Argument(help="A file with one article, or - for standard input.")],
    mode: Mode = None,
    also: Also = None,
    keep: Keep = None,
    off: Off = None,
    rules: Rules = None,
    sightings: Sightings = None,
    config: ConfigFile = None,
    url: Annotated[str | None, typer.Option("--url", help="The article's address, for rules of single sites.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as data.")] = False,
) -> None:
    """Show every line of an article, whether it goes or stays, and why."""
    from cleaner.batch import command

    with _refusing():
        said = {"mode": mode, "also": also, "keep": keep, "off": off, "rules": rules, "sightings": sightings}
        choice = _choice(config, said)
        raise typer.Exit(command.explain(article, choice.cleaner(), url, as_json))


@app.command()
def restore(
    paths: Annotated[list[Path], typer.Argument(help="Files cleaned in place, or folders of them.")],
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Bring back the originals of files that were cleaned with --in-place."""
    from cleaner.batch import command

    raise typer.Exit(command.restore(paths, quiet))


@app.command()
def learn(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders or patterns.")],
    store: Annotated[
        Path | None, typer.Option("--sightings", help="The store to add to; it is made if it is not there.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", "-o", help="Write the lines that would go as a rule file to review.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many lines to show.")] = 50,
    text_field: Annotated[str, typer.Option("--text-field", help="Field of a record with the text.")] = "",
    html_field: Annotated[str, typer.Option("--html-field", help="Field of a record with HTML.")] = "",
    url_field: Annotated[str, typer.Option("--url-field", help="Field of a record with the address.")] = "url",
    workers: Annotated[int, typer.Option("--workers", "-j", min=0, help="Processes; 0 is one for each core.")] = 0,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing rule file.")] = False,
) -> None:
    """Find the lines that stand in many different articles: show them, keep them in a store, make rules of them."""
    from cleaner.batch import command
    from cleaner.files.fields import Fields

    with _refusing():
        fields = Fields(text_field, html_field, url_field)
        raise typer.Exit(command.learn(inputs, fields, workers, command.Kept(store, rules, limit, overwrite)))


@sightings_app.command("top")
def sightings_top(
    store: Annotated[Path, typer.Argument(help="A store made by `cleaner learn`.")],
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many lines to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="As data.")] = False,
) -> None:
    """Show the lines that stand in most articles."""
    from cleaner.batch import command

    with _refusing():
        command.show_top(store, limit, as_json)


@sightings_app.command("prune")
def sightings_prune(
    store: Annotated[Path, typer.Argument(help="A store made by `cleaner learn`.")],
    before: Annotated[str, typer.Option("--before", help="Forget articles seen before this day (2026-01-31).")],
) -> None:
    """Forget old articles."""
    from cleaner.batch import command

    with _refusing():
        command.prune(store, before)


@app.command()
def review(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders or patterns.")],
    rules_file: Annotated[Path, typer.Option("--rules-file", help="The rule file that your answers go to.")] = Path(
        "my-rules.toml"
    ),
    most: Annotated[int, typer.Option("--most", min=1, help="How many articles to look at.")] = 1000,
    mode: Mode = None,
    rules: Rules = None,
    sightings: Sightings = None,
    config: ConfigFile = None,
    text_field: Annotated[str, typer.Option("--text-field", help="Field of a record with the text.")] = "",
    html_field: Annotated[str, typer.Option("--html-field", help="Field of a record with HTML.")] = "",
    url_field: Annotated[str, typer.Option("--url-field", help="Field of a record with the address.")] = "url",
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False,
) -> None:
    """Decide about uncertain, repeated and removed lines on a local page; your answers become a rule file.

    Example: cleaner review articles/ && cleaner clean articles/ -o out --rules my-rules.toml
    """
    import webbrowser

    from cleaner.files.fields import Fields
    from cleaner.review import Scope
    from cleaner.review import review as begin

    with _refusing():
        settings = _choice(config, {"mode": mode, "rules": rules, "sightings": sightings}).settings
        scope = Scope(tuple(inputs), Fields(text_field, html_field, url_field), most)
        outcome = begin(scope, settings, rules_file, opens=None if no_browser else webbrowser.open, says=_say)
    for sentence in outcome.sentences():
        _say(sentence)
    raise typer.Exit(1 if outcome.faults else 0)


@config_app.command("show")
def config_show(config: ConfigFile = None) -> None:
    """Show the settings that hold here, and where each comes from."""
    from cleaner.config import load

    with _refusing():
        for line in load(file=config).shown():
            typer.echo(line)


@rules_app.command("list")
def rules_list(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule files. [those of the cleaner]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As data, with patterns and examples.")] = False,
) -> None:
    """List rules: id, category, weight, and what they say."""
    from cleaner.batch import command

    with _refusing():
        command.list_rules(files or [], as_json)


@rules_app.command("check")
def rules_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule files. [those of the cleaner]")] = None,
) -> None:
    """Check rules against their own examples, and these against all rules."""
    from cleaner.batch import command

    with _refusing():
        raise typer.Exit(command.check_rules(files or []))


@rules_app.command("show")
def rules_show(
    name: Annotated[str, typer.Argument(metavar="ID", help="The rule's id.")],
    rules: Rules = None,
    config: ConfigFile = None,
) -> None:
    """Print a rule with its examples.

    Example: cleaner rules show newsletter.en.sign-up
    """
    from cleaner.rulelook import known_rules, shown_rule

    with _refusing():
        settings = _choice(config, {"rules": rules}).settings
        for line in shown_rule(name, known_rules(settings)):
            _say(line)


@rules_app.command("try")
def rules_try(
    line: Annotated[str, typer.Argument(help="The line, in quotes.")],
    rules: Rules = None,
    mode: Mode = None,
    config: ConfigFile = None,
    url: Annotated[str | None, typer.Option("--url", help="The article's address, for rules of single sites.")] = None,
) -> None:
    """Say which rules and signals answer to a line that stands in a plain article.

    Example: cleaner rules try "Sign up for our daily newsletter"
    """
    from cleaner.rulelook import tried

    with _refusing():
        for said in tried(line, _choice(config, {"rules": rules, "mode": mode}).settings, url):
            _say(said)


def _say(sentence: str) -> None:
    """Print a sentence; characters that the terminal lacks come as escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(sentence.encode(encoding, "backslashreplace").decode(encoding))


def _choice(file: Path | None, said: dict[str, Any]) -> Choice:
    """The settings that hold, with what the command line said on top. Raises `ValueError`."""
    from cleaner.batch.make import Choice
    from cleaner.config import load

    given = {name: value for name, value in said.items() if value is not None}
    choice = Choice(load(file=file).with_command_line(given).settings)
    choice.check()
    return choice


class _refusing:  # noqa: N801  reads as a word of the with statement
    """Turns an error of use into one line and exit code 2."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        from cleaner.batch.manifest import ResumeError
        from cleaner.batch.options import UsageError

        if isinstance(error, UsageError | ResumeError | ValueError) and not isinstance(error, UnicodeError):
            _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    typer.echo(f"cleaner: {message}", err=True)
    raise typer.Exit(2)
