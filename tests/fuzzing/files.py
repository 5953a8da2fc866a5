"""Files of every format and packing: valid ones with odd content, broken ones, and ones that are no such file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow
import pyarrow.parquet

from cleaner.files.names import ARTICLE_FORMATS, PACKINGS, RECORD_FORMATS
from cleaner.files.streams import pack
from fuzzing.chance import Chance
from fuzzing.pages import edited, page_of
from fuzzing.texts import text_of

FORMATS = (*ARTICLE_FORMATS, *RECORD_FORMATS)
SUFFIXES = ("", "", "", *PACKINGS)
CODECS = (
    "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "cp1251",
    "shift_jis", "gb18030", "big5", "euc_kr", "iso2022_jp", "hz", "utf-7", "cp037",
)  # fmt: skip
FIELDS = ("text", "body", "html", "url", "id", "a.b", "", "ü", "text", "content")
ODD_JSON = (
    "{", "}", "[", "]", ",", ":", '"', "\\", '\\"', "\\ud800", "\\u0000", "null", "true", "NaN", "-Infinity", "1e999",
    "-0", "9" * 400, "[" * 300, '{"a":' * 300, "\n", "\r", " ", "\ufeff", "\0", "//", "'", "[]", "{}", '""', "[1,2",
    '{"text": "AD: x\\n"}',
)  # fmt: skip
ODD_CSV = (
    ",",
    ";",
    "\t",
    "|",
    '"',
    '""',
    '","',
    "\n",
    "\r",
    "\r\n",
    "\0",
    " ",
    "\ufeff",
    "text",
    "id,text\n",
    'x"y',
    '"x"y',
    "'",
)


def file_of(chance: Chance) -> tuple[str, bytes]:
    """A file as its name and its bytes, by the decisions of `chance`."""
    format, packing = chance.pick(FORMATS), chance.pick(SUFFIXES)
    kind = chance.below(4)
    if kind == 0:
        packs = chance.one_in(2)
        return name_of(format, packing), pack(chance.rest(), packing) if packs else chance.rest()
    changes = chance.take(chance.below(16)) if kind > 1 else b""
    behind = chance.take(chance.below(16)) if kind > 2 else b""
    data = edited(whole_file(format, chance), Chance(changes))
    if packing:
        middle = chance.below(256) * len(data) // 256
        data = pack(data[:middle], packing) + pack(data[middle:], packing) if chance.one_in(4) else pack(data, packing)
    return name_of(format, packing), edited(data, Chance(behind))


def name_of(format: str, packing: str) -> str:
    """A file name of a format and packing."""
    return f"a.{format}" + (f".{packing}" if packing else "")


def whole_file(format: str, chance: Chance) -> bytes:
    """A file of a format that is as it should be, but for what is in it."""
    return WRITERS[format](chance)


def _encoded(text: str, chance: Chance) -> bytes:
    codec = chance.pick(CODECS)
    return text.encode(codec, "surrogatepass" if codec.startswith("utf-") and codec != "utf-7" else "replace")


def _text(chance: Chance) -> str:
    advert = chance.pick(("", "AD: x\n", "AD: y", "\nAD: z\n"))
    return text_of(Chance(chance.take(chance.below(20))), 3000) + advert


def _page(chance: Chance) -> str:
    page = page_of(Chance(b"\x04" + chance.take(chance.below(30))))
    return page if isinstance(page, str) else page.decode("latin-1")


def _value(chance: Chance, depth: int = 0) -> Any:
    kind = chance.below(10 if depth < 4 else 8)
    if kind < 5:
        return _text(chance)
    if kind < 8:
        return chance.pick((None, True, 0, -1.5, 10**30, 1e300, "", "AD: x\n"))
    if kind == 8:
        return [_value(chance, depth + 1) for _ in range(chance.below(4))]
    return _record(chance, depth + 1)


def _record(chance: Chance, depth: int = 0) -> dict[str, Any]:
    return {chance.pick(FIELDS): _value(chance, depth) for _ in range(chance.below(4))}


def _records(chance: Chance) -> list[dict[str, Any]]:
    records = []
    while chance.left and len(records) < 40:
        records.append({"text": _text(chance), **_record(chance)})
    return records


def _json_text(chance: Chance, record: dict[str, Any]) -> str:
    written = json.dumps(record, ensure_ascii=chance.one_in(2), indent=chance.pick((None, None, None, 1)))
    if chance.one_in(8):
        at = chance.below(len(written) + 1)
        written = written[:at] + chance.pick(ODD_JSON) + written[at:]
    return written


def _jsonl(chance: Chance) -> bytes:
    lines = [
        _json_text(chance, record).replace("\n", "") + chance.pick(("\n", "\n", "\r\n", "\n\n", ""))
        for record in _records(chance)
    ]
    return _encoded("".join(lines), chance)


def _json(chance: Chance) -> bytes:
    items = [_json_text(chance, record) for record in _records(chance)]
    if chance.one_in(3):
        return _encoded(chance.pick(("\n", "", " \n\n")).join(items), chance)
    return _encoded(f"[{chance.pick((',', ', ', ' ,')).join(items)}]{chance.pick(('', ' ', 'x'))}", chance)


def _table(delimiters: str) -> Callable[[Chance], bytes]:
    def written(chance: Chance) -> bytes:
        target = io.StringIO(newline="")
        writer = csv.writer(
            target,
            delimiter=chance.pick(delimiters),
            quoting=chance.pick((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
            lineterminator=chance.pick(("\r\n", "\n", "\r")),
        )
        writer.writerow(["id", "text", chance.pick(FIELDS)])
        for record in _records(chance):
            writer.writerow(
                [chance.pick(("1", "", "AD: x\n")), record["text"], _text(chance)][: chance.pick((3, 3, 2, 4, 0))]
            )
            if chance.one_in(8):
                target.write(chance.pick(ODD_CSV))
        return _encoded(target.getvalue(), chance)

    return written


def _parquet(chance: Chance) -> bytes:
    texts = [_text(chance).encode("utf-8", "replace").decode() for _ in range(chance.below(6))]
    columns: dict[str, Any] = {
        chance.pick(("text", "text", "html", "other")): pyarrow.array(
            texts, chance.pick((pyarrow.string(), pyarrow.large_string()))
        ),
        "meta": [{"body": text, "n": number} for number, text in enumerate(texts)],
        "kind": pyarrow.array(texts).dictionary_encode(),
        "raw": [text.encode() for text in texts],
        "when": pyarrow.array(range(len(texts)), pyarrow.timestamp("ns", "UTC")),
    }
    names = list(columns)[: 1 + chance.below(5)]
    target = io.BytesIO()
    table = pyarrow.table({name: columns[name] for name in names})
    pyarrow.parquet.write_table(
        table, target, row_group_size=1 + chance.below(4), compression=chance.pick(("none", "snappy", "zstd"))
    )
    return target.getvalue()


def _warc(chance: Chance) -> bytes:
    parts = []
    while chance.left and len(parts) < 12:
        page = chance.pick((_page, _text))(chance).encode(chance.pick(("utf-8", "cp1252", "utf-16")), "replace")
        ending = chance.pick((b"\r\n", b"\r\n", b"\n"))
        http = ending.join(
            (
                chance.pick((b"HTTP/1.1 200 OK", b"HTTP/1.0 404", b"", b"junk")),
                b"Content-Type: "
                + chance.pick(
                    (b"text/html", b"text/html; charset=cp1252", b"text/html; charset=no", b"image/png", b"\xff")
                ),
                chance.pick(
                    (
                        b"X: y",
                        b"Transfer-Encoding: chunked",
                        b"Content-Encoding: gzip",
                        b"Content-Encoding: br",
                        b"Content-Length: 5",
                    )
                ),
                b"",
                page,
            )
        )
        length = len(http) + chance.pick((0, 0, 0, 1, -1, 1000, -(10**9)))
        head = ending.join(
            (
                chance.pick((b"WARC/1.0", b"WARC/1.0", b"WARC/1.1", b"WARC/0.17", b"WARC/")),
                b"WARC-Type: "
                + chance.pick((b"response", b"response", b"response", b"request", b"warcinfo", b"revisit", b"")),
                b"WARC-Target-URI: " + chance.pick((b"https://example.org/1", b"http://[", b"\xff\xfe", b"")),
                b"WARC-Date: " + chance.pick((b"2024-05-03T10:00:00Z", b"yesterday")),
                b"Content-Length: " + chance.pick((str(length).encode(), str(length).encode(), b"x")),
                b"",
                b"",
            )
        )
        parts.append(head + http + ending * 2)
    return b"".join(parts)


WRITERS: dict[str, Callable[[Chance], bytes]] = {
    "txt": lambda chance: _encoded(text_of(Chance(chance.take(200))), chance),
    "md": lambda chance: _encoded(text_of(Chance(chance.take(200))), chance),
    "html": lambda chance: _encoded(_page(chance), chance),
    "json": _json,
    "jsonl": _jsonl,
    "csv": _table(",;|\t"),
    "tsv": _table("\t\t,"),
    "parquet": _parquet,
    "warc": _warc,
}
