"""Selectors: the small part of CSS that rules may use, and the proof that the shipped ones carry."""

from pathlib import Path

import pytest
from lxml.html import fragment_fromstring

from cleaner import Cleaner
from cleaner.config import ConfigError, Settings
from cleaner.configured import build
from cleaner.rulelook import known_rules, shown_rule
from cleaner.rules import RuleError, parse_rules
from cleaner.selectors import Pruner, check_selector, shipped_selector_rules, to_xpath

RULES = shipped_selector_rules()


@pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])
def test_a_selector_matches_what_it_says_it_removes_and_nothing_it_keeps(rule):
    assert check_selector(rule) == []


@pytest.mark.parametrize("selector", ["div", "div > p", ".a .b", "p:first-child", "[x$='y']", ""])
def test_what_cannot_be_read_is_refused(selector):
    with pytest.raises(ValueError):
        to_xpath(selector)


def test_a_broken_selector_names_file_and_rule():
    source = (
        "[[rule]]\nid='ad.x'\ncategory='ad'\nsays='s'\nselector='div > p'\nweight=1\n"
        "removes=['<p>x</p>']\nkeeps=['<p>y</p>']\n"
    )
    with pytest.raises(RuleError, match="mine.toml: rule ad.x"):
        Pruner(parse_rules(source, "mine.toml"))


def test_a_rule_has_a_pattern_or_a_selector():
    source = (
        "[[rule]]\nid='ad.x'\ncategory='ad'\nsays='s'\npattern='p'\nselector='.a'\nweight=1\n"
        "removes=['<p>x</p>']\nkeeps=['y']\n"
    )
    with pytest.raises(RuleError, match="not both"):
        parse_rules(source, "mine.toml")


PAGE = (
    "<html><body><article><p>The ferry sails again on Monday, the harbour office said on Tuesday evening.</p>"
    '<div class="dfp-slot"><p>The mayor said in the slot that all would be well in the end.</p></div>'
    "<p>The wall will be rebuilt before the winter, she said, and the council agreed to pay for it.</p>"
    "</article></body></html>"
)
MINE = "[[rule]]\nid='mine.slot'\ncategory='ad'\nsays='s'\nselector='{}'\nnever=true\nkeeps=['{}']\n"


@pytest.mark.parametrize("selector", [".dfp-slot", "article[id=x], .dfp-slot", "[class]"])
def test_never_protects_a_container(tmp_path: Path, selector: str):
    (tmp_path / "mine.toml").write_text(MINE.format(selector, '<p class="dfp-slot">x</p>'))
    assert "in the slot" not in Cleaner().clean_html(PAGE).text
    assert "in the slot" in Cleaner(rules=[tmp_path / "mine.toml"]).clean_html(PAGE).text


def test_what_is_in_a_protected_container_and_what_it_is_in_stay_too():
    (rule,) = parse_rules(MINE.format(".in", '<p class="in">x</p>'), "mine.toml")
    assert check_selector(rule) == []
    page = '<div><div class="dfp-slot"><p class="in"><b class="gpt-ad">x</b></p></div><b class="gpt-ad">y</b></div>'
    tree = fragment_fromstring(page)
    gone = Pruner([*RULES, rule]).prune(tree, page.encode(), frozenset(["ad"]))
    assert [pruned.text for pruned in gone] == ["y"]


def test_a_container_rule_can_be_switched_off_by_its_id():
    text = build(Settings(off=("ad.sites.google-slot",))).clean_html(PAGE).text
    assert "in the slot" in text
    assert "in the slot" not in build(Settings(off=("app.*",))).clean_html(PAGE).text
    with pytest.raises(ConfigError, match="did you mean 'ad.sites.google-slot'"):
        build(Settings(off=("ad.sites.google-slo",)))


def test_container_rules_are_listed_and_shown_with_their_selector():
    rules = known_rules(Settings())
    shown = list(shown_rule("ad.sites.google-slot", rules))
    assert any(line.startswith("selector = ") and "adsbygoogle" in line for line in shown)
    (again,) = parse_rules("\n".join(shown), "again.toml")
    assert again.selector == next(rule for rule in RULES if rule.id == again.id).selector
