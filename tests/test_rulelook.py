"""A look at the rules: a rule with its examples, and what answers to a line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cleaner.cli import app
from cleaner.config import ConfigError, Settings
from cleaner.rulefile import as_table
from cleaner.rulelook import known_rules, shown_rule, tried
from cleaner.rules import parse_rules, source_rules

OWN = """
[[rule]]
id       = "mine.tide"
category = "ad"
says     = "sells the tide table"
pattern  = '''^order your tide\\b'''
certain  = true
removes  = ["Order your tide table"]
keeps    = ["The council wants to order a tide table for every school, it said."]
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return path


def test_every_shipped_rule_is_shown_as_it_stands() -> None:
    for rule in source_rules():
        assert parse_rules(as_table(rule), rule.file) == [rule]


def test_an_unknown_id_leads_to_the_closest() -> None:
    rules = source_rules()
    with pytest.raises(ConfigError, match=rules[0].id):
        list(shown_rule(rules[0].id + "x", rules))


def test_a_line_is_tried(own: Path) -> None:
    said = "\n".join(tried("• Order your tide table »", Settings(rules=(own,))))
    assert "seen as   Order your tide table" in said
    assert "mine.tide" in said
    assert "certain" in said
    assert "verdict   removed as ad" in said
    assert "smaller reasons together" in said


def test_rules_that_are_off_do_not_answer(own: Path) -> None:
    settings = Settings(rules=(own,), off=("mine.tide",))
    assert "mine.tide" not in "\n".join(tried("Order your tide table", settings))
    assert "mine.tide" not in {rule.id for rule in known_rules(settings)}


def test_the_commands(own: Path) -> None:
    run = CliRunner().invoke
    shown = run(app, ["rules", "show", "mine.tide", "--rules", str(own)])
    assert (shown.exit_code, "order your tide" in shown.stdout) == (0, True)
    assert run(app, ["rules", "show", "mine.tied", "--rules", str(own)]).exit_code == 2
    answer = run(app, ["rules", "try", "Order your tide table", "--rules", str(own)])
    assert (answer.exit_code, "mine.tide" in answer.stdout) == (0, True)
    assert "mode = " in run(app, ["config", "show"]).stdout
