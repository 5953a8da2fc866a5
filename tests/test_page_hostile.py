"""Pages that nobody would write: each gives a result, in bounded time, and never an exception."""

import time

import pytest
from test_page import BODY, PARAGRAPHS, page

from cleaner import Cleaner

CLEANER = Cleaner()
NESTED = 100_000

HOSTILE = {
    "empty": "",
    "blank": " \n\t ",
    "no-body": "<html><head><title>x</title></head></html>",
    "only-text": "just words, no tags at all",
    "unclosed": "<html><body><div><p>" + BODY,
    "nested": "<div>" * NESTED + BODY + "</div>" * NESTED,
    "nested-inline": "<b>" * NESTED + "x",
    "attributes": "<html><body><p " + " ".join(f"a{number}=1" for number in range(1_000_000)) + ">x</p>" + BODY,
    "broken-entities": page(BODY + "<p>&amp &;&#99999999999;&#xFFFFFFFF;&nosuch; &#0; done</p>"),
    "script-with-article": f"<html><body><script>var html = {BODY!r};</script></body></html>",
    "frames": "<html><frameset cols='50%,50%'><frame src='a.html'><frame src='b.html'></frameset></html>",
    "only-comments": "<!--" + BODY + "-->",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "zip": b"PK\x03\x04aaaa",
    "binary": bytes(range(256)) * 100,
    "wrong-charset": b"<meta charset='utf-8'><p>" + "Größe, Äpfel und Öl. ".encode("cp1252") * 50,
    "surrogates": page(BODY) + "\ud800\udfff",
    "nulls": page(BODY).replace("wall", "wa\0ll"),
    "long-attribute": f"<html><body><div class='{'x ' * 500_000}'>{BODY}</div></body></html>",
    "long-json": f"<script type='application/ld+json'>{'[' * 100_000}</script>{BODY}",
    "many-links": "<ul>" + "<li><a href='#'>one more link to somewhere</a></li>" * 10_000 + "</ul>",
    "many-paragraphs": page(
        "<p>The council voted on Tuesday to keep the library open for another year, officials said.</p>" * 5_000
    ),
    "lines-that-begin-alike": page(
        "".join(
            f"<p>The council of the town of Fernmouth voted on motion {number} on Tuesday.</p>"
            for number in range(9_000)
        )
    ),
    "xml": "<?xml version='1.0'?><rss><channel><item><description>words</description></item></channel></rss>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_gives_a_result_in_bounded_time(name):
    began = time.process_time()
    result = CLEANER.clean_html(HOSTILE[name])
    assert isinstance(result.text, str)
    assert time.process_time() - began < 20


@pytest.mark.parametrize("name", ["empty", "blank", "no-body", "pdf", "zip", "binary", "frames", "only-comments"])
def test_a_page_without_an_article_is_empty_and_says_so(name):
    result = CLEANER.clean_html(HOSTILE[name])
    assert result.text == ""
    assert result.warnings


@pytest.mark.parametrize("name", ["unclosed", "nulls", "surrogates", "broken-entities", "long-attribute", "long-json"])
def test_the_body_survives(name):
    text = CLEANER.clean_html(HOSTILE[name]).text
    assert PARAGRAPHS[1] in text
    assert PARAGRAPHS[-1] in text


def test_fifty_megabytes_are_cut_and_the_result_says_so():
    html = page(BODY) + "<!-- padding -->" * 3_500_000
    result = CLEANER.clean_html(html)
    assert PARAGRAPHS[0] in result.text
    assert any("10 MB" in warning for warning in result.warnings)
