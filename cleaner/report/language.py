"""A guess at the language of a text, good enough for a chart: its script, then its commonest small words."""

from __future__ import annotations

import re
from collections import Counter

LOOKED_AT = 4000  # characters
FEWEST = 3  # small words below which we do not guess

NAMES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili", "ta": "Tamil", "th": "Thai",
    "tl": "Tagalog", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    "": "unknown",
}  # fmt: skip

_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3041-\u30fa]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e01-\u0e4e]")),
    ("hi", re.compile("[\u0904-\u094d]")),
    ("bn", re.compile("[\u0985-\u09cd]")),
    ("ta", re.compile("[\u0b85-\u0bcd]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u03b1-\u03c9]")),
    ("ar", re.compile("[\u0620-\u06d3]")),
    ("ru", re.compile("[\u0430-\u045f]")),
)
# Letters that tell the languages of one script apart, in the order in which they are asked for.
_LETTERS = {
    "ar": (("ur", "ٹڈڑںے"), ("fa", "پچژگ")),
    "ru": (("uk", "іїєґ"), ("sr", "ђјљњћџ"), ("ru", "ыэё"), ("bg", "ъ")),
}
_SMALL_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in that is was for with on as his it from are were",
        "de": "der die das und ist nicht mit von zu den dem ein eine auch sich auf im",
        "fr": "le la les des et est une dans pour que qui sur pas du au avec il",
        "es": "el la los las de que en y una por con para del se su más como",
        "pt": "o os de que e em um uma para com não do da dos das ao mais no na",
        "it": "il la di che e in un una per con non del della sono gli nel si",
        "nl": "de het een van en in dat is niet met op voor zijn te die aan ook",
        "pl": "w i na z się nie do że jest to po od za przez jak ale był",
        "sv": "och i att det som en på är av för med den till inte har ett om",
        "no": "og i å det som en på er av for med den til ikke har et om jeg ble etter fra",
        "da": "og i at det som en på er af for med den til ikke har et om jeg blev efter fra",
        "fi": "ja on ei että se oli hän mutta kun ovat myös joka sen ole mukaan",
        "cs": "a v se na je že s z do to o i jsou podle který také pro byl",
        "sk": "a v sa na je že s z do to o aj sú podľa ktorý tiež pre bol",
        "hu": "a az és hogy nem is egy van volt meg de ez csak már azt",
        "ro": "și în de la a cu pe că nu o un din este pentru care mai au",
        "hr": "i u je na se da za od su s će kao koji iz nije što bi ali",
        "tr": "ve bir bu da de için ile çok olarak daha olan ama gibi ne kadar",
        "id": "yang dan di dengan untuk dari ini itu pada tidak akan dalam ke juga",
        "vi": "và của là có được cho không trong với các một những này đã người",
        "tl": "ang ng sa na mga at ay si ni para hindi ito niya kay nang",
        "sw": "na ya wa kwa ni katika la za kuwa hiyo huo yake alisema hilo",
        "ca": "el la els les de que en i una per amb del és no ha al més",
    }.items()
}
_WORDS = re.compile(r"[^\W\d_]+")


def guess_language(text: str) -> str:
    """The ISO 639-1 code of the language of `text`; empty if it does not show."""
    head = text[:LOOKED_AT].lower()
    letters = sum(map(str.isalpha, head))
    for language, script in _SCRIPTS:
        found = len(script.findall(head))
        # Japanese mixes its syllables with Chinese signs, so few of them tell.
        if found > (letters * 0.08 if language == "ja" else letters * 0.4) and found > FEWEST:
            return _by_letters(language, head)
    counts = Counter(_WORDS.findall(head))
    scores = {language: sum(counts[word] for word in words) for language, words in _SMALL_WORDS.items()}
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= FEWEST else ""


def _by_letters(language: str, head: str) -> str:
    for candidate, letters in _LETTERS.get(language, ()):
        if sum(head.count(letter) for letter in letters) >= FEWEST:
            return candidate
    return language
