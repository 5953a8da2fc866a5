"""Lines that look like promotion and are the article's by their place or form: they stay, and `explain` says why."""

from __future__ import annotations

import textwrap

import pytest

from cleaner import Cleaner
from cleaner.article import Article
from cleaner.compiled import shipped_rulebook
from cleaner.judge import Judge, shipped_weights
from cleaner.rules import INJECTED
from cleaner.shelters import Shelters

BEFORE = (
    "The harbour office of Fernmouth closed its doors for good on Friday, after one hundred and twelve years.",
    "Nobody in the small crowd on the quay could say what would become of the house, or of the clock above its door.",
)
AFTER = (
    "The town council will decide in autumn whether the house is sold or let, or kept as a museum of the herring.",
)
NOISE = ("Advertisement", "Read more", "Sign up for our newsletter", "Follow us on Facebook")

AMONG = ([*BEFORE, *NOISE], [*NOISE, *AFTER])  # what stands before such lines, and behind them
BEHIND = ([*BEFORE, *AFTER, *NOISE], [])
BETWEEN = ([*BEFORE, *NOISE, AFTER[0]], [*AFTER])
SHELTERED = {
    "quotation": (AMONG, ['"You will love what we do next"']),
    "values": (BEHIND, ["Tickets: $12 online", "Booking: fernmouth.example"]),
    "entries": (
        BEHIND,
        ["17:30 - Watch the best goals", "17:45 - Why you should stay", "18:10 - Meet the new captain"],
    ),
    "speakers": (
        AMONG,
        ["NORA QUILLAN: You sold the bell?", "JOHN HALE: You never asked.", "NORA QUILLAN: We did.", "JOHN HALE: So?"],
    ),
    "telephone": (AMONG, ["Your Place on the Swan 01632 960 118"]),
    "line-up": (BEHIND, ["Fernmouth: Núñez; Ríos, Arce, Toledo, Gómez; Almada, Pinto, Salas; Ledesma, Cruz, Mena"]),
    "steps": (BEHIND, ["1. Watch the tide", "2. Save your rope", "3. Get your ticket"]),
    "verse": (
        BETWEEN,
        [
            "Come down, come down to the harbour wall",
            "The boats are in and the gulls all call",
            "And you will hear the bell no more",
            "That rang for us upon the shore",
        ],
    ),
    "chronology": (
        BEHIND,
        ["1974 Born in Fernmouth", "1999 Buys the Swan", "2019 Last voyage (a summer of strangers)"],
    ),
    "results": (BEHIND, ["Moss (Free Voters) 41%", "Reed (Harbour Party) 38%", "Tide (Independents) 21%"]),
    "subheading": (BETWEEN, ["Meet the New Captain"]),
    "heading": (BETWEEN, ["## Why Everybody Is Talking About These Boats"]),
    "rows": (BEHIND, ["| Ferry | Price | Save |", "| Albion | $12 | 20% |", "| Swan | $9 | 35% |"]),
    "announcing": (([*BEFORE], [*NOISE, *AFTER]), ["Here is what you need to know:"]),
    "announced": (
        BETWEEN,
        ["The sign listed four reasons:", "- Sign up for $5 a year", "- Save 20% on tickets", "- Free delivery"],
    ),
    "told": (AMONG, ["Follow us on Facebook, the poster said."]),
    "below": (
        BETWEEN,
        ["What the shops sold on the last day:", "Best Ferry Rope of the Year", "A Summer of Strangers, the book"],
    ),
    "paragraph": (
        BEHIND,
        ["That is all from us. The harbour master kept the bell and you kept us company all day; thanks, good night!"],
    ),
    "broken": (AMONG, ["and said you could save up to forty minutes with the new Albion Coastliner"]),
    "prices": (
        BETWEEN,
        [
            "Best Ferry Rope of the Summer, now $39.99",
            "Get it at Quillan for $38",
            "Two Tins of the New Coastliner Boat Paint for $12",
            "Why Everybody Loves This $9 Brass Polish",
        ],
    ),
    "note": (
        BEHIND,
        ["Moss (Free Voters) 41%", "Reed (Harbour Party) 38%*", "* Your Best Guide: Hale Is Back in the Running"],
    ),
    "address": (([*BEFORE, *NOISE[:3]], []), ["Via Quattro Novembre, 15, Trieste"]),
    "post": (AMONG, ["Your last chance to see the best bell in town, says everybody pic.twitter.com/7QhAlbion1"]),
    "title": (([*BEFORE, *NOISE], [*AFTER, *NOISE]), ["# Your Best Guide: Meet 7 New Stars Everybody Loves"]),
    "echoed": (
        BETWEEN,
        ["Subscribe", AFTER[0].replace("The town council", "After two hundred people chose to subscribe the council")],
    ),
}


@pytest.mark.parametrize("kind", SHELTERED)
def test_what_belongs_to_the_article_stays_among_injected_lines(kind: str, monkeypatch: pytest.MonkeyPatch):
    (before, behind), lines = SHELTERED[kind]
    text = "\n".join([*before, *lines, *behind])
    assert gone(text, lines) == []
    monkeypatch.setattr(Shelters, "shelter", lambda *_: "")
    assert gone(text, lines) != [], "these lines stay without any shelter: choose others, these prove nothing"


def gone(text: str, lines: list[str]) -> list[str]:
    kept = Cleaner().clean(text).text.split("\n")
    return [line for line in lines if line not in kept]


def test_a_line_that_announces_stays_even_above_what_a_rule_knows():
    line = "The sign on the door listed four reasons:"
    assert gone("\n".join([*BEFORE, line, "Sign up for our newsletter", *AFTER]), [line]) == []


def test_the_last_word_of_a_broken_sentence_is_no_button():
    broken = ["The landlord asked all of us to look once more at the", "menu."]
    assert gone("\n".join([*BEFORE, *broken, *AFTER]), broken) == []
    assert gone("\n".join([*BEFORE, "Menu", *AFTER]), ["Menu"]) == ["Menu"]


def test_what_stands_twice_on_a_page_is_no_speaker_who_takes_turns():
    headlines = ["QUILLAN: THE BELL STAYS IN TOWN", "HALE: NO MONEY FOR THE FERRY, YOUR TOWN MUST PAY"]
    once = sheltered([*BEFORE, *headlines, *AFTER])
    twice = sheltered([*headlines, *BEFORE, *headlines, *AFTER])
    turns = sheltered([*BEFORE, *headlines, "QUILLAN: IT STAYS.", "HALE: IT GOES.", *AFTER])
    assert (once.speakers["QUILLAN"], twice.speakers["QUILLAN"], turns.speakers["QUILLAN"]) == (1, 1, 2)


def sheltered(lines: list[str]) -> Shelters:
    judge = Judge(shipped_rulebook(), shipped_weights(), "balanced", frozenset(INJECTED))
    return judge.view(Article.from_text("\n".join(lines)))[2]


def test_a_link_may_have_its_target_in_angle_brackets():
    line = "[Share this on WhatsApp](<whatsapp://send?text=The last ferry - https://fernmouth.example/last>)"
    assert gone("\n\n".join([*BEFORE, line, *AFTER]), [line]) == [line]


def test_an_answer_belongs_to_its_question():
    lines = ["Will the ferry go on sailing?", "It will, your captain willing."]
    assert gone("\n".join([*BEFORE, *NOISE, AFTER[0], *lines, *AFTER]), lines) == []


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


def test_a_label_with_its_own_story_behind_it_announces_nothing_below():
    line = "Why Two Hundred People Chose the Swan"

    def reasons(label: str) -> set[str]:
        explained = Cleaner().explain("\n".join([*BEFORE, label, line, *AFTER]))
        return {reason.source for shown in explained if shown.text == line for reason in shown.reasons}

    assert "listed" in reasons("Related stories")
    assert "listed" not in reasons("Read more: The Albion reviewed")


def test_a_plain_article_without_any_sure_label_keeps_its_short_lines():
    short = ["How the bell was lost", "A summer of strangers", "Two keys and no lock"]
    text = "\n".join([BEFORE[0], short[0], BEFORE[1], short[1], AFTER[0], short[2], BEFORE[0]])
    assert Cleaner().clean(text).text == text


def test_questions_that_one_name_answers_all_along_are_an_interview():
    asked = ["Who hears it in summer?", "Is it over soon?"]
    answers = [
        "Voss: Nobody.",
        "Voss: In 2040, they say.",
        "Voss: It was the bell that everybody in the harbour heard.",
    ]
    text = "\n".join([*BEFORE, answers[2], "More on this topic", asked[0], answers[0], *NOISE, asked[1], answers[1]])
    assert gone(text, asked) == []


def test_a_marked_title_is_no_label_of_other_stories():
    title = "# Test: Seven ferries for less than $5"
    assert gone("\n\n".join([title, *BEFORE, *NOISE, *AFTER]), [title]) == []


def test_the_first_sentence_below_a_marked_heading_stays_though_it_addresses_the_reader():
    line = "Once in spring is enough. Take your key out first."
    assert gone("\n\n".join([*BEFORE, "## Oil the lock of the clock", line, *NOISE, *AFTER]), [line]) == []


def test_what_leads_to_other_sites_is_likelier_to_be_the_articles():
    offer = "[Fernmouth ferry rope, ten metres]"

    def explained(target: str, url: str | None) -> tuple[float, set[str]]:
        line = f"- {offer}({target})"
        shown = Cleaner().explain("\n".join([*BEFORE, line, *AFTER]), url=url)
        return next((found.score, {reason.source for reason in found.reasons}) for found in shown if found.text == line)

    page = "https://www.fernmouth-news.example/harbour/ropes"
    own, outside = explained("/harbour/rope", page), explained("https://ropes.example/10m", page)
    assert outside[0] < own[0]
    assert "signal link=outside" in outside[1]
    assert explained("https://shop.fernmouth-news.example/10m", page) == own
    assert explained("https://ropes.example/10m", None) == own
    assert explained("https://go.com/rope", "https://go.com/harbour") == own


def test_explain_names_the_shelter():
    line = "Harbour master, day and night: 01632 960 118"
    said = {found.text: found.reasons[0].says for found in Cleaner().explain("\n".join([*BEFORE, line, *AFTER]))}
    assert said[line] == "gives a telephone number or an address"
