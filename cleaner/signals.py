"""Signals: pure measures of a block in its article, each answering with one of a few named values.

A signal knows nothing of weights. `judge.py` looks the value up in `weights.toml` and adds the log-odds; so every
verdict is a sum that `explain` can show. The measures follow what readers of extractor output go by: shape of the line
(Pomikálek 2011, jusText; Kohlschütter et al. 2010, boilerpipe: number of words, link density), place, likeness to the
neighbours, and words shared with the rest of the article.

Two layers. `Shape` looks at the block alone. `Context` looks at the prose around it: the *solid* blocks, long and
ending like a sentence, that no rule answers to. Only solid blocks count as surroundings, never doubtful ones, so that
taking a line out cannot change what is measured of another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from .article import Article, Block
from .matching import encode, single_pass
from .rules import LONGEST_FOLDED, fold

Values = dict[str, str]

SEARCHED = 60_000  # characters of prose up to which a stem is looked up by searching
OPENING = 2  # the last of the blocks that open an article: headline, byline, first subheading
LONG = 40  # words from which a sentence-shaped block is body unless a rule says otherwise
GLANCE = 300  # characters: that many hold more than `LONG` words in nearly every language

_WORDS = re.compile(r"\S+")
_LETTER_WORDS = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_UNSPACED_RUN = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]{2,}"
)
_STEM_WORDS = re.compile(
    r"[^\W\d_\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]{4,}"
    r"|[\uac00-\ud7af]{2,}"
)
_SENTENCE_END = re.compile(r"[.!?。！？।؟۔։᙮፡።…](?:[\"')\]]|\s)*$")
_INNER_SENTENCE = re.compile(r"[.!?;](?:[\"')\]])*\s+[\"'(]*[^\W\d_a-zà-öø-ÿ]|[。！？।۔](?=.)|[,;，、؛،] ")
_STOP_THEN_CAPITAL = re.compile(r"(?<=[^\W\d_]{3})[.!?][\"')]*\s+[\"'(]*[^\W\d_]|[。！？।۔؟].")
_TIME = re.compile(r"^\(?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s*(?:uhr|am|pm|a\.m\.|p\.m\.|h))?\)?$", re.I)
_NUMBER = re.compile(r"^[\W\d_]+$")
_DATE = re.compile(
    r"\b(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d\b|\b\d{1,2}\.? "
    r"[^\W\d_]{3,10}\.?,? (?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,9}\.? \d{1,2}, (?:19|20)\d\d\b|(?:19|20)\d\d年|\d{1,2}月\d{1,2}日|(?:19|20)\d\d년"
)
_AGO = re.compile(
    r"\d+\s?(?:h|hours?|hrs?|min(?:ute)?s?|days?|weeks?|months?|years?)\s+ago\b|\d+\s?(?:時間|分|日|か月|年)前|\d+\s?(?:시간"
    r"|분|일) ?전|\d+\s?(?:小时|分钟|天|小時|分鐘)前|vor \d+ |il y a \d+|hace \d+|há \d+ |\d+ (?:ore|giorni) fa\b",
    re.I,
)
_DURATION = re.compile(r"(?:^|\s|\()\d{1,2}:\d{2}(?:\)|\s|$)")
_MONEY = re.compile(r"[$€£¥₹₽₴₺₩]\s?\d|\d\s?(?:[$€£¥₹₽₴₺₩]|euros?\b|dollars?\b|kr\b|zł\b|usd\b|eur\b|円|元|원)", re.I)
_MONEY_SIGNS = (
    "$",
    "€",
    "£",
    "¥",
    "₹",
    "₽",
    "₴",
    "₺",
    "₩",
    "euro",
    "dollar",
    "kr",
    "zł",
    "USD",
    "EUR",
    "円",
    "元",
    "원",
)
_PERCENT_OFF = re.compile(r"\d\s?%|\bsave\b", re.I)
_ADDRESS = re.compile(
    r"https?://|www\.|\b[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|org|net|de|fr|co\.uk|es|it|nl|pl|se|no|dk|jp|ru"
    r"|br)\b(?!\w)",
    re.I,
)
_HANDLE = re.compile(r"(?:^|\s)[@#]\w+")
_TAG_AT_END = re.compile(r"[\[(][A-Z][\w \-]{2,18}[\])]$")
_LABEL_COLON = re.compile(r"^[^\W\d_][^:.!?\"]{1,28}:\s?\S")
_SEPARATOR = re.compile(r"\s[|•·/»›-]\s|\|")
_QUOTES = re.compile(r"\"[^\"]{2,}\"|^\"|\"$|(?:^|\s)'[^']{3,}'(?:\W|$)")
_DOTS = re.compile(r"\.\.\.$")
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s\"[^\"]*\")?\)")
_EDGE, _END = r"(?:^|[^\pL])", r"(?:[^\pL]|$)"
# Who speaks to whom, in the press's languages.
_YOU = (
    _EDGE
    + r"(?:you|your|yours|you're|you'll|you've|dein[enmrs]{0,2}|dir|euch|vous|votre|vos|toi|usted|ustedes|tuyo|tus?"
    r"|te|você|vocês"
    r"|sua|seu|jij|jouw|jullie|je|uw|din|ditt|dine|dina|deg|dig|tuo|tua|tuoi|ti|vostr[oaie]|twój|twoj[ea]|ci|cię"
    r"|wam|ваш\pL*|вы|вам|вас"
    r"|тебе|тебя|твой|sinun|sinulle|teie|vám|vás|váš|vaše|sana|size|sizin|anda|kamu|bạn|σας|εσάς)"
    + _END
    + r"|あなた|皆さん|您|당신|여러분|आप|לך|לכם|شما|لك(?:[^\pL]|$)|لكم"
    r"|[^.!?:\"] (?-i:Sie|Ihnen|Ihre?[nrms]?)" + _END + r"|(?:^|[.!?:] )(?-i:\p{Lu}\p{Ll}+en|Sind) (?-i:Sie)" + _END
)
_WE = (
    _EDGE + r"(?:our|ours|us|we|we're|we'll|unser[enmrs]{0,2}|uns|wir|notre|nos|nous|nuestr[oa]s?|noss[oa]s?|onze"
    r"|nostr[oaie]|ci|наш\pL*|нас|нам"
    r"|vår|vårt|våra|våre|vores|vore|oss|os|nasz\pL*|nas|nam|náš|naše|nám|meidän|bizim|kami|chúng tôi|μας)"
    + _END
    + r"|当社|本紙|弊社|我们|我們|本报|본지|우리"
)
# What a pitch offers, in the press's languages: something free, by mail, by the month, in the comments, in the app.
_OFFER = (
    _EDGE
    + r"(?:free|inbox|e-?mails?|newsletters?|subscri\pL+|donat\pL+|sign up|a month|per month|comments?|app|podcast"
    r"|readers|reporters|journalism|newsroom"
    r"|advertis\pL+|this (?:article|story|page|site|website)|kostenlos\pL*|gratis|postfach|abonn\pL+|monatlich"
    r"|kommentar\pL*|redaktion|leser\pL*"
    r"|gratuit\pL*|boîte mail|lettre|rédaction|commentaires?|lecteurs|suscr\pL+|correo|boletín|comentarios"
    r"|redacción|lectores|al mes|carta"
    r"|iscri\pL+|commenti|redazione|lettori|al mese|socio|assin\pL+|comentários|redação|leitores|de graça|por mês"
    r"|aanmeld\pL*|reacties|redactie|lezers"
    r"|per maand|nieuwsbrief|za darmo|bezpłatn\pL+|komentarz\pL*|redakcj\pL+|czytelni\pL+|nyhetsbrev\pL*"
    r"|nyhedsbrev\pL*|prenumer\pL+|läsare|lesere|læsere"
    r"|бесплатн\pL*|рассылк\pL+|комментари\pL+|редакци\pL+|читател\pL+|подпис\pL+|підпис\pL+|безкоштовн\pL+|zdarma"
    r"|odběr\pL*|komentář\pL*|redakc\pL+"
    r"|ingyen\pL*|hírlev\pL+|ilmai\pL+|uutiskirj\pL+|ücretsiz|bülten\pL*|δωρεάν)"
    + _END
    + r"|無料|登録|会員|メール|コメント|免费|免費|订阅|訂閱|评论|무료|구독|댓글|مجان|اشترك|תגובות|חינם|रजिस्टर|मुफ्त"
)
_VOICES = single_pass((_YOU, _WE, _OFFER))
# What teasers promise: it could, it will, the most, the only, this one, everybody does.
_PROMISE = re.compile(
    r"\b(?:could|might|may|will|won't|can't|don't|should|must|never|ever|every|everyone|nobody|most|best|worst|biggest|only|simple"
    r"|secret|trick|these|this|könnte|sollte|wirklich|jeder|niemand|diese[rs]?|pourrait|vraiment|ce|cette|podría|realmente|este|esta"
    r"|potrebbe|davvero|questo|questa|poderia|kan|echt|deze|może|ten|ta|kunne|denne|dette|det här|это|эти|может)\b",
    re.I,
)
_TEASER = re.compile(
    r"^(?:this|these|why|how|what|when|here's|here are|meet|watch|see|inside|the real reason|\d+ )\b", re.I
)

# Function words of four letters and more: they stand in every article and say nothing of a shared subject.
_FUNCTION_WORDS = frozenset(
    """about after again also another around because been before being between both came come could does doing done down
    during each even ever every from gets give going have having here into just know last less like made make many
    might more most much must need never next only other over really said same says should since some still such take
    than that their them then there these they thing think this those through time under until very want well were
    what when where which while will with without would year years your first
    aber alle allem allen aller alles also andere anderen auch beim bereits damit dann dass dein deine denn deren
    dessen dich diese diesem diesen dieser dieses doch dort durch eine einem einen einer eines etwa etwas euch euer
    für ganz gegen geht gibt haben hatte hier immer ihre ihrem ihren ihrer jetzt kann kein keine können machen mehr
    mein muss nach nicht noch oder ohne schon sehr sein seine seinen seiner seit sich sind soll über unter viel vier
    vom wann warum weil weiter welche wenn werden wieder will wird wurde zwei zwischen
    ainsi alors après aussi autre autres avait avant avec avoir cela cette ceux chez comme comment dans depuis deux
    dire donc elle elles encore entre était être fait faire leur leurs lors mais même moins nous parce pendant peut
    plus plusieurs pour pourquoi quand quel quelle sans sera seront sont sous sur tous tout toute toutes très trois
    vers voici votre vous ante antes aquí como cómo con contra cual cuando cuándo desde después donde dónde dos ella
    ellos entre era esta está estaba estas este esto estos fue fueron había hace hacia hasta más mientras mismo mucho
    muy nada nos otra otro para pero poco por porque puede qué quien quién según ser será sido sin sobre solo son sus
    también tiene todo todos tras una uno agora ainda além após até cada com depois dois duas ela ele eles entre essa
    esse está estão foi foram isso isto já mais mas mesmo muito nas não nos outro para pela pelo pode por qual quando
    que quem são seu seus sua suas também tem tudo uma anche ancora altri altro aveva bene come contro così cosa dalla
    dalle dallo degli della delle dello dopo dove ecco erano fare fatto fino gli hanno loro molto nella nelle nello
    nostro ogni perché però poi prima quale quando quanto quella quelle quello questa queste questo senza sono sopra
    stata stato sulla tutti tutto
    aan alle andere bij daar dan dat deze die dit door een eens geen heeft hebben hier hoe hun kan maar meer met moet
    naar niet nog ook onder over tegen toch uit van veel voor waar waarom wanneer want was wat werd wordt zal zich
    zijn zonder zou alla allt andra att blev bli blir bland denna dessa det detta där efter eller från före genom hade
    hans har hela henne honom här inte kan kommer man med mellan men mer mot måste mycket någon några när och också om
    sedan ska skulle som till under upp utan var vara varit vid vilka vill över efter ikke være blir ble etter eller
    fra hadde hvor hvorfor med mot når også skal som til var ved blev efter eller fordi havde hvad hvordan ikke kunne
    men mere også skal skulle będzie były było bardzo czego czyli dla gdzie gdy jak jako jednak jest jeszcze jego już
    kiedy która które który lub może można oraz pod podczas przed przez przy się są tak także tego tylko tym wiele
    więc wszystko żeby
    если есть ещё чтобы когда который которая которые может после перед более были было быть этот этого также только
    однако потому этом того всех себя свою через чем где как для или под при про что это так уже нет они она его який
    яка які цього також після перед було були бути лише щоб коли може своїх
    """.split()
)


class Shape:
    """What a block looks like by itself. `words` counts by white space; in scripts without spaces, by two characters.

    Long prose is recognised at a glance; everything else is measured when it is asked for.
    """

    def __init__(self, block: Block) -> None:
        self.block = block
        self.length = len(block.text)
        text = block.text
        if (
            self.length >= GLANCE
            and block.markup is None
            and "](" not in text
            and _SENTENCE_END.search(text, self.length - 4)
        ):
            self.words = max(word_count(text), LONG)
            self.prose = self.solid = not text.endswith(("...", "…"))
            return
        self.words = word_count(text if self.length > LONGEST_FOLDED else self.folded)
        self.prose = self._is_prose()
        self.solid = self.prose and self._is_solid()

    @cached_property
    def folded(self) -> str:
        """The block as rules see it."""
        return fold(self.block.text)

    @cached_property
    def lowered(self) -> str:
        """The folded block in lower case."""
        return self.folded.lower()

    @cached_property
    def ends_like_sentence(self) -> bool:
        """Whether the last mark is one that ends a sentence."""
        return bool(_SENTENCE_END.search(self.folded, max(0, len(self.folded) - 8))) and not self.folded.endswith("...")

    @cached_property
    def links(self) -> tuple[float, bool]:
        """Share of the characters inside links, and whether the block is a picture and nothing else."""
        return _links(self.block)

    @cached_property
    def values(self) -> Mapping[str, str]:
        """The signals of the block alone."""
        folded, words = self.folded, self.words
        return {
            "length": _length(words),
            "ending": _ending(folded, self.ends_like_sentence),
            "kind": self.block.kind,
            "case": _case(folded, words),
            "sentences": _sentences(folded),
            "start": _start(folded),
            "marks": _marks(folded, words),
            "figures": _figures(folded),
            "quote": "yes" if _QUOTES.search(folded) else "no",
            "link": "image" if self.links[1] else _share(self.links[0]),
            "reader": self.reader,
            "offer": "yes" if 2 in self.voices else "no",
            "teaser": "yes" if _TEASER.match(folded) else "no",
            "bait": self._bait(),
        }

    @cached_property
    def voices(self) -> Sequence[int]:
        """Which of these the line has: a reader spoken to (0), the outlet speaking of itself (1), an offer (2)."""
        return _VOICES.Match(encode(self.folded)) or ()

    @property
    def reader(self) -> str:
        """Whether the line speaks to the reader, of the outlet, or both."""
        return ("you" if 0 in self.voices else "") + ("we" if 1 in self.voices else "") or "no"

    def _bait(self) -> str:
        """How many marks of a teaser a headline has: capitals, a question, the reader, a hidden object, a promise."""
        if not 5 <= self.words <= 18 or (self.ends_like_sentence and not self.folded.endswith(("?", "!"))):
            return "no-headline"
        folded = self.folded
        marks = (
            _case(folded, self.words) in ("title", "upper"),
            "?" in folded,
            0 in self.voices,
            bool(_TEASER.match(folded)),
            bool(_PROMISE.search(folded)),
            ": " in folded,
        )
        return str(min(4, sum(marks)))

    def _is_prose(self) -> bool:
        """Ends like a sentence and is no link: one of the lines that carry the article along."""
        if self.words < 5 or not self.ends_like_sentence or self.links[0] >= 0.5:
            return False
        if self.words <= 14 and self.folded.endswith(("?", "؟")) and not _QUOTES.search(self.folded):
            return False
        return self.words >= LONG or _case(self.folded, self.words) not in ("title", "upper")

    def _is_solid(self) -> bool:
        """Prose long enough to be body until a rule says otherwise. Short pitches to the reader are not."""
        if self.words < 12:
            return False
        if self.words >= LONG or _QUOTES.search(self.folded):
            return True
        return not self.voices and _figures(self.folded) != "money"


def word_count(text: str) -> int:
    """Words by white space; in scripts without spaces (Han, Kana, Thai, Khmer, Burmese) two characters are a word."""
    if text.isascii():
        return len(text.split())
    if len(text) > GLANCE:  # a sample tells which kind of script it is
        sample = text[:GLANCE]
        return len(text.split()) + (len(text) // 2 if len(_UNSPACED.findall(sample)) * 2 > GLANCE else 0)
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) + unspaced // 2 if unspaced else len(text.split())


def _length(words: int) -> str:
    for limit, name in (
        (0, "0"),
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (5, "4-5"),
        (7, "6-7"),
        (9, "8-9"),
        (12, "10-12"),
        (16, "13-16"),
        (22, "17-22"),
        (35, "23-35"),
        (60, "36-60"),
    ):
        if words <= limit:
            return name
    return "61+"


_ENDINGS = {
    ".": "stop",
    "。": "stop",
    "।": "stop",
    "۔": "stop",
    "!": "exclamation",
    "?": "question",
    "؟": "question",
    ":": "colon",
    ",": "comma",
    ";": "comma",
    "-": "dash",
    ")": "bracket",
    "]": "bracket",
    '"': "quote",
    "'": "quote",
}


def _ending(folded: str, ends: bool) -> str:
    if not folded:
        return "none"
    if folded.endswith("..."):
        return "ellipsis"
    last = folded[-1]
    if last in "\"')]" and ends:
        return "stop-quote"
    if last.isdigit() or last == "%":
        return "digit"
    return _ENDINGS.get(last, "none")


def _case(folded: str, words: int) -> str:
    if folded.lower() == folded.upper():
        return "uncased"
    letters = _LETTER_WORDS.findall(folded)
    if folded.upper() == folded and len(letters) >= 1:
        return "upper" if len(letters) > 1 or len(folded) > 4 else "upper-short"
    long = [word for word in letters[1:] if len(word) >= 4]
    capital = sum(word[0].isupper() for word in long)
    if len(long) >= 3 and capital >= 0.8 * len(long):
        return "title"
    if any(len(word) >= 4 and word.isupper() for word in letters):
        return "upper-word"
    if not any(word[0].isupper() for word in letters):
        return "lower"
    if words <= 3:
        return "short"
    return "mixed" if capital * 2 >= len(long) and len(long) >= 2 else "sentence"


def _sentences(folded: str) -> str:
    if _STOP_THEN_CAPITAL.search(folded):
        return "several"
    if _INNER_SENTENCE.search(folded):
        return "clause"
    return "colon" if ": " in folded else "one"


def _start(folded: str) -> str:
    if not folded:
        return "none"
    first = folded[0]
    if first in "\"'":
        return "quote"
    if first in "([{<":
        return "bracket"
    if first.isdigit():
        return "digit"
    if first.islower():
        return "lower"
    return "letter" if first.isalpha() else "mark"


def _marks(folded: str, words: int) -> str:
    if _ADDRESS.search(folded):
        return "address"
    if _TAG_AT_END.search(folded):
        return "tag"
    if _SEPARATOR.search(folded):
        return "separator"
    if _HANDLE.search(folded):
        return "handle"
    if _LABEL_COLON.match(folded) and words > 3:
        return "label"
    return "no"


def _figures(folded: str) -> str:
    if not any(char.isdigit() for char in folded):
        return "no"
    if _TIME.match(folded):
        return "time"
    if _NUMBER.match(folded):
        return "number"
    if _AGO.search(folded):
        return "ago"
    if _DATE.search(folded):
        return "date"
    if _DURATION.search(folded):
        return "duration"
    if _MONEY.search(folded):
        return "money"
    if _PERCENT_OFF.search(folded):
        return "percent"
    return "some"


def _share(link_share: float) -> str:
    if link_share == 0:
        return "none"
    return "whole" if link_share > 0.9 else "most" if link_share >= 0.5 else "some"


def _links(block: Block) -> tuple[float, bool]:
    """Share of the visible characters inside links (0 to 1), and whether the block is a picture and nothing else."""
    if block.markup is not None:
        return block.markup.link_share, False
    text = block.text
    if "](" not in text or len(text) > LONGEST_FOLDED:
        return 0.0, False
    linked = images = 0
    visible = len(text)
    for match in _LINK.finditer(text):
        visible -= match.end() - match.start()
        if match.group(1):
            images += 1
        else:
            inner = _LINK.sub(r"\2", match.group(2))
            linked += len(inner)
            visible += len(inner)
    bare = sum(char.isalnum() for char in _LINK.sub("", text))
    if images and not linked and not bare:
        return 0.0, True
    if not bare and linked:
        return 1.0, False
    return linked / max(1, visible), False


def stems(folded: str) -> list[str]:
    """What a block talks about: content words cut to six letters, and pairs of characters where there are no spaces."""
    lowered = folded.lower()
    found = [word[:6] for word in _STEM_WORDS.findall(lowered) if word not in _FUNCTION_WORDS]
    if not lowered.isascii():
        for run in _UNSPACED_RUN.findall(lowered):
            found.extend(run[at : at + 2] for at in range(0, len(run) - 1))
    return list(dict.fromkeys(found))


class Surroundings:
    """The prose of an article, as the background against which its doubtful blocks are seen."""

    def __init__(self, article: Article, shapes: Sequence[Shape], labelled: Sequence[bool]) -> None:
        self.article = article
        self.shapes = shapes
        self.labelled = labelled  # blocks that a rule is sure of
        self.solid = solid = [shape.prose and not label for shape, label in zip(shapes, labelled, strict=True)]
        self.count = sum(solid)
        self._before: list[int] = []  # number of solid blocks before each block
        running = 0
        for is_solid in solid:
            self._before.append(running)
            running += is_solid

    @cached_property
    def prose(self) -> str:
        """All solid blocks, lowered, to look stems up in."""
        return self._prose_and_places[0]

    @cached_property
    def _prose_and_places(self) -> tuple[str, dict[int, tuple[int, int]]]:
        texts, places, at = [], {}, 0
        for index, (block, solid) in enumerate(zip(self.article.blocks, self.solid, strict=True)):
            if solid:
                low = block.text.lower()
                places[index] = (at, at + len(low))
                texts.append(low)
                at += len(low) + 1
        return "\n".join(texts), places

    def _elsewhere(self, stem: str, index: int) -> bool:
        """Whether the prose around block `index` has a word with this stem."""
        prose, places = self._prose_and_places
        if len(prose) > SEARCHED:
            return self._stem_counts[stem] > (index in places and stem in self._stems(index))
        start, end = places.get(index, (0, 0))
        return stem in prose if start == end else prose.find(stem, 0, start) >= 0 or prose.find(stem, end) >= 0

    @cached_property
    def _stem_counts(self) -> Counter[str]:
        """In how many solid blocks each stem stands; for long texts, where searching would take too long."""
        return Counter(stem for index, solid in enumerate(self.solid) if solid for stem in self._stems(index))

    def _stems(self, index: int) -> list[str]:
        return stems(self.shapes[index].folded)

    @cached_property
    def copies(self) -> Counter[str]:
        """How often each folded line stands in the article."""
        return Counter(shape.lowered for shape, solid in zip(self.shapes, self.solid, strict=True) if not solid)

    @cached_property
    def lone(self) -> int:
        """How many doubtful blocks stand alone between two solid ones: siblings, if they are subheadings."""
        solid = self.solid
        return sum(
            not solid[i] and solid[i - 1] and solid[i + 1] and self.shapes[i].words <= 12
            for i in range(1, len(solid) - 1)
        )

    @cached_property
    def form(self) -> str:
        """Whether the article is told in prose or in lists and tables, where short lines are the body."""
        others = len(self.solid) - self.count - sum(self.labelled)
        if not self.count:
            return "no-prose"
        return "prose" if others * 4 <= self.count else "mixed" if others <= self.count else "lists"

    @cached_property
    def commerce(self) -> str:
        """Whether prices are the article's subject, as in reviews and deals."""
        if not any(sign in self.article.text for sign in _MONEY_SIGNS):
            return "no"
        priced = sum(
            bool(_MONEY.search(shape.block.text))
            for shape, label in zip(self.shapes, self.labelled, strict=True)
            if not label
        )
        share = priced / max(1, len(self.shapes) - sum(self.labelled))
        return "no" if share <= 0.08 else "some" if share < 0.2 else "much"

    def _unfinished(self, index: int) -> str:
        """Whether an extractor has cut a sentence into lines here."""
        into = (
            index > 0
            and self.shapes[index - 1].words >= 4
            and self.shapes[index - 1].values["ending"] in ("none", "comma")
        )
        on = index + 1 < len(self.shapes) and self.shapes[index + 1].values["start"] == "lower"
        starts_low = self.shapes[index].values["start"] == "lower"
        if starts_low and into:
            return "tail"
        return "head" if on and self.shapes[index].values["ending"] in ("none", "comma") else "no"

    def measure(self, index: int) -> Values:
        """The signals of block `index` against its surroundings."""
        shape = self.shapes[index]
        own = stems(shape.folded)
        after, before = self._neighbours(index)
        alone = (index == 0 or self.solid[index - 1]) and (index + 1 == len(self.solid) or self.solid[index + 1])
        return {
            "shared": self._shared(index, own),
            "next-shares": self._shares_with(own, after),
            "previous-shares": self._shares_with(own, before),
            "place": self.place(index),
            "standing": self._standing(index, alone),
            "siblings": self._siblings(alone),
            "copies": "again" if self.copies[shape.lowered] > 1 else "once",
            "previous-ending": self._previous_ending(index),
            "next-start": self._next_start(index),
            "announced": self._announced(index),
            "label-above": self._label_above(index),
            "labels-around": self._labels_around(index),
            "alike": self._alike(index),
            "stranger": self._stranger(index, own),
            "form": self.form,
            "commerce": self.commerce,
            "unfinished": self._unfinished(index),
            "prose": "none" if not self.count else "little" if self.count <= 3 else "much",
        }

    def _stranger(self, index: int, own: Sequence[str]) -> str:
        """Whether a headline stands among prose that has nothing to do with it: a bare related link, a native advert.

        A subheading shares words with its section; a list item stands among its like.
        """
        shape = self.shapes[index]
        values = shape.values
        if not 5 <= shape.words <= 18 or values["ending"] in ("stop", "stop-quote", "colon", "comma", "semicolon"):
            return "no-headline"
        if not self.count:
            return "no-prose"
        sides = sum(
            not 0 <= at < len(self.solid) or self.solid[at] or self.labelled[at] for at in (index - 1, index + 1)
        )
        shared = self._shared(index, own)
        near = "near" if "several" in (self._shares_with(own, at) for at in self._neighbours(index)) else "far"
        return f"{('run', 'edge', 'alone')[sides]}-{shared}-{near}"

    def _neighbours(self, index: int) -> tuple[int | None, int | None]:
        after = next((i for i in range(index + 1, min(index + 4, len(self.solid))) if self.solid[i]), None)
        before = next((i for i in range(index - 1, max(index - 4, -1), -1) if self.solid[i]), None)
        return after, before

    def _shared(self, index: int, own: Sequence[str]) -> str:
        if self.count - self.solid[index] < 1 or not own:
            return "unknown"
        found = sum(self._elsewhere(stem, index) for stem in own)
        if not found:
            return "none-of-many" if len(own) >= 4 else "none-of-some" if len(own) >= 2 else "none-of-one"
        share = found / len(own)
        return "few" if share <= 0.34 else "half" if share <= 0.67 else "most" if share < 1 else "all"

    def _shares_with(self, own: Sequence[str], neighbour: int | None) -> str:
        if neighbour is None or not own:
            return "unknown"
        text = self.shapes[neighbour].lowered
        found = sum(stem in text for stem in own)
        return "none" if not found else "one" if found == 1 else "several"

    def place(self, index: int) -> str:
        """Where the block stands among the solid ones."""
        before = self._before[index]
        if not self.count:
            return "no-prose"
        if before == 0:
            return "head"
        if before == self.count:
            return "tail"
        share = before / self.count
        return "early" if share < 0.34 else "middle" if share < 0.8 else "late"

    def _standing(self, index: int, alone: bool) -> str:
        if alone:
            return "alone"
        first, last = self._run(index)
        size = last - first + 1
        where = "first" if index == first else "last" if index == last else "inside"
        return f"{where}-of-{'2' if size == 2 else '3-5' if size <= 5 else 'many'}"

    def _siblings(self, alone: bool) -> str:
        if not alone:
            return "not-alone"
        return "only" if self.lone <= 1 else "2-3" if self.lone <= 3 else "many"

    def _previous_ending(self, index: int) -> str:
        return self.shapes[index - 1].values["ending"] if index else "start"

    def _next_start(self, index: int) -> str:
        return self.shapes[index + 1].values["start"] if index + 1 < len(self.shapes) else "end"

    def _run(self, index: int) -> tuple[int, int]:
        """First and last block of the run of doubtful blocks around `index`, at most a dozen to each side."""
        first = last = index
        while first > 0 and not self.solid[first - 1] and index - first < 12:
            first -= 1
        while last + 1 < len(self.solid) and not self.solid[last + 1] and last - index < 12:
            last += 1
        return first, last

    def shelter(self, index: int) -> str:
        """What protects a short line that is the article's by its place: "headline", "row", "announced", "time"."""
        shape = self.shapes[index]
        kind = shape.block.kind
        if index <= OPENING and shape.words >= 2 and self.place(index) == "head":
            return "headline"
        if kind == "row":
            beside = [at for at in (index - 1, index + 1) if 0 <= at < len(self.shapes)]
            several = shape.block.text.count("|") >= 3
            return "row" if several and any(self.shapes[at].block.kind == "row" for at in beside) else ""
        if kind == "item" and shape.links[0] < 0.5 and self._announced(index) in ("directly", "above"):
            return "announced"
        if index + 1 < len(self.shapes) and self.shapes[index + 1].ends_like_sentence and _TIME.match(shape.folded):
            return "time"
        return ""

    def _announced(self, index: int) -> str:
        """Whether the line before the run ends in a colon, as in "The panel recommended:"."""
        first, _ = self._run(index)
        for at in range(index - 1, max(first - 2, -1), -1):
            if self.labelled[at]:
                return "by-label"
            if self.shapes[at].values["ending"] == "colon":
                return "directly" if at == index - 1 else "above"
        return "no"

    def _label_above(self, index: int) -> str:
        first, _ = self._run(index)
        for at in range(index - 1, first - 1, -1):
            if self.labelled[at]:
                return "directly" if at == index - 1 else "near" if index - at <= 3 else "far"
        return "no"

    def _labels_around(self, index: int) -> str:
        first, last = self._run(index)
        if first == last:
            return "alone"
        others = [self.labelled[at] for at in range(first, last + 1) if at != index]
        share = sum(others) / len(others)
        return "none" if not share else "few" if share < 0.3 else "some" if share < 0.6 else "most"

    def _alike(self, index: int) -> str:
        """Whether the neighbours have the same form: items of one list, rows of one table."""
        own = self.shapes[index]
        alike = 0
        for at in (index - 1, index + 1):
            if 0 <= at < len(self.shapes) and not self.solid[at] and not self.labelled[at]:
                other = self.shapes[at]
                alike += (
                    other.values["ending"] == own.values["ending"]
                    and other.values["kind"] == own.values["kind"]
                    and abs(other.words - own.words) <= 3
                )
        return ("no", "one", "both")[alike]
