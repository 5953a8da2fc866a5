"""Batches: folders and files of any size through the cleaner, with nothing lost and nothing half-written.

The way of the data: `inputs` finds what there is to read and what its output is called; `tasks` cuts it into jobs;
`workers` runs them in processes of their own and gives the results back in order; `work` is what happens there;
`outputs` writes, through `safely`, which never leaves a half-written file; `manifest` remembers how far a run is;
`run` holds them together; `totals` counts, `show` shows; `in_place` replaces originals and brings them back;
`bring_back` undoes any other run by its list of `removals`, and puts records back with `put_back`.
"""

from __future__ import annotations

from cleaner.batch.options import Listener, Options, Report, UsageError
from cleaner.batch.run import run
from cleaner.batch.totals import Failure, Totals

__all__ = ["Failure", "Listener", "Options", "Report", "Totals", "UsageError", "run"]
