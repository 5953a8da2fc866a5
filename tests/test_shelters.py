"""Lines that look like promotion and are the article's by their place or form: they stay, and `explain` says why."""

from __future__ import annotations

import textwrap

import pytest

from cleaner import Cleaner
from cleaner.article import Article

BEFORE = (
    "The harbour office of Fernmouth closed its doors for good on Friday, after one hundred and twelve years.",
    "Nobody in the small crowd on the quay could say what would become of the house, or of the clock above its door.",
)
AFTER = (
    "The town council will decide in autumn whether the house is sold or let, or kept as a museum of the herring.",
)
NOISE = ("Advertisement", "Read more", "Sign up for our newsletter", "Follow us on Facebook")

SHELTERED = {
    "quotation": ['"Take the ferry while you can, it will not wait."', '"Nobody asked us." Jo, Fernmouth'],
    "answer": ["Will the ferry go on sailing?", "It will, your captain willing."],
    "values": ["Builder: Hale & Sons", "Opened: May 1912"],
    "entries": ["6.30 - first boat leaves", "7.15 - harbour road opened", "9.00 - mayor on the quay"],
    "speakers": ["NORA QUILLAN: You sold the bell?", "JOHN HALE: You never asked.", "QUILLAN: We did.", "HALE: Twice?"],
    "telephone": ["Harbour master, day and night: 01632 960 118"],
    "told": ["Tell us more, the harbour master asked."],
    "echoed": ["Comments", AFTER[0].replace("The town council", "After two hundred comments the town council")],
    "below": ["The board gave the harbour office four things:", "a new bell", "Two keys from the mayor of Fernmouth"],
    "announced": ["The sign on the door listed four reasons:", "Sign up for our newsletter"],
}


@pytest.mark.parametrize("kind", SHELTERED)
def test_what_belongs_to_the_article_stays_among_injected_lines(kind: str):
    lines = SHELTERED[kind]
    kept = Cleaner().clean("\n".join([*BEFORE, *NOISE, AFTER[0], *lines, *AFTER])).text.split("\n")
    body = lines if kind != "announced" else lines[:1]
    assert [line for line in body if line not in kept] == []


def test_a_wrapped_quotation_is_one_paragraph():
    said = (
        "Visitors come for the bell and stay for the herring and nobody can say what will become of either of them now"
    )
    quoted = "\n".join(f"> {line}" for line in textwrap.wrap(f"{said}, the harbour master wrote to the council.", 68))
    text = "\n\n".join([*("\n".join(textwrap.wrap(line, 70)) for line in (*BEFORE, *AFTER)), quoted])
    blocks = Article.from_text(text).blocks
    assert [block.kind for block in blocks] == ["paragraph", "paragraph", "paragraph", "quote"]


def test_headlines_below_a_label_of_other_stories_go_as_a_run():
    run = (
        "Trending",
        "Remains found near reservoir identified",
        "Longtime baker hangs up her apron",
        "Storm watchers needed",
    )
    article = "\n".join([*BEFORE, *AFTER])
    assert Cleaner().clean("\n".join([article, "Have a news tip? Text our newsroom at 555-0131", *run])).text == article


def test_a_plain_article_without_any_sure_label_keeps_its_short_lines():
    short = ["How the bell was lost", "A summer of strangers", "Two keys and no lock"]
    text = "\n".join([BEFORE[0], short[0], BEFORE[1], short[1], AFTER[0], short[2], BEFORE[0]])
    assert Cleaner().clean(text).text == text


def test_explain_names_the_shelter():
    line = SHELTERED["telephone"][0]
    said = {found.text: found.reasons[0].says for found in Cleaner().explain("\n".join([*BEFORE, line, *AFTER]))}
    assert said[line] == "gives a telephone number"
