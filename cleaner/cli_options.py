"""What commands have in common: options, settings, and the refusal of what cannot be done."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from cleaner.batch.make import Choice

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


def say(sentence: str) -> None:
    """Print a sentence; characters that the terminal lacks come as escapes."""
    encoding = sys.stdout.encoding or "utf-8"
    typer.echo(sentence.encode(encoding, "backslashreplace").decode(encoding))


def choice_of(file: Path | None, said: dict[str, Any]) -> Choice:
    """The settings that hold, with what the command line said on top. Raises `ValueError`."""
    from cleaner.batch.make import Choice
    from cleaner.config import load

    given = {name: value for name, value in said.items() if value is not None}
    choice = Choice(load(file=file).with_command_line(given).settings)
    choice.check()
    return choice


class refusing:  # noqa: N801  reads as a word of the with statement
    """Turns an error of use into one line and exit code 2."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        from cleaner.batch.manifest import ResumeError
        from cleaner.batch.options import UsageError

        if isinstance(error, UsageError | ResumeError | ValueError) and not isinstance(error, UnicodeError):
            _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    from cleaner.listing import visible

    typer.echo(f"cleaner: {visible(message)}", err=True)
    raise typer.Exit(2)
