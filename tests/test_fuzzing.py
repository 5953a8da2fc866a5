"""Inputs that nobody would write: those that were found once, new ones by Hypothesis, and a short run of the fuzzer.

For long runs see `CLEANER_TEST_EXAMPLES` in `conftest.py` and `fuzzing/run.py`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT
from fuzzing.targets import FOUND, TARGETS, Case, found
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

RUNS = {"readers": 800, "clean": 150, "clean_html": 100}  # a few seconds each
DECISIONS = st.one_of(st.binary(max_size=40), st.binary(min_size=40, max_size=400))

slow = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.name}-{case.mode}-{case.url}") for case in found()])
def test_what_was_found_once_stays_mended(case: Case) -> None:
    case.check()


def test_every_folder_of_findings_belongs_to_a_target() -> None:
    assert {folder.name for folder in FOUND.iterdir() if folder.is_dir()} <= TARGETS.keys()


@slow
@given(DECISIONS)
def test_no_file_breaks_a_reader_or_loses_a_record(decisions: bytes) -> None:
    TARGETS["readers"](decisions).check()


@slow
@given(DECISIONS)
def test_the_laws_hold_for_any_text(decisions: bytes) -> None:
    TARGETS["clean"](decisions).check()


@slow
@given(DECISIONS)
def test_the_laws_hold_for_any_page(decisions: bytes) -> None:
    TARGETS["clean_html"](decisions).check()


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_short_run_of_the_fuzzer_finds_nothing(target: str) -> None:
    pytest.importorskip("atheris", reason="atheris, which has wheels for Linux on x86-64 only, is not installed")
    command = [sys.executable, "-m", "fuzzing.run", target, "--runs", str(RUNS[target]), "--seed", "7", "--seeds", "40"]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        command,
        cwd=ROOT / "tests",
        env=surroundings,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    runs = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    assert runs
    assert int(runs[1]) >= RUNS[target]
