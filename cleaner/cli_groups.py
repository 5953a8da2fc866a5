"""The commands in groups: `rules`, `config`, `sightings`. No logic, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleaner.cli_options import ConfigFile, Mode, Rules, choice_of, refusing, say

rules_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show and check rules.")
config_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Show the settings.")
sightings_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look into a store of sightings.")


@sightings_app.command("top")
def sightings_top(
    store: Annotated[Path, typer.Argument(help="A store made by `cleaner learn`.")],
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many lines to show.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="As data.")] = False,
) -> None:
    """Show the lines that stand in most articles.

    Example: cleaner sightings top seen.db --limit 20
    """
    from cleaner.batch import command

    with refusing():
        command.show_top(store, limit, as_json)


@sightings_app.command("prune")
def sightings_prune(
    store: Annotated[Path, typer.Argument(help="A store made by `cleaner learn`.")],
    before: Annotated[str, typer.Option("--before", help="Forget articles seen before this day (2026-01-31).")],
) -> None:
    """Forget old articles.

    Example: cleaner sightings prune seen.db --before 2026-01-31
    """
    from cleaner.batch import command

    with refusing():
        command.prune(store, before)


@config_app.command("show")
def config_show(config: ConfigFile = None) -> None:
    """Show the settings that hold here, and where each comes from.

    Example: cleaner config show --config cleaner.toml
    """
    from cleaner.config import load

    with refusing():
        for line in load(file=config).shown():
            typer.echo(line)


@rules_app.command("list")
def rules_list(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule files. [those of the cleaner]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As data, with patterns and examples.")] = False,
) -> None:
    """List rules: id, category, weight, and what they say.

    Example: cleaner rules list --json
    """
    from cleaner.batch import command

    with refusing():
        command.list_rules(files or [], as_json)


@rules_app.command("check")
def rules_check(
    files: Annotated[list[Path] | None, typer.Argument(help="Rule files. [those of the cleaner]")] = None,
) -> None:
    """Check rules against their own examples, and these against all rules.

    Example: cleaner rules check my-rules.toml
    """
    from cleaner.batch import command

    with refusing():
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

    with refusing():
        settings = choice_of(config, {"rules": rules}).settings
        for line in shown_rule(name, known_rules(settings)):
            say(line)


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

    with refusing():
        for said in tried(line, choice_of(config, {"rules": rules, "mode": mode}).settings, url):
            say(said)
