"""Web archives (WARC) as records, by way of warcio: one record for each HTML response."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

from cleaner.files.problems import DamagedError, UnreadableError, need
from cleaner.files.streams import CHUNK, ChunkFile, Limits, Raw, too_long

# The library warns of odd headers with their text as it is. With a handler, its log is silent unless it is asked for.
_SILENT = logging.NullHandler()
HTML_TYPES = ("text/html", "application/xhtml+xml")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


def read_responses(chunks: Iterator[bytes], limits: Limits, number: int = 0) -> Iterator[Raw]:
    """The HTML responses of an archive behind response `number`; everything else in it is passed over.

    The data of a `Raw` is a line of JSON (id, url, date, charset) and then the page. Raises `UnreadableError` if the
    stream is no archive, `DamagedError` where it breaks off.
    """
    iterator = need("warcio.archiveiterator").ArchiveIterator
    logging.getLogger("warcio").addHandler(_SILENT)
    file = ChunkFile(_checked(chunks))
    seen = 0
    try:
        found = iterator(io.BufferedReader(file, CHUNK))
        found.INC_RECORD = ""  # a warning that it writes to standard error; we report what matters of it
        for record in found:
            if record.rec_type != "response" or _type(record)[0] not in HTML_TYPES:
                continue
            raw = _raw(record, seen + 1, limits.record_bytes)
            if not raw.problem and record.raw_stream.limit > 0:
                raise file.damage or DamagedError("the archive ends in the middle of a page")
            seen += 1
            if seen > number:
                yield raw
    except (UnreadableError, DamagedError):
        raise
    except Exception as error:  # the library has no common base for its errors
        raise file.damage or DamagedError(f"the archive is corrupt: {error}") from error
    if file.damage is not None:
        raise file.damage


def _type(record: Any) -> tuple[str, str]:
    """Media type and charset that the server announced."""
    kind = (record.http_headers.get_header("Content-Type") or "") if record.http_headers else ""
    name, _, rest = kind.partition(";")
    charset = _CHARSET.search(rest)
    return name.strip().lower(), charset[1] if charset else ""


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
    stream = record.content_stream()
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := stream.read(CHUNK)):
        parts.append(part)
        size += len(part)
    if size > limit:
        return Raw(number, b"", number, problem=too_long(limit))
    headers = record.rec_headers
    about = {
        "id": headers.get_header("WARC-Record-ID"),
        "url": headers.get_header("WARC-Target-URI"),
        "date": headers.get_header("WARC-Date"),
        "charset": _type(record)[1],
    }
    return Raw(number, json.dumps(about).encode() + b"\n" + b"".join(parts), number)


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
