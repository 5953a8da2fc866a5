"""The review in a real browser: answers by key, search, the way back, hostile lines, both themes, a phone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from browser_world import DESK, PHONE, chromium, complaints, too_faint, wait

from cleaner.review import Answers
from cleaner.review.questions import Gathered, Question, line_id
from cleaner.review.server import ReviewServer

EVIL = "<script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
LINES = ("First line", "Second line", EVIL, "اقرأ أيضا")
REMOVED = "A sentence that went by mistake"


@contextmanager
def serving(folder: Path) -> Iterator[ReviewServer]:
    questions = [
        Question(
            line_id(line),
            line,
            "kept",
            "",
            -0.5,
            ((1.0, "has no full stop"),),
            "a.txt",
            "Before",
            EVIL,
            2,
            ("uncertain",),
        )
        for line in LINES
    ]
    gone = Question(line_id(REMOVED), REMOVED, "removed", "stub", 4.0, (), "b.txt", "", "", 1, ("removed",))
    server = ReviewServer(Gathered((*questions, gone), 2, False, ()), Answers.load(folder / "my-rules.toml"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def text(browser: Any, name: str) -> str:
    return str(browser.execute_script("return document.getElementById(arguments[0]).textContent", name))


def press(browser: Any, key: str) -> None:
    browser.switch_to.active_element.send_keys(key)


def said(browser: Any, start: str) -> None:
    wait(browser, f"document.getElementById('status').textContent.startsWith({start!r})")


def test_a_person_answers_with_keys_and_the_answers_are_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my-rules.toml"
    with serving(tmp_path) as server, chromium() as browser:
        browser.get(server.address)
        wait(browser, "document.getElementById('line').textContent === 'First line'")
        assert "score -0.5" in text(browser, "verdict")
        press(browser, "a")
        said(browser, "Saved: always remove: First line")
        assert text(browser, "line") == "Second line"
        press(browser, "n")
        said(browser, "Saved: never remove: Second line")
        press(browser, "s")
        said(browser, "Saved: not sure: <script>")
        assert Answers.load(path).counts() == {"always": 1, "never": 1, "unsure": 1}
        press(browser, "k")
        press(browser, "u")
        said(browser, "Saved: answer taken back")
        assert Answers.load(path).counts() == {"always": 1, "never": 1}
        press(browser, "k")
        assert text(browser, "line") == "Second line"
        assert browser.find_element("css selector", "[data-answer=never]").get_attribute("aria-pressed") == "true"
        browser.refresh()
        wait(browser, "document.querySelectorAll('.mark').length === 2")
        assert complaints(browser) == []
        assert browser.execute_script("return window.hit") is None
        assert browser.execute_script("return document.querySelectorAll('img').length") == 0


def test_a_wrongly_removed_line_is_found_and_rescued_with_the_mouse(tmp_path: Path) -> None:
    with serving(tmp_path) as server, chromium() as browser:
        browser.get(server.address)
        wait(browser, "!document.getElementById('card').hidden")
        browser.find_element("id", "search").send_keys("by mistake")
        assert text(browser, "line") == REMOVED
        assert "Now removed as stub" in text(browser, "verdict")
        browser.find_element("css selector", "[data-answer=never]").click()
        said(browser, "Saved")
        assert Answers.load(tmp_path / "my-rules.toml").of(line_id(REMOVED)) == "never"
        browser.find_element("css selector", "[data-kind=removed]").click()
        assert browser.find_element("css selector", "#list .mark").text == "never remove"
        browser.find_element("id", "finish").click()
        said(browser, "Finished")
        assert complaints(browser) == []


def test_a_category_can_be_chosen(tmp_path: Path) -> None:
    with serving(tmp_path) as server, chromium() as browser:
        browser.get(server.address)
        wait(browser, "!document.getElementById('card').hidden")
        browser.execute_script("document.getElementById('category').value = 'legal'")
        press(browser, "a")
        said(browser, "Saved")
    (rule,) = Answers.load(tmp_path / "my-rules.toml").rules.values()
    assert rule.category == "legal"


def test_an_answer_that_cannot_be_saved_is_not_shown_as_saved(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    with serving(folder) as server, chromium() as browser:
        browser.get(server.address)
        wait(browser, "!document.getElementById('card').hidden")
        folder.rmdir()
        press(browser, "a")
        said(browser, "Not saved")
        assert text(browser, "line") == "First line"
        assert not browser.find_elements("css selector", ".mark")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE])
def test_it_is_readable_in_both_themes_and_fits_a_phone(tmp_path: Path, theme: str, size: tuple[int, int]) -> None:
    with serving(tmp_path) as server, chromium(size, theme) as browser:
        browser.get(server.address)
        wait(browser, "!document.getElementById('card').hidden")
        press(browser, "a")
        said(browser, "Saved")
        press(browser, "n")
        wait(browser, "document.querySelectorAll('.mark').length === 2")
        assert too_faint(browser) == []
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        browser.save_screenshot(str(tmp_path / "review.png"))
