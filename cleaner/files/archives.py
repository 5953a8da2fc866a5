"""Web archives (WARC) as records, by way of fastwarc: one record for each HTML response."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cleaner.files.problems import DamagedError, UnreadableError, need
from cleaner.files.streams import ChunkFile, Limits, Raw, too_long

HTML_TYPES = ("text/html", "application/xhtml+xml")
FIELDS = ("id", "url", "date")


def read_responses(chunks: Iterator[bytes], limits: Limits, number: int = 0) -> Iterator[Raw]:
    """The HTML responses of an archive, which come behind response `number`; everything else in it is passed over.

    The data of a `Raw` is a line of JSON (id, url, date, charset) and then the page. Raises `UnreadableError` if the stream
    is no archive, `DamagedError` where it breaks off.
    """
    warc = need("fastwarc.warc")
    file = ChunkFile(_checked(chunks))
    seen = 0
    try:
        for record in warc.ArchiveIterator(
            file, record_types=warc.WarcRecordType.response, auto_decode="all", stream_detect=False
        ):
            if (record.http_content_type or "").lower() not in HTML_TYPES:
                continue
            seen += 1
            if seen > number:
                yield _raw(record, seen, limits.record_bytes)
            if file.damage:
                break
    except (OSError, ValueError, EOFError) as error:
        raise file.damage or DamagedError(f"the archive is corrupt: {error}") from error
    if file.damage:
        raise file.damage


def _checked(chunks: Iterator[bytes]) -> Iterator[bytes]:
    first = next(chunks, b"")
    while first and len(first) < 5:
        more = next(chunks, b"")
        if not more:
            break
        first += more
    if not first.startswith(b"WARC/"):
        raise UnreadableError("it is not a web archive: it does not begin with WARC/")
    yield first
    yield from chunks


def _raw(record: Any, number: int, limit: int) -> Raw:
    page = record.reader.read(limit + 1)
    if len(page) > limit:
        return Raw(number, b"", number, problem=too_long(limit))
    about = {
        "id": record.headers.get("WARC-Record-ID"),
        "url": record.headers.get("WARC-Target-URI"),
        "date": record.headers.get("WARC-Date"),
        "charset": record.http_charset,
    }
    return Raw(number, json.dumps(about).encode() + b"\n" + page, number)


def parse(data: bytes) -> tuple[dict[str, Any], str | bytes]:
    """The record of a response (id, url, date) and its page.

    The server's word on the charset counts if the page has none of its own.
    """
    line, _, page = data.partition(b"\n")
    about = json.loads(line)
    charset = about.pop("charset", None)
    if charset and b"charset" not in page[:2048].lower():
        try:
            return about, page.decode(charset, "replace")
        except LookupError:
            pass
    return about, page
