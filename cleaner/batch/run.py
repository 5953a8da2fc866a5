"""A run from its inputs to its outputs: the one place that holds all parts together."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from cleaner.batch.inputs import Inputs, Source
from cleaner.batch.jobs import ArticleJob, Done, Recipe
from cleaner.batch.looking import Look, digest, observations, worth_a_look
from cleaner.batch.machine import Stopping, cores, stoppable
from cleaner.batch.manifest import NAME as MANIFEST
from cleaner.batch.manifest import Lock, Manifest, State
from cleaner.batch.options import Listener, Options, Report, UsageError
from cleaner.batch.outputs import InPlace, Into, Lines, Nowhere, Standard
from cleaner.batch.places import (
    Place,
    absolute,
    file_place,
    folder_place,
    refuse_existing,
    refuse_inputs_as_outputs,
    wants_file,
)
from cleaner.batch.safely import Folder, StoppedError
from cleaner.batch.streaming import NAME, LineFeed, StandardInput, spool_folder
from cleaner.batch.tasks import ChangedError, Plan, Position, Share, Task, tasks
from cleaner.batch.totals import Failure, Totals
from cleaner.batch.workers import Feed, Pool, run_inline
from cleaner.files.names import Form
from cleaner.files.problems import UnreadableError, in_words
from cleaner.sightings import Sightings
from cleaner.sightings_documents import Observation

AGAIN = "use --resume to go on with an interrupted run, or --overwrite to replace it"


def run(options: Options, listener: Listener | None = None, standard: tuple[int, IO[bytes]] | None = None) -> Report:
    """Do what `options` say.

    `standard` is where standard input (a file descriptor) and output are. Raises `UsageError` or `ResumeError` before
    anything is written. Failures of single articles are counted and listed; what ends the whole run is in the report.
    """
    return _Run(options, listener or Listener(), standard or (0, sys.stdout.buffer)).run()


class _Tasks:
    """Tasks from a generator, as a feed."""

    source = None

    def __init__(self, found: Iterator[Task]) -> None:
        self.found = found

    def take(self) -> Task:
        return next(self.found)


class _Run:
    def __init__(self, options: Options, listener: Listener, standard: tuple[int, IO[bytes]]) -> None:
        self.listener = listener
        self.descriptor, self.stream = standard
        self.totals = Totals()
        self.position = Position()
        self.gone = Share()
        self.sides: dict[str, Lines] = {}
        self.stopping = Stopping()
        self.place: Place | None = None
        self.stdin = "-" in options.inputs
        if self.stdin and (len(options.inputs) > 1 or options.in_place):
            raise UsageError("standard input (-) goes neither with other inputs nor with --in-place")
        if options.in_place and (options.output or options.format or options.annotate):
            raise UsageError("--in-place keeps place and format: it does not go with --output, --format or --annotate")
        self.place = file_place(options) if options.write and wants_file(options) else None
        if self.place and self.place.form and not options.format:
            options = replace(options, format=self.place.form.format)
        self.options = options
        self.workers = options.workers or cores()

    def run(self) -> Report:
        with stoppable(self.stopping), contextlib.ExitStack() as stack:
            if self.stdin:
                return self._from_stdin(stack)
            inputs = Inputs(self.options.inputs, self.becomes, (self.failures_name(),))
            if self.options.write and (self.options.output or self.options.in_place):
                return self._to_files(inputs, stack)
            return self._to_stream(inputs, stack)

    def becomes(self, form: Form) -> Form:
        """The form of the output for that of an input."""
        target = self.options.becomes(form)
        if self.place is not None:
            return Form(target.format, self.place.form.packing if self.place.form else "")
        return target

    def failures_name(self) -> str:
        """The name of the list of failures, which no output may have."""
        return "failed.jsonl" if self.options.output and self.place is None else ""

    # The three ways: files to files, anything to standard output, standard input to anything.

    def _to_files(self, inputs: Inputs, stack: contextlib.ExitStack) -> Report:
        options = self.options
        place = self.place or folder_place(options, inputs)
        if not options.in_place:
            refuse_inputs_as_outputs(place, inputs)
        folder = Folder(place.root, place.work)
        self._refuse_earlier(place, inputs)
        options, seen = self._looked(inputs)
        if self.stopping.asked:
            return Report(self.totals, interrupted=True)  # half a look must not decide about anything
        manifest = None if options.in_place else Manifest(place.work, {**options.fixed(), "lines seen": seen})
        state = manifest.load() if manifest is not None and options.resume and not options.overwrite else None
        self._begin(folder, stack, fresh=state is None)
        state = state or State()
        self.totals, self.position = state.totals, state.position
        self.totals.skipped = 0  # all inputs are walked again
        self._open_sides(place, state)
        if options.in_place:
            output: Into = InPlace(folder, self._report, place.name_of)
        else:
            output = Into(folder, manifest, state, self._report, place.name_of, self.sides.values())
        if manifest is not None:
            manifest.save(state)
        recipe = options.recipe()
        plan = Plan(recipe, options.fields, self.becomes, place.name_of)
        feed = _Tasks(tasks(inputs, plan, state.position))
        inline = self._is_small(inputs)
        if self.listener.wants_share:
            self.gone = Share.of(inputs, state.position.sources)
        inputs.skipped = self._skipped
        try:
            return self._drive(feed, recipe, output, place, inline)
        except ChangedError as error:
            raise UsageError("the inputs have changed since the earlier run; use --overwrite to start again") from error

    def _refuse_earlier(self, place: Place, inputs: Inputs) -> None:
        """Raise `UsageError` if there is an earlier run, or output, and nobody said what to do with it."""
        if self.options.in_place or self.options.overwrite:
            return
        earlier = (place.work / MANIFEST).exists()
        if earlier and self.options.resume:
            return
        if earlier:
            raise UsageError(f"{place.root / place.name} holds the output of an earlier run; {AGAIN}")
        remedy = (
            "there is no earlier run to go on with; use --overwrite to replace it" if self.options.resume else AGAIN
        )
        refuse_existing(place, inputs, remedy)
        if self.options.removed is not None and self.options.removed.exists():
            raise UsageError(f"{self.options.removed} exists already; {remedy}")

    def _looked(self, inputs: Inputs) -> tuple[Options, str]:
        """The options with what a first look at all inputs has shown, and a digest of that."""
        options = self.options
        if not options.look or not worth_a_look(inputs):
            return options, "none"
        seen = observations(inputs, options.fields, Look(options.limits), self.workers, lambda: self.stopping.asked)
        table = Sightings.count(self._counted(seen))
        return replace(options, choice=options.choice.seeing(table)), digest(table)

    def _counted(self, seen: Iterator[Observation]) -> Iterator[Observation]:
        for number, observation in enumerate(seen, 1):
            yield observation
            if number % 100 == 0:
                self.listener.looked(number)

    def _begin(self, folder: Folder, stack: contextlib.ExitStack, fresh: bool) -> None:
        try:
            if fresh and folder.work.is_dir() and not folder.work.is_symlink():
                self._lock(folder, stack)
                folder.clear()
            folder.begin()
            self._lock(folder, stack)
        except OSError as error:
            raise UsageError(f"cannot write to {folder.root}: {in_words(error)}") from error

    def _lock(self, folder: Folder, stack: contextlib.ExitStack) -> None:
        lock = Lock(folder.work)
        lock.take()
        stack.callback(lock.release)

    def _open_sides(self, place: Place, state: State) -> None:
        names = ["failed"] + (["removed"] if self.options.removed else [])
        for name in names:
            path = place.work / f"{name}.jsonl"
            size = state.sides.get(name, 0)
            target = place.failures if name == "failed" else self.options.removed
            if size and not path.exists() and target is not None and target.exists():
                path.write_bytes(target.read_bytes())  # of a complete run that goes on with new inputs
            self.sides[name] = Lines(path, size)

    def _to_stream(self, inputs: Inputs, stack: contextlib.ExitStack) -> Report:
        output: Nowhere = Nowhere()
        target = self.options.format
        if self.options.write:
            target = self._printable(inputs)
            output = Standard(self.stream)
        self._open_removed(stack)
        options, _ = self._looked(inputs)
        recipe = options.recipe(errors_inline=options.write and target == "jsonl")
        found = tasks(inputs, Plan(recipe, options.fields, self._printed), Position())
        inline = self._is_small(inputs)
        if self.listener.wants_share:
            self.gone = Share.of(inputs, 0)
        inputs.skipped = self._skipped
        return self._drive(_Tasks(found), recipe, output, None, inline)

    def _printed(self, form: Form) -> Form:
        return Form(self.options.becomes(form).format)

    def _printable(self, inputs: Inputs) -> str:
        """The format of what is printed. Raises `UsageError` if it cannot be printed, or not in one piece."""
        only = inputs.single_file
        source = next(iter(inputs)) if only is not None else None
        target = self._printed(source.form).format if source and not source.problem else self.options.format
        if target == "parquet":
            raise UsageError("Parquet cannot be printed; name an output file with -o")
        if only is None and target != "jsonl":
            raise UsageError("several articles need a folder: -o FOLDER; or --format jsonl prints them as records")
        return target

    def _from_stdin(self, stack: contextlib.ExitStack) -> Report:
        options = self.options
        try:
            stdin = StandardInput(self.descriptor, options.input_format, options.limits)
        except UnreadableError as error:
            self._report(Failure(NAME, str(error)))
            return Report(self.totals)
        target = Form(
            self.becomes(stdin.form).format, self.place.form.packing if self.place and self.place.form else ""
        )
        place = None
        output: Nowhere = Nowhere()
        if options.write and options.output is not None:
            place = self.place or file_place(replace(options, output=options.output / f"{NAME}.{target.format}"))
            self._refuse_old(place)
            folder = Folder(place.root, place.work)
            self._begin(folder, stack, fresh=True)
            self._open_sides(place, State())
            output = Into(folder, None, State(), self._report, place.name_of)
        elif options.write:
            if target.format == "parquet":
                raise UsageError("Parquet cannot be printed; name an output file with -o")
            output = Standard(self.stream)
        if place is None:
            self._open_removed(stack)
        recipe = options.recipe(errors_inline=options.write and place is None and target.format == "jsonl")
        if stdin.form.format == "jsonl" and target.format == "jsonl":
            return self._drive(LineFeed(stdin, options.fields, target), recipe, output, place, inline=False)
        found = self._tasks_of(stdin, recipe, target, stack)
        return self._drive(_Tasks(found), recipe, output, place, inline=stdin.form.single)

    def _refuse_old(self, place: Place) -> None:
        path = place.root / place.name
        if path.exists() and not self.options.overwrite:
            raise UsageError(f"{path} exists already; use --overwrite to replace it (standard input cannot be resumed)")

    def _tasks_of(
        self, stdin: StandardInput, recipe: Recipe, target: Form, stack: contextlib.ExitStack
    ) -> Iterator[Task]:
        """What is piped in, when it is no stream of JSON lines."""
        position = Position(1)
        if not stdin.form.single:
            source = stdin.spooled(Path(stack.enter_context(spool_folder())))
            yield from tasks([source], Plan(recipe, self.options.fields, lambda form: target), Position())
            return
        source = Source(Path(NAME), NAME, stdin.form, NAME)
        try:
            item = replace(stdin.article(), target=target)
        except UnreadableError as error:
            yield Task(position, source=source, failure=Failure(NAME, str(error)))
            return
        yield Task(position, ArticleJob((item,)), sources=(source,))

    def _open_removed(self, stack: contextlib.ExitStack) -> None:
        """The list of removals of a run that has no working folder."""
        target = self.options.removed
        if target is None or not self.options.write:
            return
        if target.exists() and not self.options.overwrite:
            raise UsageError(f"{target} exists already; use --overwrite to replace it")
        part = absolute(target).with_name(f".cleaner-{os.getpid()}.part")
        try:
            self.sides["removed"] = Lines(part)
        except OSError as error:
            raise UsageError(f"cannot write {target}: {in_words(error)}") from error
        stack.callback(part.unlink, missing_ok=True)

    # What all ways have in common.

    def _is_small(self, inputs: Inputs) -> bool:
        """Whether there is one article only: not worth a process of its own."""
        only = inputs.single_file
        return only is not None and all(source.form.single for source in inputs)

    def _drive(self, feed: Feed, recipe: Recipe, output: Nowhere, place: Place | None, inline: bool) -> Report:
        stopped = ""
        finished = False
        if inline:
            results = run_inline(feed, recipe, lambda: self.stopping.asked)
        else:
            pool = Pool(recipe, self.workers, self.options.timeout)
            results = pool.run(feed, lambda: self.stopping.asked)
        with contextlib.closing(results):
            try:
                for task, done in results:
                    self._take(task, done, output)
                finished = not self.stopping.asked
                if finished:
                    output.finish(self._state())
            except StoppedError as error:
                stopped = str(error)
            except BrokenPipeError:
                raise
            except OSError as error:
                stopped = f"writing stopped: {in_words(error)}"
            except KeyboardInterrupt:
                self.stopping.asked = True
        if not finished:
            output.stop(self._state())
        resumable = place is not None and not self.options.in_place and not self.stdin
        failures = self._publish(place) if finished or not resumable else None
        output.close()
        return Report(self.totals, failures, self.stopping.asked, stopped, resumable)

    def _take(self, task: Task, done: Done | None, output: Nowhere) -> None:
        """Put a result where it belongs, and note what it says."""
        if task.note and task.source is not None:
            self.listener.noted(f"{task.source.name}: {task.note}")
        output.put(task, done)
        if done is not None:
            self.totals.add(done.totals)
            for failure in done.failures:
                self._list(failure)
            if "removed" in self.sides:
                for line in done.removed:
                    self.sides["removed"].write(line)
            if done.diff:
                self.listener.compared(done.diff)
            if done.reports:
                self.listener.reported(done.reports)
        if task.failure is not None:
            self._report(task.failure)
        self.position = task.position
        output.reached(self._state())
        self.listener.advanced(self.totals, self.gone.after(task))

    def _state(self) -> State:
        for side in self.sides.values():
            with contextlib.suppress(OSError, ValueError):
                side.flush()
        return State(self.position, self.totals.copy(), sides={name: side.size for name, side in self.sides.items()})

    def _report(self, failure: Failure) -> None:
        self.totals.failed += 1
        self._list(failure)

    def _list(self, failure: Failure) -> None:
        self.listener.failed(failure)
        if "failed" in self.sides:
            self.sides["failed"].row(failure.row())

    def _skipped(self, name: str, reason: str) -> None:
        self.totals.skipped += 1
        self.listener.skipped(name, reason)

    def _publish(self, place: Place | None) -> Path | None:
        """Give the lists of failures and removals their names; the path of that of failures, if there are any.

        Those of a run that can go on stay where they are until its end.
        """
        failed = None
        for name, side in self.sides.items():
            target = place.failures if name == "failed" and place else self.options.removed
            if target is not None:
                side.publish(absolute(target))
                if name == "failed" and target.exists():
                    failed = target
        return failed
