"""What each value of a signal says of a line, in words that complete "this line ..."."""

from __future__ import annotations

_ENDINGS = {
    "none": "no final mark",
    "stop": "a full stop",
    "stop-quote": "a full stop and a quotation mark",
    "quote": "a quotation mark",
    "exclamation": "an exclamation mark",
    "question": "a question mark",
    "ellipsis": "an ellipsis",
    "colon": "a colon",
    "comma": "a comma",
    "semicolon": "a semicolon",
    "dash": "a dash",
    "bracket": "a bracket",
    "digit": "a figure",
}
_STARTS = {
    "letter": "a capital letter",
    "lower": "a small letter",
    "digit": "a figure",
    "quote": "a quotation mark",
    "bracket": "a bracket",
    "mark": "a sign",
    "none": "nothing",
}
_SHARED = {
    "unknown": "has no words to compare",
    "none-of-one": "shares its one long word with nothing else here",
    "none-of-some": "shares no word with the rest",
    "none-of-many": "shares none of its many words with the rest",
    "few": "shares few words with the rest",
    "half": "shares half its words with the rest",
    "most": "shares most of its words with the rest",
    "all": "shares all its words with the rest",
}
_STANDING = {"run": "among other short lines", "edge": "at the edge of the prose", "alone": "alone in the prose"}

SAYS: dict[str, dict[str, str]] = {
    "ending": {value: f"ends with {words}" for value, words in _ENDINGS.items()},
    "start": {value: f"begins with {words}" for value, words in _STARTS.items()},
    "previous-ending": {
        **{value: f"follows a line that ends with {words}" for value, words in _ENDINGS.items()},
        "start": "is the first line",
    },
    "next-start": {
        **{value: f"precedes a line that begins with {words}" for value, words in _STARTS.items()},
        "end": "is the last line",
    },
    "shared": _SHARED,
    "kind": {
        "paragraph": "is a paragraph",
        "heading": "is marked as a heading",
        "item": "is an item of a list",
        "row": "is a row of a table",
        "quote": "is marked as a quotation",
    },
    "case": {
        "upper": "is all capitals",
        "upper-short": "is one short word in capitals",
        "upper-word": "shouts a word in capitals",
        "title": "capitalises its words like a headline",
        "mixed": "capitalises about half its words",
        "lower": "has no capitals",
        "short": "is a few words long",
        "sentence": "is capitalised like a sentence",
    },
    "sentences": {
        "one": "is no more than one sentence",
        "clause": "has a clause inside",
        "colon": "has a colon inside",
        "several": "holds several sentences",
    },
    "marks": {
        "no": "has no address, handle or label",
        "address": "holds a web or mail address",
        "tag": "ends with a tag",
        "separator": "has parts set off by a bar or dot",
        "handle": "holds a handle or hashtag",
        "label": "begins with a label and a colon",
    },
    "figures": {
        "no": "has no figures",
        "some": "has figures",
        "number": "is a number",
        "time": "names a time",
        "date": "names a date",
        "ago": "says how long ago",
        "duration": "names a duration",
        "money": "names a price",
        "percent": "names a percentage",
    },
    "quote": {"yes": "quotes somebody", "no": "quotes nobody"},
    "link": {
        "none": "has no link",
        "some": "holds a link",
        "most": "is mostly a link",
        "whole": "is nothing but a link",
        "outside": "is a link to another site",
        "image": "is a picture",
    },
    "reader": {
        "no": "speaks neither to the reader nor of the outlet",
        "you": "speaks to the reader",
        "we": "speaks of the outlet itself",
        "youwe": "speaks to the reader and of the outlet itself",
    },
    "speech": {"yes": "tells that somebody said something", "no": "has no verb of speech"},
    "commas": {"none": "has no comma", "few": "has a comma or two", "many": "has many commas, like a list"},
    "names": {
        "none": "names nobody",
        "known": "names only what the prose names, too",
        "one-new": "names somebody or something of whom the prose knows nothing",
        "new": "names several of whom the prose knows nothing",
        "title-new": "is capitalised and names what the prose does not know",
        "capitals": "has words in capitals",
    },
    "run": {
        "1-5": "stands with few short lines",
        "6-12": "stands among several short lines",
        "13-30": "stands among many short lines",
        "31+": "stands among very many short lines, as in a menu",
    },
    "twin": {
        "no": "is built unlike the lines beside it",
        "word": "begins with the same word as the line beside it",
        "marks": "is built like the line beside it",
    },
    "stopwords": {
        "no": "has no article, no preposition, no auxiliary: is no sentence",
        "few": "has few of the small words of prose",
        "some": "has some of the small words of prose",
        "many": "has many of the small words of prose",
        "most": "consists of small words for the most part",
        "short": "is too short for a sentence",
        "other-script": "is written in a script without small words",
    },
    "opens": {
        "goes-on": "begins with a word that goes on with what was said before",
        "plain": "begins anew",
    },
    "next-opens": {
        "plain": "precedes prose that begins anew",
        "goes-on": "precedes prose that goes on with what was said before",
        "quote": "precedes a quotation",
        "none": "has no prose after it",
    },
    "offer": {"yes": "offers something", "no": "offers nothing"},
    "teaser": {"yes": "teases like a headline that hides its object", "no": "does not tease"},
    "place": {
        "head": "stands before the first paragraph",
        "early": "stands in the first third",
        "middle": "stands in the middle",
        "late": "stands near the end",
        "tail": "stands behind the last paragraph",
        "no-prose": "stands in a text without prose",
    },
    "standing": {
        "alone": "stands alone between paragraphs",
        **{
            f"{where}-of-{size}": f"is {words} a run of {number} short lines"
            for where, words in (("first", "the first of"), ("inside", "inside"), ("last", "the last of"))
            for size, number in (("2", "two"), ("3-5", "three to five"), ("many", "many"))
        },
    },
    "siblings": {
        "not-alone": "is no lone line between paragraphs",
        "only": "is the only lone line between paragraphs",
        "2-3": "is one of two or three lone lines",
        "many": "is one of many lone lines, as subheadings are",
    },
    "copies": {"once": "stands here once", "again": "stands here more than once"},
    "announced": {
        "no": "is not announced by the line before",
        "directly": "is announced by a colon just before",
        "above": "belongs to a run that a colon announces",
        "by-label": "follows a label of injected lines",
    },
    "label-above": {
        "no": "has no label of injected lines above it",
        "directly": "stands right below a label of other stories",
        "near": "stands with other headlines below a label of other stories",
        "far": "stands far below a label of other stories",
        "advert": "stands right below a label of an advert or newsletter",
        "other": "stands below a button, a notice or an advert's label",
    },
    "company": {
        "none": "is in an article without other lines that rules are sure of",
        "few": "is in an article with a few other lines that rules are sure of",
        "many": "is in an article with many other lines that rules are sure of",
    },
    "labels-around": {
        "alone": "stands in no run of short lines",
        "none": "stands in a run without labels",
        "few": "stands in a run with a few injected lines",
        "some": "stands in a run with some injected lines",
        "most": "stands in a run of injected lines",
    },
    "alike": {
        "no": "is not like the lines beside it",
        "one": "is like one of the lines beside it",
        "both": "is like both lines beside it",
    },
    "form": {
        "prose": "stands in an article told in prose",
        "mixed": "stands in an article of prose and short lines",
        "lists": "stands in an article of lists",
        "no-prose": "stands in a text without prose",
    },
    "commerce": {
        "no": "stands in an article that is not about prices",
        "some": "stands in an article that names prices",
        "much": "stands in an article about prices",
    },
    "unfinished": {
        "no": "is not part of a broken sentence",
        "head": "seems to be the first half of a broken sentence",
        "tail": "seems to be the second half of a broken sentence",
    },
    "prose": {
        "none": "stands in a text without prose",
        "little": "stands in an article with little prose",
        "much": "stands in an article with much prose",
    },
    "ruled": {
        "no": "is answered by no rule",
        "cue": "is answered by a weak rule",
        "hint": "is answered by a rule of some weight",
        "strong": "is answered by a strong rule",
    },
    "neutral": {"yes": "looks like a byline, caption or title", "no": "is no byline, caption or title"},
    **{
        name: {
            "unknown": f"has no paragraph {side} it to compare",
            "none": f"shares no word with the paragraph {side}",
            "one": f"shares a word with the paragraph {side}",
            "several": f"shares several words with the paragraph {side}",
        }
        for name, side in (("next-shares", "behind"), ("previous-shares", "before"))
    },
}
_BESIDE = {"body": "body", "injected": "injected", "doubtful": "doubtful", "edge": "nothing"}


def says(signal: str, value: str) -> str:
    """The sentence for a signal's value."""
    known = SAYS.get(signal, {}).get(value)
    if known:
        return known
    if signal == "bait":
        return "has the marks of a teaser: " + value if value.isdigit() else "does not have a teaser's form"
    if signal == "length":
        return "has one word" if value == "1" else f"has {value} words"
    if signal == "stranger":
        return _stranger(value)
    if signal == "neighbours":
        one, _, other = value.partition("+")
        return f"stands between {_BESIDE.get(one, one)} and {_BESIDE.get(other, other)}"
    return f"has {signal} {value}"


def _stranger(value: str) -> str:
    """Of a headline-like line: how it stands, and what it has in common with the prose."""
    if value in ("no-headline", "no-prose"):
        return "does not have a headline's form" if value == "no-headline" else "stands in a text without prose"
    standing, _, rest = value.partition("-")
    shared, _, near = rest.rpartition("-")
    close = " and several with a paragraph beside it" if near == "near" else ""
    words = _SHARED.get(shared, shared)
    return f"looks like a headline {_STANDING.get(standing, standing)}, {words}{close}"
