"""The command line as a user types it. Runs that need no worker go through the typer runner; the rest are processes."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sightings_world import ADVERT, stories
from typer.main import get_command
from typer.testing import CliRunner, Result

import cleaner
from cleaner.cli import app
from cleaner.judge import Reason
from cleaner.listing import as_text
from cleaner.result import Line

ROOT = Path(__file__).resolve().parent.parent
ARTICLE = (
    "The council of Fernmouth voted on Tuesday evening to rebuild the old sea wall before winter.\n\n"
    "Read the full article here\n\n"
    "“We have waited eleven years for this,” said Nora Quillan, who runs the ferry office.\n\n"
    "ADVERTISEMENT - STORY CONTINUES BELOW\n\n"
    "The first stones will be laid in May, when the tide is low enough for the lorries.\n"
)
CLEAN = "\n\n".join(ARTICLE.split("\n\n")[::2])


def said(*words: str | Path, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=stdin)


def ran(*words: str | Path, stdin: bytes = b"", timeout: float = 120) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cleaner", *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=timeout, check=False)


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text(ARTICLE)
    return path


def test_a_file_is_printed_clean_with_a_summary_on_standard_error(article: Path) -> None:
    result = said("clean", article)
    assert (result.exit_code, result.stdout) == (0, CLEAN)
    assert re.search(r"^1 article, 1 changed; removed 2 lines \(.*\); 0 failed$", result.stderr, re.MULTILINE)


def test_quiet_says_nothing(article: Path) -> None:
    assert said("clean", article, "--quiet").stderr == ""


def test_a_folder_goes_to_a_folder_and_standard_input_to_standard_output(tmp_path: Path, article: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.md").write_text(ARTICLE)
    (folder / "r.jsonl").write_text(json.dumps({"text": ARTICLE}) + "\n")
    result = ran("clean", folder, "-o", tmp_path / "out", "--workers", "1")
    assert result.returncode == 0, result.stderr
    assert b"4 articles, 4 changed" in result.stderr
    assert all((tmp_path / f"out/{number}.md").read_text() == CLEAN for number in range(3))
    piped = ran("clean", "-", stdin=ARTICLE.encode())
    assert (piped.returncode, piped.stdout) == (0, CLEAN.encode())


def test_what_cannot_be_done_is_one_line_and_exit_code_2(tmp_path: Path, article: Path) -> None:
    (tmp_path / "broken.toml").write_text('[[rule]]\nid = "x.y"\ncategory = "ad"\nsays = "s"\npattern = "("\n')
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(ARTICLE)
    cases = {
        ("clean", article, "--mode", "mild"): "unknown mode 'mild'",
        ("clean", article, "--keep", "adverts"): "unknown category 'adverts'",
        ("clean", article, "--rules", tmp_path / "broken.toml"): "broken.toml",
        ("clean", article, "--rules", tmp_path / "none.toml"): "none.toml",
        ("clean", tmp_path / "in", "-o", article): "is a file",
        ("clean", tmp_path / "in", "-o", tmp_path / "in"): "is the input itself",
        ("clean", tmp_path / "in", "-o", tmp_path / "in/out"): "lies inside the input",
        ("clean", tmp_path / "in"): "need a folder",
        ("clean", article, "--format", "pdf"): "unknown format 'pdf'",
        ("clean", article, "-o", article): "is the input itself",
        ("clean", "-", article): "standard input",
        ("clean", article, "--in-place", "-o", tmp_path / "x"): "--in-place",
        ("explain", article, "--mode", "mild"): "unknown mode 'mild'",
        ("rules", "check", tmp_path / "broken.toml"): "broken.toml",
    }
    for words, message in cases.items():
        result = said(*words)
        assert result.exit_code == 2, words
        assert result.stdout == "", words
        assert message in result.stderr, words
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert sorted(path.name for path in tmp_path.rglob("*.txt")) == ["a.txt", "a.txt"]
    assert said("clean").exit_code == 2


def test_inputs_that_fail_are_one_line_each_and_exit_code_1(tmp_path: Path, article: Path) -> None:
    (tmp_path / "bin.txt").write_bytes(b"\x7fELF" + bytes(100))
    (tmp_path / "empty").mkdir()
    result = said("clean", tmp_path / "gone.txt")
    assert result.exit_code == 1
    assert "failed: gone.txt: there is no such file" in result.stderr
    for bad, message in ((tmp_path / "bin.txt", "binary"), (tmp_path / "empty", "no article")):
        result = said("clean", bad, "-o", tmp_path / f"out-{bad.name}", "--workers", "1")
        assert result.exit_code == 1
        assert message in result.stderr


def test_check_dry_run_and_diff(article: Path) -> None:
    assert said("clean", article, "--check").exit_code == 1
    result = said("clean", article, "--dry-run")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "would remove 2 lines" in result.stderr
    result = said("clean", article, "--diff")
    assert result.exit_code == 0
    assert "-Read the full article here\n" in result.stdout
    article.write_text(CLEAN)
    result = said("clean", article, "--check", "--diff")
    assert (result.exit_code, result.stdout) == (0, "")


def on_a_terminal(*words: str | Path, **more: str) -> str:
    """What a command prints where standard output is a terminal."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cleaner", *map(str, words)],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment, "PYTHONPATH": str(ROOT), **more},
    )
    os.close(theirs)
    printed = b""
    with open(ours, "rb", buffering=0) as terminal, contextlib.suppress(OSError):  # noqa: PTH123  a descriptor
        while chunk := terminal.read(4096):
            printed += chunk
    process.wait(timeout=60)
    return printed.decode()


@pytest.mark.skipif(os.name != "posix", reason="such names are possible on POSIX only")
def test_names_from_outside_cannot_steer_the_terminal(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>The ferry sails on Monday.</p>"
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a b\x1b[2J\r\nContent-Length: %d\r\n\r\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text('{"\\u001b[2J": 1}\n')
    (tmp_path / "in/b\x1b[2J.txt").write_bytes(b"\x89PNG")
    (tmp_path / "in/c.warc").write_bytes(head % len(http) + http + b"\r\n\r\n")
    done = ran("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert b"\x1b" not in done.stderr
    assert done.stderr.count(b"\\x1b[2J") == 2
    assert b"\x1b" not in ran("learn", tmp_path / "in/b\x1b[2J.txt").stderr


def test_a_diff_is_coloured_on_a_terminal_only_and_cannot_steer_it(article: Path) -> None:
    article.write_text(ARTICLE.replace("ADVERTISEMENT - STORY", "ADVERTISEMENT\x1b[2J - STORY"))
    printed = on_a_terminal("clean", article, "--diff")
    assert "\x1b[31m-Read the full article here\x1b[0m" in printed
    assert "\x1b[2J" not in printed
    assert "\x1b" not in on_a_terminal("clean", article, "--diff", NO_COLOR="1")
    assert "\x1b[2J" not in on_a_terminal("explain", article)
    assert "\x1b" not in said("clean", article, "--diff").stdout.replace("\x1b[2J", "")


def test_explain_says_which_kept_lines_came_close() -> None:
    reasons = (Reason("test", "is a test", 1.0),)
    scores = {"Near.": -1.0, "Far.": -9.0, "Spared.": 7.0}
    lines = [Line(at, text, "kept", "", score, reasons) for at, (text, score) in enumerate(scores.items(), 1)]
    shown = list(as_text(lines))
    assert shown[1].strip() == "kept, score -1.0, but it came close (above 0 a line goes)"
    assert shown[4].strip() == "kept, score -9.0"
    assert shown[7].strip().startswith("kept, score +7.0; above 0 a line goes, but its category is to stay")


def commands(group: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name), command


def test_every_command_is_explained_with_an_example_that_has_only_options_there_are() -> None:
    known = dict(commands())
    assert len(known) >= 12
    for words, command in known.items():
        shown = " ".join(said(*words, "--help").stdout.split())
        examples = re.findall(r"Example: (cleaner .+?)(?= Example:| Arguments:| Options:)", shown)
        assert any(" ".join(("cleaner", *words)) in example for example in examples), words
        for example in examples:
            for part in example.split(" && "):
                asked = next(known[asked] for asked in known if part.startswith(" ".join(("cleaner", *asked))))
                options = {option for parameter in asked.params for option in parameter.opts}
                assert set(re.findall(r" (--?[a-z][a-z-]*)", part)) <= options, part
        for parameter in command.params:
            assert getattr(parameter, "help", "-"), f"{words}: {parameter.name}"


def test_the_shell_completes_commands_and_options() -> None:
    def completed(words: str) -> list[str]:
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from cleaner.cli import app; app(prog_name='cleaner')"
        count = str(len(words.split()) - 1)
        asked = {"_CLEANER_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": count}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **asked}, check=False
        )
        return done.stdout.split()

    assert completed("cleaner re") == ["restore", "review"]
    assert completed("cleaner clean --pres") == ["--preserve-encoding"]


def test_explain_marks_every_line_with_its_reasons(article: Path) -> None:
    result = said("explain", article)
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout
    lines = result.stdout.splitlines()
    assert any(line.startswith("-    3  Read the full article here") for line in lines)
    assert any(line.startswith("     1  The council") for line in lines)
    data = json.loads(said("explain", article, "--json").stdout)
    assert [line["verdict"] for line in data] == ["kept", "removed", "kept", "removed", "kept"]
    assert data[1]["reasons"][0]["says"]
    assert json.loads(said("explain", "-", "--json", stdin=ARTICLE).stdout) == data


def test_in_place_and_restore(article: Path) -> None:
    assert said("clean", article, "--in-place").exit_code == 0
    assert article.read_text() == CLEAN
    assert said("clean", article, "--in-place").exit_code == 0
    result = said("restore", article.parent)
    assert (result.exit_code, result.stderr) == (0, "1 restored, 0 failed\n")
    assert article.read_text() == ARTICLE
    assert said("restore", article).exit_code == 1


def test_rules_are_listed_and_checked(tmp_path: Path) -> None:
    listed = said("rules", "list").stdout.splitlines()
    assert len(listed) > 50
    good = (
        '[[rule]]\nid = "mine.banner"\ncategory = "ad"\nsays = "is our banner"\npattern = "^zorbl banner$"\n'
        'certain = true\nremoves = ["Zorbl banner"]\nkeeps = ["The zorbl banner hung in the hall until Sunday."]\n'
    )
    (tmp_path / "mine.toml").write_text(good)
    result = said("rules", "check", tmp_path / "mine.toml")
    assert (result.exit_code, result.stdout) == (0, ""), result.stdout
    assert "1 rules with 2 examples: 0 faults" in result.stderr
    (tmp_path / "mine.toml").write_text(good.replace('removes = ["Zorbl banner"]', 'removes = ["Something else"]'))
    result = said("rules", "check", tmp_path / "mine.toml")
    assert result.exit_code == 1
    assert "mine.banner" in result.stdout


def test_the_log_as_json(tmp_path: Path, article: Path) -> None:
    result = said("clean", article, tmp_path / "gone.txt", "-o", tmp_path / "out", "--log-json", "--workers", "1")
    assert result.exit_code == 1
    rows = [json.loads(line) for line in result.stderr.splitlines()]
    assert [row["event"] for row in rows] == ["failed", "summary"]
    assert rows[0]["file"] == "gone.txt"
    assert rows[1]["articles"] == 1
    assert rows[1]["removed"]


def test_help_starts_without_what_only_cleaning_needs() -> None:
    code = (
        "import sys; sys.argv = ['cleaner', '--help']\n"
        "from cleaner.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "late = {'rich', 'pyarrow', 'warcio', 'zstandard', 'multiprocessing'} & set(sys.modules)\n"
        "print(late, file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert result.stderr.strip() == "set()"
    assert "restore" in result.stdout


def test_the_version() -> None:
    assert said("--version").stdout == f"cleaner {cleaner.__version__}\n"


def folder_of_stories(folder: Path) -> None:
    """Forty stories, twenty of which carry one advert."""
    folder.mkdir()
    for number, (text, _, _) in enumerate(stories(40, {ADVERT: 20})):
        (folder / f"{number:02}.txt").write_text(text + "\n")


def test_learn_shows_repeated_lines_keeps_them_and_makes_rules(tmp_path: Path) -> None:
    folder_of_stories(tmp_path / "in")
    store, rules = tmp_path / "seen.db", tmp_path / "seen.toml"
    result = said("learn", tmp_path / "in", "--sightings", store, "-o", rules, "--workers", "1")
    assert result.exit_code == 0, result.stderr
    assert "40 new articles" in result.stderr
    assert "20 stories" in result.stdout
    assert ADVERT in result.stdout
    assert rules.read_text().startswith("#")
    assert said("learn", tmp_path / "in", "-o", rules).exit_code == 2
    assert "0 new articles" in said("learn", tmp_path / "in", "--sightings", store, "--workers", "1").stderr
    shown = json.loads(said("sightings", "top", store, "--json").stdout)
    assert any(ADVERT in line["text"] for line in shown)
    assert said("sightings", "prune", store, "--before", "soon").exit_code == 2
    assert "40 articles forgotten" in said("sightings", "prune", store, "--before", "2999-01-01").stderr
    assert said("sightings", "top", tmp_path / "none.db").exit_code == 2


def test_a_folder_is_looked_at_before_it_is_cleaned(tmp_path: Path) -> None:
    folder_of_stories(tmp_path / "in")
    assert said("clean", tmp_path / "in", "-o", tmp_path / "out", "--removed", tmp_path / "gone.jsonl").exit_code == 0
    assert not any(ADVERT in path.read_text() for path in (tmp_path / "out").glob("*.txt"))
    gone = [json.loads(line) for line in (tmp_path / "gone.jsonl").read_text().splitlines()]
    reasons = [reason["says"] for row in gone if ADVERT in row["text"] for reason in row["reasons"]]
    assert any("other stories" in reason for reason in reasons)
    assert said("clean", tmp_path / "in", "-o", tmp_path / "plain", "--no-sightings").exit_code == 0
    assert sum(ADVERT in path.read_text() for path in (tmp_path / "plain").glob("*.txt")) == 20


def test_settings_come_from_a_file_and_the_command_line_wins(tmp_path: Path, article: Path) -> None:
    settings = tmp_path / "cleaner.toml"
    settings.write_text('mode = "precision"\nkeep = ["stub"]\n')
    assert "Read the full article here" in said("clean", article, "--config", settings).stdout
    assert 'mode = "precision"' in said("config", "show", "--config", settings).stdout
    settings.write_text('mode = "mild"\n')
    result = said("clean", article, "--config", settings)
    assert result.exit_code == 2
    assert "cleaner.toml" in result.stderr
    assert said("clean", article, "--off", "no.such.rule").exit_code == 2
