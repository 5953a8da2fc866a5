"""The cleaner as blocks of a datatrove pipeline, for one machine, a Slurm cluster or Ray.

    LocalPipelineExecutor(
        pipeline=[
            WarcReader("warc/"),
            Trafilatura(favour_precision=False, deduplicate=False),
            InjectedLineCleaner(exclusion_writer=JsonlWriter("left-empty/")),
            JsonlWriter("cleaned/"),
        ],
        tasks=100,
    ).run()

Sightings over the whole collection take three stages, each an executor that depends on the one before:
`SightingsCounter` in every task, then `SightingsMerger`, then `InjectedLineCleaner(sightings_folder=...)`.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from functools import partial
from os import PathLike
from typing import Any

from cleaner import Cleaner, Result
from cleaner.pipelines.options import Options, Paths, missing, removal_rows
from cleaner.pipelines.sightings_parts import (
    PartedSightings,
    PartsError,
    PartWriter,
    count_part,
    read_head,
    read_part,
    write_table,
)
from cleaner.sightings_documents import Document as Observed
from cleaner.sightings_documents import observe

try:
    from datatrove.data import Document
    from datatrove.io import DataFolder, DataFolderLike, get_datafolder
    from datatrove.pipeline.base import PipelineStep
    from datatrove.pipeline.writers.disk_base import DiskWriter
    from datatrove.utils.logging import logger
    from datatrove.utils.typeshelper import StatHints
except ImportError as error:
    raise missing("datatrove", error) from error

Documents = Iterable[Document]
OBSERVED, TABLE = ".observed", ".sightings"


class InjectedLineCleaner(PipelineStep):
    """Takes injected lines out of documents, and keeps what was removed in their metadata.

    Documents of which nothing is left are dropped; `exclusion_writer` gets them with their text as it was. A document
    that fails is passed on as it is, with the reason in its metadata under `cleaner_error`.

    Args:
        mode: which errors to prefer: "precision", "balanced" or "recall"
        also: neutral categories to remove besides ("meta", "title")
        keep: categories to leave
        rules: rule files of your own, readable by every task
        sightings: a store of lines seen in other stories, readable by every task
        sightings_folder: the tables that `SightingsMerger` wrote, in place of a store
        url_key: the metadata with the address
        removed_key: the metadata that gets the removed pieces; only documents with any have it
        annotate: leave the text; only note in the metadata what would go
        exclusion_writer: a writer for the documents of which nothing is left
    """

    type = "✂️ - FORMAT"
    name = "🧹 Injected lines"

    def __init__(
        self,
        mode: str = "balanced",
        also: Iterable[str] = (),
        keep: Iterable[str] = (),
        rules: Paths = (),
        sightings: str | PathLike[str] | None = None,
        sightings_folder: DataFolderLike | None = None,
        url_key: str = "url",
        removed_key: str = "removed",
        annotate: bool = False,
        exclusion_writer: DiskWriter | None = None,
    ) -> None:
        super().__init__()
        if sightings and sightings_folder:
            raise ValueError("name a store of sightings or a folder with merged sightings, not both")
        self.options = Options.of(mode, also, keep, rules, sightings)
        self.sightings_folder = get_datafolder(sightings_folder) if sightings_folder else None
        self.url_key = url_key
        self.removed_key = removed_key
        self.annotate = annotate
        self.exclusion_writer = exclusion_writer

    def run(self, data: Documents, rank: int = 0, world_size: int = 1) -> Generator[Document, None, None]:
        """Clean the documents as they come."""
        cleaner = self._cleaner()
        with self.exclusion_writer or contextlib.nullcontext() as writer:
            for document in data:
                self.stat_update(StatHints.total)
                before = document.text
                with self.track_time():
                    left = self._clean(document, cleaner)
                if left:
                    self.stat_update(StatHints.forwarded)
                    self.update_doc_stats(document)
                    yield document
                    continue
                self.stat_update(StatHints.dropped, f"{StatHints.dropped}_nothing_left")
                if writer is not None:
                    document.text = before
                    document.metadata["filter_reason"] = "nothing_left"
                    writer.write(document, rank)

    def _cleaner(self) -> Cleaner:
        if self.sightings_folder is None:
            return self.options.cleaner()
        folder = self.sightings_folder
        names = folder.list_files(glob_pattern=f"*{TABLE}")
        return self.options.cleaner_with(PartedSightings.read(_opened(folder, names)))

    def _clean(self, document: Document, cleaner: Cleaner) -> bool:
        """Clean one document; says whether anything is left."""
        url = document.metadata.get(self.url_key)
        try:
            result = cleaner.clean(document.text, url if isinstance(url, str) else None)
        except Exception as error:
            self.stat_update("failed")
            document.metadata["cleaner_error"] = f"{type(error).__name__}: {error}"
            logger.warning(f"Document {document.id} could not be cleaned and is passed on as it is: {error}")
            return True
        self._count(result)
        if result.removed:
            document.metadata[self.removed_key] = removal_rows(result.removed)
            if not self.annotate:
                document.text = result.text
        return bool(result.text.strip())

    def _count(self, result: Result) -> None:
        if result.warnings:
            self.stat_update("doubted")
        if result.removed:
            self.stat_update("changed")
            self.stat_update("removed", value=len(result.removed), unit="doc")
            self.stat_update("removed_characters", value=sum(one.end - one.start for one in result.removed), unit="doc")
            for category, count in Counter(removal.category for removal in result.removed).items():
                self.stat_update(f"removed_{category}", value=count, unit="doc")


class SightingsCounter(PipelineStep):
    """Sightings, first stage: notes what the lines of each document hash to. Documents pass through unchanged.

    Args:
        output_folder: where each task writes one file
        parts: how many parts the count has, each of the size that one merging process holds in memory; documents of
            one site are counted in one part
        url_key: the metadata with the address
    """

    type = "👀 - SIGHTINGS"
    name = "🧮 Sightings stage 1, count"

    def __init__(self, output_folder: DataFolderLike, parts: int = 1, url_key: str = "url") -> None:
        super().__init__()
        self.output_folder = get_datafolder(output_folder)
        self.parts = parts
        self.url_key = url_key

    def run(self, data: Documents, rank: int = 0, world_size: int = 1) -> Generator[Document, None, None]:
        """Note the documents as they pass; the file is written after the last one."""
        writer = PartWriter(rank, self.parts)
        for document in data:
            with self.track_time():
                url = document.metadata.get(self.url_key)
                url = url if isinstance(url, str) else None
                seen = observe(document.text, url).document
                writer.add(seen, url)
                self.stat_update(StatHints.total)
                self.stat_update("lines", value=len(seen.keys), unit="doc")
            yield document
        with self.output_folder.open(f"{rank:05d}-of-{world_size:05d}{OBSERVED}", "wb") as file:
            self.stat_update("observed_bytes", value=writer.write(file), unit="task")


class SightingsMerger(PipelineStep):
    """Sightings, second stage: counts every part by itself. Give it as many tasks as there are parts, or fewer.

    Args:
        input_folder: what `SightingsCounter` wrote
        output_folder: where the tables go, one for each part
    """

    type = "👀 - SIGHTINGS"
    name = "🧮 Sightings stage 2, merge"

    def __init__(self, input_folder: DataFolderLike, output_folder: DataFolderLike) -> None:
        super().__init__()
        self.input_folder = get_datafolder(input_folder)
        self.output_folder = get_datafolder(output_folder)

    def run(self, data: Documents | None = None, rank: int = 0, world_size: int = 1) -> None:
        """Count the parts of this task. Raises `PartsError` if a task of the first stage has not finished."""
        names = self.input_folder.list_files(glob_pattern=f"*{OBSERVED}")
        parts = self._parts(names)
        for part in range(rank, parts, world_size):
            with self.track_time("part"):
                sightings = count_part(partial(self._documents, names, part))
            self.stat_update("stories", value=sightings.stories, unit="part")
            self.stat_update("repeated_lines", value=len(sightings.lines), unit="part")
            with self.output_folder.open(f"{part:05d}-of-{parts:05d}{TABLE}", "wb") as file:
                write_table(file, sightings, part, parts)

    def _parts(self, names: list[str]) -> int:
        sizes = {int(name.removesuffix(OBSERVED).rpartition("-")[2]) for name in names}
        if sizes != {len(names)}:
            found = f"{len(names)} files of {' and '.join(map(str, sorted(sizes))) or 'no'} tasks"
            raise PartsError(f"the first stage is not complete: {self.input_folder.path} holds {found}")
        counts = {read_head(file)[1] for file in _opened(self.input_folder, names)}
        if len(counts) != 1:
            raise PartsError("the tasks of the first stage have written different numbers of parts; count anew")
        return counts.pop()

    def _documents(self, names: list[str], part: int) -> Iterator[Observed]:
        for file in _opened(self.input_folder, names):
            yield from read_part(file, part)


def _opened(folder: DataFolder, names: Iterable[str]) -> Iterator[Any]:
    """The files of a folder, one open at a time."""
    for name in names:
        with folder.open(name, "rb") as file:
            yield file
