"""Web archives to clean articles with datatrove, sightings of the whole collection included.

    python examples/datatrove_news.py warc/ output/

Three stages, each waiting for the one before. On a cluster `LocalPipelineExecutor` becomes `SlurmPipelineExecutor` or
`RayPipelineExecutor`; the pipelines stay as they are.
"""

import sys
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers.jsonl import JsonlWriter

from cleaner.pipelines.datatrove import InjectedLineCleaner, SightingsCounter, SightingsMerger


def clean_archives(archives: Path, output: Path, tasks: int = 2, workers: int = 2, parts: int = 1) -> None:
    """Extract, count, merge and clean; the articles end up in the folder `cleaned` of the output."""
    extract = LocalPipelineExecutor(
        pipeline=[
            WarcReader(str(archives)),
            Trafilatura(favour_precision=False, deduplicate=False, timeout=30),
            SightingsCounter(str(output / "counts"), parts=parts),
            JsonlWriter(str(output / "extracted")),
        ],
        tasks=tasks,
        workers=workers,
        logging_dir=str(output / "logs" / "extract"),
    )
    merge = LocalPipelineExecutor(
        pipeline=[SightingsMerger(str(output / "counts"), str(output / "sightings"))],
        tasks=parts,
        logging_dir=str(output / "logs" / "merge"),
        depends=extract,
    )
    clean = LocalPipelineExecutor(
        pipeline=[
            JsonlReader(str(output / "extracted")),
            InjectedLineCleaner(
                sightings_folder=str(output / "sightings"),
                exclusion_writer=JsonlWriter(str(output / "left-empty")),
            ),
            JsonlWriter(str(output / "cleaned")),
        ],
        tasks=tasks,
        workers=workers,
        logging_dir=str(output / "logs" / "clean"),
        depends=merge,
    )
    clean.run()


if __name__ == "__main__":
    clean_archives(Path(sys.argv[1]), Path(sys.argv[2]))
