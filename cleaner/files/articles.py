"""Files that hold one article: what is in them, whatever their name says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from cleaner.files.encodings import Encoding, detect, refuse_binary
from cleaner.files.names import Form
from cleaner.files.problems import DamagedError, UnreadableError
from cleaner.files.streams import Limits, chunks_of, read_whole

_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """The bytes of a file with one article. `page` says that they are HTML."""

    data: bytes
    page: bool
    encoding: Encoding

    @property
    def text(self) -> str:
        """The text, for a file that is no page."""
        return self.encoding.decode(self.data)


def read_article(path: Path, form: Form, limits: Limits) -> ArticleFile:
    """Read a file whole. Raises `UnreadableError` with the reason if it cannot be used."""
    try:
        data = read_whole(chunks_of(path, form.packing, limits), limits.record_bytes)
    except DamagedError as error:
        raise UnreadableError(str(error)) from error
    return article_from(data, form)


def article_from(data: bytes, form: Form) -> ArticleFile:
    """An article from its bytes. Raises `UnreadableError` if they are binary."""
    page = form.format == "html" or bool(_PAGE.match(data[:4096]))
    if not page:
        return ArticleFile(data, False, detect(data))
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        refuse_binary(data[:4096])
    return ArticleFile(data, True, Encoding())
