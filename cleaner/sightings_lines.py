"""A line as sightings see it: the form under which near-copies meet, and whether that form may decide alone.

Everything here is a pure function of one line; nothing is counted.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cleaner.folding import fold

NUMBER = "0"  # stands for every figure, price, date, month and weekday
WORD_BUCKETS = 1 << 22  # words are counted in this many buckets; two that share one only make us more careful
SHORTEST = 30  # characters of a line that may decide alone; half as many in scripts without spaces
LONGEST = 400  # nobody advertises in longer sentences, the body does
LONG_LINE = 40  # characters from which a line says which story a document tells

_FIGURES = re.compile(r"\d+(?:(?:st|nd|rd|th)$)?")
_INVISIBLE = re.compile("['\u2018\u2019\u02bc\u00ad\u200b-\u200f\u2060\ufeff]")  # apostrophes inside words among them
_PLAIN = str.maketrans({**{chr(code): " " for code in range(128) if not chr(code).isalnum()}, "'": None})
# All that is neither letter, digit nor vowel sign: Python's \w leaves the combining signs of Indic scripts out.
_BETWEEN = re.compile(
    r"(?:[^\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0963\u0966-\u109f\u1780-\u17d3\u3099\u309a]|"
    r"_)+"
)
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")

_DATES = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
mondays tuesdays wednesdays thursdays fridays saturdays sundays
januar jänner februar märz mai juni juli oktober dezember
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
janvier février mars avril juin juillet août septembre octobre novembre décembre
lundi mardi mercredi jeudi vendredi samedi dimanche
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre
lunes martes miércoles jueves viernes sábado domingo
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre
lunedì martedì mercoledì giovedì venerdì sabato domenica
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro segunda terça quarta quinta sexta
januari februari maart mei augustus maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
poniedziałek wtorek środa czwartek piątek sobota niedziela środę sobotę niedzielę
augusti måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag desember
tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu joulukuu
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai
leden únor březen duben květen červen červenec srpen září říjen listopad prosinec
ledna února března dubna května června července srpna října listopadu prosince
pondělí úterý středa čtvrtek pátek neděle
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
pazartesi salı çarşamba perşembe cuma cumartesi pazar
январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
понедельник вторник среда четверг пятница суббота воскресенье среду пятницу субботу
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
понеділок вівторок середа четвер пʼятниця субота неділя
يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
"""
_DATE_WORDS = frozenset(unicodedata.normalize("NFKC", word.casefold()) for word in _DATES.split())

# The register of reporting: stems that standing sentences of the body, credits and neutral notices are made of.
# A sentence with one of them may recur in a thousand stories and still belong to each of them.
_STANDING = re.compile(
    r"\b(?:"
    # en: courts, police, accidents, markets, sport, sources
    r"plead|guilty|charged|charges|arrest|custody|bail\b|sentenc|convict|courts?\b|judges?\b|jury|on trial|stand trial|"
    r"prosecut|lawsuit|alleg|innocent|suspects?\b|police|officers?\b|sheriff|detective|investigat|inquest|crimes?\b|"
    r"emergency (?:services|crews)|firefighter|hospital|injur|wounded|killed|died|deaths?\b|dead\b|victim|casualt|"
    r"pronounced|autopsy|funeral|survived by|gone missing|been missing|"
    r"spokes(?:man|woman|person)|respon(?:d|se)|request for|comment|declin|statement|confirm|authorities|officials|"
    r"minist|unclear|not clear|(?:is|are) expected to|not immediately|could not be reached|(?:more|further) details|"
    r"said\b|told\b|witness|"
    r"according|weather|forecast|temperature|shares\b|index\b|barrel|analysts?\b|percentage|kick.?off|halftime|"
    r"half time|matches\b|match\b|league|head coach|"
    r"scheduled (?:for|to)|due to (?:meet|appear|begin|start|face|be)|senate|parliament|bill (?:now|will|would|has)|"
    r"votes?\b|elections?\b|polls close|diplomatic|responsibility for|memorial service|fundraising page|leaves a|"
    r"first leg|second leg|goalless|equali[sz]er|took the lead|interest rates|has contacted|been contacted|"
    r"approached for|"
    r"full list|as a precaution|stable condition|names of the|goes on sale|go on sale|anyone with information|"
    r"helpline|samaritans|crimestoppers|affected by|"
    # en: credits, notices and disclaimers
    r"associated press|reuters|afp\b|contribut|reporting by|editing by|reporter|correspondent|columnist|editor|"
    r"journalist|covers .* for|reports (?:on|from)|professor of|freelance|is an? (?:\w+ ){0,3}(?:author|writer|"
    r"professor|fellow)|writes (?:about|for)|"
    r"interview has been|edited for|this (?:article|story|report|piece|post|page)|breaking news|developing story|"
    r"updated|"
    r"corrected|correction|clarif|earlier version|disclaimer|opinions?\b|views expressed|views of|informational|"
    r"information only|information purposes|not constitute|not intended|not .{0,40}advice|not necessarily|"
    r"unless otherwise|names have been|translat|anonym|"
    # en: recipes
    r"season with|to taste|preheat|simmer|saucepan|tablespoons?|whisk|until golden|set aside|serve (?:warm|hot|with|"
    r"immediately)|oven|"
    # de
    r"gericht|staatsanwalt|polizei|ermittl|angeklagt|urteil|haft|verletzt|getötet|gestorben|krankenhaus|feuerwehr|"
    r"zeugen|"
    r"sprecher|stellungnahme|äußer|unschuld|teilte|sagte|behörd|regierung|angaben|bericht|redaktion|autor|meldung|"
    r"aktualisiert|korrektur|haftungsausschluss|anlageberatung|meinung|dpa|"
    # fr
    r"tribunal|procureur|parquet|enquêt|gendarm|arrêt|plaid|coupable|présum|innocen|bless|décéd|pompiers|hôpital|"
    r"porte parole|commentaire|sollicit|déclar|lenquêt|larticle|selon|autorités|ministre|gouvernement|article|"
    r"rédaction|"
    r"mise? à jour|avertissement|conseil en|"
    # es, pt, it
    r"policía|fiscal|juez|jueza|detenid|acusad|culpable|sentencia|investigaci|herid|falleci|murió|muert|portavoz|"
    r"comentario|declar|según|autoridad|gobierno|artículo|redacción|actualiza|correcci|opiniones|asesoramiento|"
    r"polícia|juiz|detido|inocente|culpado|investigaç|ferid|morreu|hospital|porta voz|comentar|segundo o|autoridades|"
    r"governo|artigo|redação|reportagem|atualiza|correç|opiniões|"
    r"polizia|carabinieri|procura|giudic|arrestat|colpevol|indagin|ferit|mort[oiea]\b|ospedale|portavoce|commento|"
    r"dichiarat|secondo|autorità|governo|articolo|redazione|aggiornament|correzion|opinioni|consulenza|"
    # nl, nordic
    r"politie|onderzoek naar|rechtbank|rechter|verdacht|onschuld|gewond|overleden|ziekenhuis|woordvoerder|reactie|"
    r"volgens|"
    r"overheid|artikel|redactie|bijgewerkt|"
    r"polisen|politi|domstol|åtal|åklagare|gripen|misstänk|skad|avled|sjukhus|sykehus|talesperson|kommentar|"
    r"enligt|ifølge|regering|artikeln|artikkelen|uppdater|oppdater|opdater|redaktion|"
    # pl, cs
    r"policj|prokurat|sąd\b|sądu|sędzi|podejrzan|oskarż|winny|śledztw|rann|zginął|zmarł|szpital|rzeczni|komentarz|"
    r"według|"
    r"rząd|artykuł|redakcj|aktualizacj|"
    r"policie|soud|obvin|zraněn|zemřel|nemocnic|mluvčí|vyjádř|podle|vlád|článek|redakce|"
    # ru, uk, tr
    r"полици|суд|прокур|задерж|обвин|виновн|следств|пострада|погиб|больниц|пресс|коммент|заяв|сообщ|по данным|власт|"
    r"статья|редакц|обновл|поліці|прокур|обвинувач|постражда|загин|лікарн|речник|повідом|стаття|"
    r"polis\b|mahkeme|savcı|tutuklan|yaral|öldü|hastane|sözcü|açıklama|göre|haber"
    r")|"
    # scripts without word boundaries
    r"警察|警方|逮捕|容疑|裁判|法院|起訴|起诉|検察|死亡|負傷|受伤|受傷|病院|医院|コメント|回应|回應|発表|記者|记者|編集|编辑|"
    r"によると|表示|報道|报道|경찰|검찰|법원|체포|기소|사망|부상|병원|밝혔|기자|الشرطة|المحكمة|النيابة|وفق|صرح|المتحدث"
)
# Talking to the reader, and phrases of selling. Bare words of trade ("sales", "price") stand in every market report.
_PROMOTION = re.compile(
    r"\b(?:you|your|yours|our|ours|discounts?|subscribe|free (?:delivery|shipping|trial|gift)|(?:sale|offer)s? ends?|"
    r"offer valid|save up to|0 off|"
    r"kostenlos\w*|rabatt\w*|unsere[nrm]?|vous|votre|vos|gratuit\w*|nuestr[oa]s?|usted(?:es)?|gratis|descuentos?|"
    r"você|grátis|nosso|nossa|vostr[oaie]|gratuit[oaie]|sconto|sconti|jouw|korting\w*|din|ditt|erbjudande|tilbud|"
    r"twój|twoje|nasz|nasze|darmow\w*|rabat\w*|ваш\w*|наш\w*|бесплатн\w*|скидк\w*)\b"
)
_STOP = re.compile(r"[.!。！।۔።։]['\")\]]*$")
_LABEL = re.compile(r"^(?:\S+\s){0,3}\S{1,24}\s?[:：](?:\s|$)")
_QUOTATION = re.compile(r"^\"|\"[^\"]*\s[^\"]*\s[^\"]*\"")
_NAME = re.compile(r"(?<=[\w,;)] )[^\W\d_a-z]\w{2,}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line in the form under which near-copies are one.

    `tokens` are its words in lower case, figures and dates all turned into `NUMBER`; `key` is 63 bits of their
    BLAKE2b hash (the same on every machine and with every hash seed); `figures` tells which figures and dates stood
    there (16 bits, 0 if none); `size` is its length in units of four characters, 0 for a line too short to tell a
    story.
    """

    tokens: tuple[str, ...]
    key: int
    figures: int
    size: int


def normalise(text: str) -> Line | None:
    """The line that `text` is, or None if it has no letter to be known by."""
    if "](" in text:
        text = fold(text)
    flat = text.casefold()
    if flat.isascii():
        flat = flat.translate(_PLAIN)
    else:
        flat = _BETWEEN.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFKC", flat)))
    tokens: list[str] = []
    figures: list[str] = []
    for token in flat.split():
        if token in _DATE_WORDS or token.isdigit():
            figures.append(token)
            if not tokens or tokens[-1] != NUMBER:
                tokens.append(NUMBER)
        elif token.isalpha() or not _FIGURES.search(token):
            tokens.append(token)
        else:
            figures.append(token)
            tokens.append(_FIGURES.sub(NUMBER, token))
    form = " ".join(tokens)
    if not any(map(str.isalpha, form)):
        return None
    seen = zlib.crc32(" ".join(figures).encode("utf-8", "replace")) % 0xFFFF + 1 if figures else 0
    long = len(form) >= LONG_LINE or (len(form) >= LONG_LINE // 2 and _UNSPACED.search(form))
    return Line(tuple(tokens), digest(form), seen, min(255, len(form) // 4) if long else 0)


def digest(text: str) -> int:
    """63 bits that stand for `text`: they fit SQLite's signed integers."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def content_words(tokens: Sequence[str]) -> Iterator[str]:
    """The words that can tell lines apart: four letters and more, or pairs of signs in scripts without spaces."""
    for token in tokens:
        if not token.isascii() and _UNSPACED.search(token):
            yield from (token[at : at + 2] for at in range(len(token) - 1))
        elif len(token) >= 4 and NUMBER not in token:
            yield token


def buckets(tokens: Sequence[str]) -> list[int]:
    """The buckets in which the content words of a line are counted, each once, in a fixed order."""
    found = {zlib.crc32(word.encode("utf-8", "replace")) % WORD_BUCKETS for word in content_words(tokens)}
    return sorted(found)


def sells(line: Line) -> bool:
    """Whether the line speaks to the reader or of buying."""
    return bool(_PROMOTION.search(" ".join(line.tokens)))


def is_standing(line: Line) -> bool:
    """Whether the line speaks the language of reports, credits and notices: such sentences recur and stay."""
    return bool(_STANDING.search(" ".join(line.tokens)))


def names(text: str) -> frozenset[str]:
    """The capitalised words inside a sentence, in lower case, months and weekdays left out."""
    found = _NAME.findall(fold(text))
    return frozenset(name.casefold() for name in found if name[0].isupper()) - _DATE_WORDS


def may_decide(text: str, line: Line) -> bool:
    """Whether the form of a line allows sightings to condemn it without any other evidence.

    Only a whole sentence may fall alone, long enough that two writers do not hit on it by chance. What lives inside
    articles recurs in shorter or other forms: subheadings and table heads end without a stop or with a question mark,
    list labels hold a colon, quotations are somebody's words, and the sentences of court and police reports
    (`is_standing`) are house style.
    """
    flat = fold(text)
    unspaced = len(_UNSPACED.findall(flat))
    if not SHORTEST <= len(flat) + unspaced <= LONGEST:
        return False
    if text.lstrip()[:1] in ("#", "|", "(", "[") or text.count("|") > 1 or "\t" in text.strip():
        return False
    if not _STOP.search(flat) or _LABEL.match(flat) or _QUOTATION.search(flat):
        return False
    count = len(line.tokens) + unspaced // 2
    if count < (6 if sells(line) or names(text) else 8):
        return False
    return not is_standing(line)
