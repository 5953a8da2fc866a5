"""Where the outputs of a run go; everything that is wrong with that is said before anything is written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cleaner.batch.inputs import Inputs, Source
from cleaner.batch.options import Options, UsageError
from cleaner.files.names import Form, form_of

FAILED = "failed.jsonl"
WORK = ".cleaner"


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: the folder, the hidden working folder, the list of failures.

    `name` is that of the one output, if there is only one, and `form` its form.
    """

    root: Path
    work: Path
    failures: Path
    name: str = ""
    form: Form | None = None

    def name_of(self, source: Source) -> str:
        """The name of a source's output, below the folder."""
        return self.name or source.output


def absolute(path: str | Path) -> Path:
    """An absolute path without `..`, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def wants_file(options: Options) -> bool:
    """Whether the output is one file rather than a folder: there is one input, and it is no folder."""
    if options.output is None or options.in_place:
        return False
    if str(options.output).endswith(("/", os.sep)) or options.output.is_dir() or len(options.inputs) != 1:
        return False
    only = Path(options.inputs[0])
    return options.inputs == ("-",) or only.is_file() or (not only.exists() and form_of(only.name) is not None)


def file_place(options: Options) -> Place:
    """The place for one output file. Raises `UsageError`."""
    assert options.output is not None
    output = absolute(options.output)
    form = form_of(output.name)
    only = absolute(options.inputs[0])
    if options.inputs != ("-",) and output.exists() and only.exists() and output.samefile(only):
        raise UsageError(f"{options.output} is the input itself; choose another output, or clean it with --in-place")
    if not output.parent.is_dir():
        raise UsageError(f"{output.parent} is not a folder; create it first")
    work = output.parent / f".{output.name}{WORK}"
    return Place(output.parent, work, output.with_name(f"{output.name}.{FAILED}"), output.name, form)


def folder_place(options: Options, inputs: Inputs) -> Place:
    """The place for a folder of outputs. Raises `UsageError`."""
    if options.in_place:
        return Place(inputs.root, inputs.root / WORK, inputs.root / f".cleaner-{FAILED}")
    assert options.output is not None
    output = absolute(options.output)
    if output.exists() and not output.is_dir():
        raise UsageError(f"{options.output} is a file, but several articles need a folder; choose another output")
    real = Path(os.path.realpath(output))
    for folder in inputs.folders:
        other = Path(os.path.realpath(folder))
        if real == other:
            raise UsageError(f"the output {options.output} is the input itself; choose another, or use --in-place")
        if other in real.parents:
            raise UsageError(f"the output {options.output} lies inside the input {folder}; choose one outside")
        if real in other.parents:
            raise UsageError(f"the input {folder} lies inside the output {options.output}; choose another output")
    return Place(output, output / WORK, output / FAILED)


def refuse_inputs_as_outputs(place: Place, inputs: Inputs) -> None:
    """Raise `UsageError` if an output would replace one of the files given as input."""
    given = {Path(os.path.realpath(path)) for path in inputs.paths if not path.is_dir()}
    if not given:
        return
    for source in inputs:
        target = place.root / place.name_of(source)
        if not source.problem and Path(os.path.realpath(target)) in given:
            raise UsageError(f"the output {target} would replace an input; choose another output, or use --in-place")


def refuse_existing(place: Place, inputs: Inputs, remedy: str) -> None:
    """Raise `UsageError` with the remedy if an output exists already."""
    for source in inputs:
        target = place.root / place.name_of(source)
        if not source.problem and os.path.lexists(target):
            raise UsageError(f"{target} exists already; {remedy}")
