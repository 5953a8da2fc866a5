"""Every command and code block of the README and the documentation, run as it stands.

Blocks marked `sh` are run line by line, `python` blocks share the names of their page, a `toml` block is the file that
its first line names. `text` is shown only. A page that begins with `<!-- run by: tests/test_x.py -->` is left to that
test; a block behind a line `<!-- needs: module -->` is skipped where the module is missing.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cleaner import Cleaner
from cleaner.cli import app
from cleaner.review.server import ReviewServer
from cleaner.rules import parse_rules

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SAMPLES = ("tech-satellite-outage.txt", "clean-recipe.md", "de-stadtrat-schwimmbad.txt", "sport-marathon-page.html")
FRESH = re.compile(r"python3 -m venv \.venv && \.venv/bin/pip install (\S+|\"[^\"]+\") && ")
BLOCK = re.compile(r"^(?:<!-- needs: ([\w.]+) -->\n+)?```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    kind: str
    text: str
    needs: str


def blocks(page: Path) -> list[Block]:
    return [Block(kind, text, needs or "") for needs, kind, text in BLOCK.findall(page.read_text(encoding="utf-8"))]


def left_to(page: Path) -> str:
    match = re.match(r"<!-- run by: (\S+) -->", page.read_text(encoding="utf-8"))
    return match.group(1) if match else ""


def commands(block: Block) -> list[str]:
    joined = block.text.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a newcomer has it, with fewer samples; a review ends as with Ctrl-C as soon as it is up."""
    (tmp_path / "fixtures" / "inbox").mkdir(parents=True)
    (tmp_path / "fixtures" / "truth").mkdir()
    for name in SAMPLES:
        shutil.copy(ROOT / "fixtures" / "inbox" / name, tmp_path / "fixtures" / "inbox" / name)
        truth = ROOT / "fixtures" / "truth" / f"{Path(name).stem}.jsonl"
        if truth.exists():
            shutil.copy(truth, tmp_path / "fixtures" / "truth" / truth.name)
    shim = tmp_path / ".bin" / "cleaner"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cleaner "$@"\n')
    shim.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{shim.parent}{os.pathsep}{os.environ['PATH']}")
    for variable in [name for name in os.environ if name.startswith("CLEANER_")]:
        monkeypatch.delenv(variable)

    def interrupted(server: ReviewServer, poll_interval: float = 0.5) -> None:
        question = next(iter(server.lines.values()))
        server.answer({"id": question.id, "answer": "never"})
        raise KeyboardInterrupt

    monkeypatch.setattr(ReviewServer, "serve_forever", interrupted)
    monkeypatch.setattr("webbrowser.open", lambda address: True)
    return tmp_path


def run(command: str) -> None:
    """One line of a block. Commands of the cleaner run in this process, where the rules are compiled already."""
    command = FRESH.sub("", command).replace(".venv/bin/", "")
    if command == "cleaner rules check":
        return  # all shipped rules: test_rules.py does that, one test for each example
    if command.startswith(("python -m pytest", "pip install")):
        known_extras(command)
        return
    if not re.match(r"(?:[A-Z_]+=\S+ )*cleaner ", command) or re.search(r"[|<>]|&&", command):
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return
    words = shlex.split(command)
    variables = dict(word.split("=", 1) for word in words[: words.index("cleaner")])
    result = CliRunner().invoke(app, words[words.index("cleaner") + 1 :], env=variables)
    assert result.exit_code == 0, f"{command}\n{result.stdout}\n{result.stderr}\n{result.exception!r}"


def known_extras(command: str) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for names in re.findall(r"\[([\w,]+)\]", command):
        for name in names.split(","):
            assert name in extras, f"{command}: there is no extra {name}"


@pytest.mark.parametrize("page", [page for page in PAGES if not left_to(page)], ids=lambda page: page.name)
def test_every_block_of_a_page_runs(page: Path, desk: Path) -> None:
    names: dict[str, Any] = {"__name__": page.stem}
    for block in blocks(page):
        if block.needs and importlib.util.find_spec(block.needs) is None:
            continue
        if block.kind == "sh":
            for command in commands(block):
                run(command)
        elif block.kind == "python":
            exec(compile(block.text, str(page), "exec"), names)
        elif block.kind == "toml":
            name = re.match(r"# ([\w.-]+\.toml)\n", block.text)
            assert name, f"{page.name}: a block of TOML must name its file in its first line"
            (desk / name.group(1)).write_text(block.text, encoding="utf-8")
            if "[[rule]]" in block.text:
                parse_rules(block.text, name.group(1))
        else:
            assert block.kind in ("text", "json"), f"{page.name}: nobody runs a block of {block.kind}"


def test_pages_left_to_other_tests_have_them() -> None:
    for page in PAGES:
        assert not left_to(page) or (ROOT / left_to(page)).is_file(), page.name


def test_the_readme_opens_with_what_it_does() -> None:
    before, after = [block.text for block in blocks(PAGES[0]) if block.kind == "text"][:2]
    assert Cleaner().clean(before).text == after


def test_the_readme_has_the_two_lines_for_a_fresh_machine() -> None:
    lines = [line for line in PAGES[0].read_text(encoding="utf-8").splitlines() if line.startswith("python3 ")]
    assert len(lines) == 2
    assert "cleaner clean fixtures/inbox -o cleaned" in lines[0]
    assert lines[1].endswith("-m pytest")


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in PAGES:
        if page.parent.name == "docs" and page.name != "README.md":
            assert f"({page.name})" in index, page.name


def test_every_command_has_help_and_is_documented() -> None:
    everything = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    runner = CliRunner()
    for words in (
        ["clean"],
        ["explain"],
        ["restore"],
        ["learn"],
        ["review"],
        ["config", "show"],
        ["rules", "list"],
        ["rules", "check"],
        ["rules", "show"],
        ["rules", "try"],
    ):
        help_text = runner.invoke(app, [*words, "--help"])
        assert help_text.exit_code == 0
        assert f"cleaner {' '.join(words)}" in everything
