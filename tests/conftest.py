"""Where the test data stands, and what is skipped without it."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled data (../shared) is not here")

# In CI the same examples every time: a red build must be somebody's change. New examples are looked for by hand.
settings.register_profile("ci", derandomize=True, deadline=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
# A long search by hand: CLEANER_TEST_EXAMPLES=100000 python -m pytest tests/test_fuzzing.py tests/test_files.py
if examples := os.environ.get("CLEANER_TEST_EXAMPLES"):
    settings.register_profile("long", max_examples=int(examples), deadline=None)
    settings.load_profile("long")
