"""The figures that the cleaner has reached, which it may not fall below again.

`python benchmarks/record_floors.py` measures and raises them. Lines, articles and the cross-validated figures are
measured here each time; what takes minutes only where `CI` or `CLEANER_ALL_FLOORS=1` is set.
"""

import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from itertools import pairwise

import pytest
from conftest import ROOT, SHARED

sys.path.insert(0, str(ROOT / "benchmarks"))
from record_floors import (
    FLOORS,
    MEASURES,
    SLOW,
    as_toml,
    data_hash,
    floor_of,
    lowered,
    raised,
    read_floors,
    unseen_figures,
    worse,
)

ALL = bool(os.environ.get("CI") or os.environ.get("CLEANER_ALL_FLOORS"))


def needed(section: str) -> None:
    """Skip, and say why, where a section cannot or need not be measured."""
    if section not in ("fixtures", "traps") and not SHARED.is_dir():
        pytest.skip("the labelled data (../shared) is not here")
    if section == "unseen" and find_spec("sklearn") is None:
        pytest.skip("the cross-validated figures need scikit-learn: pip install scikit-learn")
    if section in SLOW and not ALL:
        pytest.skip("takes minutes; set CLEANER_ALL_FLOORS=1 to measure it")


@pytest.mark.parametrize("section", MEASURES)
def test_no_figure_falls_below_its_floor(section: str):
    floors = read_floors()[section]
    needed(section)
    measured = MEASURES[section]()
    fell = [
        f"{section}.{group}.{name}: {measured[group][name]:.5f}, floor {floor}"
        for group, figures in floors.items()
        for name, floor in figures.items()
        if worse(name, measured[group][name], floor)
    ]
    assert not fell, "\n".join(fell)


@pytest.mark.parametrize("section", MEASURES)
def test_the_floors_were_recorded_on_this_data(section: str):
    if section not in ("fixtures", "traps") and not SHARED.is_dir():
        pytest.skip("the labelled data (../shared) is not here")
    recorded = tomllib.loads(FLOORS.read_text(encoding="utf-8"))["data_sha256"][section]
    assert data_hash(section) == recorded, (
        f"the data of {section!r} has changed since its floors were recorded, so they mean nothing now; "
        f"look at the new figures, then: python benchmarks/record_floors.py {section}"
    )


def test_no_floor_was_lowered_without_a_reason():
    """The file against the last committed one, and that one against the one before: in a clone, too, it would show."""
    versions = [FLOORS.read_text(encoding="utf-8"), *committed()]
    if len(versions) == 1:
        pytest.skip("no committed floors to compare with")
    for new, old in pairwise(versions):
        fell = lowered(read_floors(old), read_floors(new))
        reason = tomllib.loads(new).get("lowered_because", "")
        fresh = reason and reason != tomllib.loads(old).get("lowered_because", "")
        assert not fell or fresh, (
            "floors were lowered without saying why: record them with --lowered-because\n" + "\n".join(fell)
        )


def committed() -> list[str]:
    """The last two committed versions of the floors, the newest first; none where there is no history."""
    name = FLOORS.relative_to(ROOT).as_posix()
    log = git("log", "-2", "--format=%H", "--", name)
    return [git("show", f"{commit}:{name}") for commit in log.split()]


def git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, encoding="utf-8", cwd=ROOT, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def test_a_floor_stands_a_margin_off_on_the_right_side():
    assert floor_of("recall", 0.8) < 0.8
    assert floor_of("body_words_lost", 0.001) > 0.001
    assert worse("recall", 0.79, 0.80)
    assert worse("body_words_lost", 0.002, 0.001)
    assert not worse("recall", 0.80, 0.80)


def test_recording_only_ever_raises_a_floor():
    old = {"balanced": {"recall": 0.80, "body_lines_lost": 3}}
    better = raised(old, {"balanced": {"recall": 0.90, "body_lines_lost": 1}}, free=False)
    assert better == {"balanced": {"recall": 0.895, "body_lines_lost": 1}}
    worse_now = {"balanced": {"recall": 0.801, "body_lines_lost": 3}}
    assert raised(old, worse_now, free=False) == old
    assert raised(old, worse_now, free=True)["balanced"]["recall"] == 0.796


def test_a_lowered_or_lost_floor_is_named():
    old = {"lines": {"balanced": {"recall": 0.8, "body_words_lost": 0.001}}}
    new = {"lines": {"balanced": {"recall": 0.7}}}
    changed = ["lines.balanced.recall: 0.8 became 0.7", "lines.balanced.body_words_lost: 0.001 is gone"]
    assert lowered(old, new) == changed
    assert lowered(old, old) == []


def test_the_file_reads_back_as_it_was_written():
    floors = {"lines": {"balanced": {"recall": 0.8}}, "pages": {"aeb": {"f1": 0.96}}}
    text = as_toml(floors, {"lines": "00"}, 'the labels of "x" were wrong')
    assert read_floors(text) == floors
    assert tomllib.loads(text)["lowered_because"] == 'the labels of "x" were wrong'


def test_the_cross_validated_figures_are_read_from_what_the_fit_prints():
    row = "recall 0.7, body words lost 0.001, articles harmed 0.04; written articles: recall 0.8, body lines lost 1"
    printed = "\n".join(f"{mode}, on publishers not seen: {row}" for mode in ("precision", "balanced", "recall"))
    assert unseen_figures(printed)["balanced"]["articles_recall"] == 0.8
    with pytest.raises(ValueError, match="no cross-validated figures"):
        unseen_figures("balanced: " + row)
