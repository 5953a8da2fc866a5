"""Imported by the process that workers are forked from: what takes long is done once, and shared."""

from __future__ import annotations

import contextlib

import cleaner.batch.work
import cleaner.page  # noqa: F401
from cleaner.compiled import shipped_rulebook

# If it fails here it fails in the workers too, and there somebody hears of it.
with contextlib.suppress(Exception):
    shipped_rulebook()
