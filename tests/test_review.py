"""The review: which lines it asks about, what becomes of the answers, and whom its page does not answer."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import re2

from cleaner import Cleaner, Line, Reason
from cleaner.config import Settings
from cleaner.review import Answers, ReviewError, Scope, gather, review
from cleaner.review.answers import ALWAYS, NEVER, UNSURE
from cleaner.review.questions import Gathered, Question, line_id
from cleaner.review.server import HOST, LONGEST_BODY, ReviewServer
from cleaner.rulecheck import carrier
from cleaner.rules import RuleError, read_rules, source_rules

ROOT = Path(__file__).resolve().parent.parent
PITCH = "Sign up for our daily newsletter"
HOSTILE = [
    'She said "no" \\ and left',
    "'''",
    "a.b*c+d?(e)[f]{g}|h^i$j",
    "[[rule]]",
    "# not sure: x",
    "tab\tand \x7f delete and \x01 one",
    "</script><script>alert(1)</script>",
    "اقرأ أيضا: متحف القوافل",
    "🔔 Sign up ➜",
    "- Read more »",
]


class Fixed:
    """Explains by a table: a line's score decides, and lines that it does not know are body."""

    def __init__(self, scores: dict[str, float]) -> None:
        self.scores = scores

    def explain(self, text: str, url: str | None = None) -> list[Line]:
        lines = []
        for number, line in enumerate(text.splitlines(), 1):
            score = self.scores.get(line, -20.0)
            state = "removed" if score > 0 else "kept"
            category = "related" if score > 0 else ""
            lines.append(Line(number, line, state, category, score, (Reason("bias", "starts with doubt", -4.0),)))
        return lines

    def explain_html(self, html: str | bytes, url: str | None = None) -> list[Line]:
        return self.explain("page body")


def folder(tmp_path: Path, *texts: str) -> Scope:
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.txt").write_text(text, encoding="utf-8")
    return Scope((str(tmp_path),))


def question(line: str, **more: Any) -> Question:
    given = {"verdict": "removed", "category": "related", "score": 0.5, "reasons": (), "where": "a.txt"}
    return Question(line_id(line), line, **{**given, "before": "", "after": "", "kinds": ("uncertain",), **more})


def test_it_asks_about_uncertain_repeated_and_removed_lines(tmp_path: Path) -> None:
    scope = folder(tmp_path, "Body.\nClose\nStanding\nGone", "Other.\nStanding\nGone", "Third.\nStanding")
    found = gather(scope, Fixed({"Close": -0.5, "Gone": 7.0, "Standing": -6.0}))
    kinds = {question.line: question.kinds for question in found.questions}
    assert kinds == {"Close": ("uncertain",), "Gone": ("removed",), "Standing": ("repeated",)}
    close = found.questions[0]
    assert (close.line, close.before, close.after, close.where) == ("Close", "Body.", "Standing", "0.txt")
    assert {question.articles for question in found.questions if question.line == "Gone"} == {2}
    assert (found.articles, found.more) == (3, False)


def test_lines_that_a_rule_cannot_tell_apart_are_one_question(tmp_path: Path) -> None:
    scope = folder(tmp_path, "• Close »\nBody", "CLOSE\nBody", "**Close**")
    found = gather(scope, Fixed({"• Close »": 0.1, "CLOSE": 0.2, "**Close**": 0.3}))
    assert [question.articles for question in found.questions if "lose" in question.line.lower()] == [3]


def test_it_looks_at_so_many_articles_and_says_that_there_are_more(tmp_path: Path) -> None:
    scope = folder(tmp_path, "Close", "Close", "Close")
    assert gather(Scope(scope.inputs, most=2), Fixed({"Close": 0.1})).more


def test_records_and_pages_are_read_and_what_cannot_be_is_named(tmp_path: Path) -> None:
    rows = [{"text": "Body\nClose"}, {"text": None}, {"text": "Close"}]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n{", encoding="utf-8")
    (tmp_path / "b.html").write_text("<html><p>Body</p></html>", encoding="utf-8")
    (tmp_path / "c.txt").write_bytes(b"\x00\x01\x02" * 50)
    found = gather(Scope((str(tmp_path),)), Fixed({"Close": 0.1}))
    assert found.articles == 3
    assert found.questions[0].articles == 2
    assert found.questions[0].where == "a.jsonl, record 1"
    assert [problem.split(":")[0] for problem in found.problems] == ["c.txt"]


def test_answers_become_rules_that_do_as_they_say(tmp_path: Path) -> None:
    path = tmp_path / "my-rules.toml"
    answers = Answers.load(path)
    answers.give("Harbour walks with Nora", ALWAYS, "related")
    answers.give(PITCH, NEVER)
    answers.give("What now?", UNSURE)
    assert answers.counts() == {ALWAYS: 1, NEVER: 1, UNSURE: 1}
    cleaner = Cleaner(rules=(path,))
    assert answers.check(cleaner) == []
    result = cleaner.clean(carrier("Harbour walks with Nora"))
    assert [(removal.text, removal.category) for removal in result.removed] == [
        ("Harbour walks with Nora\n", "related")
    ]
    assert PITCH in cleaner.clean(carrier(PITCH)).text
    assert PITCH not in Cleaner().clean(carrier(PITCH)).text


@pytest.mark.parametrize("line", HOSTILE)
@pytest.mark.parametrize("answer", [ALWAYS, NEVER, UNSURE])
def test_no_line_breaks_the_rule_file(tmp_path: Path, line: str, answer: str) -> None:
    path = tmp_path / "my-rules.toml"
    Answers.load(path).give(line, answer)
    tomllib.loads(path.read_text(encoding="utf-8"))
    again = Answers.load(path)
    assert again.of(line_id(line)) == answer
    assert again.as_toml() == path.read_text(encoding="utf-8")


def test_a_rule_matches_the_whole_line_and_nothing_longer(tmp_path: Path) -> None:
    path = tmp_path / "my-rules.toml"
    Answers.load(path).give("Read more (free)", ALWAYS)
    (rule,) = read_rules(path)
    assert re2.search(rule.pattern, "Read more (free)")
    assert not re2.search(rule.pattern, "Read more (free) tomorrow")


def test_an_answer_can_be_changed_and_taken_back(tmp_path: Path) -> None:
    answers = Answers.load(tmp_path / "my-rules.toml")
    for answer in (ALWAYS, NEVER, UNSURE):
        answers.give("Line", answer)
        assert answers.counts() == {answer: 1}
    answers.give("Line", "")
    assert not Answers.load(answers.path).counts()


def test_what_cannot_be_a_rule_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    answers = Answers.load(tmp_path / "my-rules.toml")
    answers.give("Line", ALWAYS)
    before = answers.path.read_bytes()
    for line, answer, category in (
        ("•", ALWAYS, "ad"),
        ("\ud800 x", NEVER, "ad"),
        ("x", "perhaps", "ad"),
        ("x", ALWAYS, "spam"),
    ):
        with pytest.raises(ReviewError):
            answers.give(line, answer, category)
    assert answers.path.read_bytes() == before
    assert answers.counts() == {ALWAYS: 1}


def test_a_file_that_a_person_wrote_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        '[[rule]]\nid = "mine.tide"\ncategory = "ad"\nsays = "x"\npattern = "x"\ncertain = true\n'
        'removes = ["x"]\nkeeps = ["y"]\n'
    )
    with pytest.raises(ReviewError, match="--rules-file"):
        Answers.load(path)
    path.write_text("[[rule]]")
    with pytest.raises(RuleError):
        Answers.load(path)


def test_a_look_alike_that_would_not_survive_is_replaced(tmp_path: Path) -> None:
    class Harsh:
        def clean(self, text: str, url: str | None = None) -> Any:
            return type("Result", (), {"text": ""})()

    answers = Answers.load(tmp_path / "a.toml", Harsh())
    answers.give("Line", ALWAYS)
    (rule,) = read_rules(answers.path)
    assert "Line" not in rule.keeps[0]


@contextmanager
def serving(tmp_path: Path, *lines: str) -> Iterator[ReviewServer]:
    gathered = Gathered(tuple(map(question, lines)), 1, False, ())
    server = ReviewServer(gathered, Answers.load(tmp_path / "my-rules.toml"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def ask(
    server: ReviewServer, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(HOST, server.server_address[1], timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection.request(method, path, data, named)
    response = connection.getresponse()
    return response.status, dict(response.headers), response.read()


def own(server: ReviewServer, **more: str) -> dict[str, str]:
    return {"Origin": server.origin, "Content_Type": "application/json", **more}


def test_the_server_listens_on_loopback_at_a_port_and_a_token_of_its_own(tmp_path: Path) -> None:
    with serving(tmp_path, "x") as one, serving(tmp_path, "x") as other:
        assert one.server_address[0] == "127.0.0.1"
        assert one.server_address[1] != other.server_address[1]
        assert one.token != other.token
        assert len(one.token) > 40


def test_an_answer_is_saved_before_it_is_acknowledged(tmp_path: Path) -> None:
    with serving(tmp_path, "Line", "Other") as server:
        body = {"id": line_id("Line"), "answer": "never"}
        status, _, answer = ask(server, "POST", f"/{server.token}/answer", body, **own(server))
        assert (status, json.loads(answer)) == (200, {"saved": {"never": 1}})
        assert Answers.load(tmp_path / "my-rules.toml").of(line_id("Line")) == "never"
        state = json.loads(ask(server, "GET", f"/{server.token}/questions")[2])
        assert [one["answer"] for one in state["questions"]] == ["never", ""]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_foreign_hosts_and_origins_are_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    with serving(tmp_path, "Line") as server:
        body = {"id": line_id("Line"), "answer": "never"}
        assert ask(server, "GET", f"/{server.token}/questions", **headers)[0] == 403
        assert ask(server, "POST", f"/{server.token}/answer", body, **own(server, **headers))[0] == 403
    assert not (tmp_path / "my-rules.toml").exists()


def test_without_the_token_or_an_origin_nothing_is_said_or_done(tmp_path: Path) -> None:
    with serving(tmp_path, "Line") as server:
        for path in (
            "/",
            "//",
            "/questions",
            f"/{server.token[:-1]}/questions",
            "/%C3%A9/questions",
        ):
            status, _, said = ask(server, "GET", path)
            assert status == 403
            assert b"Line" not in said
        body = {"id": line_id("Line"), "answer": "never"}
        assert ask(server, "POST", f"/{server.token}/answer", body, Content_Type="application/json")[0] == 403
    assert not (tmp_path / "my-rules.toml").exists()


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"[" * 20000, {"id": "nobody", "answer": "never"}, {"id": line_id("Line"), "answer": "perhaps"}, {}],
)
def test_answers_that_make_no_sense_are_refused(tmp_path: Path, body: Any) -> None:
    with serving(tmp_path, "Line") as server:
        assert ask(server, "POST", f"/{server.token}/answer", body, **own(server))[0] == 400
        form = own(server) | {"Content_Type": "text/plain"}
        assert ask(server, "POST", f"/{server.token}/answer", b"{}", **form)[0] == 400
        long = own(server) | {"Content_Length": str(LONGEST_BODY + 1)}
        assert ask(server, "POST", f"/{server.token}/answer", b"", **long)[0] == 400
        assert ask(server, "GET", f"/{server.token}/../../etc/passwd")[0] == 404
        assert ask(server, "POST", f"/{server.token}/other", {}, **own(server))[0] == 404


def test_every_answer_of_the_server_is_locked_down(tmp_path: Path) -> None:
    with serving(tmp_path, "Line") as server:
        for path in (f"/{server.token}/", f"/{server.token}/questions", "/"):
            headers = ask(server, "GET", path)[1]
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "unsafe" not in headers["Content-Security-Policy"]
            assert headers["Cache-Control"] == "no-store"
            assert headers["X-Frame-Options"] == "DENY"
            assert headers["Referrer-Policy"] == "no-referrer"
            assert "Access-Control-Allow-Origin" not in headers


def test_nothing_to_review_is_said(tmp_path: Path) -> None:
    scope = folder(tmp_path, "The wall of the old town will be rebuilt before the winter storms arrive, it said.")
    with pytest.raises(ReviewError, match="nothing to review in 1 articles"):
        review(scope, Settings(), tmp_path / "my-rules.toml", opens=None)


def test_ctrl_c_ends_a_review_and_loses_nothing(tmp_path: Path) -> None:
    scope = folder(tmp_path, carrier(PITCH), carrier("Advertisement"))
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # whoever runs this may ignore it
        "import sys; from pathlib import Path; from cleaner.config import Settings; from cleaner.review import *\n"
        "tell = lambda sentence: print(sentence, flush=True)\n"
        "made = review(Scope((sys.argv[1],)), Settings(), Path(sys.argv[2]), opens=None, says=tell)\n"
        "print('ended', dict(made.counts), made.faults, flush=True)\n"
    )
    path = tmp_path / "my-rules.toml"
    command = [sys.executable, "-c", program, scope.inputs[0], str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        address = next(line for line in process.stdout if line.startswith("Open ")).split()[1]
        port, token = int(address.split(":")[2].split("/")[0]), address.split("/")[3]
        connection = http.client.HTTPConnection(HOST, port, timeout=10)
        headers = {"Origin": f"http://{HOST}:{port}", "Content-Type": "application/json"}
        connection.request("POST", f"/{token}/answer", json.dumps({"id": line_id(PITCH), "answer": "never"}), headers)
        assert connection.getresponse().status == 200
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(60) == 0
    assert "ended {'never': 1} ()" in rest
    assert Answers.load(path).of(line_id(PITCH)) == NEVER


def test_never_protects_a_line_in_pages_and_from_cuts(tmp_path: Path) -> None:
    path = tmp_path / "my-rules.toml"
    answers = Answers.load(path)
    cutting = next(rule for rule in source_rules() if rule.part == "span").removes[0]
    paragraphs = "".join(f"<p>{line}</p>" for line in carrier(PITCH).splitlines())
    page = f"<html><body><article>{paragraphs}</article></body></html>"
    answers.give(cutting, NEVER)
    answers.give(PITCH, NEVER)
    cleaner = Cleaner(rules=(path,))
    assert Cleaner().clean(carrier(cutting)).removed
    assert cleaner.clean(carrier(cutting)).removed == ()
    assert PITCH in cleaner.clean_html(page).text
