"""A glance must not lose anything: what the index answers is what trying every pattern answers."""

import random

import pytest

from cleaner.compiled import compile_rules, shipped_rules
from cleaner.literals import Clues, beginning, clues
from cleaner.matching import PatternIndex, encode, single_pass
from cleaner.rules import Rulebook, fold, source_rules


def test_the_compiled_rulebook_is_that_of_the_sources():
    from cleaner import compiled

    assert compile_rules() == compiled._path().read_bytes(), "run: python -m cleaner.compiled"


def test_every_example_finds_its_rule_through_the_index():
    book = Rulebook(shipped_rules())
    for rule in source_rules():
        if rule.part == "block" and not rule.selector:
            for line in rule.removes:
                assert rule.id in {found.id for found in book.match(fold(line))}, (rule.id, line)


def test_the_index_answers_what_every_pattern_alone_answers():
    rules = [rule for rule in shipped_rules() if rule.part == "block" and not rule.selector]
    examples = [fold(line) for rule in source_rules() for line in (*rule.removes, *rule.keeps)]
    lines = random.Random(7).sample(examples, 150)
    book = Rulebook(rules)
    found = {line: {rule.id for rule in book.match(line)} for line in lines}
    for rule in rules:
        alone = single_pass([rule.pattern])
        for line in lines:
            assert bool(alone.Match(encode(line))) == (rule.id in found[line]), (rule.id, line)


@pytest.mark.parametrize(
    ("pattern", "prefixes", "literals"),
    [
        ("^read more$", {"read m"}, set()),
        ("^(?:sign up|subscribe) ", {"sign u", "subscr"}, set()),
        (r"^[\[(]?(?:photo|©)", {"photo", "©"}, set()),
        (r"^\d{1,2} comments", set("0123456789"), set()),
        (r"\bnewsletters?\b", set(), {"newsletter", "newsletters"}),
        ("(?:our|your) inbox", set(), {"our inbox", "your inbox"}),
        (".{3,9}", set(), set()),
    ],
)
def test_clues_name_what_every_match_begins_with_or_holds(pattern, prefixes, literals):
    assert clues(pattern) == Clues(frozenset(prefixes), frozenset(literals))


@pytest.mark.parametrize(("line", "start"), [("« read more", "read m"), ("٣ تعليقات", "3 تعلي"), ("→ ", ""), ("", "")])
def test_a_line_begins_with_its_first_letter_or_digit(line, start):
    assert beginning(line) == start


def test_patterns_that_the_reader_does_not_follow_are_tried_on_every_line():
    index = PatternIndex([(r"[[:alpha:]]+!", clues(r"[[:alpha:]]+!"), "posix")])
    assert index.match("stop!") == ["posix"]
