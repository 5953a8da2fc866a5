"""The sample that the project began with: a stub and three native adverts without a label word go, nothing else."""

import subprocess
import sys

import pytest
from conftest import ROOT, SHARED, needs_shared

from cleaner import Cleaner
from cleaner.compiled import shipped_rulebook
from cleaner.folding import fold
from cleaner.rules import Rulebook

pytestmark = needs_shared

STUB = "Read the full article here"
HEADLINES = (
    "Trump’s Sovereign Wealth Fund: What Could It Mean For Your Money?",
    "This Could Be the Most Important Video Gun Owners Watch All Year",
    "Connect with Vetted Off-Duty Cops to Instantly Fulfill Your Security Needs",
)


@pytest.fixture(scope="module")
def article() -> str:
    return (SHARED / "seed" / "article.txt").read_bytes().decode()


@pytest.fixture(scope="module")
def clean() -> bytes:
    return (SHARED / "seed" / "clean.txt").read_bytes()


def test_the_sample_comes_out_clean_byte_for_byte(article: str, clean: bytes):
    assert Cleaner().clean(article).text.encode() == clean


def test_the_command_line_prints_the_same_bytes(clean: bytes):
    command = [sys.executable, "-m", "cleaner", "clean", str(SHARED / "seed" / "article.txt")]
    done = subprocess.run(command, capture_output=True, cwd=ROOT, check=True)
    assert done.stdout == clean


def test_the_sample_can_be_put_back(article: str):
    assert Cleaner().clean(article).restore() == article


def test_the_stub_falls_to_a_rule(article: str):
    (removal,) = [removal for removal in Cleaner().clean(article).removed if removal.text.strip() == STUB]
    assert removal.category == "stub"
    assert removal.reasons[0].source.startswith("rule stub.")


def test_the_headlines_fall_to_the_heuristics_alone(article: str, clean: bytes):
    cleaner = Cleaner("balanced", rulebook=rules_that_know_nothing_of(HEADLINES))
    result = cleaner.clean(article)
    gone = {removal.text.strip(): removal for removal in result.removed}
    assert set(gone) == {*HEADLINES, STUB}, why_kept(cleaner, article)
    for headline in HEADLINES:
        assert not [reason for reason in gone[headline].reasons if reason.source.startswith("rule ")]
    assert result.text.encode() == clean


def rules_that_know_nothing_of(lines: tuple[str, ...]) -> Rulebook:
    """The shipped rules without those of adverts and without any other that answers to one of `lines`."""
    whole = shipped_rulebook()
    answering = {rule.id for line in lines for rule in whole.match(fold(line))}
    return whole.without(rule.id for rule in whole.rules if rule.category == "ad" or rule.id in answering)


def why_kept(cleaner: Cleaner, article: str) -> str:
    """The reasons for every headline that stays, for the message of a failure."""
    return "\n".join(
        f"{line.text}: {line.score:+.2f}; "
        + ", ".join(f"{reason.source} {reason.weight:+.2f}" for reason in line.reasons)
        for line in cleaner.explain(article)
        if line.text in HEADLINES and line.verdict == "kept"
    )
