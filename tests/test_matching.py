"""A glance must not lose anything: what the index answers is what trying every pattern answers."""

import pickle
import random

import pytest

from cleaner.compiled import compile_rules, shipped_rulebook
from cleaner.folding import flatten, fold
from cleaner.literals import clues
from cleaner.matching import Clause, PatternIndex, beginning, encode, pack, single_pass
from cleaner.rules import Rule, source_rules


def test_the_compiled_rulebook_is_that_of_the_sources():
    from cleaner import compiled

    assert compile_rules() == compiled._path().read_bytes(), "run: python -m cleaner.compiled"


def test_every_example_finds_its_rule_through_the_index():
    book = shipped_rulebook()
    for rule in source_rules():
        if rule.part == "block" and not rule.selector:
            for line in rule.removes:
                assert rule.id in {found.id for found in book.match(fold(line))}, (rule.id, line)


def test_the_index_answers_what_every_pattern_alone_answers():
    book = shipped_rulebook()
    examples = [fold(line) for rule in source_rules() for line in (*rule.removes, *rule.keeps)]
    lines = random.Random(7).sample(examples, 150)
    found = {line: {rule.id for rule in book.match(line)} for line in lines}
    for rule in book.rules:
        if rule.part == "block" and not rule.selector:
            alone = single_pass([rule.pattern])
            for line in lines:
                assert bool(alone.Match(encode(line))) == (rule.id in found[line]), (rule.id, line)


def test_a_glance_at_a_document_misses_no_cut():
    book = shipped_rulebook()
    for rule in source_rules():
        if rule.part == "span":
            for line in rule.removes:
                assert book.may_cut(flatten(f"A first paragraph of prose.\n{line}\nAnother one.")), (rule.id, line)


def clause(prefixes="", literals="", also=(), longest=0):
    """A clause from words with bars between them."""

    def strings(text):
        return frozenset(text.split("|")) if text else frozenset()

    return Clause(strings(prefixes), strings(literals), tuple(map(strings, also)), longest)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^read more$", [clause(literals="read more\n", longest=9)]),
        ("^(?:sign up|subscribe) ", [clause(literals="sign up |subscribe ")]),
        (r"^[\[(]?photo", [clause("photo", also=["photo"])]),
        (r"^.{0,9}\bnewsletters?\b", [clause(literals="newsletter")]),
        ("(?:our|your) .{1,9}inbox", [clause(literals="inbox")]),
        (
            r"^(?:\b(?:tell .{1,5} friend|dear reader))",
            [clause(literals=" friend", also=["tell "]), clause(literals="dear reade")],
        ),
        (".{3,9}", [Clause()]),
    ],
)
def test_clues_name_what_every_match_begins_with_or_holds(pattern, expected):
    found = clues(pattern)
    assert {(c.prefixes, c.literals, frozenset(c.also), c.longest) for c in found} == {
        (c.prefixes, c.literals, frozenset(c.also), c.longest) for c in expected
    }


@pytest.mark.parametrize(("line", "start"), [("« read more", "read "), ("٣ تعليقات", "3 تعل"), ("→ ", ""), ("", "")])
def test_a_line_begins_with_its_first_letter_or_digit(line, start):
    assert beginning(line) == start


def test_patterns_that_the_reader_does_not_follow_are_tried_on_every_line():
    pattern = r"[[:alpha:]]+!"
    index = PatternIndex([(pattern, "posix")], pack([clues(pattern)]))
    assert index.match("stop!") == ["posix"]


def test_a_rulebook_can_grow_and_shrink_without_being_made_anew():
    rule = Rule("mine.x", "ad", "is mine", "^zebra crossing$", weight=3.0)
    grown = shipped_rulebook().adding([rule])
    assert rule in grown.match("Zebra crossing")
    assert rule in pickle.loads(pickle.dumps(grown)).match("Zebra crossing")
    assert rule not in grown.without(["mine.x"]).match("Zebra crossing")
    gone = shipped_rulebook().without(rule.id for rule in shipped_rulebook().match("Advertisement"))
    assert gone.match("Advertisement") == []
    assert pickle.loads(pickle.dumps(gone)).match("Advertisement") == []
