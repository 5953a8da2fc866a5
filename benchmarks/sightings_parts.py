"""A made-up world of news for `sightings.py`: sites, stories, agency copy, house style and adverts, all from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

SITES = 40
STORIES = 2000
AGENCY_STORIES = 300
ADVERTS = 120


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|")]


FIRST = _words("""
Anna Ben Carla David Elena Farid Grace Hugo Irene Jonas Kim Leila Marco Nadia Oscar Petra Quentin Rosa Samir Tessa
Umar Vera Walter Xenia Yusuf Zoe Alan Bianca Cedric Dora
""")
LAST = _words("""
Abbott Brandt Castillo Dunmore Eriksen Falk Gallagher Haddad Iversen Jankowski Keller Lindqvist Marchetti Nowak
Okafor Pereira Quinn Rossi Stavros Tanaka Underhill Varga Whitfield Yilmaz Zeman Ashworth Bellamy Crane Drummond
Elwood Fairchild Grimaldi Hollis Ingram Jarvis Kowalczyk Lambert Mercer Norris Overton
""")
PLACES = _words("""
Ashford Brookhaven Calder Dunwich Eastvale Fenmore Grimsby Halden Ironbridge Kestrel Larkfield Milbrook Northam
Oakridge Penrith Redcliff Stanhope Thornbury Upton Westerly Aldwick Birchwood Coldstream Deepdale Elmstead Farrow
Glenside Hartwell Inverlea Kingsmere
""")
THINGS = _words("""
bridge school library station hospital stadium market harbour reservoir museum quarry theatre orchard airfield
warehouse clinic factory playground cathedral nursery dairy brewery windmill tunnel canal ferry tramway archive
bakery observatory
""")
REASONS = _phrases("""
flooding|rising rents|a shortage of nurses|a broken water main|higher fuel costs|falling school rolls|years of
neglect|a dispute over land|new safety rules|a fire last winter|a fall in visitors|the loss of a grant|damp in the
walls|noise from the motorway|a change in the law|the cost of steel|a planning error|heavy traffic at rush hour|a
lack of drivers|the early frost
""")
GROUPS = _phrases("""
residents|traders|teachers|farmers|campaigners|parents|engineers|councillors|volunteers|commuters|tenants|
anglers|cyclists|nurses|students|pensioners|shopkeepers|scientists|lawyers|neighbours
""")
ACTIONS = _phrases("""
approve the plan|delay the vote|ask for a second opinion|close the north entrance|take the case to a higher
court|spend the reserve|reopen the inquiry|sell the old building|cut the opening hours|move the service across town|
extend the line|repair the roof first|publish the figures|rewrite the tender|start again from nothing|keep the gates
open|freeze the fees|hire two surveyors|drop the claim|hold a public meeting
""")
VERBS = _words("""
welcomed criticised questioned defended studied rejected supported described recorded measured mapped copied
inspected debated postponed
""")
ADJECTIVES = _words("""
narrow costly quiet crowded historic fragile modest stubborn remote bitter careful sudden unusual local wooden damp
bright steep shallow familiar
""")

SENTENCES = (
    "{group} in {place} have {verb} a proposal to {action}, blaming {reason}.",
    "The {thing} in {place} has stood empty since {year}, when {reason} forced it to close.",
    "{name}, who runs the {thing}, said that {reason} had made it impossible to {action}.",
    '"We did not expect {reason} to matter so much," said {name}, one of the {group} of {place}.',
    "A {adjective} report of {number} pages found that {reason} and {reason2} were to blame.",
    "Officials in {place} are expected to {action} before the end of the month.",
    "About {number} {group} signed the petition, which {name} handed in at the {thing} on {day}.",
    "The cost of the {adjective} {thing} has grown to {number} million, twice what was promised in {year}.",
    "{name} told the hearing that the {group} had been asked to {action} but had refused.",
    "It was the {adjective} winter of {year} that showed how much {place} depends on its {thing}.",
    "On {day} morning the {adjective} street outside the {thing} was already full of {group}.",
    "Nobody in {place} remembers a {thing} so {adjective}, and few {group} want to see it go.",
    "{name} and {name2} have {verb} the {adjective} {thing} in {place} for {number} years.",
    "The {group} say they will {action} unless {place} finds the money by {day}.",
    "Work on the {thing} stopped in {year} because of {reason}, and {group} have waited ever since.",
    "In {place}, {number} of the {group} asked had {verb} the idea, mostly because of {reason}.",
    "For {name} the choice is {adjective}: either {action}, or live with {reason}.",
    "Since {year} the {group} of {place} have used the {thing} without paying rent.",
    "What began as a {adjective} quarrel between {name} and the {group} ended in front of a judge.",
    "The {thing} will {adjective2} be handed to the {group}, {name} confirmed in a letter to {place}.",
    "Her {adjective} notes from {year}, kept in the {thing}, describe how the {group} chose to {action}.",
    "Twice this year {reason} has closed the road from {place} to {place2}.",
    "He has {verb} every {thing} between {place} and {place2}, {number} of them on foot.",
    "Readers of the {place} paper wrote {number} letters about the {thing}, most of them from {group}.",
)
HEADLINES = (
    "{place} {group} fight to save the {thing}",
    "How {reason} changed {place}",
    "{name} returns to the {thing} after {number} years",
    "Why {place} may {action}",
    "{place} and {place2} at odds over a {thing}",
)
STANDING = (
    "He has pleaded not guilty.",
    "She denies all the charges against her.",
    "The cause of the fire is under investigation.",
    "The company did not immediately respond to a request for comment.",
    "Police are asking anyone with information to come forward.",
    "No one was injured, a spokesperson said.",
    "The investigation continues, and no arrests have been made.",
    "Both teams return to action on Saturday.",
    "The road is expected to reopen by Friday.",
    "It is not clear what will happen next.",
    "The meeting was adjourned until the autumn.",
    "Season with salt and freshly ground black pepper to taste.",
)
SUBHEADINGS = _phrases("""
Why it matters|What happens next|The background|Key points|What we know so far|The numbers| What you need to know|In
their own words|How it works|The bigger picture|What happens next, and who decides?
""")
CREDITS = (
    "The Associated Press contributed to this report.",
    "This article was amended on Monday to correct a name.",
    "The views expressed in this article are those of the author and not of the newspaper.",
    "Some of the names in this article have been changed to protect privacy.",
    "All times given in this report are local times unless otherwise stated.",
)
FIGURES = (
    "Crude for delivery in {month} rose {number} cents to {number2} dollars.",
    "The town gauge stood at {number} centimetres at noon on {day}, down from {number2} the day before.",
    "{number} cars and {number2} lorries crossed the bridge on {day}.",
)
COOKERY = (
    "Heat the oven and season the {thing} cakes with plenty of salt, as {name} does.",
    "Freshly ground pepper and a little butter will do, {name} says, to taste like {place}.",
    "Black bread, salt and soup are what {place} eats in {month}.",
)
TABLE = ("Team | Played | Won | Lost | Points", "Goals", "Substitutes", "Attendance", "Full time", "Man of the match")
AFFAIRS = (
    "{name} was removed as head of the {place} Water Board in {year} after {number} million had vanished.",
    "The {place} Tunnel, begun in {year}, was to cost {number} million but has swallowed four times as much.",
    "{number} people lost their homes in {year} when the dam above {place} gave way on a night in spring.",
    "{name} has led the {place} Rovers since {year} and won the regional cup three times with them.",
)
BIO = "{name} covers farming and the countryside for the {place} Courier."

BRANDS = [
    f"{first} {last}"
    for first in _words("Harbor Bolt Nimbus Verdant Cobalt Juniper Maple Orchid Falcon Tundra Saffron Quill")
    for last in _words("Gold Mutual Living Dental Homes Nutrition")
]
BRANDED = (
    "Our readers have trusted {brand} since 1998.",
    "{brand} has been helping families sleep better for more than twenty years.",
    "Thousands of households have already moved their savings to {brand}.",
    "There is a reason why dentists keep recommending {brand} to their own relatives.",
    "With {brand} the evening belongs to the whole family again.",
    "A small team at {brand} has rethought the kitchen knife from scratch.",
    "The people behind {brand} believe that a good mattress should last a lifetime.",
    "Every morning {brand} roasts its coffee in small batches in a former chapel.",
    "Retirement looks different for those who discovered {brand} early enough.",
    "It took the founders of {brand} nine years to perfect a single pair of shoes.",
    "Walkers swear by the boots from {brand}, which are stitched by hand.",
    "Few collectors know that {brand} still mints coins in the old way.",
)
PLAIN = (
    "Thousands of homeowners are quietly replacing their gutters this autumn.",
    "A retired engineer built the charger that power companies fear.",
    "The secret to better sleep may be hiding in your kitchen cupboard.",
    "People over fifty are rushing to claim this little known pension bonus.",
    "One teaspoon before bed is all it takes to melt stubborn belly fat.",
    "Surgeons are amazed by the cushion that ends back pain overnight.",
    "Drivers who have not had a ticket lately can halve their premiums.",
    "This gadget turns any old television into a cinema within seconds.",
    "Grandmothers everywhere are falling in love with this electric blanket.",
    "An eight pound hearing aid is shaking up a greedy industry.",
    "Your neighbours are already earning money with their unused parking space.",
    "Forget razors, because this glove leaves the smoothest skin imaginable.",
)


@dataclass(frozen=True)
class Page:
    """One page as a site carries it: the number of its story, its lines, and which of them are adverts."""

    site: str
    story: int
    text: str
    adverts: frozenset[str]


@dataclass(frozen=True)
class Folder:
    """All pages, in no special order."""

    pages: tuple[Page, ...]


def compose(seed: int) -> Folder:
    """The whole world from a seed."""
    chance = random.Random(seed)
    adverts = _adverts(chance)
    shares = _shares(chance, adverts)
    affairs = [_fill(chance, form) for form in AFFAIRS for _ in range(4)]
    bios = [_fill(chance, BIO) for _ in range(20)]
    pages = []
    for story in range(STORIES):
        body = _body(chance, affairs, bios)
        sites = chance.sample(range(SITES), chance.randint(3, 14) if story < AGENCY_STORIES else 1)
        for site in sites:
            lines = _edited(chance, body) if len(sites) > 1 else list(body)
            pages.append(_page(chance, story, site, lines, shares[site]))
    chance.shuffle(pages)
    return Folder(tuple(pages))


def _adverts(chance: random.Random) -> list[str]:
    branded = [form.format(brand=brand) for form in BRANDED for brand in chance.sample(BRANDS, 9)]
    return [*PLAIN, *branded][:ADVERTS]


def _shares(chance: random.Random, adverts: list[str]) -> list[tuple[list[str], list[float]]]:
    """For each site the adverts it carries and how often. A few run everywhere, most on few sites, many rarely."""
    order = chance.sample(adverts, len(adverts))
    shares: list[tuple[list[str], list[float]]] = [([], []) for _ in range(SITES)]
    for rank, advert in enumerate(order):
        for site in chance.sample(range(SITES), max(1, round(SITES / (1 + rank / 2)))):
            shares[site][0].append(advert)
            shares[site][1].append(1 / (1 + rank) ** 0.75)
    return shares


def _body(chance: random.Random, affairs: list[str], bios: list[str]) -> list[str]:
    lines = [_fill(chance, chance.choice(HEADLINES))]
    lines += [_paragraph(chance) for _ in range(chance.randint(3, 14))]
    extras = [
        (0.30, lambda: chance.choice(SUBHEADINGS)),
        (0.30, lambda: chance.choice(STANDING)),
        (0.05, lambda: _fill(chance, chance.choice(COOKERY))),
        (0.10, lambda: _fill(chance, chance.choice(FIGURES))),
    ]
    for share, make in extras:
        for _ in range(2):
            if chance.random() < share:
                lines.insert(chance.randint(2, len(lines)), make())
    if chance.random() < 0.08:
        affair = chance.choice(affairs)
        subject = " ".join(word for word in affair.split() if word[:1].isupper() and word != "The")
        lines.insert(1, f"The affair around {subject} has taken another turn, {_name(chance)} said.")
        lines.insert(chance.randint(2, len(lines)), affair)
    if chance.random() < 0.1:
        at = chance.randint(2, len(lines))
        lines[at:at] = [*chance.sample(TABLE, 4), f"{chance.choice(PLACES)} | {chance.randint(0, 9)} | 3 | 1 | 12"]
    if chance.random() < 0.2:
        lines.append(chance.choice(CREDITS))
    if chance.random() < 0.05:
        lines.append(chance.choice(bios))
    return lines


def _paragraph(chance: random.Random) -> str:
    return " ".join(_fill(chance, chance.choice(SENTENCES)) for _ in range(chance.choice((1, 1, 2, 2, 3))))


def _edited(chance: random.Random, body: list[str]) -> list[str]:
    """A site's copy of an agency story: a new headline, the last paragraph cut, a figure brought up to date, or not."""
    lines = list(body)
    if chance.random() < 0.7:
        lines[0] = _fill(chance, chance.choice(HEADLINES))
    if chance.random() < 0.5 and len(lines) > 4:
        lines.pop()
    if chance.random() < 0.3:
        at = chance.randrange(1, len(lines))
        lines[at] = lines[at].replace(" million", " billion").replace("About ", "More than ")
    return lines


def _page(chance: random.Random, story: int, site: int, lines: list[str], share: tuple[list[str], list[float]]) -> Page:
    picked: list[str] = []
    if share[0]:
        picked = list(dict.fromkeys(chance.choices(share[0], share[1], k=chance.choice((0, 1, 1, 2, 3)))))
    for advert in picked:
        lines.insert(chance.randint(1, len(lines)), advert)
    return Page(f"site{site}.example", story, "\n".join(lines), frozenset(picked))


def _name(chance: random.Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(LAST)}"


def _fill(chance: random.Random, form: str) -> str:
    line = form.format(
        name=_name(chance),
        name2=_name(chance),
        place=chance.choice(PLACES),
        place2=chance.choice(PLACES),
        thing=chance.choice(THINGS),
        reason=chance.choice(REASONS),
        reason2=chance.choice(REASONS),
        group=chance.choice(GROUPS),
        action=chance.choice(ACTIONS),
        verb=chance.choice(VERBS),
        adjective=chance.choice(ADJECTIVES),
        adjective2=chance.choice(("soon", "probably", "later", "finally")),
        year=chance.randint(1950, 2024),
        number=chance.randint(2, 900),
        number2=chance.randint(2, 900),
        day=chance.choice(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")),
        month=chance.choice(("March", "May", "June", "October")),
    )
    return line[0].upper() + line[1:]
