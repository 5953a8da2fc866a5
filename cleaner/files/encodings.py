"""Bytes to text and back without losing a byte.

UTF-8 is tried first, as nearly all of the web is in it; a few broken bytes in it are kept as surrogates (PEP 383),
which turn back into the same bytes. Only text that is not UTF-8 at all is guessed. In the other encodings broken bytes
are kept in the same way; there they may be any, as half of a UTF-16 pair or the byte behind a lone escape.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cleaner.files.problems import UnreadableError

SURE = 12  # bytes beyond ASCII, most of them not UTF-8, from which a JSON file is taken to be in a legacy encoding
SAMPLE = 1 << 16  # bytes that a guess looks at
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SIGNATURES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"%PDF-",
    b"PK\x03\x04",
    b"\x7fELF",
    b"MZ\x90",
    b"RIFF",
    b"SQLite ",
)
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_SEQUENCES = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")
_THREE_BYTES = re.compile("\udced[\udca0-\udcbf][\udc80-\udcbf]")  # the form of a surrogate, read byte by byte
_ANY_BYTE = 0xDC00  # of the surrogates that stand for bytes, that for 0


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """Undecodable bytes as surrogates and back, as PEP 383 has it, which however refuses those below 0x80."""
    if isinstance(error, UnicodeDecodeError):
        return "".join(chr(_ANY_BYTE + byte) for byte in error.object[error.start : error.end]), error.end
    if isinstance(error, UnicodeEncodeError):
        codes = [ord(character) - _ANY_BYTE for character in error.object[error.start : error.end]]
        if all(0 <= code < 256 for code in codes):
            return bytes(codes), error.end
    raise error


_ESCAPE = "cleaner-escape"
codecs.register_error(_ESCAPE, _escape)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a file writes its characters: the name of a codec that writes no mark, and the byte order mark, if any."""

    name: str = "utf-8"
    mark: bytes = b""

    @classmethod
    def marked(cls, name: str, head: bytes) -> Encoding:
        """The encoding of this name, with its mark if `head`, the first bytes of a file, begins with that."""
        marks = (mark for mark, known in _BOMS if known == name and head.startswith(mark))
        return cls(name, next(marks, b""))

    def decode(self, data: bytes) -> str:
        """Text of a file. The mark is not part of it."""
        return data[len(self.mark) :].decode(self.name, _errors(self.name))

    def encode(self, text: str) -> bytes:
        """The bytes of a text with the mark in front. Characters that the encoding lacks raise `UnicodeEncodeError`."""
        return self.mark + encode_exactly(text, self.name)


def _errors(name: str) -> str:
    return "surrogateescape" if name == "utf-8" else _ESCAPE


def encode_exactly(text: str, name: str = "utf-8") -> bytes:
    """Bytes of a text. What were undecodable bytes become those bytes; other lone surrogates their own form.

    Characters that a legacy encoding lacks raise `UnicodeEncodeError`.
    """
    try:
        return text.encode(name, _errors(name))
    except UnicodeEncodeError:
        if not name.startswith("utf"):
            raise
        return b"".join(_character(character, name) for character in text)


def _character(character: str, name: str) -> bytes:
    if name != "utf-8" and 0 <= ord(character) - _ANY_BYTE < 256:
        return bytes([ord(character) - _ANY_BYTE])  # the codecs of wide encodings refuse an odd number of bytes
    try:
        return character.encode(name, "surrogateescape")
    except UnicodeEncodeError:
        return character.encode(name, "surrogatepass")


def decode_exactly(data: bytes) -> str:
    """The text whose UTF-8 bytes `encode_exactly` gave, surrogates included."""
    text = data.decode("utf-8", "surrogateescape")
    if "\udced" not in text:
        return text
    return _THREE_BYTES.sub(lambda found: _three_bytes(found[0]).decode("utf-8", "surrogatepass"), text)


def _three_bytes(escaped: str) -> bytes:
    return escaped.encode("utf-8", "surrogateescape")


def detect(data: bytes, is_json: bool = False) -> Encoding:
    """The encoding of a file from its bytes, or from its first `SAMPLE` bytes.

    Raises `UnreadableError` for binary data.
    """
    sample = data[:SAMPLE]
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return Encoding(name, mark)
    wide = _wide(sample)
    if wide:
        return Encoding(wide)
    refuse_binary(sample)
    if sample.isascii():
        # The sign of another encoding may stand far behind the first page.
        sample = _around_first_high(data)
    if _is_utf8(sample) or (is_json and not _is_surely_legacy(sample)):
        return Encoding()
    return Encoding(_guess(sample))


def unmarked(head: bytes) -> bytes:
    """The first bytes of a file as UTF-8 without byte order mark, for a look at what they say."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return head[len(mark) :].decode(name, "ignore").encode("utf-8", "ignore")
    return head


def _around_first_high(data: bytes) -> bytes:
    found = _HIGH.search(data)
    return data[max(found.start() - 1000, 0) : found.start() + SAMPLE] if found else b""


def refuse_binary(sample: bytes) -> None:
    """Raise `UnreadableError` for data that is no text. A stray NUL or control character is no proof; many are."""
    if sample.startswith(_SIGNATURES):
        raise UnreadableError("it is a binary file, not text")
    odd = len(_CONTROLS.findall(sample)) + sample.count(b"\0")
    if odd > max(2, len(sample) // 20):
        raise UnreadableError("it is a binary file, not text")


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: in most languages every second byte of many is NUL."""
    if len(sample) < 4 or b"\0" not in sample:
        return ""
    pairs = len(sample) // 2
    even, odd = sample[0 : 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > pairs * 0.4 and even < pairs * 0.02:
        return "utf-16-le"
    if even > pairs * 0.4 and odd < pairs * 0.02:
        return "utf-16-be"
    return ""


def _is_utf8(sample: bytes) -> bool:
    """Whether most bytes beyond ASCII make up UTF-8. A sequence cut off by the end of the sample is no fault."""
    high = len(_HIGH.findall(sample))
    good = sum(len(match.group()) for match in _SEQUENCES.finditer(sample))
    return good * 2 >= high - 3 if high > 6 else good * 2 >= high or _cut_off(sample)


def _is_surely_legacy(sample: bytes) -> bool:
    """JSON is UTF-8 by its standard: a few broken bytes at the start of a stream say nothing about all of it."""
    high = len(_HIGH.findall(sample))
    good = sum(len(match.group()) for match in _SEQUENCES.finditer(sample))
    return high >= SURE and good * 2 < high


def _cut_off(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def _guess(sample: bytes) -> str:
    """A legacy code page, by charset-normalizer. Windows-1252 if it has no opinion: every byte has a place there."""
    from charset_normalizer import from_bytes  # needed for few files

    best = from_bytes(sample[:SAMPLE]).best()
    name = best.encoding if best is not None else "cp1252"
    return "cp1252" if name in ("ascii", "utf_8") else name


def recode(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """A stream of an encoding as UTF-8 without its mark. UTF-8 passes through; broken bytes survive.

    Those of UTF-16 and UTF-32 become the three-byte forms of their surrogates: as they are, two could make a character.
    """
    if encoding == Encoding():
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding.name)(_errors(encoding.name))
    strip = len(encoding.mark)

    def encoded(text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass") if encoding.name.startswith("utf") else encode_exactly(text)

    for chunk in chunks:
        if strip:
            chunk, strip = chunk[strip:], max(strip - len(chunk), 0)  # noqa: PLW2901
        if encoding.name == "utf-8":
            yield chunk
        else:
            yield encoded(decoder.decode(chunk))
    if encoding.name != "utf-8":
        yield encoded(decoder.decode(b"", final=True))
