"""Files: formats, encodings and compression, in and out.

Everything here maps bytes to articles or records and back; nothing here cleans. One module a family of formats:

* `names`: which format a name announces, and what its output is called;
* `streams`: bytes in and out of a file, packed or not, within limits;
* `encodings`: bytes to text and back without losing a byte;
* `articles`: files that hold one article (.txt, .md, .html);
* `json_records` (.jsonl, .json), `tables` (.csv, .tsv), `columns` (.parquet), `archives` (.warc): files that hold many;
* `readers`: one way to read all of these;
* `fields`: where in a record the text, the address and the name stand.
"""

from __future__ import annotations

from cleaner.files.names import ARTICLE_FORMATS, RECORD_FORMATS, Form, form_of, output_name
from cleaner.files.problems import DamagedError, MissingExtraError, UnreadableError

__all__ = [
    "ARTICLE_FORMATS",
    "RECORD_FORMATS",
    "DamagedError",
    "Form",
    "MissingExtraError",
    "UnreadableError",
    "form_of",
    "output_name",
]
