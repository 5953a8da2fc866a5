"""Where in a record the text, the address and the name stand; and JSON records changed in place.

A changed JSON record differs from the one that came in nowhere but in the changed values: everything else keeps its
bytes, so the order of fields, number formats, escapes and spacing stay as they were.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from json.decoder import JSONDecoder
from typing import Any

from cleaner.files.encodings import encode_exactly
from cleaner.files.problems import UnreadableError

GUESSES = ("text", "content", "body", "article", "maintext", "raw_content", "html")

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a record that we use, as dotted paths. `html`, if set, is what `text` is made from."""

    text: str = ""
    html: str = ""
    url: str = "url"
    id: str = "id"

    def guess(self, record: Mapping[str, Any]) -> Fields | None:
        """These fields, with the text's found if the user named none; None if the record has no likely one."""
        if self.html:
            return Fields(self.text or "text", self.html, self.url, self.id)
        if self.text:
            return self
        for name in GUESSES:
            if isinstance(record.get(name), str):
                if name == "html":
                    return Fields("text", name, self.url, self.id)
                return Fields(name, "", self.url, self.id)
        return None

    @property
    def source(self) -> str:
        """The field that is read."""
        return self.html or self.text


def dig(record: Any, path: str) -> Any:
    """The value at a dotted path, None if there is none. A key that has dots itself comes first."""
    if isinstance(record, Mapping):
        if path in record:
            return record[path]
        head, dot, rest = path.partition(".")
        return dig(record.get(head), rest) if dot else None
    if isinstance(record, list):
        head, dot, rest = path.partition(".")
        if not _is_index(head) or int(head) >= len(record):
            return None
        return dig(record[int(head)], rest) if dot else record[int(head)]
    return None


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) < 10


def _no_place(path: str) -> UnreadableError:
    return UnreadableError(f"there is no place for the field {path!r}: a list on the way has no such element")


def bury(record: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path; objects on the way are made if they are missing.

    Raises `UnreadableError` if the path leads into a list that has no such element.
    """
    place: Any = record
    whole = path
    while True:
        head, dot, rest = path.partition(".")
        if isinstance(place, list):
            if not _is_index(head) or int(head) >= len(place):
                raise _no_place(whole)
            if dot and not isinstance(place[int(head)], dict | list):
                place[int(head)] = {}
            if not dot:
                place[int(head)] = value
                return
            place = place[int(head)]
        elif path in place or not dot:
            place[path] = value
            return
        else:
            if not isinstance(place.get(head), dict | list):
                place[head] = {}
            place = place[head]
        path = rest


def text_of(record: Mapping[str, Any], path: str) -> str | None:
    """The text at a path; None if it is missing or null. Raises `UnreadableError` if it is something else."""
    value = dig(record, path)
    if value is None or isinstance(value, str):
        return value
    kind = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    raise UnreadableError(f"its field {path!r} is {kind.get(type(value), type(value).__name__)}, not text")


def name_of(record: Mapping[str, Any], path: str) -> str | None:
    """An address or id as a string; None if there is none."""
    value = dig(record, path)
    if value is None or isinstance(value, dict | list):
        return None
    return str(value)


def parse(line: bytes) -> tuple[str, dict[str, Any]]:
    """A JSON record and its text form. Raises `UnreadableError` if it is not a JSON object."""
    source = line.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    try:
        record = json.loads(source, strict=False)
    except json.JSONDecodeError as error:
        raise UnreadableError(f"it is not valid JSON: {error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise UnreadableError("its JSON is nested too deeply") from error
    except ValueError as error:  # a whole number of more digits than Python converts
        raise UnreadableError("it holds a number that is too long") from error
    if not isinstance(record, dict):
        raise UnreadableError("it is not a JSON object, so it has no fields")
    return source, record


def dump(value: Any, like: bytes = b"") -> bytes:
    """JSON of a value; escapes beyond ASCII if `like`, the record it goes into, has nothing beyond ASCII either."""
    if like and like.isascii():
        return json.dumps(value, default=plain).encode()
    written = json.dumps(value, ensure_ascii=False, default=plain)
    try:
        return written.encode()
    except UnicodeEncodeError:
        pass
    try:
        like.decode()
    except UnicodeDecodeError:
        return encode_exactly(written)  # its surrogates stand for bytes
    return json.dumps(value, default=plain).encode()


def plain(value: Any) -> str:
    """What JSON lacks, as text: dates and times in ISO form, bytes with escapes for what is not UTF-8."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value.isoformat() if hasattr(value, "isoformat") else value)


def splice(line: bytes, source: str, changes: Mapping[str, Any], escapes: bool = False) -> bytes:
    """A JSON record with the values at some dotted paths set, and nothing else touched.

    `line` and `source` are the record as bytes and as `parse` gives it. With `escapes` the new values are in ASCII.
    Raises `UnreadableError` if a path leads into a list that has no such element.
    """
    for path, value in changes.items():
        start, end, written = _change(source, path, value, b"{}" if escapes else line)
        source = source[:start] + written + source[end:]
    return encode_exactly(source)


def _change(source: str, path: str, value: Any, line: bytes) -> tuple[int, int, str]:
    """The span of the source to replace, and by what."""

    def written(what: Any) -> str:
        return dump(what, line).decode("utf-8", "surrogateescape")

    start, rest = _SPACE.match(source).end(), path  # type: ignore[union-attr]
    while True:
        head, dot, tail = rest.partition(".")
        exact = inner = None
        last = start
        if source[start] == "{":
            for key, value_start, value_end in _members(source, start):
                last = value_end
                if key == rest:
                    exact = value_start, value_end
                elif dot and key == head and source[value_start] in "{[":
                    inner = value_start
        else:
            found = next(islice(_elements(source, start), int(head), None), None) if _is_index(head) else None
            if found is None:
                raise _no_place(path)
            if dot and source[found[0]] in "{[":
                inner = found[0]
            else:
                exact, value = found, _nested(tail, value) if dot else value
        if exact:
            return *exact, written(value)
        if inner is None:
            break
        start, rest = inner, tail
    comma = "" if last == start else ", "
    at = last if comma else start + 1
    head, dot, tail = rest.partition(".")
    return at, at, f"{comma}{written(head)}: {written(_nested(tail, value) if dot else value)}"


def _nested(path: str, value: Any) -> Any:
    for key in reversed(path.split(".")):
        value = {key: value}
    return value


def _after_space(source: str, at: int) -> int:
    return _SPACE.match(source, at).end()  # type: ignore[union-attr]


def _members(source: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Key and span of the value of each member of the object at `start`, which is known to be valid."""
    at = _after_space(source, start + 1)
    while source[at] != "}":
        key, at = _DECODER.raw_decode(source, at)
        value = _after_space(source, _after_space(source, at) + 1)
        _, end = _DECODER.raw_decode(source, value)
        yield key, value, end
        at = _after_space(source, end)
        if source[at] == ",":
            at = _after_space(source, at + 1)


def _elements(source: str, start: int) -> Iterator[tuple[int, int]]:
    at = _after_space(source, start + 1)
    while source[at] != "]":
        _, end = _DECODER.raw_decode(source, at)
        yield at, end
        at = _after_space(source, end)
        if source[at] == ",":
            at = _after_space(source, at + 1)
