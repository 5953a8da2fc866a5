"""What class and id words stand for, in the languages that stylesheets are written in.

Publishers name their containers for themselves, but with few words: a box called `teaser-list` or `verwandt` leads to
other articles wherever it stands. A word may stand for several things; the weights find out what each is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MARKS: Mapping[str, str] = {
    "ad": (
        "ad ads adv advert adverts advertisement advertising advertorial adbox adslot adunit anzeige werbung sponsor "
        "sponsored sponsors promo promos promoted promotion commercial affiliate affiliates taboola outbrain dfp gpt "
        "adsense publicidad pub publicite reklama partner partners shop product products deal deals offer offers buy "
        "price"
    ),
    "related": (
        "related relateds recommended recommendation recommendations recirc recirculation more also popular trending "
        "mostread viewed teaser teasers similar suggested suggest read readmore inlinelink linked linkbox upnext next "
        "previous prev latest stories news mehr verwandt voir lire leer relacionadas relacionado relacionados leggi "
        "correlati powiazane czytaj souvisejici lees ook relaterat les recent recommend recommends topstories "
        "headlines collection package"
    ),
    "newsletter": (
        "newsletter newsletters signup subscribe subscription subscriptions mailing optin mailchimp registration abo "
        "email"
    ),
    "social": (
        "social socials share sharing shares sharebar follow facebook twitter whatsapp telegram instagram pinterest "
        "linkedin addthis addtoany sharethis tweet tools bookmark print like likes reactions vote votes rating "
        "ratings"
    ),
    "comment": (
        "comment comments commenting disqus respond reply replies kommentar kommentare commentaires comentarios "
        "discussion"
    ),
    "author": (
        "author authors byline bylines contributor contributors writer autor autore auteur bio profile journalist "
        "reporter avatar person persons staff"
    ),
    "date": (
        "date datetime dateline time timestamp published publish pubdate updated update posted modified datum fecha "
        "meta metadata info infos infobar readtime"
    ),
    "caption": (
        "caption captions credit credits copyright photo photos picture image images img figure gallery galleries "
        "slide slides slideshow slider media video videos player audio podcast thumb thumbnail lightbox carousel "
        "legend bild foto imagen"
    ),
    "tags": (
        "tag tags topic topics keyword keywords category categories label labels kicker eyebrow breadcrumb "
        "breadcrumbs crumbs rubric section channel themen themes sujets temas hashtags flag pretitle overline "
        "dachzeile"
    ),
    "menu": (
        "nav navi navigation navbar menu menus toc pagination pager paging jump skip tab tabs toolbar header masthead "
        "anchors"
    ),
    "box": (
        "widget widgets module sidebar aside rail box infobox factbox card cards banner popup modal overlay cookie "
        "consent tool cta callout promo panel plugin embed embedded block embeds interactive"
    ),
    "form": (
        "form forms search login signin input button buttons btn btns poll quiz survey captcha checkbox donate "
        "donation contribution support membership member"
    ),
    "wall": "paywall premium plus piano subscriber subscribers gate regwall barrier teaserwall metered locked",
    "hidden": "hidden hide sr visually screenreader noprint invisible none offscreen",
    "lead": (
        "lead lede standfirst summary intro deck dek subtitle subheadline subhead excerpt abstract description "
        "chapeau sapo strap strapline vorspann ingress perex entradilla bajada sumario catenaccio sommario occhiello "
        "introduction leadtext sub"
    ),
    "title": "title titles headline headlines heading headings hed",
    "body": (
        "body content text entry paragraph paragraphs prose articlebody post story richtext wysiwyg main article "
        "maincontent"
    ),
    "note": (
        "disclaimer disclosure notice footnote footnotes correction editor editors note notes legal source sources "
        "reference references license syndication"
    ),
    "quote": "quote quotes pullquote pull zitat blockquote",
    "footer": "footer foot bottom end copyright colophon",
    "questions": "faq faqs accordion toggle question questions answer collapse collapsible expand",
    "list": "list items grid feed archive archives listing items results row",
}


def _meanings() -> Mapping[str, tuple[str, ...]]:
    """For each word the marks it stands for."""
    table: dict[str, list[str]] = {}
    for mark, words in MARKS.items():
        for word in words.split():
            table.setdefault(word, []).append(mark)
    return {word: tuple(marks) for word, marks in table.items()}


_MEANINGS = _meanings()


def marks_of(words: Iterable[str]) -> set[str]:
    """What the words of an element's class and id stand for: keys of `MARKS`."""
    found: set[str] = set()
    for word in words:
        found.update(_MEANINGS.get(word, ()))
    return found
