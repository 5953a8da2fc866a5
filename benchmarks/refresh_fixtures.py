"""Clean every article of `fixtures/inbox` into `fixtures/expected`: what the golden tests compare with.

    python benchmarks/refresh_fixtures.py

For each article its clean text (pages become `.txt`) and, beside it, what was taken out as `NAME.removed.jsonl`. Scores
are left out: they move with every fit of the weights, the outcome should not. Read the difference before committing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INBOX = ROOT / "fixtures" / "inbox"
EXPECTED = ROOT / "fixtures" / "expected"
sys.path.insert(0, str(ROOT))

from cleaner import Cleaner, Removal  # noqa: E402


@dataclass(frozen=True)
class Golden:
    """What must come out of one article of the inbox: two files, by name and bytes."""

    name: str
    text: bytes
    removed: bytes

    @property
    def removed_name(self) -> str:
        """The file that lists what was taken out."""
        return f"{self.name}.removed.jsonl"


def inbox() -> list[Path]:
    """The articles, in the order of their names."""
    return sorted(path for path in INBOX.iterdir() if path.suffix in (".txt", ".md", ".html"))


def golden(cleaner: Cleaner, path: Path) -> Golden:
    """Clean one article. Text keeps its bytes, line endings and mark; pages are read as the bytes that they are."""
    source = path.read_bytes()
    if path.suffix == ".html":
        name = f"{path.stem}.txt"
        result = cleaner.clean_html(source)
    else:
        name = path.name
        result = cleaner.clean(source.decode())
    return Golden(name, result.text.encode(), "".join(map(row, result.removed)).encode())


def row(removal: Removal) -> str:
    """One removal as a line of JSON."""
    return (
        json.dumps({"line": removal.line, "category": removal.category, "text": removal.text}, ensure_ascii=False)
        + "\n"
    )


def refresh() -> list[str]:
    """Write all goldens anew, drop those whose article is gone, and say which files changed."""
    EXPECTED.mkdir(exist_ok=True)
    cleaner = Cleaner()
    wanted: dict[str, bytes] = {}
    for path in inbox():
        one = golden(cleaner, path)
        wanted |= {one.name: one.text, one.removed_name: one.removed}
    changed = []
    for path in EXPECTED.iterdir():
        if path.name not in wanted:
            path.unlink()
            changed.append(path.name)
    for name, content in wanted.items():
        path = EXPECTED / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(name)
    return sorted(changed)


if __name__ == "__main__":
    names = refresh()
    print("\n".join(names) or "nothing changed")
