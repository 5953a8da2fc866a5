"""Pages: what stays, what goes, what is known besides, from whole pages, fragments and bytes in any encoding."""

import json
import pickle
from pathlib import Path

import pytest
from conftest import ROOT
from lxml.html import document_fromstring

from cleaner import Cleaner
from cleaner.article import Block, Markup
from cleaner.charset import decode
from cleaner.judge import Verdict
from cleaner.rules import CATEGORIES
from cleaner.units import Unit, key, read_units, without_repeats
from cleaner.weigh import PageWeights, Table, weigh

CLEANER = Cleaner()
PARAGRAPHS = (
    "The town council of Fernmouth voted on Tuesday evening to rebuild the old sea wall before the winter storms come.",
    "“We have waited eleven years for this,” said Nora Quillan, who runs the ferry office at the end of the long pier.",
    "Engineers told the meeting that the work would cost about four million pounds and take until the next autumn.",
    "Two members voted against it. They said that the money should go to the school roof, which leaks since March.",
    "The first stones will be laid in May, when the tide is low enough for lorries to reach the foot of the cliff.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page(body: str, head: str = "") -> str:
    return (
        "<!doctype html><html lang='en'><head><title>Sea wall to be rebuilt</title>"
        "<meta property='og:title' content='Sea wall to be rebuilt'><meta name='author' content='Ada Marsh'>"
        "<meta property='article:published_time' content='2024-05-03T10:00:00Z'>"
        "<meta property='og:site_name' content='Fernmouth Post'>"
        f"{head}</head><body><nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        "<main><article><h1>Sea wall to be rebuilt</h1><div class='byline'>By Ada Marsh</div>"
        f"<div class='article-body'>{body}</div></article></main>"
        "<footer><p>© Fernmouth Post. All rights reserved.</p></footer></body></html>"
    )


def test_the_body_stays_and_headline_byline_and_menus_go():
    result = CLEANER.clean_html(page(BODY))
    assert result.text.split("\n") == list(PARAGRAPHS)


def test_the_metadata_says_what_the_text_leaves_out():
    metadata = CLEANER.clean_html(page(BODY), url="https://post.example/sea-wall").metadata
    assert metadata["title"] == "Sea wall to be rebuilt"
    assert metadata["author"] == "Ada Marsh"
    assert metadata["date"] == "2024-05-03"
    assert metadata["site"] == "Fernmouth Post"
    assert metadata["language"] == "en"
    assert metadata["url"] == "https://post.example/sea-wall"


def test_a_widget_between_two_paragraphs_goes_and_they_stay():
    widget = (
        "<div class='related-links'><h3>Related</h3><ul><li><a href='/1'>Mayor Resigns Over Parking Scandal</a></li>"
        "<li><a href='/2'>Ten Walks to Take This Spring</a></li></ul></div>"
    )
    first, rest = BODY.split("</p>", 1)
    result = CLEANER.clean_html(page(f"{first}</p>{widget}{rest}"))
    assert result.text.split("\n") == list(PARAGRAPHS)


def test_a_container_of_an_advert_network_is_pruned_and_explained():
    advert = (
        "<div id='taboola-mid-article'>"
        "<p>This man lost forty pounds with one odd trick, and his doctor is furious about it.</p></div>"
    )
    html = page(BODY.replace("</p><p>", f"</p>{advert}<p>", 1))
    assert CLEANER.clean_html(html).text.split("\n") == list(PARAGRAPHS)
    lines = CLEANER.explain_html(html)
    assert lines[0].verdict == "removed"
    assert lines[0].reasons[0].source == "rule ad.sites.content-recommendation"


def test_what_was_removed_is_listed_with_category_and_reasons():
    for removal in CLEANER.clean_html(page(BODY + "<p>Sign up for our daily newsletter</p>")).removed:
        assert removal.category
        assert all(reason.source and reason.says for reason in removal.reasons)


def test_kept_categories_stay_in_the_text():
    body = BODY + "<figure><img src='a.jpg'><figcaption>The wall at low tide. Photo: Ada Marsh</figcaption></figure>"
    html = page(body)
    more = Cleaner(keep=("meta", "title")).clean_html(html).text
    assert set(PARAGRAPHS) <= set(more.split("\n"))
    assert len(more) >= len(CLEANER.clean_html(html).text)


def test_keep_markup_gives_markdown():
    body = BODY.replace("<p>Engineers", "<h2>What it costs</h2><p>Engineers").replace(
        "old sea wall", "<a href='/wall'>old sea wall</a>"
    )
    text = CLEANER.clean_html(page(body), keep_markup=True).text
    assert "## What it costs" in text
    assert "[old sea wall](/wall)" in text
    assert "\n\n" in text


@pytest.mark.parametrize(
    "fragment", [BODY, f"<div>{BODY}</div>", "<br><br>".join(PARAGRAPHS)], ids=["paragraphs", "div", "breaks"]
)
def test_a_fragment_is_read_like_a_page(fragment):
    text = CLEANER.clean_html(fragment).text
    for paragraph in PARAGRAPHS:
        assert paragraph in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1"])
def test_bytes_find_their_encoding(encoding):
    declared = f"<meta charset='{encoding}'>" if encoding not in ("utf-16", "utf-8-sig") else ""
    html = page(BODY.replace("“", '"').replace("”", '"').replace("Quillan", "Quillañ"), declared)
    assert "Nora Quillañ" in CLEANER.clean_html(html.encode(encoding)).text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("déjà".encode(), "déjà"),
        (b"<meta charset=iso-8859-1>\x93d\xe9j\xe0\x94", "<meta charset=iso-8859-1>“déjà”"),
        ("<meta charset='shift_jis'>東京".encode("cp932"), "<meta charset='shift_jis'>東京"),
        ("<meta charset='windows-1251'>Москва".encode("cp1251"), "<meta charset='windows-1251'>Москва"),
        (b"\xff\xfea\x00", "a"),
        ("<meta charset='no-such'>abc é".encode(), "<meta charset='no-such'>abc é"),
    ],
)
def test_decode_believes_marks_then_utf8_then_the_page(data, text):
    assert decode(data) == text


def test_the_same_answer_from_a_copy():
    assert pickle.loads(pickle.dumps(CLEANER)).clean_html(page(BODY)) == CLEANER.clean_html(page(BODY))


INBOX = sorted((ROOT / "fixtures" / "inbox").glob("*.html"))


@pytest.mark.parametrize("path", INBOX, ids=lambda path: path.stem)
def test_the_fixtures_keep_their_body(path: Path):
    truth = (ROOT / "fixtures" / "truth" / f"{path.stem}.txt").read_text(encoding="utf-8")
    text = CLEANER.clean_html(path.read_bytes()).text
    squeezed = " ".join(text.split())
    for line in truth.split("\n"):
        if line.strip():
            assert " ".join(line.split()).lstrip("-* ") in squeezed


def test_a_line_is_found_again_whatever_case_its_last_sigma_has():
    assert key("ΜΕ ΕΠΙΦΥΛΑΞΗ ΠΑΝΤΟΣ ΔΙΚΑΙΩΜΑΤΟΣ") == key("Με επιφυλαξη παντος δικαιωματος")
    assert key("ΠΑΝΤΟΣ ΔΙΚΑΙΩΜΑΤΟΣ") in key("ΜΕ ΕΠΙΦΥΛΑΞΗ ΠΑΝΤΟΣ ΔΙΚΑΙΩΜΑΤΟΣ ΚΑΙ ΧΡΗΣΗΣ")


@pytest.mark.parametrize(
    "script",
    [
        '<script id="props" type="application/json">{"story": {"html": %s}}</script>',
        "<script>self.push([1, %s])</script>",
        '<script type="application/ld+json">{"@type": "NewsArticle", "articleBody": %s}</script>',
    ],
)
def test_an_article_that_only_the_scripts_hold_is_found(script: str):
    html = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS) + "<p>Read more</p>"
    literal = json.dumps(html)
    if "push" in script:
        literal = json.dumps(json.dumps({"content": html}))
    if "articleBody" in script:
        literal = json.dumps("\n".join(PARAGRAPHS))
    page = f"<html><head><title>Mill</title>{script % literal}</head><body><div id=root></div></body></html>"
    result = Cleaner().clean_html(page)
    assert result.text.split("\n") == list(PARAGRAPHS)
    assert result.warnings == ("the page shows no article: taken from its scripts",)


def test_scripts_are_not_read_where_the_page_shows_its_article():
    shown = "".join(f"<p>{paragraph} {paragraph}</p>" for paragraph in PARAGRAPHS)
    hidden = json.dumps("".join(f"<p>Hidden: {paragraph}</p>" for paragraph in PARAGRAPHS * 3))
    page = f"<html><body><article>{shown}</article><script>var more = {hidden}</script></body></html>"
    assert "Hidden" not in Cleaner().clean_html(page).text


@pytest.mark.parametrize(
    "shown",
    [
        "".join(f"<div>{paragraph}</div>" for paragraph in PARAGRAPHS),
        "<div>" + "<br><br>".join(PARAGRAPHS) + "</div>",
        "<span>" + "</span><br><span>".join(PARAGRAPHS) + "</span>",
        "<table><tr><td>" + "</td></tr><tr><td>".join(PARAGRAPHS) + "</td></tr></table>",
    ],
    ids=["div", "br", "span", "table"],
)
def test_scripts_are_not_read_where_the_article_is_shown_without_paragraphs(shown: str):
    hidden = json.dumps("".join(f"<p>Another story: {paragraph}</p>" for paragraph in PARAGRAPHS * 3))
    page = f"<html><body><article>{shown}</article><script>var more = {hidden}</script></body></html>"
    result = Cleaner().clean_html(page)
    assert key(result.text) == key("".join(PARAGRAPHS))
    assert not any("scripts" in warning for warning in result.warnings)


def test_a_short_article_is_not_exchanged_for_one_in_the_scripts_that_is_not_much_longer():
    hidden = json.dumps("".join(f"<p>Another story: {paragraph}</p>" for paragraph in PARAGRAPHS))
    page = f"<html><body><article><div>{' '.join(PARAGRAPHS[:2])}</div></article><script>x = {hidden}</script></body>"
    assert Cleaner().clean_html(page).text == " ".join(PARAGRAPHS[:2])


def test_a_short_article_below_its_headline_is_not_exchanged_for_another_in_the_scripts():
    hidden = json.dumps("".join(f"<p>Another story: {paragraph}</p>" for paragraph in PARAGRAPHS[1:] * 3))
    shown = f"<h1>Sea wall to be rebuilt</h1><div>{PARAGRAPHS[0]}</div>"
    page = f"<html><body><article>{shown}</article><script>x = {hidden}</script></body>"
    assert Cleaner().clean_html(page).text == PARAGRAPHS[0]


def test_a_teaser_makes_way_for_its_article_in_the_scripts():
    hidden = json.dumps(BODY)
    shown = f"<h1>Sea wall to be rebuilt</h1><div>{PARAGRAPHS[0]}</div>"
    page = f"<html><body><article>{shown}</article><script>x = {hidden}</script></body>"
    assert Cleaner().clean_html(page).text.split("\n") == list(PARAGRAPHS)


def test_a_lost_paragraph_that_stays_against_its_markup_says_why():
    lost = " ".join(PARAGRAPHS[3:])
    block = Block(0, 0, len(lost), 1, lost, "paragraph", Markup(0.0, ("div",), frozenset(), {"kept": "no"}, True))
    verdict = Verdict(block, False, "", -9.0, False, True, False, ())
    harsh = PageWeights(Table(0.0, {}, ()), Table(-5.0, {}, ()), {"balanced": 0.0}, 0.0)
    spared = weigh(verdict, harsh, "balanced", frozenset(CATEGORIES), explain=True)
    assert not spared.removed and spared.score < 0
    assert "prose that the extractor had lost" in spared.reasons[0].says
    assert sum(reason.weight for reason in spared.reasons) == pytest.approx(spared.score)


def test_an_article_in_the_scripts_may_hold_what_a_page_may_not():
    hidden = json.dumps("".join(f"<p>{paragraph}\0</p><svg>\x0b</svg>" for paragraph in PARAGRAPHS))
    page = f"<html><body><div id=root></div><script>var more = {hidden}</script></body></html>"
    assert Cleaner().clean_html(page).text.split("\n") == list(PARAGRAPHS)


def test_a_link_around_blocks_leaves_no_marks_in_the_next_line():
    first, rest = BODY.split("</p>", 1)
    html = page(f"{first}</p><a href='/picture'><div><img src='x.png'></div></a>{rest}")
    assert Cleaner().clean_html(html, keep_markup=True).text == "\n\n".join(PARAGRAPHS)


def test_an_article_that_stands_once_more_in_one_line_is_given_once():
    whole = f"<div itemprop='text'>{' '.join(PARAGRAPHS)}</div>"
    assert CLEANER.clean_html(page(BODY + whole)).text.split("\n") == list(PARAGRAPHS)


def test_a_line_that_strings_others_together_and_adds_a_sentence_stays():
    added = "None of the members of the council wanted to say when the whole of the work would be done at last."
    whole = f"{' '.join(PARAGRAPHS[:3])} {added}"
    assert added in CLEANER.clean_html(page(f"{BODY}<p>{whole}</p>")).text


def test_a_line_that_repeats_one_or_two_others_is_no_repeat_of_the_article():
    frame = read_units(document_fromstring("<p>x</p>"))[0].frame
    units = [Unit(text, frame, key=key(text), kept=True) for text in (*PARAGRAPHS, " ".join(PARAGRAPHS[:2]))]
    assert without_repeats(units) == units


def test_a_repeat_goes_only_if_its_parts_were_extracted_themselves():
    frame = read_units(document_fromstring("<p>x</p>"))[0].frame
    parts = [Unit(text, frame, key=key(text), kept=False) for text in PARAGRAPHS]
    whole = " ".join(PARAGRAPHS)
    units = [*parts, Unit(whole, frame, key=key(whole), kept=True)]
    assert without_repeats(units) == units
    for part in parts:
        part.kept = True
    assert without_repeats(units) == parts


def test_a_break_drawn_by_styles_parts_lines():
    first, second = PARAGRAPHS[:2]
    html = page(f"<p>{first}<span class='component br' data-pos='2'></span>{second}</p>" + "".join(
        f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[2:]
    ))  # fmt: skip
    assert CLEANER.clean_html(html).text.split("\n") == list(PARAGRAPHS)


def test_what_only_screen_readers_are_told_is_left_out():
    told = "The town has put up signs on the <a href='/x'>promenade<span class='sr-only'> (opens elsewhere)</span></a>."
    html = page(BODY.replace("</p><p>", f"</p><p>{told}</p><p>", 1))
    assert "The town has put up signs on the promenade." in CLEANER.clean_html(html).text


def test_preformatted_lines_stay_together():
    code = "def tide(hour):\n    return hour % 12\n\nprint(tide(5))"
    html = page(f"{BODY}<p>The office shares the few lines that it uses:</p><pre>{code}</pre><p>{PARAGRAPHS[0]}</p>")
    text = CLEANER.clean_html(html).text
    assert all(line in text for line in code.split("\n"))
    assert "    def tide(hour):\n        return hour % 12\n" in CLEANER.clean_html(html, keep_markup=True).text


def test_reasons_of_a_page_are_sentences():
    html = page(BODY + "<div class='related'><p><a href='/1'>Mayor Resigns Over Parking Scandal</a></p></div>")
    said = {reason.says for line in CLEANER.explain_html(html) for reason in line.reasons}
    assert {"begins the prose", "ends like a sentence"} <= said
    assert not any(" has pup" in words or "by its" in words for words in said)


def test_a_table_that_the_extractor_loses_is_regained():
    rows = [("Bill", "10%", "15%"), *((f"${n}.00", f"${n / 10:.2f}", f"${n * 0.15:.2f}") for n in range(10, 70, 10))]
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    table = f"<div class='embed'><div class='responsive-table'><table>{cells}</table></div></div>"
    text = CLEANER.clean_html(page(BODY.replace("</p><p>", f"</p>{table}<p>", 1))).text
    assert all(paragraph in text for paragraph in PARAGRAPHS)
    assert "| Bill | 10% | 15% |" in text
    assert "| $60.00 | $6.00 | $9.00 |" in text


def test_a_table_of_links_is_not_regained():
    rows = "".join(f"<tr><td><a href='/{n}'>Story {n} of the day</a></td><td>{n} min</td></tr>" for n in range(6))
    text = CLEANER.clean_html(page(BODY + f"<div class='related'><table>{rows}</table></div>")).text
    assert text.split("\n") == list(PARAGRAPHS)
