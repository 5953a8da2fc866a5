from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from batch_world import Heard, go
from test_faults import command

from cleaner.batch import UsageError
from cleaner.files.fields import Fields
from cleaner.files.streams import Limits


def piped(data: bytes, heard: Heard | None = None, **said: Any) -> bytes:
    """What comes out when `data` goes in."""
    read, write = os.pipe()

    def feed() -> None:
        with os.fdopen(write, "wb") as pipe:
            pipe.write(data)

    threading.Thread(target=feed, daemon=True).start()
    printed = io.BytesIO()
    try:
        go("-", standard=(read, printed), heard=heard, **said)
    finally:
        os.close(read)
    return printed.getvalue()


@pytest.mark.parametrize("workers", [1, 2])
def test_one_line_comes_out_for_each_line_in_order(workers: int) -> None:
    lines = [
        {"id": number, "text": "RAISE" if number % 97 == 5 else f"Body {number}\nAD: x\n"} for number in range(2000)
    ]
    out = [
        json.loads(line)
        for line in piped(b"".join(json.dumps(line).encode() + b"\n" for line in lines), workers=workers).splitlines()
    ]
    assert [line["id"] for line in out] == list(range(2000))
    for line in out:
        if line["id"] % 97 == 5:
            assert line["text"] == "RAISE"
            assert line["error"] == "an unexpected error: RuntimeError: as asked"
        else:
            assert line == {"id": line["id"], "text": f"Body {line['id']}\n"}


def test_a_line_comes_out_before_the_next_goes_in() -> None:
    process = subprocess.Popen(
        command("go('-', workers=2)"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdin and process.stdout
    for number in range(20):
        process.stdin.write(json.dumps({"text": f"{number}\nAD: x\n"}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"text": f"{number}\n"}
    process.stdin.write(b'{"text": "no line ending"}')
    process.stdin.close()
    assert process.stdout.read() == b'{"text": "no line ending"}'
    assert process.wait(20) == 0


def test_lines_that_fail_come_back_with_an_error() -> None:
    heard = Heard()
    data = (
        b'no json\n\n{"text": "'
        + b"x" * 2000
        + b'"}\n[1]\n{"text": 1.50, "k":[]}\n{"text": "KILL"}\n{"text": null}\nab\xff"\n'
    )
    out = piped(data, heard, input_format="jsonl", limits=Limits(record_bytes=1000)).split(b"\n")
    assert json.loads(out[0]) == {"error": heard.failures[0].error, "record": 1, "input": "no json"}
    assert out[1] == b""
    assert "1,000 bytes" in json.loads(out[2])["error"]
    assert json.loads(out[3])["input"] == "[1]"
    assert out[4] == b'{"text": 1.50, "k":[], "error": "its field \'text\' is a number, not text"}'
    assert "SIGKILL" in json.loads(out[5])["error"]
    assert out[6] == b'{"text": null}'
    assert b'"input": "ab\xff\\""' in out[7]
    assert [failure.record for failure in heard.failures] == [1, 2, 3, 4, 5, 7]


def test_the_text_field_is_guessed_from_the_first_records_that_have_one() -> None:
    heard = Heard()
    out = piped(b'{"title": "t"}\n{"title": "t", "body": "One\\nAD: x\\n"}\n', heard)
    assert out.splitlines()[1] == b'{"title": "t", "body": "One\\n"}'
    assert heard.notes == ["stdin: no --text-field given: reading the text from field 'body'"]
    out = piped(b'{"title": "t"}\n')
    assert "name one with --text-field" in json.loads(out)["error"]


def test_html_in_records_becomes_text_beside_it() -> None:
    out = piped(b'{"page": "<p>One</p>\\nAD: x\\n"}\n', fields=Fields(html="page"))
    assert json.loads(out) == {"page": "<p>One</p>\nAD: x\n", "text": "One\n"}


def test_what_is_piped_in_is_recognised() -> None:
    assert piped(b"One\nAD: x\nTwo\n") == b"One\nTwo\n"
    assert piped(b"<html><p>One</p>\nAD: x\n</html>") == b"One\n"
    assert piped(gzip.compress(b'{"text": "One\\nAD: x\\n"}\n')) == b'{"text": "One\\n"}\n'
    assert piped(b'[{"text": "One\\nAD: x\\n"},\n {"text": "RAISE"}]\n') == b'[{"text": "One\\n"}]\n'
    assert piped(b'id;text\n1;"One\nAD: x\n"\n', input_format="csv") == b'id;text\n1;"One\n"\n'
    assert (
        piped(b'id;text\n1;"One\nAD: x\n"\n', input_format="csv", format="jsonl") == b'{"id": "1", "text": "One\\n"}\n'
    )
    assert piped('{"text": "Brücke\\nAD: x\\n"}\n'.encode("utf-16")) == '{"text": "Brücke\\n"}\n'.encode()
    assert piped(b"") == b""
    heard = Heard()
    assert piped(b"\x7fELF" + bytes(200), heard) == b""
    assert heard.reasons == ["stdin: it is a binary file, not text"]


def test_a_damaged_stream_gives_what_came_before() -> None:
    heard = Heard()
    packed = gzip.compress(b'{"text": "One\\nAD: x\\n"}\n' * 3)
    assert piped(packed[:-4], heard) == b'{"text": "One\\n"}\n' * 3
    assert "truncated" in heard.reasons[0]


def test_standard_input_to_a_file(tmp_path: Path) -> None:
    piped(b'{"text": "One\\nAD: x\\n"}\n', output=tmp_path / "out.jsonl.gz")
    assert gzip.decompress((tmp_path / "out.jsonl.gz").read_bytes()) == b'{"text": "One\\n"}\n'
    with pytest.raises(UsageError, match="--overwrite"):
        piped(b'{"text": "x"}\n', output=tmp_path / "out.jsonl.gz")
    piped(b"One\nAD: x\n", output=tmp_path / "out.txt")
    assert (tmp_path / "out.txt").read_bytes() == b"One\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl.gz", "out.txt"]


def test_a_reader_that_goes_away_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text('{"text": "Body"}\n' * 50_000)
    process = subprocess.Popen(
        command(f"go(Path({str(tmp_path / 'r.jsonl')!r}), workers=1)"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(30) != 0
