"""Sightings: what many different stories carry goes, what belongs to stories stays, whatever the order of counting."""

import os
import pickle
import random
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sightings_world import ADVERT, compose, measure, paragraph, stories, story

from cleaner.sightings import ALONE, SUPPORT, Sightings, others_needed
from cleaner.sightings_documents import observe, site_of
from cleaner.sightings_lines import may_decide, normalise


def condemned(seen, text):
    lines = text.split("\n")
    return [line for line, found in zip(lines, seen.weigh(lines), strict=True) if found and found.alone]


def lost(documents, adverts):
    seen = Sightings.count(documents)
    return [line for text, _, _ in documents for line in condemned(seen, text) if line not in adverts]


def edited(chance, body):
    """A light edit: a new headline, perhaps a cut last paragraph, perhaps one updated figure."""
    copy = [paragraph(chance).split(".")[0], *body[1:]]
    if chance.random() < 0.5:
        copy.pop()
    if chance.random() < 0.5:
        copy[2] = f"At least {chance.randint(2, 99)} people are affected. {body[2]}"
    return copy


# What goes


def test_an_advert_in_sentence_form_falls_by_sightings_alone():
    documents = stories(60, {ADVERT: 20})
    seen = Sightings.count(documents)
    for text, _, _ in documents:
        assert condemned(seen, text) == ([ADVERT] if ADVERT in text else [])


def test_evidence_says_in_how_many_other_stories_and_sites():
    seen = Sightings.count(stories(60, {ADVERT: 20}))
    found = seen.evidence(ADVERT, None)
    assert found is not None
    assert (found.stories, found.sites, found.says) == (19, 7, "stands in 19 other stories on 7 sites")
    assert found.weight >= ALONE


def test_a_line_never_seen_has_no_evidence():
    seen = Sightings.count(stories(60, {ADVERT: 20}))
    assert seen.evidence("Nobody has ever written this line, in all likelihood.") is None
    assert seen.evidence("") is None
    assert seen.evidence("2026") is None


def test_the_document_counts_itself_out():
    assert Sightings.count(stories(60, {ADVERT: 4})).evidence(ADVERT).stories == 3
    assert Sightings.count(stories(60, {ADVERT: 3})).evidence(ADVERT) is None


def test_the_benchmark_meets_its_targets_with_another_seed():
    bands, lost_lines, _ = measure(compose(77))
    assert lost_lines == []
    assert bands["8 or more"][2] / bands["8 or more"][1] >= 0.97
    assert bands["4 to 7"][2] / bands["4 to 7"][1] >= 0.85


# What must never happen


def test_agency_copy_on_twenty_sites_stays_whole_and_its_adverts_go():
    chance = random.Random(3)
    adverts = [
        f"Every family in the valley sleeps better on a mattress from {name} Living."
        for name in ("Harbor", "Bolt", "Nimbus", "Verdant", "Cobalt", "Juniper")
    ]
    documents = stories(40, dict.fromkeys(adverts, 8))
    bodies = [story(chance, 9) for _ in range(4)]
    for body in bodies:
        for site in range(20):
            lines = edited(chance, body)
            for advert in chance.sample(adverts, 2):
                lines.insert(chance.randint(1, len(lines)), advert)
            documents.append(("\n".join(lines), None, f"paper{site}.example"))
    seen = Sightings.count(documents)
    for text, _, _ in documents:
        assert condemned(seen, text) == [line for line in text.split("\n") if line in adverts]
    for body in bodies:
        assert all(found is None for found in seen.weigh(body[1:]))


@pytest.mark.parametrize("paragraphs", [2, 3, 5, 12])
@pytest.mark.parametrize("url", [None, "https://one.example/story/7"])
def test_a_page_fetched_thirty_times_does_not_look_repeated(paragraphs, url):
    chance = random.Random(4)
    body = story(chance, paragraphs)
    adverts = [
        f"There is a reason why dentists recommend {name} Dental to their relatives."
        for name in ("Harbor", "Bolt", "Nimbus", "Verdant", "Cobalt")
    ]
    documents = stories(30, dict.fromkeys(adverts, 6))
    for fetch in range(30):
        lines = [*body, f"Read {fetch} times today", paragraph(chance)]  # a teaser of another story, each time
        lines[1:1] = chance.sample(adverts, 2)
        documents.append(("\n".join(lines), url, "one.example"))
    assert lost(documents, adverts) == []


def test_a_page_half_of_which_changes_with_every_fetch_is_known_by_its_beginning():
    chance = random.Random(4)
    body = story(chance, 2)
    fetches = [("\n".join([*body, *story(chance, 2)]), None, "one.example") for _ in range(30)]
    assert lost(stories(30, {}) + fetches, []) == []


@pytest.mark.parametrize(("paragraphs", "foot"), [(2, 2), (3, 3), (3, 4), (6, 4)])
def test_short_reports_with_the_same_foot_are_different_stories(paragraphs, foot):
    chance = random.Random(2)
    adverts = [
        f"There is a reason why dentists recommend {name} Dental to their relatives."
        for name in ("Harbor", "Bolt", "Nimbus", "Verdant")
    ][:foot]
    documents = [("\n".join([*story(chance, paragraphs), *adverts]), None, "one.example") for _ in range(40)]
    seen = Sightings.count(documents)
    assert seen.stories == 40
    assert all(condemned(seen, text) == adverts for text, _, _ in documents)


def test_near_copies_are_few_stories_even_without_a_single_line_of_their_own():
    chance = random.Random(5)
    body = story(chance, 6)
    documents = stories(20, {}) + [("\n".join(chance.sample(body, 5)), None, f"site{at}") for at in range(30)]
    assert lost(documents, []) == []


HOUSE_STYLE = [
    "Why it matters",
    "What happens next",
    "What happens next, and who decides?",
    "What you need to know about the new rules",
    "The Associated Press contributed to this report.",
    "He has pleaded not guilty.",
    "The company did not immediately respond to a request for comment.",
    "This article is for information only and is not financial advice.",
    "The views expressed in this article are those of the author alone.",
    "This is a developing story and will be updated.",
    "Some names have been changed to protect the privacy of those involved.",
    "Possession",
    "Shots on target:",
    "Attendance: 24,118",
    "Team | Played | Won | Drawn | Lost | Points",
    "Player Goals Assists Minutes Cards Rating",
    '"We will do all we can to find out what happened," a neighbour of the family added.',
    "Der Angeklagte bestreitet die Vorwürfe vor Gericht.",
    "La policía investiga las causas del accidente y busca testigos.",
    "Le suspect a été placé en garde à vue, selon le parquet.",
]


@pytest.mark.parametrize("line", HOUSE_STYLE)
def test_house_style_labels_and_table_heads_stay(line):
    seen = Sightings.count(stories(60, {line: 40}))
    found = seen.evidence(line)
    assert found is None or found.weight <= SUPPORT < ALONE


@pytest.mark.parametrize("line", ["The Associated Press contributed to this report.", HOUSE_STYLE[7], HOUSE_STYLE[8]])
def test_neutral_lines_get_no_evidence_at_all(line):
    assert Sightings.count(stories(60, {line: 40})).evidence(line) is None


def test_figures_that_change_every_time_are_news():
    chance = random.Random(6)
    form = "The gauge at the old harbour showed {} centimetres on {} at noon, {} less than before."
    days = ("Monday", "Tuesday", "Friday")
    documents = []
    for text, url, site in stories(60, {}):
        line = form.format(chance.randint(2, 900), chance.choice(days), chance.randint(2, 90))
        documents.append((f"{text}\n{line}", url, site))
    assert lost(documents, []) == []
    same = [(f"{text}\n{form.format(3, 'Monday', 4)}", url, site) for text, url, site in stories(60, {})]
    assert len(set(lost(same, []))) == 1


def test_background_that_speaks_of_what_the_story_speaks_of_stays():
    line = "Oskar Vendelin has led the Lindholm Foundry since the winter of its founding."
    documents = []
    chance = random.Random(7)
    for at, (text, url, site) in enumerate(stories(60, {})):
        related = f"{paragraph(chance)} Vendelin walked home from the Lindholm Foundry in the rain.\n{line}\n"
        documents.append((related + text if at % 3 == 0 else text, url, site))
    assert lost(documents, []) == []


def test_words_that_all_stories_use_make_no_advert():
    line = "The traders and the teachers walked home in the rain."
    chance = random.Random(8)
    words = ["traders", "teachers", "walked", "home", "rain"]
    documents = []
    for at, (text, url, site) in enumerate(stories(60, {})):
        extra = f"{paragraph(chance)} {' '.join(chance.sample(words, 3))}."
        documents.append((f"{text}\n{extra}\n{extra[::-1]} {extra}" + (f"\n{line}" if at % 6 == 0 else ""), url, site))
    assert lost(documents, []) == []


@pytest.mark.parametrize("count", [1, 2, 5, 9])
def test_a_folder_of_fewer_than_ten_stories_gives_no_verdict(count):
    documents = stories(count, {ADVERT: count})
    seen = Sightings.count(documents)
    assert seen.evidence(ADVERT) is None
    assert lost(documents, []) == []


def test_nine_stories_in_a_hundred_copies_are_nine_stories():
    documents = [page for page in stories(9, {ADVERT: 9}) for _ in range(12)]
    documents = [(text, None, f"{site}{at % 12}") for at, (text, _, site) in enumerate(documents)]
    assert Sightings.count(documents).stories == 9
    assert lost(documents, []) == []


def test_the_order_of_documents_does_not_matter():
    documents = [(page.text, None, page.site) for page in compose(5).pages[:300]]
    expected = pickle.dumps(Sightings.count(documents))
    for seed in range(10):
        random.Random(seed).shuffle(documents)
        assert pickle.dumps(Sightings.count(documents)) == expected


def test_the_number_of_workers_does_not_matter():
    documents = stories(60, {ADVERT: 20})
    with ProcessPoolExecutor(2) as pool:
        observed = list(pool.map(observe, *zip(*documents, strict=True)))
    assert Sightings.count(observed) == Sightings.count(documents)


def test_the_hash_seed_does_not_matter():
    script = (
        "import hashlib, pickle; from sightings_world import *; from cleaner.sightings import Sightings;"
        "seen = Sightings.count(stories(60, {ADVERT: 20, 'Why it matters': 30}));"
        "print(hashlib.sha256(pickle.dumps(seen)).hexdigest())"
    )
    here = Path(__file__).parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1


# Near-copies


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sale ends in 3 days", "Sale ends in 2 days"),
        ("SALE ENDS in  14 days!", "Sale ends in 2 days…"),
        ("Offer valid until 3 May 2026: $19.99", "Offer valid until 21st June: €5"),
        ("Angebot gültig bis 3. März", "Angebot gültig bis Dienstag, 12. Oktober 2026"),
        ("Offre valable jusqu’au 3 août.", "Offre valable jusqu'au 12 décembre"),
        ("La oferta termina el lunes 3 de enero", "La oferta termina el martes 14 de agosto"),
        ("**Our readers** trust [Harbor Gold](https://x.example/a)", "Our readers trust Harbor Gold"),
        ("— It’s “free” —", '- Its "free" -'),
        ("本日限り、3日まで半額", "本日限り、12日まで半額"),
    ],
)
def test_near_copies_count_together(one, other):
    assert normalise(one).key == normalise(other).key


def test_one_changed_name_separates():
    one = normalise("The mayor told reporters that Anna Keller would lead the inquiry into the fire.")
    other = normalise("The mayor told reporters that Anna Becker would lead the inquiry into the fire.")
    assert one.key != other.key


def test_vowel_signs_are_letters():
    assert normalise("की किताब यहाँ मिलती है").key != normalise("का कताब यहाँ मिलता है").key


def test_enough_grows_slowly_with_the_collection():
    assert [others_needed(stories) for stories in (10, 2000, 100_000, 1_000_000)] == [3, 3, 10, 21]


def test_the_site_is_the_host_or_the_name_given():
    assert site_of("https://www.one.example/a?b") == "one.example"
    assert site_of(None, "folder") == "folder"
    assert site_of("http://[broken", "folder") == "folder"
    assert site_of(None) == ""


# In a pipeline


def test_sightings_pickle_and_answer_alike():
    seen = Sightings.count(stories(60, {ADVERT: 20}))
    again = pickle.loads(pickle.dumps(seen))
    assert again == seen
    assert again.evidence(ADVERT) == seen.evidence(ADVERT)


def test_threads_may_share_one():
    documents = stories(60, {ADVERT: 20})
    seen = Sightings.count(documents)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda page: condemned(seen, page[0]), documents * 5))
    assert found == [condemned(seen, text) for text, _, _ in documents] * 5


def test_lines_that_occur_once_leave_nothing_behind():
    assert Sightings.count(stories(300, {})).lines == {}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=80), max_size=12), st.text(max_size=30))
def test_any_text_can_be_counted_and_weighed(lines, url):
    text = "\n".join(lines)
    seen = Sightings.count([(f"{text}\n{at} times", url, f"s{at}") for at in range(3)] + stories(12, {}))
    assert len(seen.weigh(lines)) == len(lines)
    for line in lines:
        known = normalise(line)
        assert known is None or may_decide(line, known) in (True, False)
