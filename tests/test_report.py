"""The report: exact totals, a sample that does not depend on order, and a page that escapes everything."""

from __future__ import annotations

import builtins
import pickle
import random
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from report_world import BODY, END, article, result

from cleaner import Line, Reason, Removal, Result
from cleaner.report import ArticleReport, ReportError, RunReport
from cleaner.report.collect import LONGEST_SHOWN, MOST_LISTED, count_words
from cleaner.report.language import guess_language
from cleaner.report.page import render, shown_article

AD = ("Order your tide table today", "ad", "ad.en.label")
PITCH = ("Sign up for our daily newsletter", "newsletter", "newsletter.en.sign-up")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def many(number: int) -> list[ArticleReport]:
    """Articles of which every third has an advert and every seventh a pitch."""
    return [
        article(
            f"{at:06}.txt",
            *([AD] if at % 3 == 0 else []),
            *([PITCH] if at % 7 == 0 else []),
            url=f"https://www.site{at % 5}.example/{at}",
            warned=at % 11 == 0,
        )
        for at in range(number)
    ]


def test_totals_are_exact_and_the_sample_is_bounded() -> None:
    run = RunReport(shown=20, each=5)
    for one in many(700):
        run.add(one)
    run.fail("broken.txt", "it is not text")
    assert (run.articles, run.doubts, run.failures) == (700, 64, 1)
    assert run.categories["ad"].lines == run.categories["ad"].articles == 234
    assert run.categories["newsletter"].lines == 100
    assert run.removed_lines == 334
    assert run.removed_words == 234 * 5 + 100 * 6
    assert run.sites["site3.example"].articles == 140
    assert run.rules["ad.en.label"].lines == 234
    assert 20 <= len(run.sample()) <= 20 + 3 * 5


def test_the_sample_holds_every_category_and_does_not_depend_on_order() -> None:
    articles = many(500)
    one, other = RunReport(shown=5, each=3), RunReport(shown=5, each=3)
    for each in articles:
        one.add(each)
    random.Random(1).shuffle(articles)
    for each in articles:
        other.add(each)
    assert {each.name for each in one.sample()} == {each.name for each in other.sample()}
    kinds = [removal.category for each in one.sample() for removal in each.removed]
    assert kinds.count("newsletter") >= 3
    assert kinds.count("ad") >= 3


def test_lists_of_doubts_and_failures_stay_short_and_say_so() -> None:
    run = RunReport()
    for number in range(MOST_LISTED + 5):
        run.fail(f"{number}.txt", "it is not text")
    assert run.failures == MOST_LISTED + 5
    assert len(run.failed) == MOST_LISTED
    assert f"The first {MOST_LISTED} of {MOST_LISTED + 5}" in render(run, now=NOW)


def test_a_long_article_is_shown_in_part_and_counted_whole() -> None:
    text = "word " * LONGEST_SHOWN
    long = ArticleReport.of({"file": "long.txt"}, Result(text))
    assert long.words == LONGEST_SHOWN
    assert (len(long.text), long.longer) == (LONGEST_SHOWN, True)
    run = RunReport()
    run.add(long)
    assert "the report shows its beginning" in render(run, now=NOW)


def test_an_article_travels_between_processes() -> None:
    one = article("a.txt", AD, url="https://example.com/")
    assert pickle.loads(pickle.dumps(one)) == one


def test_the_page_says_when_it_shows_a_sample() -> None:
    run = RunReport(shown=2, each=0)
    for one in many(10):
        run.add(one)
    page = render(run, now=NOW)
    assert "exact for all 10 articles" in page
    assert page.count('<details class="article"') == 2
    small = RunReport()
    small.add(article("a.txt", AD))
    assert "A sample" not in render(small, now=NOW)


def test_the_same_run_gives_the_same_page() -> None:
    run = RunReport({"mode": "balanced", "also": (), "keep": ("ui",)})
    run.add(article("a.txt", AD))
    assert render(run, now=NOW) == render(run, now=NOW)
    assert "mode: balanced" in render(run, now=NOW)
    assert "keep: ui" in render(run, now=NOW)


def test_an_empty_run_has_a_page() -> None:
    assert "0 lines removed from 0 articles" in render(RunReport(), now=NOW)


def test_everything_from_outside_is_escaped() -> None:
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    run = RunReport({"mode": evil})
    run.add(article(evil, (evil, "ad", evil), url="https://example.com/" + evil, warned=True))
    run.fail(evil, evil)
    run.note(evil)
    page = render(run, now=NOW)
    assert "<img" not in page
    assert page.count("<script") == page.count("</script") == 1


def test_the_page_loads_nothing_and_runs_only_its_own_script() -> None:
    run = RunReport()
    run.add(article("a.txt", AD, url="https://example.com/"))
    page = render(run, now=NOW)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    assert "default-src 'none'" in policy.group(1)
    assert "unsafe" not in policy.group(1)
    assert not re.findall(r"(?:src|href)=\"(?!#|data:,)", page)


def test_lines_are_shown_removed_cut_close_neutral_or_kept() -> None:
    made = result(AD)
    lines = [
        Line(1, BODY, "kept", "", -9.0, ()),
        Line(2, AD[0], "removed", "ad", 3.5, made.removed[0].reasons),
        Line(3, END, "kept", "", -0.5, (Reason("signal ending=none", "has no full stop", 1.0),)),
    ]
    shown = shown_article(ArticleReport.of({"file": "a.txt"}, made), lambda text, url: lines)
    assert [(line.number, line.state) for line in shown.lines] == [(1, "kept"), (2, "removed"), (3, "close")]
    assert shown.lines[1].category == "ad"
    assert "".join(piece.text for piece in shown.lines[1].pieces) == AD[0]


def test_a_cut_keeps_the_rest_of_its_line() -> None:
    text = "The wall holds. (Advertisement) It has done so since 1931.\nThe end came late.\n"
    start = text.index("(")
    removal = Removal(start, start + 16, 1, text[start : start + 16], "ad", 20.0, (Reason("rule x", "is", 20.0),))
    made = Result(text[:start] + text[start + 16 :], (removal,))
    line = shown_article(ArticleReport.of({"file": "a.txt"}, made)).lines[0]
    assert line.state == "cut"
    assert [(piece.text, piece.removal is not None) for piece in line.pieces] == [
        ("The wall holds. ", False),
        ("(Advertisement) ", True),
        ("It has done so since 1931.", False),
    ]


def test_without_jinja_the_error_names_the_install_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    whole = builtins.__import__

    def broken(name: str, *rest: Any, **more: Any) -> Any:
        if name == "jinja2":
            raise ImportError(name)
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ReportError, match=re.escape("pip install 'article-cleaner[report]'")):
        RunReport().write(tmp_path / "report.html")
    assert not list(tmp_path.iterdir())


def test_the_page_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    RunReport().write(path)
    assert path.read_text(encoding="utf-8").endswith("</html>")
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]
    run = RunReport()
    run.add(article("lone \ud800 surrogate.txt", ("\ud800", "ad", "x")))
    run.write(path)
    assert "surrogate" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "words"),
    [("one two", 2), ("it's 3.5", 3), ("海の壁", 3), ("", 0), ("a-b", 2)],
)
def test_words_are_counted_in_every_script(text: str, words: int) -> None:
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The wall of the town was built in 1931 and it was the first on the coast."),
        ("de", "Die Mauer ist nicht mit dem Geld der Stadt gebaut und auch nicht von ihr."),
        ("fr", "Le mur est dans la ville et les habitants ne sont pas sur le quai."),
        ("ja", "町の古い海の壁は冬の前に建て直されます。"),
        ("zh", "小镇的旧海堤将在冬天之前重建。"),
        ("ko", "마을의 오래된 방파제는 겨울 전에 다시 지어진다."),
        ("ru", "Старая стена была построена в городе, и мы её видели."),
        ("uk", "Стіну збудували в місті, і її бачили всі мешканці їхнього краю."),
        ("ar", "سيعاد بناء الجدار البحري القديم قبل الشتاء"),
        ("he", "הקיר הישן ייבנה מחדש לפני החורף"),
        ("", "1931"),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_guessed(language: str, text: str) -> None:
    assert guess_language(text) == language
