"""Every rule proves itself: its examples are test cases, and what must stay survives all rules together."""

import pytest
import re2

from cleaner import Cleaner
from cleaner.article import Article
from cleaner.rulecheck import carrier, check_rules
from cleaner.rules import (
    CATEGORIES,
    Rulebook,
    RuleError,
    check_pattern,
    encode,
    flatten,
    fold,
    options,
    parse_rules,
    read_rules,
    shipped_files,
    source_rules,
)

RULES = source_rules()
IDS = [rule.id for rule in RULES]


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_a_rule_matches_what_it_says_it_removes_and_not_its_known_gaps(rule):
    assert check_pattern(rule) == []


def test_lines_that_must_stay_survive_all_rules():
    faults = check_rules(RULES, Cleaner())
    assert faults == []


@pytest.mark.parametrize("path", shipped_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_file_holds_one_topic_and_one_language(path):
    language = path.parent.name
    topic = path.stem.split("-")[0]
    for rule in read_rules(path):
        assert rule.category == topic
        assert rule.id.startswith(f"{topic}.{language}.")
        assert rule.says[0].islower() and not rule.says.endswith(".")


def test_at_least_twenty_languages_carry_rules():
    assert len({path.parent.name for path in shipped_files()}) >= 20


def test_english_has_all_injected_categories():
    assert {rule.category for rule in RULES if rule.id.split(".")[1] == "en"} >= set(CATEGORIES) - {"title", "meta"}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ("[[rule]\n", "not valid TOML"),
        ("[[rules]]\n", "unknown table 'rules'"),
        ("[[rule]]\nid='x'\n", "category is missing"),
        ("[[rule]]\nid='x'\ncategory='advert'\nsays='s'\npattern='p'\n", "unknown category 'advert'"),
        ("[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nweight=1\n", "removes is empty"),
        ("[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nweight=1\nremoves=['p']\n", "keeps is empty"),
        (
            "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='(p'\nweight=1\nremoves=['p']\nkeeps=['k']\n",
            "does not compile",
        ),
        (
            "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p(.[\\pL\\d]|\\p{Lu}.|[^.!]){8,140}'\nweight=1\n"
            "removes=['p']\nkeeps=['k']\n",
            "too large to be matched",
        ),
        ("[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nremoves=['p']\nkeeps=['k']\n", "give a weight"),
        (
            "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nweight='4'\nremoves=['p']\nkeeps=['k']\n",
            "must be a number",
        ),
        (
            "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nwieght=4\nremoves=['p']\nkeeps=['k']\n",
            "unknown key 'wieght'",
        ),
        (
            "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nweight=4\nremoves='p'\nkeeps=['k']\n",
            "list of strings",
        ),
    ],
)
def test_a_broken_rule_file_names_the_file_and_the_remedy(tmp_path, broken, says):
    path = tmp_path / "mine.toml"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(RuleError, match="mine.toml") as error:
        read_rules(path)
    assert says in str(error.value)


def test_two_rules_with_one_id_are_refused():
    rule = "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='p'\nweight=4\nremoves=['p']\nkeeps=['k']\n"
    with pytest.raises(RuleError, match="already used"):
        parse_rules(rule * 2, "mine.toml")


def test_a_rule_that_misses_its_own_example_is_a_fault():
    source = (
        "[[rule]]\nid='x'\ncategory='ad'\nsays='s'\npattern='^buy$'\ncertain=true\n"
        "removes=['sell']\nkeeps=['buy']\nmisses=['buy']\n"
    )
    faults = check_pattern(parse_rules(source, "mine.toml")[0])
    assert len(faults) == 3


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("• Read more →", "Read more"),
        ("**[Read more](https://example.org/a_(b))** »", "Read more"),
        ("» Lesen Sie auch: Hafen", "Lesen Sie auch: Hafen"),
        ("»Wir gehen«, sagt er", '"Wir gehen", sagt er'),
        ("關聯：新聞", "關聯:新聞"),
        ("Read\u00a0more…", "Read more..."),
        ("👉 続きを読む", "続きを読む"),
        ("| Read more |", "Read more"),
        ("-5 degrees", "-5 degrees"),
        ("## Heading", "Heading"),
        ("* * *", ""),
        ("Copy link Copy link", "Copy link"),
        ("* Facebook facebook", "Facebook"),
        ("New York New York Times", "New York New York Times"),
        ("it’s – “here”", 'it\'s - "here"'),
    ],
)
def test_variants_of_punctuation_and_marks_do_not_matter(line, seen):
    assert fold(line) == seen


@pytest.mark.parametrize(
    "row",
    [
        "Listen to this article 23 comments",
        "Teilen Auf Facebook teilen Per WhatsApp senden Link kopieren",
        "שתפו בפייסבוק שתפו בוואטסאפ העתקת קישור",
        "Kommentera Logga in för att kommentera",
    ],
)
def test_labels_that_an_extractor_has_run_together_go_as_the_labels_that_they_are(row):
    assert row not in Cleaner().clean(carrier(row)).text


def test_a_never_rule_protects_a_row_of_labels_too():
    row = "Listen to this article 23 comments"
    mine = parse_rules(
        f"[[rule]]\nid='mine'\ncategory='ui'\nsays='s'\npattern='^{row}$'\nnever=true\nremoves=[]\nkeeps=['{row}']\n",
        "m.toml",
    )
    assert row in Cleaner(rulebook=Cleaner()._rulebook.adding(mine)).clean(carrier(row)).text


@pytest.mark.parametrize("row", ["Listen to this article Harbour Road", "Copy link The keeper of the lighthouse"])
def test_a_row_with_a_piece_that_no_rule_knows_is_none(row):
    shown = next(line for line in Cleaner().explain(carrier(row)) if line.text == row)
    assert not [reason for reason in shown.reasons if reason.source.startswith("rule ")]


def test_flatten_keeps_every_offset():
    text = "“It’s – here…”\u00a0said\u2028he：yes　\t"
    assert len(flatten(text)) == len(text)


def test_span_rules_cut_the_fragment_and_leave_the_sentence():
    source = (
        "[[rule]]\nid='ui.en.tab'\ncategory='ui'\nsays='is a link hint'\npart='span'\n"
        "pattern='\\(opens in (?:a )?new tab\\)'\nremoves=['x (opens in new tab)']\nkeeps=['The door opens in a new "
        "tab of the plan.']\n"
    )
    cleaner = Cleaner(rulebook=Rulebook(parse_rules(source, "mine.toml")))
    text = "The report “Überflutet” (opens in new tab) runs to 300 pages, the council said on Tuesday."
    result = cleaner.clean(text)
    assert result.text == "The report “Überflutet” runs to 300 pages, the council said on Tuesday."
    assert result.restore() == text


def test_the_carrier_article_itself_is_untouched():
    for place in ("head", "middle", "tail"):
        text = carrier("The mayor thanked everyone who had come, and went home through the rain.", place)
        assert Cleaner().clean(text).removed == ()
        assert len(Article.from_text(text).blocks) > 5


def test_no_pattern_is_a_bare_word():
    sentence = (
        "The minister said on Tuesday that the plan would be recommended to the world,"
        " and that nothing else was related."
    )
    for rule in RULES:
        if rule.certain:
            pattern = re2.compile(rule.pattern, options())
            assert not pattern.search(encode(fold(sentence))), rule.id
