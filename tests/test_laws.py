"""The seven laws, for any text whatever."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cleaner import Cleaner
from cleaner.article import Article

CLEANERS = {mode: Cleaner(mode) for mode in ("precision", "balanced", "recall")}

LINES = st.one_of(
    st.sampled_from(
        [
            "Read more",
            "Advertisement",
            "Sign up for our daily newsletter",
            "This Could Be the Most Important Video Gun Owners Watch All Year",
            "Read the full article here",
            "RELATED: Mayor Resigns Over Parking Scandal",
            "Lesen Sie auch: Wie der Hafen brannte",
            "関連記事",
            "The council voted on Tuesday to keep the library open for another year, officials said.",
            "“We are staying,” said the mayor, who had walked to the hall in the rain and was still wet.",
            "The library stays open, the council said on Tuesday. Follow us on Facebook (opens in new tab) for more.",
            "What happens next?",
            "# Heading",
            "- first item",
            "| a | b |",
            "> quoted",
            "[A link to another story](https://example.org/x)",
            "",
            "   ",
            "\t",
        ]
    ),
    st.text(max_size=40),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=12),
)
ENDINGS = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "  \n", "\u2028", "\x0b\n", "\n \n\n"])
TEXTS = st.lists(st.tuples(LINES, ENDINGS), max_size=16).map(lambda rows: "".join(line + end for line, end in rows))
HOSTILE = [
    "",
    "\ufeff",
    "\ufeffRead more\r\n",
    "\x00",
    "\ud800",
    "\udfff Read more \ud800\n",
    "\n\n\r\n \n",
    "Read more",
    "\u2028Read more\u2028\u2028",
    "((((" * 500,
    "[" * 2000 + "](" * 500,
    '"' * 3000,
]


def hostile(test):
    for text in HOSTILE:
        test = example(text)(test)
    return test


modes = pytest.mark.parametrize("mode", sorted(CLEANERS))


@modes
@hostile
@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_restore_gives_back_the_input_character_for_character(mode, text):
    result = CLEANERS[mode].clean(text)
    assert result.restore() == text
    at = 0
    for removal in result.removed:
        assert at <= removal.start < removal.end
        assert text[removal.start : removal.end] == removal.text
        at = removal.end


@modes
@hostile
@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_cleaning_twice_changes_nothing_more(mode, text):
    once = CLEANERS[mode].clean(text)
    twice = CLEANERS[mode].clean(once.text)
    assert twice.text == once.text
    assert not twice.removed


@modes
@hostile
@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_kept_lines_are_the_inputs_lines_in_order(mode, text):
    result = CLEANERS[mode].clean(text)
    spans = {(r.start, r.end) for r in result.removed}
    cut_inside = any(
        any(
            block.start <= start and end <= block.end and (start, end) != (block.start, block.end)
            for start, end in spans
        )
        for block in Article.from_text(text).blocks
    )
    if cut_inside:
        return
    rest = iter(line.strip() for line in text.removeprefix("\ufeff").replace("\r", "\n").split("\n"))
    for line in filter(str.strip, result.text.removeprefix("\ufeff").replace("\r", "\n").split("\n")):
        assert any(line.strip() == candidate for candidate in rest)


@modes
@hostile
@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_every_removal_names_its_category_and_a_reason(mode, text):
    for removal in CLEANERS[mode].clean(text).removed:
        assert removal.category
        assert removal.reasons
        assert all(reason.source and reason.says for reason in removal.reasons)


@hostile
@given(TEXTS)
@settings(deadline=None, max_examples=150)
def test_what_needs_no_cleaning_comes_back_byte_for_byte(text):
    result = CLEANERS["balanced"].clean(text)
    if not result.removed:
        assert result.text == text


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_no_double_gap_remains_where_a_block_went(ending):
    first = "The council voted on Tuesday to keep the library open for another year, officials said."
    second = "Residents had collected four thousand signatures since March, and the vote was unanimous."
    text = (ending * 2).join([first, "Advertisement", second, "Read more", ""])
    assert CLEANERS["balanced"].clean(text).text == (ending * 2).join([first, second, ""])


def test_a_text_that_looks_wholly_injected_is_left_but_for_what_is_certain_and_says_so():
    baits = [f"You Won't Believe What These {n} Retirees Did With Their Savings" for n in range(20, 60)]
    lines = ["Advertisement", *baits]
    result = CLEANERS["balanced"].clean("\n".join(lines))
    assert result.warnings
    assert all("Advertisement" in removal.text for removal in result.removed)
    assert result.text.count("Retirees") == 40


@pytest.mark.parametrize(
    "text",
    ["word " * 1_000_000, "x" * 5_000_000, "Read more " * 500_000, "字" * 1_700_000],
    ids=["prose", "letters", "read-more", "han"],
)
def test_one_line_of_five_megabytes_passes(text):
    result = CLEANERS["balanced"].clean(text)
    assert result.restore() == text


def test_the_same_answer_from_a_copy_and_from_many_threads():
    text = "\n".join(
        [
            "The council voted on Tuesday to keep the library open for another year, officials said.",
            "Read more",
            "This Could Be the Most Important Video Gun Owners Watch All Year",
            "Residents had collected four thousand signatures since March, and the vote was unanimous.",
        ]
    )
    cleaner = CLEANERS["balanced"]
    expected = cleaner.clean(text)
    assert pickle.loads(pickle.dumps(cleaner)).clean(text) == expected
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: cleaner.clean(text).text, range(64))) == {expected.text}
