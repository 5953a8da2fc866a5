from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
from pathlib import Path

import pytest
from batch_world import Heard, go, tree

from cleaner.batch import UsageError

TEXT = "One.\nAD: buy\nTwo.\n"
KEPT = "One.\nTwo.\n"


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_a_folder_keeps_its_structure(tmp_path: Path) -> None:
    (tmp_path / "in/deep/er").mkdir(parents=True)
    (tmp_path / "in/a.txt").write_text(TEXT)
    (tmp_path / "in/deep/b.md").write_text("# H\nAD: x\nBody.\n")
    (tmp_path / "in/deep/er/c.html").write_text("<html><body><p>Body.</p>\nAD: x\n</body></html>")
    (tmp_path / "in/picture.png").write_bytes(b"\x89PNG")
    heard = Heard()
    report = go(tmp_path / "in", output=tmp_path / "out", heard=heard)
    assert heard.shares[-1] == 1.0
    assert tree(tmp_path / "out") == {
        "a.txt": KEPT.encode(),
        "deep/b.md": b"# H\nBody.\n",
        "deep/er/c.txt": b"Body.\n\n"[:6],
    }
    assert (report.totals.articles, report.totals.failed, report.totals.skipped) == (3, 0, 1)
    assert report.totals.removed == {"ad": 3}
    assert heard.skips == ["picture.png: its name announces no format that we read"]


def test_one_file_goes_to_standard_output(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    printed = io.BytesIO()
    go(tmp_path / "a.txt", standard=(0, printed))
    assert printed.getvalue() == KEPT.encode()


def test_one_file_to_one_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    go(tmp_path / "a.txt", output=tmp_path / "b.txt")
    assert (tmp_path / "b.txt").read_text() == KEPT
    assert not (tmp_path / "b.txt.failed.jsonl").exists()


def test_the_name_of_the_output_file_decides_format_and_packing(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "One.\\nAD: x\\n"}, {"text": "Two."}]')
    go(tmp_path / "a.json", output=tmp_path / "b.jsonl.gz")
    assert gzip.decompress((tmp_path / "b.jsonl.gz").read_bytes()) == b'{"text": "One.\\n"}\n{"text": "Two."}\n'


def test_patterns_and_several_inputs_keep_their_place_below_the_common_folder(tmp_path: Path) -> None:
    for name in ("x/a.txt", "y/a.txt", "y/b.md"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_text(TEXT)
    go(tmp_path / "in/*/a.txt", tmp_path / "in/y", output=tmp_path / "out")
    assert sorted(tree(tmp_path / "out")) == ["x/a.txt", "y/a.txt", "y/b.md"]


def test_records_keep_everything_but_the_text(tmp_path: Path) -> None:
    source = (
        b'{"z": 1.50, "text":"One.\\nAD: x\\nTw\\u00f6.\\n" ,"big": 12345678901234567890, "e": 1E5}\r\n'
        b"\n"
        b'{"z":1.50,"text":"unchanged \xc3\xa4","nested":{"text":"AD: x"}}\n'
        b'{"text":null,"id":3}\n'
        b'{"id":4}'
    )
    (tmp_path / "a.jsonl").write_bytes(source)
    report = go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == source.replace(b"AD: x\\nTw", b"Tw", 1)
    assert report.totals.without_text == 2


@pytest.mark.parametrize("packing", ["", ".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("format", ["txt", "jsonl", "json", "csv"])
def test_packed_files_come_back_packed(tmp_path: Path, format: str, packing: str) -> None:
    zstandard = pytest.importorskip("zstandard")
    pack = {
        "": bytes,
        ".gz": gzip.compress,
        ".bz2": bz2.compress,
        ".xz": lzma.compress,
        ".zst": zstandard.ZstdCompressor().compress,
    }[packing]
    unpack = {
        "": bytes,
        ".gz": gzip.decompress,
        ".bz2": bz2.decompress,
        ".xz": lzma.decompress,
        ".zst": lambda data: zstandard.ZstdDecompressor().decompress(data),
    }[packing]
    source, kept = {
        "txt": (TEXT, KEPT),
        "jsonl": (json.dumps({"text": TEXT}) + "\n", json.dumps({"text": KEPT}) + "\n"),
        "json": (f"[{json.dumps({'text': TEXT})}]\n", f"[{json.dumps({'text': KEPT})}]\n"),
        "csv": ('id,text\n1,"One.\nAD: x\nTwo."\n', 'id,text\n1,"One.\nTwo."\n'),
    }[format]
    name = f"a.{format}{packing}"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(pack(source.encode()))
    go(tmp_path / "in", output=tmp_path / "out")
    assert unpack((tmp_path / "out" / name).read_bytes()) == kept.encode()


def test_any_number_of_workers_gives_the_same_bytes_in_the_same_order(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with (tmp_path / "in/r.jsonl").open("w") as file:
        for number in range(3000):
            text = f"Body {number}." + ("\nAD: x" if number % 3 else "") + ("RAISE" if number % 500 == 7 else "")
            file.write(json.dumps({"id": number, "text": text}) + "\n")
    for number in range(300):
        (tmp_path / f"in/{number}.txt").write_text(f"Body {number}\nAD: x\n")
    trees = []
    for workers in (1, 2, 3):
        go(tmp_path / "in", output=tmp_path / f"out{workers}", workers=workers, removed=tmp_path / f"r{workers}.jsonl")
        trees.append((tree(tmp_path / f"out{workers}"), (tmp_path / f"r{workers}.jsonl").read_bytes()))
    assert trees[0] == trees[1] == trees[2]
    assert [row["id"] for row in lines(tmp_path / "out1/r.jsonl")] == [n for n in range(3000) if n % 500 != 7]
    assert [row["record"] for row in lines(tmp_path / "out1/failed.jsonl")] == [
        n + 1 for n in range(3000) if n % 500 == 7
    ]
    assert len(lines(tmp_path / "r1.jsonl")) == 300 + sum(1 for n in range(3000) if n % 3 and n % 500 != 7)


def test_annotate_leaves_the_text_and_adds_spans(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    record = {"id": "a", "text": TEXT, "attributes": {"other": [[0, 1, 1.0]]}}
    (tmp_path / "in/a.jsonl").write_text(json.dumps(record) + "\n")
    (tmp_path / "in/b.txt").write_text(TEXT)
    go(tmp_path / "in", output=tmp_path / "out", annotate=True)
    (row,) = lines(tmp_path / "out/a.jsonl")
    assert row["text"] == TEXT
    assert row["attributes"] == {"other": [[0, 1, 1.0]], "cleaner__balanced__ad": [[5, 13, 3.0]]}
    assert TEXT[5:13] == "AD: buy\n"
    (row,) = lines(tmp_path / "out/b.jsonl")
    assert row == {"id": "b.txt", "text": TEXT, "attributes": {"cleaner__balanced__ad": [[5, 13, 3.0]]}}


def test_removed_collects_every_removal_with_its_reasons(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "x1", "url": "http://n.example/1", "text": TEXT}) + "\n")
    go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl", removed=tmp_path / "gone.jsonl")
    assert lines(tmp_path / "gone.jsonl") == [
        {
            "file": "a.jsonl",
            "record": 1,
            "id": "x1",
            "url": "http://n.example/1",
            "output": "b.jsonl",
            "field": "text",
            "original": hashlib.sha256(TEXT.encode()).hexdigest(),
            "cleaned": hashlib.sha256(KEPT.encode()).hexdigest(),
            "removals": 1,
            "start": 5,
            "end": 13,
            "line": 2,
            "text": "AD: buy\n",
            "category": "ad",
            "score": 3.0,
            "reasons": [{"source": "test", "says": "begins with AD", "weight": 3.0}],
        }
    ]


def test_check_dry_run_and_diff_write_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(TEXT)
    before = tree(tmp_path)
    heard = Heard()
    report = go(tmp_path / "in", write=False, diff=True, heard=heard)
    assert report.totals.changed == 1
    assert "".join(heard.diff) == "--- a.txt\n+++ a.txt (cleaned)\n@@ -1,3 +1,2 @@\n One.\n-AD: buy\n Two.\n"
    assert tree(tmp_path) == before


def test_the_guess_of_the_text_field_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"title": "t", "content": "One.\\nAD: x\\n"}\n')
    heard = Heard()
    go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl", heard=heard)
    assert heard.notes == ["a.jsonl: no --text-field given: reading the text from field 'content'"]
    (tmp_path / "c.jsonl").write_text('{"title": "t", "words": "One."}\n')
    go(tmp_path / "c.jsonl", output=tmp_path / "d.jsonl", heard=heard)
    assert "name one with --text-field. Fields are: title, words" in heard.reasons[0]


def test_an_existing_output_is_an_error_that_names_the_ways_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(TEXT)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/other.txt").write_text("mine")
    go(tmp_path / "in", output=tmp_path / "out")
    with pytest.raises(UsageError, match=r"--resume .* --overwrite"):
        go(tmp_path / "in", output=tmp_path / "out")
    go(tmp_path / "in", output=tmp_path / "out", overwrite=True)
    assert tree(tmp_path / "out") == {"a.txt": KEPT.encode(), "other.txt": b"mine"}
    (tmp_path / "out2").mkdir()
    (tmp_path / "out2/a.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"a\.txt exists already.*--resume .* --overwrite"):
        go(tmp_path / "in", output=tmp_path / "out2")
    assert tree(tmp_path / "out2") == {"a.txt": b"mine"}


@pytest.mark.parametrize("where", ["in", "in/sub", "."])
def test_output_and_input_must_not_lie_in_each_other(tmp_path: Path, where: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(TEXT)
    with pytest.raises(UsageError):
        go(tmp_path / "in", output=tmp_path / where)
    assert tree(tmp_path) == {"in/a.txt": TEXT.encode()}


def test_an_output_that_would_replace_an_input_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    for output in (tmp_path, tmp_path / "a.txt"):
        with pytest.raises(UsageError, match="input"):
            go(tmp_path / "a.txt", output=output, overwrite=True)
    assert (tmp_path / "a.txt").read_text() == TEXT


def test_two_inputs_for_one_output_are_an_error_of_the_second(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text("<html>page</html>")
    (tmp_path / "in/a.txt").write_text("text")
    heard = Heard()
    go(tmp_path / "in", output=tmp_path / "out", heard=heard)
    assert heard.reasons == ["a.txt: its output a.txt is already that of a.html; rename one of the two"]
    assert (tmp_path / "out/a.txt").read_text() == "page\n"
    assert lines(tmp_path / "out/failed.jsonl")[0]["file"] == "a.txt"


def test_what_fails_is_listed_and_the_rest_is_cleaned(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(TEXT)
    (tmp_path / "in/b.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (tmp_path / "in/c.txt").write_text("RAISE")
    (tmp_path / "in/d.jsonl").write_text('{"text": "x"}\nno json\n[1]\n{"text": 5}\n')
    report = go(tmp_path / "in", output=tmp_path / "out")
    assert report.totals.failed == 5
    assert tree(tmp_path / "out")["d.jsonl"] == b'{"text": "x"}\n'
    listed = lines(tmp_path / "out/failed.jsonl")
    assert report.failures == tmp_path / "out/failed.jsonl"
    assert [(row["file"], row["record"]) for row in listed] == [
        ("b.txt", None),
        ("c.txt", None),
        ("d.jsonl", 2),
        ("d.jsonl", 3),
        ("d.jsonl", 4),
    ]
    assert listed[0]["error"] == "it is a binary file, not text"
    assert listed[1]["error"] == "an unexpected error: RuntimeError: as asked"
    assert listed[4]["error"] == "its field 'text' is a number, not text"


def test_missing_and_empty_inputs_fail_alone(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "a.txt").write_text(TEXT)
    heard = Heard()
    go(tmp_path / "a.txt", tmp_path / "gone.txt", tmp_path / "empty", output=tmp_path / "out", heard=heard)
    assert heard.reasons[0] == "gone.txt: there is no such file"
    assert "empty: it holds no article" in heard.reasons[1]
    assert (tmp_path / "out/a.txt").read_text() == KEPT


def test_a_json_list_stays_valid_when_records_fail(tmp_path: Path) -> None:
    for number, bad in enumerate(([0], [0, 1], [2], [0, 1, 2, 3], [1])):
        records = [{"text": "RAISE" if i in bad else f"Body {i}"} for i in range(4)]
        (tmp_path / f"{number}.json").write_text(json.dumps(records, indent=2))
        go(tmp_path / f"{number}.json", output=tmp_path / f"out{number}.json")
        written = json.loads((tmp_path / f"out{number}.json").read_text())
        assert written == [record for i, record in enumerate(records) if i not in bad]
