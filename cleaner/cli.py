"""The command line. No logic: it turns words into calls and results into words."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli_groups import config_app, rules_app, sightings_app
from cleaner.cli_options import Also, ConfigFile, Keep, Mode, Off, Rules, Sightings, choice_of, refusing, say

# Help without rich: it starts fast, and reads the same in a pipe.
app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Takes injected lines (adverts, read-more links, newsletter pitches, stubs) out of news articles.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(rules_app, name="rules")
app.add_typer(config_app, name="config")
app.add_typer(sightings_app, name="sightings")


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
    keep_markup: Annotated[
        bool, typer.Option("--keep-markup", help="Make Markdown of pages (HTML): headings, lists, links stay.")
    ] = False,
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
    """Clean articles: one file to standard output, or files and folders to -o.

    Example: cleaner clean articles/ -o out --removed removed.jsonl --report report.html

    Example: cleaner clean crawl.jsonl -o clean.jsonl --text-field body

    Example: cleaner clean article.txt --diff
    """
    from cleaner.batch import command  # the help must not wait for it
    from cleaner.batch.options import Options
    from cleaner.files.fields import Fields
    from cleaner.files.streams import Limits

    write = not (dry_run or check or diff)
    with refusing():
        said = {"mode": mode, "also": also, "keep": keep, "off": off, "rules": rules, "sightings": sightings}
        choice = choice_of(config, {**said, "workers": workers, "timeout": timeout})
        options = Options(
            inputs=tuple(inputs),
            choice=choice,
            output=output if write else None,
            settings=choice.described(),
            fields=Fields(text_field, html_field, url_field, id_field),
            format=command.known_format(format, output=True),
            input_format=command.known_format(input_format, output=False),
            keep_markup=keep_markup,
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
    """Show every line of an article, whether it goes or stays, and why.

    Example: cleaner explain article.txt --mode precision
    """
    from cleaner.batch import command

    with refusing():
        said = {"mode": mode, "also": also, "keep": keep, "off": off, "rules": rules, "sightings": sightings}
        choice = choice_of(config, said)
        raise typer.Exit(command.explain(article, choice.cleaner(), url, as_json))


@app.command()
def restore(
    paths: Annotated[list[Path], typer.Argument(help="Outputs of a run, or files cleaned in place; folders of them.")],
    removed: Annotated[
        Path | None,
        typer.Option("--removed", help="The list that `cleaner clean --removed` wrote. Not needed after --in-place."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write; without it the outputs are replaced.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files below --output.")] = False,
    leave_changed: Annotated[
        bool, typer.Option("--leave-changed", help="Leave articles that were changed since; restore the rest.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Undo a run: put back what was removed, if the texts are still what the cleaner wrote.

    Text comes back character for character, in UTF-8; in the bytes that it had, if the run was given
    --preserve-encoding or --in-place. A page (HTML) comes back itself only after --in-place.

    Example: cleaner clean in/ -o out --removed list.jsonl && cleaner restore out --removed list.jsonl -o back

    Example: cleaner clean in/ --in-place && cleaner restore in/
    """
    from cleaner.batch import command

    with refusing():
        raise typer.Exit(command.restore(command.wanted(paths, removed, output, overwrite, leave_changed), quiet))


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
    """Find the lines that stand in many different articles: show them, keep them in a store, make rules of them.

    Example: cleaner learn articles/ --sightings seen.db && cleaner clean more/ -o out --sightings seen.db
    """
    from cleaner.batch import command
    from cleaner.files.fields import Fields

    with refusing():
        fields = Fields(text_field, html_field, url_field)
        raise typer.Exit(command.learn(inputs, fields, workers, command.Kept(store, rules, limit, overwrite)))


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

    with refusing():
        settings = choice_of(config, {"mode": mode, "rules": rules, "sightings": sightings}).settings
        scope = Scope(tuple(inputs), Fields(text_field, html_field, url_field), most)
        outcome = begin(scope, settings, rules_file, opens=None if no_browser else webbrowser.open, says=say)
    for sentence in outcome.sentences():
        say(sentence)
    raise typer.Exit(1 if outcome.faults else 0)
