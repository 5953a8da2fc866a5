"""Pages as Markdown: what structure stays, what is taken out of it, and the way back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cleaner import Cleaner
from cleaner.cli import app
from cleaner.result import cut

FIRST = (
    "The council of Brackwater voted on Tuesday to rebuild the old sea wall, which had given way in two places during "
    "the storms of last winter and left forty families without a road."
)
LAST = (
    "Work begins in May and should end before the herring season, the harbour master said, because nobody wants "
    "lorries on the quay when the boats come in."
)
PITCH = "Sign up for our daily newsletter"
CLEANER = Cleaner()


def page(body: str) -> str:
    return f"<html><head><title>The wall</title></head><body><article>{body}</article></body></html>"


def markdown(inside: str, url: str | None = None) -> str:
    """What becomes of something between two paragraphs."""
    text = CLEANER.clean_html(page(f"<p>{FIRST}</p>{inside}<p>{LAST}</p>"), url, keep_markup=True).text
    assert text.startswith(FIRST + "\n\n")
    assert text.endswith("\n\n" + LAST)
    return text[len(FIRST) + 2 : -len(LAST) - 2]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<h3><b>What it costs</b></h3><p>Two million crowns, says the town.</p>",
            "### What it costs\n\nTwo million crowns, says the town.",
        ),
        ("<p>The <b> wall </b>and the <i>quay</i> are one work.</p>", "The **wall** and the *quay* are one work."),
        ("<p><b>A <strong>very</strong> old</b> wall stood here before.</p>", "**A very old** wall stood here before."),
        (
            "<p>See the <a href='/plan (new).pdf'>plan of 1931</a>, says <a href='javascript:x()'>Ada Marsh</a>, "
            "and <a href='#n1'>the note</a>.</p>",
            "See the [plan of 1931](/plan%20%28new%29.pdf), says Ada Marsh, and the note.",
        ),
        (
            "<p>Three things are needed, the engineers say:</p><ol><li>stone from the <b>quarry</b>,</li>"
            "<li>a dry month,</li><li>money.</li></ol>",
            "Three things are needed, the engineers say:\n\n1. stone from the **quarry**,\n1. a dry month,\n1. money.",
        ),
        (
            "<p>Three things are needed, the engineers say:</p><ul><li>stone:<ul><li>grey stone,</li><li>red stone,"
            "</li></ul></li><li>money.</li></ul>",
            "Three things are needed, the engineers say:\n\n- stone:\n   - grey stone,\n   - red stone,\n- money.",
        ),
        (
            "<p>What each part costs, as the council says:</p><table><tr><th>Part</th><th>Crowns</th></tr>"
            "<tr><td>Stone</td><td>1,200,000</td></tr><tr><td>Work</td><td>800,000</td></tr></table>",
            "What each part costs, as the council says:\n\n| Part | Crowns |\n| --- | --- |\n| Stone | 1,200,000 |\n"
            "| Work | 800,000 |",
        ),
        (
            "<blockquote><p>“We have waited for this wall for sixty years,” she said.</p></blockquote>",
            "> “We have waited for this wall for sixty years,” she said.",
        ),
    ],
    ids=["heading", "emphasis", "emphasis twice", "links", "ordered list", "list in a list", "table", "quotation"],
)  # fmt: skip
def test_structure_stays(html: str, expected: str) -> None:
    assert markdown(html) == expected


def test_links_are_whole_where_the_address_of_the_page_is_known() -> None:
    said = markdown(
        "<p>The plan of <a href='../plans/1931'>the first wall</a> has been found in the attic of the town hall.</p>",
        "https://post.example/news/wall",
    )
    assert "[the first wall](https://post.example/plans/1931)" in said


def test_a_link_around_blocks_stays_with_each_of_them() -> None:
    said = markdown("<a href='/a'><h2>The first wall</h2><p>It was built in 1931 by two hundred men.</p></a>")
    assert said == "## [The first wall](/a)\n\n[It was built in 1931 by two hundred men.](/a)"


def test_a_paragraph_loses_a_fragment_and_no_more() -> None:
    sentence = "The wall is the third one at this place, and the first that was built without the help of the army."
    opens = f"<p>{sentence} <a href='/x'>The report, opens new tab</a>, is out, the town says.</p>"
    result = CLEANER.clean_html(page(f"<p>{FIRST}</p>{opens}<p>{LAST}</p>"), keep_markup=True)
    assert result.removed
    assert result.text == f"{FIRST}\n\n{sentence} [The report](/x), is out, the town says.\n\n{LAST}"
    assert "[The report, opens new tab](/x)" in result.restore()


def test_marks_go_with_all_that_they_mark() -> None:
    sentence = "The wall is the third one at this place, and the first that was built without the help of the army."
    result = CLEANER.clean_html(
        page(f"<p>{FIRST}</p><p><b>ADVERTISEMENT</b> {sentence}</p><p>{LAST}</p>"), keep_markup=True
    )
    assert result.text == f"{FIRST}\n\n{sentence}\n\n{LAST}"


PAGE = page(
    f"<h1>The wall</h1><p>{FIRST}</p><p><a href='/letter'>{PITCH}</a></p><h2>What it costs</h2>"
    f"<p>The town pays <b>two million</b> crowns, as it did for the road in 1998 and for the bridge before.</p>"
    f"<p>{LAST}</p><ul><li><a href='/1'>Read more: Mayor resigns over parking</a></li></ul>"
)


def test_removals_are_spans_of_the_markdown() -> None:
    plain = CLEANER.clean_html(PAGE)
    marked = CLEANER.clean_html(PAGE, keep_markup=True)
    whole = marked.restore()
    assert [removal.score for removal in marked.removed] == [removal.score for removal in plain.removed]
    assert cut(whole, marked.removed) == marked.text
    assert f"[{PITCH}](/letter)" in whole
    assert PITCH not in marked.text
    for removal in marked.removed:
        assert removal.text == whole[removal.start : removal.end]
        assert removal.text.strip("\n") == whole.split("\n")[removal.line - 1]
    assert "\n\n## What it costs\n\n" in marked.text
    assert "\n\n\n" not in marked.text


def run(*words: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_command_makes_markdown_and_brings_back_what_went(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/wall.html").write_text(PAGE)
    (tmp_path / "in/note.txt").write_text(f"{FIRST}\n\n{PITCH}\n\n{LAST}\n")
    run("clean", tmp_path / "in", "-o", tmp_path / "out", "--keep-markup", "--removed", tmp_path / "gone.jsonl")
    assert sorted(path.name for path in (tmp_path / "out").glob("*.*")) == [".cleaner", "note.txt", "wall.md"]
    expected = CLEANER.clean_html(PAGE, keep_markup=True)
    assert (tmp_path / "out/wall.md").read_text() == expected.text + "\n"
    run("restore", tmp_path / "out", "--removed", tmp_path / "gone.jsonl", "-o", tmp_path / "back")
    assert (tmp_path / "back/wall.md").read_text() == expected.restore() + "\n"
    assert (tmp_path / "back/note.txt").read_text() == (tmp_path / "in/note.txt").read_text()


def test_a_page_is_printed_as_markdown(tmp_path: Path) -> None:
    (tmp_path / "wall.html").write_text(PAGE)
    expected = CLEANER.clean_html(PAGE, keep_markup=True).text + "\n"
    assert run("clean", tmp_path / "wall.html", "--keep-markup", "--quiet") == expected
    words = [sys.executable, "-m", "cleaner", "clean", "-", "--input-format", "html", "--keep-markup", "--quiet"]
    assert subprocess.run(words, input=PAGE, capture_output=True, text=True, check=True).stdout == expected


def test_records_hold_markdown(tmp_path: Path) -> None:
    (tmp_path / "crawl.jsonl").write_text(json.dumps({"id": 1, "html": PAGE}) + "\n")
    run("clean", tmp_path / "crawl.jsonl", "-o", tmp_path / "clean.jsonl", "--html-field", "html", "--keep-markup")
    (line,) = (tmp_path / "clean.jsonl").read_text().splitlines()
    assert json.loads(line)["text"] == CLEANER.clean_html(PAGE, keep_markup=True).text


def test_a_page_cleaned_in_place_comes_back(tmp_path: Path) -> None:
    (tmp_path / "wall.html").write_text(PAGE)
    run("clean", tmp_path / "wall.html", "--in-place", "--keep-markup")
    assert not (tmp_path / "wall.html").exists()
    assert "## What it costs" in (tmp_path / "wall.md").read_text()
    run("restore", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["wall.html"]
    assert (tmp_path / "wall.html").read_text() == PAGE


def test_an_interrupted_run_does_not_go_on_with_another_kind_of_text(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/wall.html").write_text(PAGE)
    run("clean", tmp_path / "in", "-o", tmp_path / "out")
    run("clean", tmp_path / "in", "-o", tmp_path / "out", "--keep-markup", "--resume", code=2)
