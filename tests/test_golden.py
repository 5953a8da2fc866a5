"""What comes out of the articles in `fixtures/`: to the byte as recorded, and measured against a reader's labels.

`python benchmarks/refresh_fixtures.py` records anew. The labels in `fixtures/truth` say what is right; the floors in
`floors.toml` say how far the outcome is from it, and may only get better.
"""

import sys
from pathlib import Path

import pytest
from conftest import ROOT

from cleaner import Cleaner
from cleaner.rules import INJECTED

sys.path.insert(0, str(ROOT / "benchmarks"))
from record_floors import fixture_lines, read_floors
from refresh_fixtures import EXPECTED, INBOX, golden, inbox

ARTICLES = inbox()
TEXTS = [path for path in ARTICLES if path.suffix != ".html"]
CLEAN = [path for path in TEXTS if path.name.startswith("clean-")]


def name(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    return Cleaner()


def test_nothing_is_recorded_of_an_article_that_is_gone():
    wanted = {f"{path.stem}.txt" if path.suffix == ".html" else path.name for path in ARTICLES}
    assert {path.name for path in EXPECTED.iterdir() if not path.name.endswith(".removed.jsonl")} == wanted
    assert {path.name.removesuffix(".removed.jsonl") for path in EXPECTED.glob("*.removed.jsonl")} == wanted


@pytest.mark.parametrize("path", ARTICLES, ids=name)
def test_an_article_comes_out_as_recorded(path: Path, cleaner: Cleaner):
    now = golden(cleaner, path)
    remedy = "if the change is right: python benchmarks/refresh_fixtures.py"
    assert now.removed.decode() == (EXPECTED / now.removed_name).read_bytes().decode(), remedy
    assert now.text == (EXPECTED / now.name).read_bytes(), remedy


@pytest.mark.parametrize("path", CLEAN, ids=name)
def test_a_clean_article_comes_back_untouched(path: Path, cleaner: Cleaner):
    result = cleaner.clean(path.read_bytes().decode())
    assert result.text.encode() == path.read_bytes()
    assert not result.removed
    assert (EXPECTED / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_an_article_can_be_put_back(path: Path, cleaner: Cleaner):
    assert cleaner.clean(path.read_bytes().decode()).restore().encode() == path.read_bytes()


def test_there_are_enough_clean_articles():
    assert len(CLEAN) >= 5
    assert len(ARTICLES) >= 20
    assert {path.parent for path in ARTICLES} == {INBOX}


def test_no_more_of_the_body_is_lost_than_ever(cleaner: Cleaner):
    rows = [(path.name, *row) for path in TEXTS for row in fixture_lines(path, cleaner) if row[0] == "body"]
    lost = [f"{article}: {line}" for article, _, line, kept in rows if not kept]
    assert len(lost) <= read_floors()["fixtures"]["balanced"]["body_lines_lost"], "\n".join(lost)


def test_the_injected_lines_go(cleaner: Cleaner):
    rows = [(path.name, *row) for path in TEXTS for row in fixture_lines(path, cleaner) if row[0] in INJECTED]
    missed = [f"{article}: {label}: {line}" for article, label, line, kept in rows if kept]
    recall = 1 - len(missed) / len(rows)
    assert recall >= read_floors()["fixtures"]["balanced"]["recall"], f"recall {recall:.4f}\n" + "\n".join(missed)
