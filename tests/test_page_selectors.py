"""Selectors: the small part of CSS that rules may use, and the proof that the shipped ones carry."""

import pytest

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
