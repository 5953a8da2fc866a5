"""Long texts are judged in windows: the laws hold across them, and what they take does not grow with the text."""

from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner import Cleaner, windows
from cleaner.article import count_lines

CLEANER = Cleaner()
LINES = st.sampled_from(
    [
        "Advertisement",
        "Read more",
        "Sign up for our daily newsletter",
        "Read the full article here",
        "The council voted on Tuesday to keep the library open for another year, officials said.",
        "Nobody in the small crowd on the quay could say what would become of the old house or its clock.",
        "A summer of strangers",
        "",
    ]
)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r\n", "\r", "\n\n"])), max_size=60).map(
    lambda rows: "".join(line + end for line, end in rows)
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(windows, "LONGEST", 400)
    monkeypatch.setattr(windows, "MOST_LINES", 12)


def paragraphs(count: int, seed: int) -> list[str]:
    chance = random.Random(seed)
    words = "harbour bridge mayor school court river market report builder engineer budget repair winter".split()
    return [" ".join(chance.choices(words, k=25)).capitalize() + "." for _ in range(count)]


@pytest.mark.usefixtures("small")
@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_windows_are_the_text_and_end_with_a_line(text):
    spans = list(windows.windows(text))
    assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])]
    assert spans[-1][1] == len(text)
    for start, end in spans[:-1]:
        assert start < end
        assert text[end - 1] in "\r\n" and text[end - 1 : end + 1] != "\r\n"
    for start, end in spans:
        assert count_lines(text, start, end) <= 12


@pytest.mark.usefixtures("small")
@given(TEXTS)
@settings(deadline=None, max_examples=300)
def test_the_laws_hold_across_windows(text):
    result = CLEANER.clean(text)
    assert result.restore() == text
    assert CLEANER.clean(result.text).text == result.text
    breaks = text.replace("\r\n", "\n\n").replace("\r", "\n")
    for removal in result.removed:
        visible = removal.start + len(removal.text) - len(removal.text.lstrip("\r\n"))
        if removal.text.strip():
            assert removal.line == 1 + count_lines(text, 0, visible), breaks
    explained = CLEANER.explain(text)
    gone = [line.text for line in explained if line.verdict == "removed"]
    assert gone == [removal.text.strip() for removal in result.removed if removal.text.strip()]


def test_adverts_are_found_in_every_part_of_a_long_text():
    lines = paragraphs(8000, 1)
    noisy = [line for at, line in enumerate(lines) for line in ([line, "Advertisement"] if at % 40 == 20 else [line])]
    text = "\n".join(noisy)
    assert len(list(windows.windows(text))) > 5
    result = CLEANER.clean(text)
    assert result.text == "\n".join(lines)
    assert [removal.line for removal in result.removed] == [
        at for at, line in enumerate(noisy, 1) if line == "Advertisement"
    ]


def test_a_window_ends_where_the_words_say_so_whatever_stands_elsewhere():
    lines = paragraphs(8000, 2)
    text, other = "\n".join(lines), "\n".join(lines[3:])
    ends = {text[end : end + 40] for _, end in windows.windows(text)}
    others = {other[end : end + 40] for _, end in windows.windows(other)}
    assert len(ends & others) >= len(ends) - 2


def letters(size: int) -> str:
    chance = random.Random(3)
    return "\n".join(chance.choices("abcdefgh", k=size // 2))


def headlines(size: int) -> str:
    return "\n".join(line.title()[:50] for line in paragraphs(size // 50, 4))


@pytest.mark.parametrize("made", [letters, headlines])
def test_memory_does_not_grow_with_the_text(made, monkeypatch):
    monkeypatch.setattr(windows, "LONGEST", 20_000)
    monkeypatch.setattr(windows, "MOST_LINES", 1000)
    short, long = peak(made(10_000)), peak(made(60_000))
    assert long < 2 * short


def peak(text: str) -> int:
    CLEANER.clean(text[:2000])
    tracemalloc.start()
    try:
        CLEANER.clean(text)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_one_endless_line_takes_a_few_times_its_size():
    """Its words, as a list, took twenty times its size."""
    text = "*a " * 600_000
    assert peak(text) < 12 * len(text)
