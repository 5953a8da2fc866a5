"""Which format a file name announces, and what the cleaned file is called."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

ARTICLE_FORMATS = ("txt", "md", "html")
RECORD_FORMATS = ("json", "jsonl", "csv", "tsv", "parquet", "warc")
OUTPUT_FORMATS = ("txt", "json", "jsonl", "csv", "tsv", "parquet")
PACKINGS = ("gz", "zst", "bz2", "xz")

_FORMATS = {
    ".txt": "txt", ".text": "txt", ".md": "md", ".markdown": "md",
    ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".csv": "csv", ".tsv": "tsv", ".parquet": "parquet", ".warc": "warc",
}  # fmt: skip
# A page becomes text; a web archive becomes records.
_BECOMES = {"html": "txt", "warc": "jsonl"}


@dataclass(frozen=True, slots=True)
class Form:
    """A file's format (one of `ARTICLE_FORMATS` or `RECORD_FORMATS`) and packing (one of `PACKINGS`, or empty)."""

    format: str
    packing: str = ""

    @property
    def single(self) -> bool:
        """Whether the file holds one article rather than records."""
        return self.format in ARTICLE_FORMATS


def form_of(name: str) -> Form | None:
    """The form that a file name announces, or None if it announces none that we know."""
    path = PurePath(name)
    packing = path.suffix[1:].lower()
    if packing in PACKINGS:
        path = path.with_suffix("")
    else:
        packing = ""
    form = _FORMATS.get(path.suffix.lower())
    return Form(form, packing) if form else None


def output_form(form: Form, wanted: str = "") -> Form:
    """The form of the output for an input of `form`; `wanted` is the user's choice of format, empty for the same."""
    return Form(wanted or _BECOMES.get(form.format, form.format), form.packing)


def output_name(name: str, form: Form, target: Form) -> str:
    """The file name of an output of form `target`. It stays as it is unless the format or packing changes."""
    if target == form:
        return name
    stem = name[: -len(form.packing) - 1] if form.packing else name
    if target.format != form.format:
        if _FORMATS.get(PurePath(stem).suffix.lower()) == form.format:
            stem = str(PurePath(stem).with_suffix(""))
        stem = f"{stem}.{target.format}"
    return stem + (f".{target.packing}" if target.packing else "")
