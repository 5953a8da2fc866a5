"""What the markup says of a unit: measures that each answer with one of a few named values, as the signals of a text do.

The frames that hold most of the extracted text are the *trunk*; what hangs on it is a *branch*. A paragraph of the body
is a bare branch with the same form as its siblings; a widget among them is a branch of another form, with class names of
its own, many links, little prose. Class names far up, on the trunk or above, say nothing of a unit and are not read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from .units import HEADINGS, Frame, Unit

TRUNK_SHARE = 0.6  # of the extracted characters: a frame that holds more is the trunk

# What class and id words stand for, in the languages that stylesheets are written in.
MARKS: dict[str, str] = {
    "ad": "ad ads adv advert adverts advertisement advertising advertorial adbox adslot adunit anzeige werbung sponsor sponsored"
    " sponsors promo promos promoted promotion commercial affiliate affiliates taboola outbrain dfp gpt adsense publicidad pub"
    " publicite reklama partner partners shop product products deal deals offer offers buy price",
    "related": "related relateds recommended recommendation recommendations recirc recirculation more also popular trending"
    " mostread viewed teaser teasers similar suggested suggest read readmore inlinelink linked linkbox upnext next previous prev"
    " latest stories news mehr verwandt voir lire leer relacionadas relacionado relacionados leggi correlati powiazane czytaj"
    " souvisejici lees ook relaterat les recent recommend recommends topstories headlines collection package",
    "newsletter": "newsletter newsletters signup subscribe subscription subscriptions mailing optin mailchimp registration abo email",
    "social": "social socials share sharing shares sharebar follow facebook twitter whatsapp telegram instagram pinterest linkedin"
    " addthis addtoany sharethis tweet tools bookmark print like likes reactions vote votes rating ratings",
    "comment": "comment comments commenting disqus respond reply replies kommentar kommentare commentaires comentarios discussion",
    "author": "author authors byline bylines contributor contributors writer autor autore auteur bio profile journalist reporter"
    " avatar person persons staff",
    "date": "date datetime dateline time timestamp published publish pubdate updated update posted modified datum fecha meta metadata"
    " info infos infobar readtime",
    "caption": "caption captions credit credits copyright photo photos picture image images img figure gallery galleries slide"
    " slides slideshow slider media video videos player audio podcast thumb thumbnail lightbox carousel legend bild foto imagen",
    "tags": "tag tags topic topics keyword keywords category categories label labels kicker eyebrow breadcrumb breadcrumbs crumbs"
    " rubric section channel themen themes sujets temas hashtags flag pretitle overline dachzeile",
    "menu": "nav navi navigation navbar menu menus toc pagination pager paging jump skip tab tabs toolbar header masthead anchors",
    "box": "widget widgets module sidebar aside rail box infobox factbox card cards banner popup modal overlay cookie consent tool"
    " cta callout promo panel plugin embed embedded block embeds interactive",
    "form": "form forms search login signin input button buttons btn btns poll quiz survey captcha checkbox donate donation"
    " contribution support membership member",
    "wall": "paywall premium plus piano subscriber subscribers gate regwall barrier teaserwall metered locked",
    "hidden": "hidden hide sr visually screenreader noprint invisible none offscreen",
    "lead": "lead lede standfirst summary intro deck dek subtitle subheadline subhead excerpt abstract description chapeau sapo"
    " strap strapline vorspann ingress perex entradilla bajada sumario catenaccio sommario occhiello introduction leadtext sub",
    "title": "title titles headline headlines heading headings hed",
    "body": "body content text entry paragraph paragraphs prose articlebody post story richtext wysiwyg main article maincontent",
    "note": "disclaimer disclosure notice footnote footnotes correction editor editors note notes legal source sources reference"
    " references license syndication",
    "quote": "quote quotes pullquote pull zitat blockquote",
    "footer": "footer foot bottom end copyright colophon",
    "questions": "faq faqs accordion toggle question questions answer collapse collapsible expand",
    "list": "list items grid feed archive archives listing items results row",
}  # fmt: skip
_MEANING: dict[str, tuple[str, ...]] = {}
TAGS = (
    "aside",
    "footer",
    "header",
    "nav",
    "figure",
    "form",
    "blockquote",
    "table",
    "ul",
    "section",
    "article",
    "figcaption",
    "a",
    "details",
    "dl",
    "pre",
    "address",
)
_SENTENCE = re.compile(r"[.!?。！？।؟]")


def _meanings() -> Mapping[str, tuple[str, ...]]:
    table: dict[str, list[str]] = {}
    for mark, words in MARKS.items():
        for word in words.split():
            table.setdefault(word, []).append(mark)
    return {word: tuple(marks) for word, marks in table.items()}


MEANINGS = _meanings()


def marks_of(words: frozenset[str]) -> set[str]:
    """What the words of an element's class and id stand for."""
    found: set[str] = set()
    for word in words:
        found.update(MEANINGS.get(word, ()))
    return found


def bucket(value: float, *limits: float) -> str:
    """The number of `limits` that `value` reaches, as a name."""
    return str(sum(value >= limit for limit in limits))


class PageView:
    """The units of a page, those that were extracted, and the trunk that follows from them."""

    def __init__(self, units: Sequence[Unit], facts: Mapping[str, str], body_key: str = "") -> None:
        self.units = units
        self.facts = facts  # keys of title, description, author, site
        self.body_key = body_key
        self.total = 0
        self.kins = [self._kin(unit) for unit in units]
        self.grown = self._grow()
        for unit in units:
            if unit.kept or unit.index in self.grown:
                size = len(unit.text)
                self.total += size
                for frame in unit.frame.chain():
                    frame.kept += size
        self.kept_forms: Counter[str] = Counter()
        self.kept_classes: Counter[str] = Counter()
        self.kept_kin: Counter[str] = Counter()
        self.kept_prose = 0
        self.paths = [self._path(unit) for unit in units]
        self.forms = ["/".join(frame.tag for frame in path) + ("|" + str(up)) for path, up in self.paths]
        self.classes = [
            form + "|" + path[0].label if path else form for form, (path, _) in zip(self.forms, self.paths, strict=True)
        ]
        self.prose = [
            (unit.kept or unit.index in self.grown)
            and unit.ends_like_sentence
            and len(unit.text) >= 60
            and unit.link_share < 0.5
            for unit in units
        ]
        for unit, form, kind, prose in zip(units, self.forms, self.classes, self.prose, strict=True):
            if prose:
                size = len(unit.text)
                self.kept_prose += size
                self.kept_forms[form] += size
                self.kept_classes[kind] += size
        for unit, kin, prose in zip(units, self.kins, self.prose, strict=True):
            if prose:
                self.kept_kin[kin] += len(unit.text)
        where = [at for at, prose in enumerate(self.prose) if prose]
        self.first, self.last = (where[0], where[-1]) if where else (len(units), -1)
        self.copies = Counter(unit.key for unit in units)
        seen: set[str] = set()
        self.copy = []
        for unit in units:
            count = self.copies[unit.key]
            self.copy.append(
                "once"
                if count == 1
                else ("first" if unit.key not in seen else "later") + ("-of-many" if count > 2 else "")
            )
            seen.add(unit.key)
        # prose anywhere
        self.ptotal = 0
        self.pframes: Counter[int] = Counter()
        for unit in units:
            if unit.ends_like_sentence and len(unit.text) >= 80 and unit.link_share < 0.3:
                self.ptotal += len(unit.text)
                for frame in unit.frame.chain():
                    self.pframes[id(frame)] += len(unit.text)
        self.pshare = self.total / max(1, self.ptotal)
        self.by_frame: dict[int, tuple[int, int]] = {}
        title = facts.get("title", "")
        self.title_at = (
            next(
                (
                    at
                    for at, unit in enumerate(units)
                    if unit.tag == "h1" and unit.key and (unit.key in title or title in unit.key)
                ),
                None,
            )
            if title
            else None
        )
        if self.title_at is None:
            self.title_at = next((at for at, unit in enumerate(units) if unit.tag == "h1"), None)

    def _path(self, unit: Unit) -> tuple[tuple[Frame, ...], int]:
        """The frames from the unit up to the trunk, innermost first, and how many trunk levels it hangs above the deepest."""
        path = []
        for frame in unit.frame.chain():
            if self.total and frame.kept >= TRUNK_SHARE * self.total:
                return tuple(path), self._above(frame)
            path.append(frame)
        return tuple(path), 9

    def _grow(self) -> set[int]:
        """Prose of the very form of most extracted prose, in the same article: siblings that the extractor lost."""
        kept: Counter[str] = Counter()
        articles = set()
        for unit, kin in zip(self.units, self.kins, strict=True):
            if unit.kept and unit.ends_like_sentence and len(unit.text) >= 60 and unit.link_share < 0.5:
                kept[kin] += len(unit.text)
                articles.add(self._article(unit))
        total = sum(kept.values())
        strong = {
            kin
            for kin, size in kept.items()
            if size >= 0.4 * total and kin.count("/") == 2 and any(" " in step for step in kin.split("/"))
        }
        return {
            unit.index
            for unit, kin in zip(self.units, self.kins, strict=True)
            if kin in strong
            and not unit.kept
            and unit.link_share < 0.5
            and len(unit.text) >= 40
            and unit.ends_like_sentence
            and self._article(unit) in articles
        }

    def _article(self, unit: Unit) -> int:
        return next((id(frame) for frame in unit.frame.chain() if frame.tag == "article"), 0)

    def _kin(self, unit: Unit) -> str:
        steps = []
        for step, frame in enumerate(unit.frame.chain()):
            if step == 3:
                break
            steps.append(" ".join((frame.tag, *sorted(frame.words))))
        return "/".join(steps)

    def _pup(self, unit: Unit) -> str:
        for step, frame in enumerate(unit.frame.chain()):
            if self.pframes[id(frame)] >= 0.6 * self.ptotal:
                return str(min(step, 5))
        return "out"

    def _pdown(self, unit: Unit) -> str:
        """Share of the page's prose in the frame two above."""
        frame = unit.frame
        for _ in range(2):
            frame = frame.above or frame
        return bucket(self.pframes[id(frame)] / max(1, self.ptotal), 0.02, 0.1, 0.3, 0.6)

    def _above(self, frame: Frame) -> int:
        """How many trunk frames with text of their own hang below `frame`."""
        deepest = self.deepest()
        steps = 0
        for other in deepest.chain():
            if other is frame:
                return steps
            steps += 1
        return 9

    def deepest(self) -> Frame:
        """The innermost trunk frame."""
        if not hasattr(self, "_deepest"):
            best = None
            for unit in self.units:
                if not unit.kept and unit.index not in self.grown:
                    continue
                for frame in unit.frame.chain():
                    if frame.kept >= TRUNK_SHARE * self.total:
                        if best is None or frame.depth > best.depth:
                            best = frame
                        break
            self._deepest = best or self.units[0].frame
        return self._deepest

    def candidates(self) -> list[int]:
        """The units worth a look: all that were extracted, and of the others those that could be body."""
        found = []
        for index, unit in enumerate(self.units):
            if (
                unit.kept
                or index in self.grown
                or (
                    unit.link_share < 0.5
                    and (len(unit.text) >= 25 or unit.row or unit.tag in HEADINGS or unit.tag == "li")
                )
            ):
                found.append(index)
        return found

    def measure(self, index: int) -> dict[str, str]:
        unit = self.units[index]
        path, up = self.paths[index]
        size = len(unit.text)
        words = len(unit.text.split()) if unit.text.isascii() else max(len(unit.text.split()), size // 6)
        ends = unit.ends_like_sentence
        values = {
            "kept": "yes" if unit.kept else "grown" if unit.index in self.grown else "no",
            "tag": "row"
            if unit.row
            else unit.tag
            if unit.tag
            in (
                "p",
                "h1",
                "h2",
                "h3",
                "li",
                "div",
                "blockquote",
                "figcaption",
                "span",
                "td",
                "dd",
                "dt",
                "section",
                "article",
                "pre",
            )
            else "h4"
            if unit.tag in HEADINGS
            else "other",
            "broken": "yes" if unit.broken else "no",
            "up": str(min(up, 4)),
            "deep": bucket(len(path), 1, 2, 3, 4, 6),
            "link": bucket(unit.link_share, 0.01, 0.2, 0.5, 0.9),
            "strong": bucket(unit.strong / size, 0.01, 0.3, 0.9),
            "length": bucket(words, 2, 4, 6, 9, 13, 20, 35, 60),
            "ending": "stop" if ends else "colon" if unit.text[-1] in ":：" else "none",
            "form": self._share(self.kept_forms, self.forms[index], index),
            "class": self._share(self.kept_classes, self.classes[index], index),
            "place": self._place(index),
            "title-place": self._title_place(index),
            "same": self._same(index),
            "copies": self.copy[index],
            "kin": self._share(self.kept_kin, self.kins[index], index),
            "pup": self._pup(unit),
            "pdown": self._pdown(unit),
            "coverage": bucket(self.pshare, 0.1, 0.3, 0.5, 0.7, 0.9),
            "named": "yes" if len(self.facts.get("author", "")) >= 5 and self.facts["author"] in unit.key else "no",
            "ld": "none" if not self.body_key else "in" if unit.key in self.body_key else "out",
        }
        own: set[str] = set()
        far: set[str] = set()
        tags = set()
        hidden = False
        for step, frame in enumerate(path):
            (own if step < 1 else far).update(marks_of(frame.words))
            tags.add(frame.tag)
            hidden |= frame.hidden
        for mark in own:
            values[f"mark-{mark}"] = "own"
        for mark in far - own:
            values[f"mark-{mark}"] = "around"
        for tag in TAGS:
            if tag in tags:
                values[f"in-{tag}"] = "yes"
        if hidden:
            values["hidden"] = "yes"
        branch = path[-1] if path else None
        if branch is None:
            values["branch"] = "trunk"
        else:
            values["branch"] = bucket(branch.units, 2, 4, 9, 20)
            values["branch-links"] = bucket(branch.linked / max(1, branch.characters), 0.05, 0.2, 0.5, 0.8)
            rest = branch.characters - size
            values["branch-kept"] = (
                "alone"
                if rest < 20
                else bucket(
                    (branch.kept - (size if (unit.kept or unit.index in self.grown) else 0)) / rest,
                    0.01,
                    0.3,
                    0.7,
                    0.95,
                )
            )
        near = path[1] if len(path) > 1 else path[0] if path else unit.frame
        rest = near.characters - size
        values["near-kept"] = (
            "alone"
            if rest < 20
            else bucket(
                (near.kept - (size if (unit.kept or unit.index in self.grown) else 0)) / rest, 0.01, 0.3, 0.7, 0.95
            )
        )
        values["near-links"] = bucket(near.linked / max(1, near.characters), 0.05, 0.2, 0.5, 0.8)
        values["around"] = self._around(index)
        return values

    def _share(self, counts: Counter[str], name: str, index: int) -> str:
        if not self.kept_prose:
            return "none"
        own = len(self.units[index].text) if self.prose[index] else 0
        return bucket((counts[name] - own) / max(1, self.kept_prose - own), 0.001, 0.05, 0.3, 0.7)

    def _place(self, index: int) -> str:
        if self.last < 0:
            return "no-prose"
        if index < self.first:
            return "before" if self.first - index > 4 else "just-before"
        if index > self.last:
            return "after" if index - self.last > 4 else "just-after"
        share = (index - self.first) / max(1, self.last - self.first)
        return "first" if index == self.first else "last" if index == self.last else "inside" if share < 0.8 else "late"

    def _title_place(self, index: int) -> str:
        if self.title_at is None:
            return "no-title"
        distance = index - self.title_at
        if distance < 0:
            return "above"
        return "title" if not distance else "next" if distance == 1 else "near" if distance <= 4 else "below"

    def _same(self, index: int) -> str:
        unit = self.units[index]
        if len(unit.key) < 2:
            return "no"
        for name in ("title", "description", "author", "site"):
            fact = self.facts.get(name, "")
            if not fact:
                continue
            if unit.key == fact:
                return name
            if (len(unit.key) >= 12 and unit.key in fact) or (
                name == "title" and len(fact) >= 12 and fact in unit.key and len(unit.key) < 2 * len(fact)
            ):
                return name + "-part"
            if name == "description" and len(fact) > 40 and unit.key.startswith(fact[:40]):
                return "description-start"
            if name == "author" and len(fact) >= 5 and fact in unit.key and len(unit.key) < len(fact) + 40:
                return "author-part"
        return "no"

    def _around(self, index: int) -> str:
        before = index > 0 and self.units[index - 1].kept
        after = index + 1 < len(self.units) and self.units[index + 1].kept
        return ("kept" if before else "out") + "+" + ("kept" if after else "out")
