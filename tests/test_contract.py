"""The names, signatures and promises that other programs rely on. A change here is a change for all of them."""

import dataclasses
import inspect
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import cleaner
from cleaner import Cleaner, Line, Reason, Removal, Result, RuleError, restore

ARTICLE = """Library stays open until spring
By Runa Holt
The council of Ashgrove voted on Tuesday to keep the library open until spring, after a debate that ran past midnight.
RELATED: Mayor resigns over parking scandal
“We are staying,” said the librarian, Ada Brook, who had walked to the hall in the rain and was still wet at the end.
Sign up for our daily newsletter
The roof will be mended in March, officials said, and the reading room on the upper floor opens again in the summer.
Read the full article here
"""
OWN_RULE = """
[[rule]]
id = "mine.riverside"
category = "ad"
says = "names the riverside offer"
pattern = '''^visit riverside homes today$'''
certain = true
removes = ["Visit Riverside Homes today"]
keeps = ["Residents were asked to visit Riverside Homes today to see the damage."]
"""


def parameters(function: object) -> dict[str, object]:
    assert callable(function)
    signature = inspect.signature(function)
    return {name: parameter.default for name, parameter in signature.parameters.items() if name != "self"}


def gone(result: Result) -> list[str]:
    return [removal.text.strip() for removal in result.removed]


@pytest.fixture(scope="module")
def result() -> Result:
    return Cleaner().clean(ARTICLE)


def test_the_names_are_these():
    assert cleaner.__all__ == ["Cleaner", "Line", "Reason", "Removal", "Result", "RuleError", "restore"]


def test_a_cleaner_takes_these_options():
    assert parameters(Cleaner) == {
        "mode": "balanced",
        "also": (),
        "keep": (),
        "rules": (),
        "sightings": None,
        "rulebook": None,
        "weights": None,
    }


def test_cleaning_takes_a_text_or_a_page_and_an_address():
    assert parameters(Cleaner.clean) == {"text": inspect.Parameter.empty, "url": None}
    assert parameters(Cleaner.clean_html) == {"html": inspect.Parameter.empty, "url": None, "keep_markup": False}
    assert parameters(Cleaner.explain) == {"text": inspect.Parameter.empty, "url": None}


@pytest.mark.parametrize(
    ("value", "names"),
    [
        (Result, ["text", "removed", "warnings", "metadata"]),
        (Removal, ["start", "end", "line", "text", "category", "score", "reasons"]),
        (Reason, ["source", "says", "weight"]),
        (Line, ["number", "text", "verdict", "category", "score", "reasons"]),
    ],
)
def test_a_value_has_these_fields(value: type, names: list[str]):
    assert [field.name for field in dataclasses.fields(value)] == names


def test_a_result_says_what_was_kept_and_what_was_taken_out(result: Result):
    assert isinstance(result.text, str)
    assert isinstance(result.removed, tuple)
    assert "RELATED: Mayor resigns over parking scandal" in gone(result)
    assert "Sign up for our daily newsletter" in gone(result)
    assert "Read the full article here" in gone(result)
    assert "Library stays open until spring\nBy Runa Holt\n" in result.text


def test_a_removal_names_its_span_line_category_and_reasons(result: Result):
    for removal in result.removed:
        assert removal.text == ARTICLE[removal.start : removal.end]
        assert removal.line == 1 + ARTICLE[: ARTICLE.index(removal.text.strip())].count("\n")
        assert removal.category in ("related", "newsletter", "stub")
        assert removal.score > 0
        assert all(isinstance(reason, Reason) for reason in removal.reasons)
        assert removal.reasons[0].says
        weights = [reason.weight for reason in removal.reasons]
        assert weights == sorted(weights, reverse=True)
    assert [removal.start for removal in result.removed] == sorted(removal.start for removal in result.removed)


def test_what_is_surely_neutral_stays_whatever_less_sure_rules_say():
    credit = "Getty Images"
    text = ARTICLE.replace("Sign up for our daily newsletter", f"{credit}\nSign up for our daily newsletter")
    assert credit in Cleaner().clean(text).text
    assert credit not in Cleaner(also=("meta",)).clean(text).text


@pytest.mark.parametrize("mode", ["precision", "balanced", "recall"])
def test_the_reasons_of_every_line_add_up_to_its_score(mode: str):
    article = f"Meet 7 Singles Near You\nLibrary staff say it could close\n{ARTICLE}\nMore about libraries: Hale\n"
    for line in Cleaner(mode=mode).explain(article):
        assert sum(reason.weight for reason in line.reasons) == pytest.approx(line.score, abs=0.001), line.text
        assert len({reason.source for reason in line.reasons}) == len(line.reasons), "a reason is named once"


def test_a_result_gives_back_its_input(result: Result):
    assert result.restore() == ARTICLE
    assert restore(result.text, result.removed) == ARTICLE


def test_a_page_gives_its_body():
    paragraphs = "".join(f"<p>{line}</p>" for line in ARTICLE.splitlines()[2:])
    page = f"<html><head><title>Library</title></head><body><article>{paragraphs}</article></body></html>"
    for html in (page, page.encode()):
        result = Cleaner().clean_html(html, url="https://ashgrove.example/library")
        assert "voted on Tuesday" in result.text
        assert "mended in March" in result.text
        assert "Read the full article here" not in result.text


def test_categories_can_be_added_and_left(result: Result):
    assert "By Runa Holt" not in gone(result)
    assert "By Runa Holt" in gone(Cleaner(also=("meta",)).clean(ARTICLE))
    kept = gone(Cleaner(keep=("related",)).clean(ARTICLE))
    assert "RELATED: Mayor resigns over parking scandal" not in kept
    assert "Sign up for our daily newsletter" in kept


def test_rules_of_your_own_are_heard(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN_RULE, encoding="utf-8")
    text = ARTICLE.replace("Read the full article here", "Visit Riverside Homes today")
    (removal,) = [
        removal
        for removal in Cleaner(rules=(str(file),)).clean(text).removed
        if removal.text.strip() == "Visit Riverside Homes today"
    ]
    assert removal.category == "ad"
    assert removal.reasons[0] == Reason("rule mine.riverside", "names the riverside offer", removal.reasons[0].weight)


def test_a_rule_file_that_cannot_be_used_is_an_error_that_names_it(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(OWN_RULE.replace("today$", "(today$"), encoding="utf-8")
    with pytest.raises(RuleError, match="mine.toml: rule mine.riverside: the pattern does not compile"):
        Cleaner(rules=(file,))
    with pytest.raises(RuleError, match="none.toml: cannot read"):
        Cleaner(rules=(tmp_path / "none.toml",))


def test_a_selector_that_cannot_be_read_is_an_error_before_the_first_page(tmp_path: Path):
    file = tmp_path / "mine.toml"
    file.write_text(
        OWN_RULE.replace("pattern", "selector").replace("^visit riverside homes today$", "div > p"), encoding="utf-8"
    )
    with pytest.raises(RuleError, match="rule mine.riverside: selector"):
        Cleaner(rules=(file,))


def test_an_unknown_mode_or_category_is_an_error_that_names_the_known_ones():
    with pytest.raises(ValueError, match="unknown mode 'strict'; choose one of precision, balanced, recall"):
        Cleaner(mode="strict")
    with pytest.raises(ValueError, match="unknown category 'adverts'; known are ad, newsletter"):
        Cleaner(also=("adverts",))
    with pytest.raises(ValueError, match="unknown category 'adverts'"):
        Cleaner(keep=("adverts",))


@pytest.mark.parametrize("mode", ["precision", "balanced", "recall"])
def test_a_pickled_cleaner_cleans_alike(mode: str):
    one = Cleaner(mode, also=("meta",))
    one.clean_html("<p>A page before, so that what pages need is loaded.</p>")
    again = pickle.loads(pickle.dumps(one))
    assert again.clean(ARTICLE) == one.clean(ARTICLE)
    assert again.mode == mode


def test_a_result_can_be_pickled(result: Result):
    assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.parametrize("value", [Result, Removal, Reason, Line])
def test_values_are_frozen(value: type):
    instance = object.__new__(value)
    for field in dataclasses.fields(value):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(instance, field.name, None)


def test_a_cleaner_remembers_nothing_of_what_it_cleaned():
    one = Cleaner()
    first = one.clean(ARTICLE)
    one.clean("Read more\n" * 200)
    one.clean_html("<p>Sign up for our newsletter</p>")
    assert one.clean(ARTICLE) == first


def test_a_cleaner_can_be_shared_between_threads(result: Result):
    one = Cleaner()
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda text: one.clean(text).text, [ARTICLE] * 16)) == {result.text}


def test_a_removal_names_the_rules_that_spoke():
    lines = [
        "The council of Brackwater voted on Tuesday to rebuild the old sea wall before the winter storms arrive again.",
        "Keep us going",
        "Engineers told the meeting that the work would cost about four million and take until the following autumn.",
        "Sign in to bookmark this recipe",
        "The first stones will be laid in May, when the tide is low enough for lorries to reach the foot of the cliff.",
        "Sign up for our daily newsletter",
    ]
    removed = Cleaner().clean("\n".join(lines) + "\n").removed
    assert [removal.text.strip() for removal in removed] == lines[1::2]
    for removal in removed:
        assert any(reason.source.startswith("rule ") and reason.weight > 0 for reason in removal.reasons)
        assert all(reason.weight >= 0 for reason in removal.reasons)
