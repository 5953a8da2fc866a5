"""What a fuzzer starts from: whole small files of every format, and decisions that make others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from cleaner.files.names import PACKINGS
from cleaner.files.streams import pack
from fuzzing.chance import Chance
from fuzzing.files import FORMATS, SUFFIXES, whole_file


def seeds(target: str, number: int) -> Iterator[bytes]:
    """The first inputs for a target; the same each time."""
    chance = random.Random(1)
    for _ in range(number):
        yield chance.randbytes(chance.choice((20, 60, 200, 400)))
    if target == "readers":
        for format in FORMATS:
            data = whole_file(format, Chance(chance.randbytes(60)))
            for packing in ("", *PACKINGS):
                head = bytes((FORMATS.index(format), SUFFIXES.index(packing), 0, 0))
                yield head + pack(data, packing)


def lay_seeds(target: str, number: int, folder: Path) -> None:
    """Write them as files."""
    for index, data in enumerate(seeds(target, number)):
        (folder / f"seed-{index:04}").write_bytes(data)
