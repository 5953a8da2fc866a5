"""Small folders of made-up news for the tests of sightings."""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from sightings import measure
from sightings_parts import SENTENCES, Folder, compose
from sightings_parts import _fill as fill

__all__ = ["ADVERT", "Folder", "compose", "measure", "paragraph", "stories", "story"]

ADVERT = "Our readers have trusted Harbor Gold since 1998."


def paragraph(chance: random.Random) -> str:
    """Two sentences that no other story has."""
    return " ".join(fill(chance, chance.choice(SENTENCES)) for _ in range(2))


def story(chance: random.Random, lines: int = 7) -> list[str]:
    """The paragraphs of one story."""
    return [paragraph(chance) for _ in range(lines)]


def stories(count: int, carry: dict[str, int], seed: int = 1) -> list[tuple[str, None, str]]:
    """Documents of different stories; each line of `carry` stands in the given number of them, evenly spread."""
    chance = random.Random(seed)
    pages = [story(chance) for _ in range(count)]
    for at, (line, often) in enumerate(carry.items()):
        for place in range(often):
            page = pages[(place * count // often + at) % count]
            page.insert(chance.randint(1, len(page)), line)
    return [("\n".join(page), None, f"site{at % 7}.example") for at, page in enumerate(pages)]
