"""`restore` by the list of removals of a run: what comes back, and what is refused with which words."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
from batch_world import AdCleaner, go, tree
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from cleaner.batch import UsageError
from cleaner.batch.bring_back import Restored, Wanted, bring_back
from cleaner.batch.removals import Goes, RestoreError, read_removals, rows_of
from cleaner.cli import app
from cleaner.files.fields import dump

TEXT = "One.\r\nAD: buy\nTwo. Brücke\n\nAD: more\n"
LIST = "removed.jsonl"


def back(folder: Path, *names: str, output: str | None = "back", **said: Any) -> Restored:
    paths = tuple(folder / name for name in names or ("out",))
    return bring_back(Wanted(paths, folder / LIST, folder / output if output else None, **said))


def cleaned(folder: Path, inputs: str = "in", output: str = "out", **said: Any) -> None:
    report = go(folder / inputs, output=folder / output, removed=folder / LIST, **said)
    assert report.totals.changed


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / LIST).read_bytes().splitlines()]


def texts(folder: Path) -> None:
    """Text files: nested, with line endings, marks and encodings of all kinds, one without any advert."""
    (folder / "in/deep/er").mkdir(parents=True)
    plain = {
        "a.txt": TEXT.encode(),
        "deep/b.md": TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        "deep/er/c.txt": TEXT.encode("utf-16"),
        "d.txt": TEXT.encode("latin-1") * 3 + b"\xe9\n",
        "e.txt": b"Broken \xff byte\nAD: \xfe\nBr\xc3\xbccke\n",
        "f.txt": b"Nothing to remove.\r\n",
    }
    for name, data in plain.items():
        (folder / "in" / name).write_bytes(data)
    (folder / "in/g.txt.gz").write_bytes(gzip.compress(TEXT.encode(), mtime=0))


def records(folder: Path) -> None:
    """Record files of every format; one text field lies deep, some records fail."""
    (folder / "in/deep").mkdir(parents=True)
    many = [{"id": n, "text": f"Body {n}.\nAD: x{n}\n" if n % 3 else f"Body {n}."} for n in range(700)]
    lines = "".join(json.dumps(row) + "\n" for row in many)
    plain = {
        "a.jsonl": lines.encode(),
        "b.jsonl": ('{"text": "RAISE"}\nno json\n' + lines + '{"text": 5}\n').encode(),
        "deep/c.json": json.dumps(many[:4], indent=1).encode(),
        "d.json": json.dumps({"text": TEXT}).encode(),
        "e.csv": f'id,text\r\n1,"{TEXT}"\r\n2,plain\r\n'.encode("utf-8-sig"),
        "f.tsv": f'id\ttext\n1\t"{TEXT}"\n'.encode(),
        "g.jsonl.bz2": bz2.compress(lines.encode()),
        "h.jsonl.xz": lzma.compress(lines.encode()),
    }
    for name, data in plain.items():
        (folder / "in" / name).write_bytes(data)


def without_packing(files: dict[str, bytes]) -> dict[str, bytes]:
    unpack = {".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
    return {name: unpack.get(Path(name).suffix, bytes)(data) for name, data in files.items()}


def test_a_folder_of_texts_comes_back_byte_for_byte_if_its_encodings_were_preserved(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, preserve_encoding=True, workers=2)
    during = tree(tmp_path / "out")
    outcome = back(tmp_path)
    assert (outcome.problems, outcome.notes) == ([], [])
    assert outcome.summary() == "6 restored, 1 other files copied, 0 failed"
    assert without_packing(tree(tmp_path / "back")) == without_packing(tree(tmp_path / "in"))
    assert tree(tmp_path / "out") == during
    assert not (tmp_path / "back/.cleaner").exists()


def test_else_the_text_comes_back_in_utf_8_and_that_is_said(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    outcome = back(tmp_path)
    assert outcome.problems == []
    assert len(outcome.notes) == 1
    assert "comes back in UTF-8 (clean with --preserve-encoding" in outcome.notes[0]
    assert (tmp_path / "back/deep/er/c.txt").read_bytes() == TEXT.encode()
    assert (tmp_path / "back/deep/b.md").read_bytes() == (tmp_path / "in/deep/b.md").read_bytes()
    assert (tmp_path / "back/e.txt").read_bytes() == (tmp_path / "in/e.txt").read_bytes()


def test_without_an_output_folder_the_outputs_are_replaced_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, preserve_encoding=True)
    outcome = back(tmp_path, output=None)
    assert outcome.summary() == "6 restored, 0 failed"
    assert without_packing(tree(tmp_path / "out")) == without_packing(tree(tmp_path / "in"))
    again = back(tmp_path, output=None)
    assert again.summary() == "0 restored, 6 as they had been already, 0 failed"
    with pytest.raises(UsageError, match="there is no earlier run to go on with"):
        go(tmp_path / "in", output=tmp_path / "out", resume=True)


def test_record_files_come_back_whatever_their_format(tmp_path: Path) -> None:
    records(tmp_path)
    cleaned(tmp_path, workers=2)
    outcome = back(tmp_path)
    assert outcome.problems == []
    assert not outcome.counts["left"]
    expected = without_packing(tree(tmp_path / "in"))
    good = expected["b.jsonl"].splitlines(keepends=True)
    expected["b.jsonl"] = b"".join(good[2:-1])  # what failed is listed elsewhere
    assert without_packing(tree(tmp_path / "back")) == expected
    assert back(tmp_path, output=None).problems == []
    assert without_packing(tree(tmp_path / "out")) == {
        **expected,
        "failed.jsonl": (tmp_path / "out/failed.jsonl").read_bytes(),
    }


def test_parquet_and_zstandard_come_back(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    zstandard = pytest.importorskip("zstandard")
    (tmp_path / "in").mkdir()
    table = arrow.table({"n": list(range(600)), "text": [f"One.\nAD: {n}\n" if n % 2 else "One." for n in range(600)]})
    parquet.write_table(table, tmp_path / "in/a.parquet")
    line = json.dumps({"text": TEXT}).encode() + b"\n"
    (tmp_path / "in/b.jsonl.zst").write_bytes(zstandard.ZstdCompressor().compress(line))
    cleaned(tmp_path)
    assert back(tmp_path).problems == []
    assert parquet.read_table(tmp_path / "back/a.parquet").equals(table)
    unpacked = zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "back/b.jsonl.zst").read_bytes())
    assert unpacked == line


def test_records_in_a_code_page_come_back_in_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    source = ("id;text\r\n" + '1;"Grüße aus Köln, Bäcker Müller, schöne Straße.\nAD: x\n"\r\n' * 5).encode("cp1252")
    (tmp_path / "in/a.csv").write_bytes(source)
    cleaned(tmp_path, preserve_encoding=True)
    outcome = back(tmp_path)
    assert (outcome.problems, outcome.notes) == ([], [])
    assert (tmp_path / "back/a.csv").read_bytes() == source


def test_a_page_comes_back_as_the_text_that_was_taken_from_it(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text("<html>One.\nAD: x\nTwo.</html>")
    (tmp_path / "in/b.jsonl").write_text('{"html": "<p>One.</p>\\nAD: x\\n"}\n')
    cleaned(tmp_path)
    outcome = back(tmp_path)
    assert outcome.problems == []
    assert outcome.notes == ["what was HTML comes back as the text that was taken from it, not as HTML"]
    assert (tmp_path / "back/a.txt").read_text() == "One.\nAD: x\nTwo.\n"
    assert json.loads((tmp_path / "back/b.jsonl").read_text())["text"] == "One.\nAD: x"


def test_one_output_or_one_record_file_can_be_asked_for(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, preserve_encoding=True)
    outcome = back(tmp_path, "out/deep/b.md", output="b.md")
    assert outcome.summary() == "1 restored, 0 failed"
    assert (tmp_path / "b.md").read_bytes() == (tmp_path / "in/deep/b.md").read_bytes()
    before = tree(tmp_path / "out")
    assert back(tmp_path, "out/a.txt", output=None).summary() == "1 restored, 0 failed"
    after = tree(tmp_path / "out")
    assert {name for name in after if after[name] != before[name]} == {"a.txt"}
    assert after["a.txt"] == TEXT.encode()
    outcome = back(tmp_path, "out/f.txt", output=None)
    assert outcome.notes == [f"{tmp_path / 'out/f.txt'}: nothing was removed from it"]


def test_a_single_output_is_found_under_the_name_that_it_was_given(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json.dumps({"text": TEXT}) + "\n")
    cleaned(tmp_path, "r.jsonl", "s.jsonl.gz")
    assert back(tmp_path, "s.jsonl.gz", output=None).summary() == "1 restored, 0 failed"
    assert gzip.decompress((tmp_path / "s.jsonl.gz").read_bytes()) == (tmp_path / "r.jsonl").read_bytes()
    assert not (tmp_path / ".s.jsonl.gz.cleaner").exists()


def test_articles_written_as_records_come_back(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, format="jsonl")
    assert back(tmp_path).problems == []
    (line,) = (tmp_path / "back/a.jsonl").read_text().splitlines()
    assert json.loads(line) == {"id": "a.txt", "text": TEXT}


def test_a_text_that_has_changed_is_refused_with_what_to_do_and_the_rest_comes_back(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, preserve_encoding=True)
    (tmp_path / "out/a.txt").write_text("mine")
    outcome = back(tmp_path, output=None)
    assert outcome.problems == [
        f"{tmp_path / 'out/a.txt'}: its text was changed since it was cleaned; put back what the cleaner wrote, or "
        "leave it as it is with --leave-changed"
    ]
    assert outcome.counts["restored"] == 5
    assert (tmp_path / "out/a.txt").read_text() == "mine"
    outcome = back(tmp_path, leave_changed=True)
    assert outcome.problems == []
    assert outcome.counts["left"] == 1
    assert (tmp_path / "back/a.txt").read_text() == "mine"


def test_a_record_file_with_a_changed_record_stays_as_it_is_unless_that_is_to_be_left(tmp_path: Path) -> None:
    records(tmp_path)
    cleaned(tmp_path)
    path = tmp_path / "out/a.jsonl"
    path.write_text(path.read_text().replace('"Body 400.\\n"', '"Body 400, mine.\\n"'))
    changed = path.read_bytes()
    outcome = back(tmp_path, "out/a.jsonl", output=None)
    assert len(outcome.problems) == 1
    assert outcome.problems[0].startswith(f"{path}: record 401: its text was changed since it was cleaned")
    assert path.read_bytes() == changed
    outcome = back(tmp_path, "out/a.jsonl", output=None, leave_changed=True)
    assert outcome.problems == []
    assert outcome.counts["left"] == 1
    expected = (tmp_path / "in/a.jsonl").read_text().replace('"Body 400.\\nAD: x400\\n"', '"Body 400, mine.\\n"')
    assert path.read_text() == expected


@pytest.mark.parametrize("leave", [False, True])
def test_records_that_are_gone_or_broken_are_never_passed_over(tmp_path: Path, leave: bool) -> None:
    records(tmp_path)
    cleaned(tmp_path)
    path = tmp_path / "out/a.jsonl"
    whole = path.read_text().splitlines(keepends=True)
    for spoilt in (whole[:-2], [*whole[:5], "no json\n", *whole[6:]]):
        path.write_text("".join(spoilt))
        outcome = back(tmp_path, "out/a.jsonl", output=None, leave_changed=leave)
        assert len(outcome.problems) == 1
        assert path.read_text() == "".join(spoilt)
    path.write_text("".join([*whole[:5], *whole[6:]]))
    outcome = back(tmp_path, "out/a.jsonl", output=None, leave_changed=leave)
    assert (len(outcome.problems), outcome.counts["restored"], outcome.counts["left"]) == (
        (0, 3, 463) if leave else (1, 0, 0)
    )


def test_an_output_that_is_not_there_is_named(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    (tmp_path / "out/a.txt").unlink()
    (problem,) = back(tmp_path).problems
    assert problem == f"{tmp_path / 'out/a.txt'}: it is not there; put the output back where the run wrote it"


def test_a_truncated_list_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    before = tree(tmp_path / "out")
    whole = (tmp_path / LIST).read_bytes()
    for size in (len(whole) - 1, len(whole) - 40, len(whole) // 2):
        (tmp_path / LIST).write_bytes(whole[:size])
        with pytest.raises(RestoreError, match=r"removed\.jsonl: it ends in the middle of row \d+; use a whole copy"):
            back(tmp_path)
    end = whole.rindex(b"\n", 0, -1) + 1  # between two rows only the run's own memory tells
    (tmp_path / LIST).write_bytes(whole[:end])
    with pytest.raises(RestoreError, match=rf"it has {end:,} of the {len(whole):,} bytes that the run wrote"):
        back(tmp_path)
    assert tree(tmp_path / "out") == before
    assert not (tmp_path / "back").exists()


def test_missing_and_changed_rows_are_noticed_article_by_article(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    (tmp_path / "out/.cleaner/manifest.json").unlink()
    whole = rows(tmp_path)
    (tmp_path / LIST).write_text("".join(json.dumps(row) + "\n" for row in whole[1:]))
    outcome = back(tmp_path)
    assert outcome.problems == [
        f"{tmp_path / 'out/a.txt'}: removed.jsonl has 1 of its 2 rows; use a whole copy, or clean again"
    ]
    assert not (tmp_path / "back/a.txt").exists()
    whole[0]["text"] = "AD: yub\n"
    (tmp_path / LIST).write_text("".join(json.dumps(row) + "\n" for row in whole))
    outcome = back(tmp_path, overwrite=True)
    assert len(outcome.problems) == 1
    assert "its rows in removed.jsonl were changed" in outcome.problems[0]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("no json", "broken JSON"),
        ("[1]", "not a row of removals"),
        ('{"file": "a.txt", "error": "it is a folder"}', "not a row of removals"),
        ('{"file": "a.txt", "start": 5, "end": 6, "text": "x"}', "has no hashes"),
        ('{"file": "a.txt", "start": 5, "end": 9, "text": "x", "cleaned": "0"}', "was changed and cannot be used"),
    ],
)
def test_what_is_no_list_of_removals_is_refused(tmp_path: Path, row: str, words: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / LIST).write_text(row + "\n")
    with pytest.raises(RestoreError, match=words):
        back(tmp_path)


def test_nothing_is_read_or_written_outside_the_folder(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    (tmp_path / "secret.txt").write_bytes((tmp_path / "out/a.txt").read_bytes())
    for name in ("../secret.txt", str(tmp_path / "secret.txt")):
        changed = [{**row, "output": name} if row["file"] == "a.txt" else row for row in rows(tmp_path)]
        (tmp_path / LIST).write_text("".join(json.dumps(row) + "\n" for row in changed))
        outcome = back(tmp_path, output=None, leave_changed=True)
        assert any("its name leads out of the folder" in problem for problem in outcome.problems)
    assert (tmp_path / "secret.txt").read_bytes() == "One.\r\nTwo. Brücke\n\n".encode()


def test_an_interrupted_run_is_finished_first(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    path = tmp_path / "out/.cleaner/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["state"]["complete"] = False
    path.write_text(json.dumps(manifest))
    with pytest.raises(UsageError, match="its run was interrupted; go on with it"):
        back(tmp_path)


def test_existing_files_and_folders_in_each_other_are_refused(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path)
    (tmp_path / "back").mkdir()
    (tmp_path / "back/a.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"a\.txt exists already; use --overwrite"):
        back(tmp_path)
    assert tree(tmp_path / "back") == {"a.txt": b"mine"}
    assert back(tmp_path, overwrite=True).problems == []
    for output in ("out", "out/back", "."):
        with pytest.raises(UsageError, match="lie in each other"):
            back(tmp_path, output=output)
    with pytest.raises(UsageError, match="there is no such file"):
        back(tmp_path, "nowhere")


def test_what_was_cleaned_in_place_is_restored_without_the_list(tmp_path: Path) -> None:
    texts(tmp_path)
    go(tmp_path / "in", in_place=True, removed=tmp_path / LIST)
    outcome = back(tmp_path, "in", output=None)
    assert outcome.problems
    assert all("run `cleaner restore` without --removed" in problem for problem in outcome.problems)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.text(), st.sampled_from(["\n", "\r\n", "\r", "\n\n"])), min_size=1))
@example([(True, "\ud800 \udcff", "\n"), (False, "\ufeff", "\r\n")])
def test_any_text_comes_back_by_its_rows(tmp_path: Path, parts: list[tuple[bool, str, str]]) -> None:
    text = "".join(f"{'AD: ' if advert else ''}{words}{ending}" for advert, words, ending in parts)
    result = AdCleaner().clean(text)
    found = list(rows_of({"file": "a.txt", "record": 3}, result, Goes("a.txt", field="text")))
    assert len(found) == len(result.removed)
    (tmp_path / LIST).write_bytes(b"".join(dump(row) + b"\n" for row in found))
    for gone in read_removals(tmp_path / LIST):
        assert gone.put_back(result.text, LIST) == text
        assert gone.put_back(text, LIST) == text
        with pytest.raises(RestoreError, match="was changed"):
            gone.put_back(text + "x", LIST)


def test_on_the_command_line(tmp_path: Path) -> None:
    texts(tmp_path)
    cleaned(tmp_path, preserve_encoding=True)

    def said(*words: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["restore", *map(str, words)])
        return result.exit_code, result.stderr

    listed = ("--removed", tmp_path / LIST)
    assert said(tmp_path / "out", *listed, "-o", tmp_path / "back") == (
        0,
        "6 restored, 1 other files copied, 0 failed\n",
    )
    (tmp_path / "out/a.txt").write_text("mine")
    code, words = said(tmp_path / "out", *listed)
    assert code == 1
    assert words.startswith(f"cleaner: {tmp_path / 'out/a.txt'}: its text was changed")
    assert said(tmp_path / "out", "--removed", tmp_path / "none.jsonl")[0] == 1
    assert said(tmp_path / "out", "-o", tmp_path / "back")[0] == 2
    code, words = said(tmp_path / "out")
    assert code == 0
    assert "name the list that it wrote with --removed" in words
