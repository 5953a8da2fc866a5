from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
from pathlib import Path

import pytest
from batch_world import Heard, go, tree

from cleaner.batch import UsageError
from cleaner.batch.in_place import RestoreError, keepsakes, restore

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/inbox"
TEXT = "One.\nAD: buy\nTwo. Brücke\nAD: more\n"


def everything(folder: Path) -> None:
    """A file of every format, packed in every way that is installed."""
    folder.mkdir()
    plain = {
        "a.txt": TEXT.encode(),
        "b.md": TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        "c.html": b"<html>One.\nAD: buy\nTwo.</html>",
        "d.txt": TEXT.encode("utf-16"),
        "e.txt": TEXT.encode("latin-1") * 3 + b"\xe9\n",
        "f.jsonl": (json.dumps({"text": TEXT}) + "\n").encode() * 3,
        "g.json": json.dumps([{"text": TEXT}] * 3, indent=2).encode(),
        "h.csv": f'id,text\n1,"{TEXT}"\n'.encode(),
        "i.tsv": f'id\ttext\n1\t"{TEXT}"\n'.encode(),
    }
    for name, data in plain.items():
        (folder / name).write_bytes(data)
        for ending, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
            (folder / f"{ending[1:]}-{name}{ending}").write_bytes(pack(data))
    try:
        import pyarrow
        import pyarrow.parquet
        import zstandard
    except ImportError:
        return
    pyarrow.parquet.write_table(pyarrow.table({"text": [TEXT] * 3}), folder / "j.parquet")
    (folder / "k.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(plain["f.jsonl"]))


def bring_back(folder: Path) -> None:
    for keep in list(keepsakes([folder])):
        restore(keep)


def test_every_format_comes_back_byte_for_byte(tmp_path: Path) -> None:
    everything(tmp_path / "in")
    before = tree(tmp_path / "in")
    report = go(tmp_path / "in", in_place=True, workers=2)
    assert report.totals.failed == 0
    assert report.totals.changed == report.totals.articles
    during = tree(tmp_path / "in")
    assert not any(during.get(name) == data for name, data in before.items())
    assert during["a.txt"] == "One.\nTwo. Brücke\n".encode()
    assert during["d.txt"] == "One.\nTwo. Brücke\n".encode("utf-16")
    assert during["c.txt"] == b"One.\nTwo.\n"
    again = go(tmp_path / "in", in_place=True)
    assert (again.totals.changed, again.totals.failed) == (0, 0)
    assert tree(tmp_path / "in") == during
    bring_back(tmp_path / "in")
    assert tree(tmp_path / "in") == before
    assert not (tmp_path / "in/.cleaner").exists()


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the fixtures are not here")
def test_all_fixtures_come_back_byte_for_byte(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for path in sorted(FIXTURES.iterdir()):
        if path.is_file():
            lines = path.read_bytes().splitlines(keepends=True)
            (tmp_path / "in" / path.name).write_bytes(
                b"".join(b"AD: x\n" + line if n % 3 else line for n, line in enumerate(lines))
            )
    before = tree(tmp_path / "in")
    assert before
    go(tmp_path / "in", in_place=True)
    assert tree(tmp_path / "in") != before
    bring_back(tmp_path / "in")
    assert tree(tmp_path / "in") == before


def test_what_was_removed_lies_beside_a_text_file_as_data(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "a.txt").chmod(0o640)
    go(tmp_path / "a.txt", in_place=True)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640
    rows = [json.loads(line) for line in (tmp_path / "a.txt.removed.jsonl").read_text().splitlines()]
    assert [(row["start"], row["text"], row["category"]) for row in rows] == [
        (5, "AD: buy\n", "ad"),
        (25, "AD: more\n", "ad"),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "a.txt.removed.jsonl"]


def test_clean_articles_are_not_touched(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Body\n")
    (tmp_path / "r.jsonl.gz").write_bytes(gzip.compress(b'{"text": "Body"}\n'))
    os.utime(tmp_path / "a.txt", (1, 1))
    before = tree(tmp_path)
    go(tmp_path, in_place=True)
    assert tree(tmp_path) == before
    assert (tmp_path / "a.txt").stat().st_mtime == 1


def test_a_record_file_with_a_failure_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "One\\nAD: x\\n"}\n{"text": "RAISE"}\n')
    before = tree(tmp_path)
    heard = Heard()
    report = go(tmp_path / "r.jsonl", in_place=True, heard=heard)
    assert "left as it was" in heard.reasons[1]
    assert report.failures == tmp_path / ".cleaner-failed.jsonl"
    report.failures.unlink()
    assert tree(tmp_path) == before


def test_nothing_is_restored_over_later_changes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    (tmp_path / "r.jsonl").write_text('{"text": "One\\nAD: x\\n"}\n')
    (tmp_path / "p.html").write_text("<html>One.\nAD: x\n</html>")
    go(tmp_path, in_place=True)
    for name in ("a.txt", "r.jsonl", "p.txt"):
        (tmp_path / name).write_text("mine")
    changed = tree(tmp_path)
    for keep in list(keepsakes([tmp_path])):
        with pytest.raises(RestoreError, match="was changed since it was cleaned"):
            restore(keep)
    assert tree(tmp_path) == changed


def test_the_time_of_a_file_does_not_matter_but_its_content_does(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "One\\nAD: x\\n"}\n')
    before = tree(tmp_path)
    go(tmp_path, in_place=True)
    cleaned = (tmp_path / "r.jsonl").read_bytes()
    digest = (tmp_path / "r.jsonl.original.sha256").read_text()
    assert digest == f"{hashlib.sha256(cleaned).hexdigest()}  r.jsonl\n"
    (tmp_path / "r.jsonl").write_bytes(cleaned)  # later than the keepsake
    (tmp_path / "r.jsonl.original.sha256").unlink()
    (keep,) = keepsakes([tmp_path])
    with pytest.raises(RestoreError, match="nobody knows whether it was changed"):
        restore(keep)
    (tmp_path / "r.jsonl.original.sha256").write_text(digest)
    restore(keep)
    assert tree(tmp_path) == before


def test_a_run_stopped_before_it_replaced_a_file_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<html>One.\nAD: x\n</html>")
    (tmp_path / "r.jsonl").write_text('{"text": "One\\nAD: x\\n"}\n')
    before = tree(tmp_path)
    go(tmp_path, in_place=True)
    (tmp_path / "p.html").hardlink_to(tmp_path / "p.html.original")  # as if it had not been unlinked yet
    (tmp_path / "r.jsonl").write_bytes(before["r.jsonl"])
    bring_back(tmp_path)
    assert tree(tmp_path) == before


def test_a_new_page_under_the_old_name_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "p.html").write_text("<html>One.\nAD: x\n</html>")
    go(tmp_path, in_place=True)
    (tmp_path / "p.html").write_text("<html>mine</html>")
    (keep,) = keepsakes([tmp_path])
    with pytest.raises(RestoreError, match="new file of this name"):
        restore(keep)
    assert (tmp_path / "p.html").read_text() == "<html>mine</html>"


def test_a_second_cleaning_does_not_lose_the_first_keepsake(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    go(tmp_path / "a.txt", in_place=True)
    (tmp_path / "a.txt").write_text(TEXT + "AD: third\n")
    heard = Heard()
    go(tmp_path / "a.txt", in_place=True, heard=heard)
    assert "cleaned in place before" in heard.reasons[0]
    assert (tmp_path / "a.txt").read_text() == TEXT + "AD: third\n"


def test_a_page_whose_text_file_exists_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<html>One</html>")
    (tmp_path / "a.txt").write_text("mine")
    heard = Heard()
    go(tmp_path / "a.html", in_place=True, heard=heard)
    assert "a.txt exists already" in heard.reasons[0]
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["a.html", "a.txt"]


def test_in_place_goes_with_no_other_place_or_format(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for said in ({"output": tmp_path / "o"}, {"format": "jsonl"}, {"annotate": True}):
        with pytest.raises(UsageError, match="--in-place"):
            go(tmp_path / "a.txt", in_place=True, **said)
