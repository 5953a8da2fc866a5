"""What each value of a measure of a page says of a block, in words that complete "this line ..."."""

from __future__ import annotations

from functools import lru_cache

_MUCH = ("nothing", "hardly anything", "some", "much", "nearly all")
_PARTLY = ("not at all", "hardly", "in part", "for the most part", "wholly")
_WORDS = ("1 word", "2 or 3 words", "4 or 5 words", "6 to 8 words", "9 to 12 words", "13 to 19 words")
_LONG = ("20 to 34 words", "35 to 59 words", "60 words or more")
_BESIDE = (
    "none of the prose",
    "hardly any of the prose",
    "some of the prose",
    "much of the prose",
    "most of the prose",
)
_TEXT = (
    "reads like body beyond doubt",
    "reads very much like body",
    "reads like body",
    "reads rather like body",
    "could be read either way, more like body",
    "could be read either way, more like an injected line",
    "reads rather like an injected line",
    "reads like an injected line",
    "reads very much like an injected line",
    "reads like an injected line beyond doubt",
)


def _numbered(*phrases: str) -> dict[str, str]:
    return {str(number): phrase for number, phrase in enumerate(phrases)}


def _shares(what: str) -> dict[str, str]:
    return {**_numbered(*(f"{what} {share}" for share in _BESIDE)), "none": "stands in a page without other prose"}


SAYS: dict[str, dict[str, str]] = {
    "bias": {"": "starts with the benefit of the doubt"},
    "regained": {"": "is a paragraph of prose that the extractor had lost, and no rule speaks against it"},
    "table": {"": "is a row of a table that the extractor had lost, and no rule speaks against it"},
    "code": {"": "is preformatted, as code and verse are, and no rule speaks against it"},
    "kept": {
        "yes": "was taken for the article by the extractor",
        "grown": "stands in a frame like those of the article",
        "no": "was not taken for the article by the extractor",
    },
    "tag": {
        "p": "is marked as a paragraph",
        "li": "is marked as an item of a list",
        "row": "is marked as a row of a table",
        "pre": "is preformatted",
        "blockquote": "is marked as a quotation",
        "figcaption": "is marked as a caption",
        "other": "stands in an element that is seldom body",
        **{tag: f"stands bare in a <{tag}>" for tag in ("div", "span", "td", "dd", "dt", "section", "article")},
        **{f"h{level}": "is marked as a heading" for level in range(1, 7)},
    },
    "broken": {"yes": "is one of several lines parted by breaks", "no": "is an element of its own"},
    "up": {
        **_numbered(
            "hangs at the heart of the article",
            *(f"hangs {steps} above the heart of the article" for steps in ("a frame", "two frames", "three frames")),
        ),
        "4": "hangs far from the heart of the article",
    },
    "deep": {
        **_numbered("stands in the article's own frame", "stands one frame off the article's own"),
        **{str(steps): f"stands {words} off the article's own" for steps, words in (
            (2, "two frames"), (3, "three frames"), (4, "four frames"), (5, "five or six frames"), (6, "many frames"))},
    },
    "link": _numbered(*(f"is {part} a link" for part in _PARTLY)),
    "strong": _numbered(*(f"is {part} bold or italic" for part in (_PARTLY[0], *_PARTLY[2:]))),
    "length": _numbered(*(f"has {words}" for words in (*_WORDS, *_LONG))),
    "ending": {
        "stop": "ends like a sentence", "colon": "ends with a colon", "none": "does not end like a sentence",
    },
    "form": _shares("has the element and class names of"),
    "class": _shares("has the class names of"),
    "kin": _shares("stands in frames like those of"),
    "place": {
        "no-prose": "stands in a page without prose",
        "before": "stands before the prose",
        "just-before": "stands right before the prose",
        "first": "begins the prose",
        "inside": "stands inside the prose",
        "late": "stands towards the end of the prose",
        "last": "ends the prose",
        "just-after": "stands right behind the prose",
        "after": "stands behind the prose",
    },
    "title-place": {
        "no-title": "stands in a page without a headline",
        "above": "stands above the headline",
        "title": "is the headline",
        "next": "stands right below the headline",
        "near": "stands near the headline",
        "below": "stands well below the headline",
    },
    "same": {
        "no": "repeats nothing that the page says of itself",
        **{name: f"repeats the {words} that the page gives" for name, words in (
            ("title", "title"), ("description", "description"), ("author", "author"), ("site", "name of the site"))},
        **{f"{name}-part": f"repeats a part of the {name} that the page gives" for name in (
            "title", "description", "author", "site")},
        "description-start": "begins as the description that the page gives",
    },
    "copies": {"once": "stands once on the page"},
    "pup": {
        **_numbered(
            "stands in the frame with most of the page's prose",
            *(f"stands {steps} inside the one with most of the page's prose" for steps in (
                "a frame", "two frames", "three frames", "four frames", "many frames")),
        ),
        "out": "stands outside of the frame with most of the page's prose",
    },
    "pdown": _numbered(*(f"has {much} of the page's prose around it" for much in _MUCH)),
    "coverage": _numbered(
        *(f"stands in a page of whose prose {share} was taken" for share in (
            "hardly any", "a tenth", "a third", "half", "most", "nearly all"))
    ),
    "named": {"yes": "names the author", "no": "does not name the author"},
    "ld": {
        "none": "stands in a page that does not repeat its body as data",
        "in": "stands in the body that the page repeats as data",
        "out": "is not in the body that the page repeats as data",
    },
    "hidden": {"yes": "stands in a part of the page that is hidden"},
    "branch": {
        **_numbered(*(f"hangs on a branch of {lines}" for lines in (
            "one line", "two or three lines", "some lines", "many lines", "twenty lines and more"))),
        "trunk": "hangs on no branch",
    },
    "branch-links": _numbered(*(f"hangs on a branch that is linked {part}" for part in (
        *_PARTLY[:4], "for four fifths and more", "wholly"))),
    "near-links": _numbered(*(f"stands in a frame that is linked {part}" for part in (
        *_PARTLY[:4], "for four fifths and more", "wholly"))),
    "branch-kept": {
        **_numbered(*(f"hangs on a branch of which {much} was taken" for much in (*_MUCH, "all"))),
        "alone": "hangs alone on its branch",
    },
    "near-kept": {
        **_numbered(*(f"stands in a frame of which {much} was taken" for much in (*_MUCH, "all"))),
        "alone": "stands alone in its frame",
    },
    "text": {**_numbered(*_TEXT), "solid": "reads like solid prose"},
    "around": {
        f"{before}+{after}": f"follows a line that was {_taken}taken and precedes one that was {_then}taken"
        for before, _taken in (("kept", ""), ("out", "not "))
        for after, _then in (("kept", ""), ("out", "not "))
    },
}  # fmt: skip


@lru_cache(maxsize=4096)
def says(name: str, value: str) -> str:
    """The words for a value of a measure, or of a pair ("one*other", "value*value")."""
    one, _, other = name.partition("*")
    if other:
        first, _, second = value.partition("*")
        return " and ".join(said for said in (says(one, first), says(other, second)) if said)
    if value == "-":
        return ""  # a measure that this block does not have
    if name == "copies" and value != "once":
        return "stands several times on the page"
    if name == "category":
        return f"would be {value} by its words"
    if name.startswith("mark-"):
        where = "has" if value == "own" else "stands within"
        return f"{where} class names that speak of {name.removeprefix('mark-')}"
    if name.startswith("in-"):
        return f"stands in a <{name.removeprefix('in-')}>"
    return SAYS.get(name, {}).get(value, f"has {name} {value}")
