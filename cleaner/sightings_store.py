"""Sightings on disk: SQLite, for crawlers and repeated runs.

A document is one row: its hash and what its lines hash to. Learning only adds rows, a batch in a transaction, so any
number of processes may learn and read at once (write-ahead log), a document learned twice is one row, and a kill loses
at most the batch that was open. The table of repeated lines that `Sightings.open` reads is made from those rows by
`settle`, with the same code that counts a folder in memory: the store does not depend on the order of learning either.

The text of a line is kept from its second sighting on, and dropped again if it turns out not to matter.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType

from cleaner.sightings import Seen, Sightings, decides, others_needed, table
from cleaner.sightings_documents import Document, Observation, observe
from cleaner.sightings_lines import LONGEST, normalise
from cleaner.sightings_stories import Count, Tally

BATCH = 500  # documents in a transaction
_WAIT = 120.0  # seconds to wait for another process that writes
_SIEVE = 1 << 26
_APPLICATION = 0x5EE2
_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE, address INTEGER NOT NULL, site TEXT NOT NULL,
    day INTEGER NOT NULL, keys BLOB NOT NULL, figures BLOB NOT NULL, sizes BLOB NOT NULL,
    words BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS texts (line INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS lines (
    line INTEGER PRIMARY KEY, stories INTEGER NOT NULL, sites INTEGER NOT NULL, own INTEGER NOT NULL,
    varies INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
INSERT OR IGNORE INTO state VALUES ('changes', 0), ('settled', 0), ('stories', 0), ('modulus', 1);
"""


class StoreError(ValueError):
    """A store that cannot be used. The message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A repeated line as a person reviews it. `text` is empty if only its hash is known; days are None if unknown.

    `alone` is true if sightings would take the line out of a document by themselves.
    """

    text: str
    stories: int
    sites: int
    first: date | None
    last: date | None
    alone: bool


class Learner:
    """Adds documents to a store, which it creates if it is not there. One for each thread or process.

    Use it in a `with` statement: leaving it writes the last batch and settles the store. With `settle=False` the caller
    settles, once, after the last of several learners. Raises `StoreError` if the file is not a store.
    """

    def __init__(self, path: Path | str, *, settle: bool = True) -> None:
        self._path = Path(path)
        self._settles = settle
        self._database = _connect(self._path, create=True)
        self._waiting: list[Observation] = []
        self._sieve = bytearray(_SIEVE)  # which lines have been learned before, by anyone
        self._read = 0
        self.added = 0

    def __enter__(self) -> Learner:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.flush()
        finally:
            self._database.close()
        if self._settles and kind is None:
            settle(self._path)

    def add(self, text: str, url: str | None = None, site: str | None = None, day: date | None = None) -> None:
        """Learn one document, seen on `day` (today if not given). A document already known changes nothing."""
        self.add_observation(observe(text, url, site, day or date.today()))

    def add_observation(self, seen: Observation) -> None:
        """The same for what `observe` made of a document in another process."""
        self._waiting.append(seen)
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting, in one transaction."""
        if not self._waiting:
            return
        with _writing(self._database, self._path) as database:
            self._catch_up()
            modulus = _state(database, "modulus")
            texts: dict[int, str] = {}
            new = 0
            for seen in self._waiting:
                if self._insert(database, seen.document, modulus):
                    new += 1
                    self._keep_texts(seen, texts)
            database.executemany(
                "INSERT INTO texts VALUES (?, ?) ON CONFLICT DO UPDATE SET text = min(text, excluded.text)",
                sorted(texts.items()),
            )
            if new:
                _mark_changed(database)
            self._read = max(self._read, database.execute("SELECT coalesce(max(id), 0) FROM documents").fetchone()[0])
        self._waiting.clear()
        self.added += new

    def _insert(self, database: sqlite3.Connection, document: Document, modulus: int) -> bool:
        return bool(
            database.execute(
                "INSERT OR IGNORE INTO documents (number, address, site, day, keys, figures, sizes, words) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    document.number,
                    document.address,
                    _plain(document.site),
                    document.day,
                    _pack(document.keys),
                    _pack(document.figures),
                    _pack(document.sizes),
                    b"" if document.number % modulus else _pack(document.words),
                ),
            ).rowcount
        )

    def _keep_texts(self, seen: Observation, texts: dict[int, str]) -> None:
        for key, text in zip(seen.document.keys, seen.texts, strict=True):
            if self._sieve[key % _SIEVE] and len(text) <= LONGEST * 2:
                plain = _plain(text)
                texts[key] = min(plain, texts.get(key, plain))
            self._sieve[key % _SIEVE] = 1

    def _catch_up(self) -> None:
        """Take note of the lines that others have learned since we looked last."""
        for (keys,) in self._database.execute("SELECT keys FROM documents WHERE id > ?", (self._read,)):
            for key in _unpack("Q", keys):
                self._sieve[key % _SIEVE] = 1


def learn(
    path: Path | str,
    documents: Iterable[tuple[str, str | None, str | None]],
    day: date | None = None,
) -> int:
    """Learn many documents (text, URL, site) and settle the store. The number of those that were new."""
    with Learner(path) as learner:
        for text, url, site in documents:
            learner.add(text, url, site, day)
    return learner.added


def settle(path: Path | str) -> None:
    """Make the table of repeated lines anew from all documents. Time and memory grow linearly with them.

    Learners may go on meanwhile: only the last step writes. If another process has settled more, ours is dropped.
    """
    path = Path(path)
    with _reading(path) as database:
        changes = _state(database, "changes")
        if changes == _state(database, "settled"):
            return
        tally = Tally(_state(database, "modulus"))
        for number, address, site, day, keys, figures, sizes, words in database.execute(
            "SELECT number, address, site, day, keys, figures, sizes, words FROM documents"
        ):
            hashes = (_unpack("Q", keys), _unpack("H", figures), _unpack("B", sizes), _unpack("I", words))
            tally.add(Document(number, address, site, day, *hashes))
        counts = tally.settle()
        texts = {line: text for line, text in database.execute("SELECT line, text FROM texts") if line in counts}
    found = table(counts, texts, tally)
    with closing(_connect(path)) as database, _writing(database, path):
        if _state(database, "settled") < changes:
            _replace(database, found, counts, tally, changes)


def _replace(
    database: sqlite3.Connection, found: dict[int, Seen], counts: dict[int, Count], tally: Tally, changes: int
) -> None:
    database.execute("DELETE FROM lines")
    database.executemany(
        "INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (key, seen.stories, seen.sites, seen.own, seen.varies, counts[key].first, counts[key].last)
            for key, seen in sorted(found.items())
        ),
    )
    if _state(database, "changes") == changes:  # else a text may belong to a line that has come to matter meanwhile
        database.execute("DELETE FROM texts WHERE line NOT IN (SELECT line FROM lines)")
    _set_state(database, "settled", changes)
    _set_state(database, "stories", tally.stories)
    if tally.modulus > _state(database, "modulus"):
        _set_state(database, "modulus", tally.modulus)
        database.execute("UPDATE documents SET words = x'' WHERE number % ?", (tally.modulus,))


def load(path: Path | str) -> Sightings:
    """The table of a store, as it was settled last."""
    with _reading(Path(path)) as database:
        lines = {
            line: Seen(stories, sites, bool(own), bool(varies))
            for line, stories, sites, own, varies in database.execute(
                "SELECT line, stories, sites, own, varies FROM lines"
            )
        }
        return Sightings(lines, _state(database, "stories"))


def top(path: Path | str, limit: int | None = 50) -> list[SeenLine]:
    """The most repeated lines of a store, those in most stories first. All of them if `limit` is None."""
    with _reading(Path(path)) as database:
        enough = others_needed(_state(database, "stories"))
        return [
            _seen_line(text or "", Seen(stories, sites, bool(own), bool(varies)), first, last, enough)
            for text, stories, sites, own, varies, first, last in database.execute(
                "SELECT text, stories, sites, own, varies, first, last FROM lines LEFT JOIN texts USING (line) "
                "ORDER BY stories DESC, sites DESC, text, line LIMIT ?",
                (-1 if limit is None else limit,),
            )
        ]


def _seen_line(text: str, seen: Seen, first: int, last: int, enough: int) -> SeenLine:
    line = normalise(text)
    alone = seen.stories > enough and line is not None and decides(text, line, seen)
    first_day, last_day = (date.fromordinal(day) if day else None for day in (first, last))
    return SeenLine(text, seen.stories, seen.sites, first_day, last_day, alone)


def prune(path: Path | str, before: date) -> int:
    """Forget the documents seen before that day and settle the store again. The number of documents forgotten."""
    path = Path(path)
    with closing(_connect(path)) as database, _writing(database, path):
        gone = database.execute("DELETE FROM documents WHERE day < ?", (before.toordinal(),)).rowcount
        if gone:
            _mark_changed(database)
    settle(path)
    return int(gone)


def _connect(path: Path, *, create: bool = False) -> sqlite3.Connection:
    if not create and not path.is_file():
        raise StoreError(f"{path}: there is no such store; make one with: cleaner learn FOLDER --sightings {path}")
    try:
        database = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot open the store ({error}); check the path and its permissions") from error
    try:
        if database.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
            _make(database, path, create=create)
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version != _VERSION:
            raise StoreError(f"{path}: a store of form {version}, this cleaner reads form {_VERSION}; learn it anew")
        database.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error as error:
        database.close()
        raise StoreError(f"{path}: not a store of sightings, or damaged ({error}); name another file") from error
    except StoreError:
        database.close()
        raise
    return database


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """One state of the store to read from, whatever others write meanwhile."""
    with closing(_connect(path)) as database:
        try:
            database.execute("BEGIN")
            yield database
            database.execute("ROLLBACK")
        except sqlite3.Error as error:
            raise StoreError(f"{path}: cannot read the store ({error}); learn it anew under another name") from error


def _make(database: sqlite3.Connection, path: Path, *, create: bool) -> None:
    if not create or database.execute("SELECT count(*) FROM sqlite_master WHERE name != 'state'").fetchone()[0]:
        if database.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION:
            return  # another process has just made it
        raise StoreError(f"{path}: a database, but not a store of sightings; name another file")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("BEGIN IMMEDIATE")
    for statement in _SCHEMA.split(";"):
        database.execute(statement)
    database.execute(f"PRAGMA application_id = {_APPLICATION}")
    database.execute(f"PRAGMA user_version = {_VERSION}")
    database.execute("COMMIT")


@contextmanager
def _writing(database: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    try:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
        except BaseException:
            database.rollback()
            raise
        database.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(f"{path}: cannot write ({error}); check free space and permissions, then run again") from error


def _state(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()[0])


def _set_state(database: sqlite3.Connection, name: str, value: int) -> None:
    database.execute("UPDATE state SET value = ? WHERE name = ?", (value, name))


def _mark_changed(database: sqlite3.Connection) -> None:
    database.execute("UPDATE state SET value = value + 1 WHERE name = 'changes'")


def _plain(text: str) -> str:
    """Text that SQLite takes: lone surrogates become question marks."""
    return text.encode("utf-8", "replace").decode()


def _pack(values: array[int]) -> bytes:
    if sys.byteorder == "big":
        values = array(values.typecode, values)
        values.byteswap()
    return values.tobytes()


def _unpack(code: str, data: bytes) -> array[int]:
    values = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values
