"""The store of sightings on disk: the same answers as in memory, for many processes, whatever kills them."""

import os
import pickle
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sightings_world import ADVERT, compose, stories

from cleaner import rules
from cleaner.folding import fold
from cleaner.sightings import Sightings
from cleaner.sightings_rules import as_rules
from cleaner.sightings_store import Learner, SeenLine, StoreError, learn, prune, settle, top

DAY = date(2026, 3, 1)
HERE = Path(__file__).parent


def rows(path):
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return {
            name: database.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in ("lines", "texts")
        } | {"documents": database.execute("SELECT number, site, day FROM documents ORDER BY 1").fetchall()}


def python(script, *arguments, **options):
    environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{HERE.parent}"}
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], env=environment, **options)


def test_the_store_knows_what_memory_knows(tmp_path):
    documents = [(page.text, None, page.site) for page in compose(3).pages[:900]]
    assert learn(tmp_path / "seen.db", documents, DAY) == len({*documents})
    assert Sightings.open(tmp_path / "seen.db") == Sightings.count(documents)


def test_a_pipeline_of_single_pages_reads_it(tmp_path):
    learn(tmp_path / "seen.db", stories(60, {ADVERT: 20}), DAY)
    found = Sightings.open(tmp_path / "seen.db").evidence(ADVERT, "https://new.example/page")
    assert found.alone
    assert found.says == "stands in 19 other stories on 7 sites"


def test_learning_twice_changes_nothing(tmp_path):
    path = tmp_path / "seen.db"
    documents = stories(60, {ADVERT: 20})
    assert learn(path, documents, DAY) == 60
    before = rows(path)
    assert learn(path, documents, date(2026, 4, 1)) == 0
    assert learn(path, reversed(documents), date(2025, 4, 1)) == 0
    assert rows(path) == before


def test_the_order_of_learning_does_not_matter(tmp_path):
    documents = stories(80, {ADVERT: 20, "Why it matters": 30})
    found = []
    for seed in range(5):
        random.Random(seed).shuffle(documents)
        path = tmp_path / f"{seed}.db"
        for start in range(0, 80, 27):
            learn(path, documents[start : start + 27], DAY)
        found.append((Sightings.open(path), [line.text for line in top(path)]))
    assert all(each == found[0] for each in found)


def test_several_processes_learn_and_read_at_once(tmp_path):
    path = tmp_path / "seen.db"
    script = (
        "import sys; from sightings_world import *; from cleaner.sightings_store import Learner\n"
        "part = int(sys.argv[2])\n"
        "with Learner(sys.argv[1]) as learner:\n"
        "    for at, page in enumerate(stories(90, {ADVERT: 30})):\n"
        "        if at % 3 == part or at % 5 == 0: learner.add(*page)\n"
        "        if at % 10 == 0: learner.flush()\n"
    )
    workers = [python(script, path, part) for part in range(3)]
    while any(worker.poll() is None for worker in workers):
        if path.exists() and path.stat().st_size > 0:
            try:
                Sightings.open(path)
            except StoreError as error:
                assert "not a store" in str(error)
        time.sleep(0.01)
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert Sightings.open(path) == Sightings.count(stories(90, {ADVERT: 30}))


@pytest.mark.parametrize("delay", [0.05, 0.3, 0.6])
def test_a_kill_loses_at_most_the_last_batch_and_corrupts_nothing(tmp_path, delay):
    path = tmp_path / "seen.db"
    documents = stories(60, {ADVERT: 20})
    learn(path, documents[:30], DAY)
    script = (
        "import sys; from sightings_world import *; from cleaner.sightings_store import Learner\n"
        "learner = Learner(sys.argv[1]); print('ready', flush=True)\n"
        "for at, page in enumerate(stories(4000, {ADVERT: 900}, seed=9)):\n"
        "    learner.add(*page)\n"
        "    if at % 20 == 0: learner.flush(); print(at, flush=True)\n"
    )
    worker = python(script, path, stdout=subprocess.PIPE, text=True)
    worker.stdout.readline()
    time.sleep(delay)
    worker.send_signal(signal.SIGKILL)
    flushed = [int(line) for line in worker.communicate()[0].split()]
    left = rows(path)["documents"]
    assert len(left) >= 30 + (flushed[-1] + 1 if flushed else 0)
    assert Sightings.open(path).stories == 30  # as it was settled before
    learn(path, documents, DAY)
    assert Sightings.open(path).stories == 30 + 30 + len(left) - 30


def test_settling_may_be_left_to_the_caller(tmp_path):
    path = tmp_path / "seen.db"
    with Learner(path, settle=False) as learner:
        for page in stories(60, {ADVERT: 20}):
            learner.add(*page)
    assert Sightings.open(path).stories == 0
    settle(path)
    assert Sightings.open(path).evidence(ADVERT).stories == 19


def test_top_lists_counts_sites_and_days(tmp_path):
    path = tmp_path / "seen.db"
    documents = stories(60, {ADVERT: 20, "Why it matters": 30})
    learn(path, documents[:30], date(2026, 1, 3))
    learn(path, documents[30:], date(2026, 2, 7))
    house, advert = top(path, 10)
    assert (house.text, house.stories, house.alone) == ("Why it matters", 30, False)
    assert advert == SeenLine(ADVERT, 20, 7, date(2026, 1, 3), date(2026, 2, 7), True)
    assert top(path, 1) == [house]


def test_only_lines_that_matter_keep_their_text(tmp_path):
    learn(tmp_path / "seen.db", stories(60, {ADVERT: 20, "Twice and not more": 2}), DAY)
    assert [text for _, text in rows(tmp_path / "seen.db")["texts"]] == [ADVERT]


def test_pruning_forgets_old_sightings(tmp_path):
    path = tmp_path / "seen.db"
    documents = stories(60, {ADVERT: 20})
    learn(path, documents[:20], date(2025, 12, 31))
    learn(path, documents[20:], date(2026, 1, 1))
    before = Sightings.open(path).evidence(ADVERT).stories
    assert prune(path, date(2026, 1, 1)) == 20
    after = Sightings.open(path)
    assert after.stories == 40
    assert after == Sightings.count(documents[20:])
    assert after.evidence(ADVERT).stories < before
    assert prune(path, date(2026, 1, 1)) == 0


def test_opening_what_is_no_store_says_what_to_do(tmp_path):
    with pytest.raises(StoreError, match=r"no such store; make one with: cleaner learn FOLDER --sightings"):
        Sightings.open(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "text.db").write_text("not a database, " * 100)
    with pytest.raises(StoreError, match="not a store of sightings, or damaged"):
        Sightings.open(tmp_path / "text.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as database, database:
        database.execute("CREATE TABLE customers (name TEXT)")
    for use in (Sightings.open, Learner):
        with pytest.raises(StoreError, match="a database, but not a store of sightings"):
            use(tmp_path / "other.db")


def test_sightings_from_a_store_pickle(tmp_path):
    learn(tmp_path / "seen.db", stories(60, {ADVERT: 20}), DAY)
    seen = Sightings.open(tmp_path / "seen.db")
    (tmp_path / "seen.db").unlink()
    assert pickle.loads(pickle.dumps(seen)) == seen


def test_any_text_can_be_learned(tmp_path):
    odd = ["", "\0", "\ud800 half a sign", "\u2028", "12", "\ufeff", "a\r\nb\rc", "x" * 100_000]
    pages = zip(odd, stories(8, {}), strict=True)
    documents = [(f"{each}\n{each}\n{page[0]}", "http://[", "\ud800") for each, page in pages]
    assert learn(tmp_path / "seen.db", documents * 2, DAY) == 8


# Rules to review


def test_found_lines_make_a_rule_file_that_proves_itself(tmp_path):
    path = tmp_path / "seen.db"
    learn(path, stories(60, {ADVERT: 20, "Why it matters": 30}), DAY)
    (tmp_path / "mine.toml").write_text(as_rules(top(path, None), "mine"), encoding="utf-8")
    (rule,) = rules.read_rules(tmp_path / "mine.toml")
    assert rules.check_pattern(rule) == []
    assert rule.removes == (ADVERT,)
    assert "# Seen in 20 stories on 7 sites, first 2026-03-01, last 2026-03-01." in (tmp_path / "mine.toml").read_text()
    assert rules.Rulebook([rule]).match(fold("Our readers have trusted Harbor Gold since 2004."))


@pytest.mark.parametrize(
    "text",
    [
        "It's 'the' \"best\" tea ''' in \\ the \\d+ [whole] (wide) world, friends {of} Harbor|Gold ^ $ * + ?.",
        "Tabs\tand\x0bodd \x7f signs \u2028 never stopped anyone from buying at Nimbus.",
        "\ud800 Half a sign never stopped anyone from buying at Nimbus Homes.",
        "港湾黄金は1998年から読者の皆さまに信頼されている小さな会社です。",
        "* Save up to 50% on [everything](https://x.example/a_(b)) at **Bolt Living** until 3 May!",
        "٣٠ عاما من الثقة في متاجر هاربور للذهب في كل مدينة كبيرة.",
        '#hashtag # comment " quote = equals [[rule]] never stopped anyone at Cobalt Mutual.',
    ],
)
def test_no_line_breaks_the_rule_file(text):
    source = as_rules([SeenLine(text, 9, 1, None, None, True)])
    (rule,) = rules.parse_rules(source.encode("utf-8", "replace").decode(), "seen.toml")
    assert rules.check_pattern(rule) == []


def test_nothing_found_is_an_empty_rule_file():
    assert rules.parse_rules(as_rules([]), "seen.toml") == []
