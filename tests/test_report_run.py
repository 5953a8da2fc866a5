"""`--report`: the page of a run on the command line, with any number of workers."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cleaner.cli import app
from cleaner.rulecheck import carrier

PITCH = "Sign up for our daily newsletter"


def clean(*words: object) -> Result:
    return CliRunner().invoke(app, ["clean", *map(str, words)])


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_text(carrier(PITCH), encoding="utf-8")
    rows = [{"id": "a", "url": "https://www.fernmouth.example/1", "text": carrier("Advertisement")}, {"text": 5}]
    (folder / "more.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x00\x01\x02" * 50)
    return folder


def without_time(page: Path) -> str:
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page.read_text(encoding="utf-8"))


def test_a_report_shows_the_run_whatever_the_number_of_workers(inbox: Path, tmp_path: Path) -> None:
    pages = []
    for workers in (1, 2):
        page = tmp_path / f"report{workers}.html"
        done = clean(inbox, "-o", tmp_path / f"out{workers}", "--report", page, "-j", workers)
        assert done.exit_code == 1  # two articles could not be cleaned
        pages.append(without_time(page))
    assert pages[0] == pages[1]
    page = pages[0]
    assert "<dt>Articles</dt><dd>4</dd>" in page
    assert "<dt>Failed</dt><dd>2</dd>" in page
    assert "more.jsonl, record 2" in page
    assert "fernmouth.example" in page
    assert page.count('<details class="article"') == 4


def test_an_existing_report_is_not_replaced_unasked(inbox: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    page.write_text("mine")
    refused = clean(inbox, "-o", tmp_path / "out", "--report", page)
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert page.read_text() == "mine"
    assert not (tmp_path / "out").exists()
    clean(inbox, "-o", tmp_path / "out", "--report", page, "--overwrite")
    assert "Cleaning report" in page.read_text(encoding="utf-8")


def test_a_report_needs_its_folder(inbox: Path, tmp_path: Path) -> None:
    refused = clean(inbox, "-o", tmp_path / "out", "--report", tmp_path / "nowhere" / "report.html")
    assert refused.exit_code == 2
    assert "make it first" in refused.stderr


def test_a_dry_run_has_a_report_too(inbox: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    clean(inbox, "--dry-run", "--report", page)
    assert "<dt>Articles</dt><dd>4</dd>" in page.read_text(encoding="utf-8")
    assert not (tmp_path / "out").exists()


def test_a_resumed_run_says_what_it_does_not_count(inbox: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    clean(inbox, "-o", tmp_path / "out")
    clean(inbox, "-o", tmp_path / "out", "--resume", "--report", page)
    assert "what an earlier run had cleaned" in page.read_text(encoding="utf-8")
