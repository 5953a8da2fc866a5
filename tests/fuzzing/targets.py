"""What is fuzzed: bytes in, `AssertionError` or an undocumented error out if a law does not hold."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fuzzing.chance import Chance
from fuzzing.file_laws import check_file
from fuzzing.files import file_of
from fuzzing.laws import MODES, check_page, check_text
from fuzzing.pages import page_of
from fuzzing.texts import text_of

URLS = (None, None, "https://www.example.org/news/1", "http://[", "\ud800", "")
FOUND = Path(__file__).parent / "found"


@dataclass(frozen=True)
class Case:
    """An input as it is given to the cleaner; `name` says what it is: a file by its ending, a text, a page."""

    kind: str
    name: str
    data: bytes
    mode: str = "balanced"
    url: str | None = None
    thorough: bool = True

    def check(self) -> None:
        """Check the laws."""
        if self.kind == "readers":
            with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
                check_file(self.name, self.data, Path(folder), self.thorough)
        elif self.kind == "clean":
            check_text(self.data.decode("utf-8", "surrogatepass"), self.mode, self.url, self.thorough)
        elif self.name.endswith(".str"):
            check_page(self.data.decode("utf-8", "surrogatepass"), self.mode, self.url, self.thorough)
        else:
            check_page(self.data, self.mode, self.url, self.thorough)


def reader_case(data: bytes) -> Case:
    name, content = file_of(Chance(data))
    return Case("readers", name, content, thorough=False)


def text_case(data: bytes) -> Case:
    chance = Chance(data)
    mode, url, thorough = chance.pick(MODES), chance.pick(URLS), not chance.below(4)
    return Case("clean", "a.txt", text_of(chance).encode("utf-8", "surrogatepass"), mode, url, thorough)


def page_case(data: bytes) -> Case:
    chance = Chance(data)
    mode, url, thorough = chance.pick(MODES), chance.pick(URLS), not chance.below(4)
    page = page_of(chance)
    if isinstance(page, str):
        return Case("clean_html", "a.html.str", page.encode("utf-8", "surrogatepass"), mode, url, thorough)
    return Case("clean_html", "a.html", page, mode, url, thorough)


TARGETS: dict[str, Callable[[bytes], Case]] = {
    "readers": reader_case,
    "clean": text_case,
    "clean_html": page_case,
}


def found() -> Iterator[Case]:
    """What was found before, in all modes and with all addresses."""
    for path in sorted(FOUND.glob("*/*")):
        kind = path.parent.name
        for mode in MODES if kind != "readers" else MODES[:1]:
            for url in dict.fromkeys(URLS) if kind != "readers" else (None,):
                yield Case(kind, path.name, path.read_bytes(), mode, url)


def save(case: Case, name: str, folder: Path = FOUND) -> Path:
    """Keep a case. Mode and address are not kept: it is replayed with all of them."""
    path = folder / case.kind / f"{name}.{case.name.removeprefix('a.')}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.data)
    return path
