from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from batch_world import Heard, go
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaner.files.encodings import Encoding, decode_exactly, detect, encode_exactly, recode
from cleaner.files.fields import Fields, bury, dig, parse, splice
from cleaner.files.json_records import go_on, split_json
from cleaner.files.names import Form, form_of, output_name
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.streams import Limits, Raw, inflate, pack, split_lines
from cleaner.files.tables import read_header, split_rows

TEXT = "One.\nAD: buy\nTwo.\n"


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


def whole(raws: list[Raw]) -> bytes:
    return b"".join(raw.lead + raw.data + raw.tail for raw in raws)


# Names


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("a.txt", Form("txt")),
        ("A.TXT.GZ", Form("txt", "gz")),
        ("a.htm", Form("html")),
        ("a.xhtml.bz2", Form("html", "bz2")),
        ("a.ndjson.zst", Form("jsonl", "zst")),
        ("a.warc.gz", Form("warc", "gz")),
        ("a.b.c.tsv.xz", Form("tsv", "xz")),
        ("a.gz", None),
        ("a.pdf", None),
        ("txt", None),
    ],
)
def test_a_name_announces_a_form(name: str, form: Form | None) -> None:
    assert form_of(name) == form


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("a.html", Form("txt"), "a.txt"),
        ("a.b.html.gz", Form("txt", "gz"), "a.b.txt.gz"),
        ("a.warc.gz", Form("jsonl", "gz"), "a.jsonl.gz"),
        ("a.ndjson", Form("jsonl"), "a.ndjson"),
        ("README", Form("jsonl"), "README.jsonl"),
    ],
)
def test_an_output_is_named_by_its_form(name: str, target: Form, expected: str) -> None:
    assert output_name(name, form_of(name) or Form("txt"), target) == expected


# Encodings


@pytest.mark.parametrize(
    "name", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1251", "shift_jis"]
)
def test_encodings_are_found_and_kept_or_made_utf8(tmp_path: Path, name: str) -> None:
    body = {
        "cp1251": "Городской совет проголосовал за восстановление старой набережной до начала зимних штормов.\n" * 3,
        "shift_jis": "町議会は火曜日の夜、冬の嵐が来る前に古い防波堤を再建することを決めました。\n" * 3,
    }.get(
        name, "Die Bürgermeisterin von Köln sagte gestern, die Brücke über den Fluß werde für 3 Mio. Euro gebaut.\n" * 3
    )
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_bytes((body + "AD: x\n").encode(name))
    (tmp_path / "in/r.jsonl").write_bytes(
        json.dumps({"text": body + "AD: x\n"}, ensure_ascii=False).encode(name)
        + "\n".encode(name)[-4 if "32" in name else -2 if "16" in name else -1 :]
    )
    go(tmp_path / "in", output=tmp_path / "same", preserve_encoding=True)
    go(tmp_path / "in", output=tmp_path / "utf8")
    assert (tmp_path / "same/a.txt").read_bytes() == body.encode(name)
    mark = b"\xef\xbb\xbf" if name == "utf-8-sig" else b""
    assert (tmp_path / "utf8/a.txt").read_bytes() == mark + body.encode()
    assert (tmp_path / "utf8/r.jsonl").read_bytes() == mark + json.dumps(
        {"text": body}, ensure_ascii=False
    ).encode() + b"\n"
    assert json.loads((tmp_path / "same/r.jsonl").read_bytes().decode(name)) == {"text": body}


def test_undecodable_bytes_survive(tmp_path: Path) -> None:
    good = "Zwölf Boote kämpften übermütig.\n".encode() * 3
    source = good + b"caf\xe9 \xff\xfe\nAD: x\n" + good
    (tmp_path / "a.txt").write_bytes(source)
    go(tmp_path / "a.txt", output=tmp_path / "b.txt")
    assert (tmp_path / "b.txt").read_bytes() == source.replace(b"AD: x\n", b"")
    record = b'{"o":"\xe9","text":"' + good.replace(b"\n", b"\\n") + b'caf\xe9\\nAD: x\\n","s":"\\ud800"}\n'
    (tmp_path / "a.jsonl").write_bytes(record)
    go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl")
    assert (tmp_path / "b.jsonl").read_bytes() == record.replace(b"AD: x\\n", b"")


@given(st.binary(max_size=300))
def test_decoding_and_encoding_lose_no_byte_of_utf8_with_faults(data: bytes) -> None:
    encoding = Encoding()
    assert encoding.encode(encoding.decode(data)) == data


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["utf-8", "utf-16-le", "utf-32-be"]),
    st.integers(1, 7),
)
def test_recoding_does_not_depend_on_how_a_stream_is_cut(text: str, name: str, size: int) -> None:
    data = encode_exactly(text, name)
    expected = data.decode(name, "surrogateescape") if name != "utf-8" else None
    recoded = b"".join(recode(cut(data, size), Encoding(name)))
    assert recoded == (data if expected is None else encode_exactly(expected))


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be", "utf-32-le"])
@given(st.text(max_size=6), st.binary(max_size=9))
def test_wide_encodings_lose_no_byte_either(name: str, text: str, broken: bytes) -> None:
    encoding = Encoding(name)
    data = text.encode(name, "surrogatepass") + broken
    assert encoding.encode(encoding.decode(data)) == data
    recoded = b"".join(recode(cut(data, 3), encoding))
    assert encode_exactly(decode_exactly(recoded), name) == data


def test_half_a_surrogate_pair_does_not_end_a_run(tmp_path: Path) -> None:
    record = '{"text": "One.\\nAD: x\\n"}\n'
    data = (record * 300).encode("utf-16-le") + b"\x00\xd8" + ("\n" + record).encode("utf-16-le")
    (tmp_path / "a.jsonl").write_bytes(b"\xff\xfe" + data)
    heard = Heard()
    report = go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl", heard=heard)
    assert report.totals.articles == 301
    assert [failure.record for failure in heard.failures] == [301]


def test_what_a_code_page_lacks_is_written_as_an_escape(tmp_path: Path) -> None:
    body = "Größe, Möbel, Flüsse, Brücken, Bürgermeisterin von Köln, Hörer, Mühlen, Käse, Fähre, Öl, Äpfel: "
    source = f'{{"text": "{body}\\u4e2d\\nAD: x\\n"}}\n'.encode("cp1252")
    (tmp_path / "a.jsonl").write_bytes(source)
    report = go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl", preserve_encoding=True)
    assert report.totals.failed == 0
    assert json.loads((tmp_path / "b.jsonl").read_bytes().decode("cp1252")) == {"text": f"{body}\u4e2d\n"}


def test_binary_data_is_refused() -> None:
    for data in (b"%PDF-1.7 ...", b"\x7fELF", bytes(range(256)) * 4):
        with pytest.raises(UnreadableError):
            detect(data)
    assert detect(b"a stray \0 and \x01 in a long text do not make it binary" * 10) == Encoding()


# Packing


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst"])
def test_truncated_and_corrupt_streams_give_what_came_before(packing: str) -> None:
    if packing == "zst":
        pytest.importorskip("zstandard")
    import random

    chance = random.Random(1)
    data = "".join(f"{number} {chance.random()}\n" for number in range(40000)).encode()
    members = pack(data[:200_000], packing) + pack(data[200_000:], packing)
    assert b"".join(inflate(cut(members, 70_001), packing, Limits())) == data
    assert b"".join(inflate([members + b"\0" * 512], packing, Limits())) == data
    for spoilt in (members[:-1], members[: len(members) // 2], members[: len(members) // 2] + b"\xff" * 5000):
        got = b""
        with pytest.raises(DamagedError):
            for chunk in inflate(cut(spoilt, 70_001), packing, Limits()):
                got += chunk
        # Damage in gzip and bzip2 may go unnoticed for a while and unpack to nonsense, which fails as records.
        assert data.startswith(got) or packing in ("gz", "bz2")
        assert data[:200_000] == got[:200_000]


def test_gzip_gives_every_byte_before_the_damage() -> None:
    lines = [b'{"text":"line %d"}\n' % number for number in range(20)]
    packed = gzip.compress(b"".join(lines))
    got = b""
    with pytest.raises(DamagedError):
        for chunk in inflate([packed[:-8] + b"\0" * 8], "gz", Limits()):
            got += chunk
    assert got == b"".join(lines)


@pytest.mark.parametrize("packing", ["gz", "bz2", "xz", "zst"])
def test_a_bomb_is_stopped(packing: str) -> None:
    if packing == "zst":
        pytest.importorskip("zstandard")
    bomb = pack(b"\0" * (3 << 25), packing)
    size = 0
    with pytest.raises(DamagedError, match="bomb"):
        for chunk in inflate(cut(bomb, 1000), packing, Limits(ratio=200)):
            size += len(chunk)
    assert size < 3 << 25


# Lines and JSON


@given(st.binary(max_size=200), st.integers(1, 9))
def test_lines_put_together_are_the_stream(data: bytes, size: int) -> None:
    raws = list(split_lines(cut(data, size), 1000))
    assert whole(raws) == data
    assert not raws or raws[-1].end == len(data)
    assert [raw.number for raw in raws if raw.number] == list(range(1, sum(1 for raw in raws if raw.number) + 1))


@given(st.integers(1, 40))
def test_a_line_without_end_is_dropped_and_the_next_is_whole(size: int) -> None:
    raws = list(split_lines(cut(b"short\n" + b"x" * 500 + b"\nnext\n", size), 100))
    assert [raw.data for raw in raws] == [b"short", b"", b"next"]
    assert "--max-record-bytes" in raws[1].problem


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(ANY_JSON, max_size=4), st.sampled_from([None, 1, "\t"]), st.booleans(), st.integers(1, 17))
def test_a_json_list_is_cut_into_its_items(items: list[Any], indent: Any, ascii_only: bool, size: int) -> None:
    data = json.dumps(items, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    raws = list(split_json(cut(data, size), 10_000))
    assert whole(raws) == data
    assert [json.loads(raw.data.decode("utf-8", "surrogatepass")) for raw in raws if raw.number] == items


@given(st.lists(st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=3), min_size=1, max_size=4), st.integers(1, 17))
def test_objects_one_after_another_are_records(items: list[dict[str, Any]], size: int) -> None:
    data = "\n \n".join(json.dumps(item) for item in items).encode() + b"\n"
    raws = list(split_json(cut(data, size), 10_000))
    assert whole(raws) == data
    assert [json.loads(raw.data) for raw in raws if raw.number] == items


@given(st.binary(max_size=100) | st.text('[]{},:"\\a1 ', max_size=40).map(str.encode), st.integers(1, 7))
def test_no_bytes_break_the_json_reader(data: bytes, size: int) -> None:
    try:
        for raw in split_json(cut(data, size), 50):
            assert len(raw.data) <= 50
    except (DamagedError, UnreadableError):
        pass


@pytest.mark.parametrize("data", [b'[ "a": 1 }, {"b": 2}]', b"[}", b"[{]}", b'{"a": 1}]', b"[1,}", b'{"a": [}'])
def test_brackets_that_do_not_match_end_the_file(data: bytes) -> None:
    with pytest.raises(DamagedError):
        list(split_json([data], 1000))


@given(st.dictionaries(st.text(max_size=5), ANY_JSON, max_size=4), st.text(max_size=10), ANY_JSON)
def test_splicing_sets_one_value_and_leaves_the_rest(record: dict[str, Any], key: str, value: Any) -> None:
    line = json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")
    source, parsed = parse(line)
    expected = dict(parsed)
    try:
        bury(expected, key, value)
    except UnreadableError:
        with pytest.raises(UnreadableError, match="no place"):
            splice(line, source, {key: value})
    else:
        assert json.loads(splice(line, source, {key: value}), strict=False) == expected


@pytest.mark.parametrize("path", ["a.b", "a.1.b", "a.0.b.c", "a.0.2", "a.-1", "a.٣", "a.01", "a.0"])
def test_splicing_into_a_list_sets_an_element_or_is_refused(path: str) -> None:
    test_splicing_sets_one_value_and_leaves_the_rest.hypothesis.inner_test({"a": [[5, {"c": 1}], 5]}, path, "x")


def test_a_list_where_the_text_should_go_fails_the_record_alone(tmp_path: Path) -> None:
    source = '{"html": "<p>One.</p>", "meta": [1]}\n{"html": "<p>Two.</p>", "meta": {}}\n'
    (tmp_path / "a.jsonl").write_text(source)
    heard = Heard()
    go(tmp_path / "a.jsonl", output=tmp_path / "b.jsonl", fields=Fields("meta.text", "html"), heard=heard)
    assert "no place for the field 'meta.text'" in heard.reasons[0]
    assert json.loads((tmp_path / "b.jsonl").read_text()) == {"html": "<p>Two.</p>", "meta": {"text": "Two."}}


def test_more_text_behind_a_list_does_not_close_it_twice(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "One.\\nAD: x\\n"}, {"text": "Two."}] [3')
    heard = Heard()
    go(tmp_path / "a.json", output=tmp_path / "b.json", heard=heard)
    assert "behind the end of the list" in heard.reasons[0]
    assert json.loads((tmp_path / "b.json").read_text()) == [{"text": "One.\n"}, {"text": "Two."}]


@pytest.mark.parametrize("data", [b"[]", b'[{"a": 1}]', b'[ [1], "]" ] \n'])
def test_going_on_behind_the_end_of_a_list_is_no_damage(data: bytes) -> None:
    raws = list(split_json([data], 1000))
    for number, raw in enumerate(raws):
        rest = go_on([data[raw.end :]], 1000, raw.end, max(before.number for before in raws[: number + 1]), True)
        assert list(rest) == raws[number + 1 :]


def test_splicing_keeps_the_bytes_around() -> None:
    line = b'{ "a":1.0, "b" : {"text":"x", "k":[1e3, {"text": "y"}]},"c":"\\u00e9" }'
    source, _ = parse(line)
    assert splice(line, source, {"b.text": "neu"}) == line.replace(b'"x"', b'"neu"')
    assert splice(line, source, {"b.k.1.text": "ä"}) == line.replace(b'"y"', b'"\\u00e4"')
    assert splice(line, source, {"new.deep": 1}) == line.replace(b'9" }', b'9", "new": {"deep": 1} }')


def test_dotted_paths() -> None:
    record = {"a": {"b": [{"c": "x"}]}, "a.b": "exact"}
    assert dig(record, "a.b") == "exact"
    assert dig(record, "a.b.0.c") == "x"
    assert dig(record, "a.q.r") is None
    assert Fields().guess({"html": "<p>", "title": "t"}) == Fields("text", "html")


# Tables


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=8),
            min_size=3,
            max_size=3,
        ),
        max_size=5,
    ),
    st.sampled_from([",", ";", "\t"]),
    st.booleans(),
    st.integers(1, 13),
)
def test_rows_are_cut_as_the_csv_module_reads_them(
    rows: list[list[str]], delimiter: str, quoted: bool, size: int
) -> None:
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerows([["id", "text", "note"], *rows])
    data = target.getvalue().encode()
    table, start = read_header(cut(data, size), 10_000, "csv")
    assert table.columns == ("id", "text", "note")
    assert table.delimiter == delimiter
    raws = list(split_rows(cut(data[start:], size), 10_000, delimiter, start))
    assert data[:start] + whole(raws) == data
    read = [table.cells(raw.data) for raw in raws if raw.number]
    assert read == list(csv.reader(io.StringIO(data[start:].decode(), newline=""), delimiter=delimiter))
    assert all(table.cells(table.write(row)) == row for row in rows if any(row))


def test_a_changed_row_keeps_its_manner_and_the_others_their_bytes(tmp_path: Path) -> None:
    source = b'\xef\xbb\xbfid;text;note\r\n1;"One.\nAD: x\nTwo.";"a ""b"""\r\n2;plain;  5,0 \r\n'
    source += b'"3";"AD: x\n";"q"\r\n\r\n4;short\r\n5;"AD: x\nshort"\r\n'
    (tmp_path / "a.csv").write_bytes(source)
    report = go(tmp_path / "a.csv", output=tmp_path / "b.csv")
    assert report.totals.articles == 5
    expected = source.replace(b"One.\nAD: x\n", b"One.\n").replace(b'"AD: x\n"', b'""')
    expected = expected.replace(b'"AD: x\nshort"', b"short")
    assert (tmp_path / "b.csv").read_bytes() == expected


def test_a_row_without_end_fails_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b'id,text\n1,x\n2,"' + b"never closed\n" * 50 + b"9,y\n")
    heard = Heard()
    go(tmp_path / "a.csv", output=tmp_path / "b.csv", limits=Limits(record_bytes=100), heard=heard)
    assert heard.reasons
    assert (tmp_path / "b.csv").read_bytes().startswith(b"id,text\n1,x\n")
    assert (tmp_path / "b.csv").read_bytes().endswith(b"9,y\n")


# Parquet


def test_parquet_keeps_columns_types_and_metadata(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table(
        {
            "n": arrow.array(range(700), arrow.int16()),
            "text": arrow.array([None if n == 5 else f"Body {n}\nAD: x\n" for n in range(700)], arrow.large_string()),
            "when": arrow.array([n * 1000 for n in range(700)], arrow.timestamp("ms", "UTC")),
            "tags": arrow.array([["a", str(n)] for n in range(700)]),
        }
    ).replace_schema_metadata({"who": "me"})
    (tmp_path / "in").mkdir()
    parquet.write_table(table, tmp_path / "in/a.parquet", row_group_size=300)
    (tmp_path / "in/b.parquet.gz").write_bytes(gzip.compress((tmp_path / "in/a.parquet").read_bytes()))
    parquet.write_table(table.slice(0, 0), tmp_path / "in/empty.parquet")
    report = go(tmp_path / "in", output=tmp_path / "out", workers=2)
    table = parquet.read_table(tmp_path / "in/a.parquet")
    cleaned = parquet.read_table(tmp_path / "out/a.parquet")
    assert cleaned.schema.equals(table.schema, check_metadata=True)
    assert cleaned.drop(["text"]).equals(table.drop(["text"]))
    assert cleaned["text"].to_pylist() == [None if n == 5 else f"Body {n}\n" for n in range(700)]
    assert parquet.read_table(io.BytesIO(gzip.decompress((tmp_path / "out/b.parquet.gz").read_bytes()))).equals(cleaned)
    assert parquet.read_table(tmp_path / "out/empty.parquet").schema.equals(table.schema)
    assert report.totals.without_text == 2


def test_a_parquet_row_that_cannot_be_read_fails_alone(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    texts = [b"\xff broken" if n == 3 else b"Body %d\nAD: x\n" % n for n in range(9)]
    column = arrow.array(texts, arrow.binary()).view(arrow.string())
    parquet.write_table(arrow.table({"text": column}), tmp_path / "a.parquet")
    for name in ("b.parquet", "b.jsonl"):
        heard = Heard()
        report = go(tmp_path / "a.parquet", output=tmp_path / name, heard=heard)
        assert report.totals.articles == 8
        assert heard.reasons == [
            "a.parquet, record 4: it holds a value that cannot be read, such as text that is not UTF-8"
        ]


def test_a_number_too_large_for_a_column_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.jsonl").write_text(f'{{"text": "One.", "n": {10**30}}}\n')
    heard = Heard()
    go(tmp_path / "a.jsonl", output=tmp_path / "b.parquet", heard=heard)
    assert "do not fit into columns" in heard.reasons[0]


def test_parquet_rows_that_fail_are_left_out_and_numbered(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    texts = ["RAISE" if n == 300 else "KILL" if n == 310 else f"Body {n}" for n in range(400)]
    parquet.write_table(
        arrow.table({"meta": [{"body": text, "n": n} for n, text in enumerate(texts)]}), tmp_path / "a.parquet"
    )
    heard = Heard()
    go(tmp_path / "a.parquet", output=tmp_path / "b.parquet", fields=Fields("meta.body"), annotate=True, heard=heard)
    assert [failure.record for failure in heard.failures] == [301, 311]
    rows = parquet.read_table(tmp_path / "b.parquet")["meta"].to_pylist()
    assert [row["n"] for row in rows] == [n for n in range(400) if n not in (300, 310)]


def test_spoilt_parquet_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing more")
    heard = Heard()
    go(tmp_path / "a.parquet", output=tmp_path / "b.parquet", heard=heard)
    assert heard.reasons == ["a.parquet: it is not a Parquet file, or its end is missing"]
    assert not (tmp_path / "b.parquet").exists()


@pytest.mark.parametrize("target", ["jsonl", "json", "csv", "tsv", "parquet"])
@pytest.mark.parametrize("source", ["jsonl", "json", "csv", "parquet"])
def test_every_record_format_becomes_every_other(tmp_path: Path, source: str, target: str) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [{"id": f"n{n}", "text": f"Body, “{n}”\nAD: x\nEnd"} for n in range(5)] + [{"id": "bad", "text": "RAISE"}]
    rows = [rows[-1], *rows[:-1]]
    path = tmp_path / f"a.{source}"
    if source == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif source == "json":
        path.write_text(json.dumps(rows, indent=1))
    elif source == "csv":
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([["id", "text"], *[list(row.values()) for row in rows]])
    else:
        parquet.write_table(arrow.Table.from_pylist(rows), path)
    out = tmp_path / f"out.{target}"
    report = go(path, output=out)
    assert report.totals.failed == 1
    if target == "jsonl":
        read = [json.loads(line) for line in out.read_text().splitlines()]
    elif target == "json":
        read = json.loads(out.read_text())
    elif target in ("csv", "tsv"):
        with out.open(newline="") as file:
            read = list(csv.DictReader(file, delimiter="\t" if target == "tsv" else ","))
    else:
        read = parquet.read_table(out).to_pylist()
    assert read == [{"id": f"n{n}", "text": f"Body, “{n}”\nEnd"} for n in range(5)]


# Web archives


def archive(pages: list[tuple[str, bytes, str]]) -> bytes:
    parts = []
    for url, body, kind in pages:
        http = (
            b"HTTP/1.1 200 OK\r\nContent-Type: " + kind.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        )
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\n"
            f"WARC-Record-ID: <urn:x:{url}>\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        )
        parts.append(head.encode() + http + b"\r\n\r\n")
    return b"".join(parts)


PAGES = [
    ("http://n.example/1", b"<html><p>Body one.</p>\nAD: x\n</html>", "text/html; charset=utf-8"),
    ("http://n.example/i.png", b"\x89PNG", "image/png"),
    ("http://n.example/2", "<html><p>Brücke</p></html>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
    ("http://n.example/3", b"<html>RAISE</html>", "text/html"),
]


def test_pages_of_an_archive_become_records(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    packed = b"".join(gzip.compress(archive([page])) for page in PAGES)
    (tmp_path / "a.warc.gz").write_bytes(packed)
    heard = Heard()
    report = go(tmp_path / "a.warc.gz", output=tmp_path / "out.jsonl", heard=heard)
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [(row["url"], row["text"]) for row in rows] == [
        ("http://n.example/1", "Body one.\n"),
        ("http://n.example/2", "Brücke"),
    ]
    assert rows[0]["id"] == "<urn:x:http://n.example/1>"
    assert report.totals.failed == 1
    assert heard.failures[0].record == 3


def test_a_truncated_archive_gives_every_whole_page(tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    pages = [(f"http://n.example/{n}", b"<html>Body %d</html>" % n, "text/html") for n in range(30)]
    packed = b"".join(gzip.compress(archive([page])) for page in pages)
    (tmp_path / "a.warc.gz").write_bytes(packed[: len(packed) * 2 // 3])
    (tmp_path / "b.warc").write_bytes(b"this is no archive")
    heard = Heard()
    go(tmp_path / "a.warc.gz", tmp_path / "b.warc", output=tmp_path / "out", heard=heard)
    rows = (tmp_path / "out/a.jsonl.gz").read_bytes()
    texts = [json.loads(line)["text"] for line in gzip.decompress(rows).splitlines()]
    assert texts == [f"Body {n}" for n in range(len(texts))]
    assert len(texts) >= 18
    assert "truncated" in heard.reasons[0]
    assert "not a web archive" in heard.reasons[1]


def test_a_missing_package_names_the_command_that_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for module in ("warcio.archiveiterator", "pyarrow", "pyarrow.parquet", "zstandard"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.warc").write_bytes(archive(PAGES))
    (tmp_path / "in/b.parquet").write_bytes(b"PAR1")
    (tmp_path / "in/c.jsonl.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    heard = Heard()
    go(tmp_path / "in", output=tmp_path / "out", heard=heard)
    assert [reason.partition("pip ")[2] for reason in heard.reasons] == [
        'install "article-cleaner[warc]"',
        'install "article-cleaner[arrow]"',
        'install "article-cleaner[zstd]"',
    ]


# Fuzzing: whatever a file holds, a run ends with a report and whole outputs.


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["txt", "html", "json", "jsonl", "csv", "tsv", "parquet", "warc"]),
    st.sampled_from(["", "gz", "bz2", "xz", "zst"]),
    st.binary(max_size=400)
    | st.sampled_from([b'{"text":"AD: x"}\n{', b"[{]", b"[[[[", b'"', b"WARC/1.0\r\n\r\n", b'a,b\n"', b"PAR1"]),
    st.booleans(),
)
def test_no_content_breaks_a_run(
    tmp_path_factory: pytest.TempPathFactory, form: str, packing: str, data: bytes, packed: bool
) -> None:
    for module in ("pyarrow", "warcio", "zstandard"):
        pytest.importorskip(module)
    folder = tmp_path_factory.mktemp("fuzz")
    name = f"a.{form}" + (f".{packing}" if packing else "")
    (folder / name).write_bytes(pack(data, packing) if packed else data)
    (folder / "out").mkdir()
    report = inline(folder / name, folder / "out")
    assert not report.stopped
    assert not report.interrupted
    assert {path.name for path in (folder / "out").iterdir()} <= {
        name,
        "a.txt",
        "a.jsonl",
        f"a.txt.{packing}",
        f"a.jsonl.{packing}",
        "failed.jsonl",
        ".cleaner",
    }


def inline(source: Path, output: Path) -> Any:
    """A run in this process: starting workers for each example would take minutes."""
    from unittest import mock

    from cleaner.batch.run import _Run

    with mock.patch.object(_Run, "_is_small", lambda self, inputs: True):
        return go(source, output=output)
