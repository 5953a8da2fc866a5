"""What the adapters of all hosts share: how to clean, as a small value that travels, and removals as plain data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from importlib import resources
from os import PathLike
from pathlib import Path
from typing import Any

from cleaner import Cleaner, Removal, __version__
from cleaner.judge import Seen
from cleaner.rules import shipped_files
from cleaner.sightings import Sightings

Paths = Iterable[str | PathLike[str]]


@dataclass(frozen=True, slots=True)
class Options:
    """How to clean: the arguments of `Cleaner`, with `sightings` as the path of a store on disk.

    A compiled cleaner is large; its options are a few words. So the options travel between processes, and each process
    makes its cleaner once. `identity` says which version, rules and sightings answer, so
    that equal options give equal results; hosts that remember results by their pickled function may rely on it.
    Raises `OSError` if a file cannot be read.
    """

    mode: str = "balanced"
    also: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sightings: str | None = None
    identity: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        files = [*(Path(path) for path in self.rules), *([Path(self.sightings)] if self.sightings else ())]
        object.__setattr__(self, "identity", f"{__version__} {_shipped()} {_digest(files)}")

    @classmethod
    def of(
        cls,
        mode: str = "balanced",
        also: Iterable[str] = (),
        keep: Iterable[str] = (),
        rules: Paths = (),
        sightings: str | PathLike[str] | None = None,
    ) -> Options:
        """Options from lists, single names and paths of any kind."""
        paths = (rules,) if isinstance(rules, str | PathLike) else rules
        store = str(sightings) if sightings else None
        return cls(mode, _names(also), _names(keep), tuple(str(path) for path in paths), store)

    def cleaner(self) -> Cleaner:
        """The cleaner, made at the first call in a process. Raises `ValueError` for what cannot be used."""
        return _cleaner(self)

    def cleaner_with(self, sightings: Seen) -> Cleaner:
        """The cleaner with sightings that come from elsewhere than a store."""
        return Cleaner(self.mode, self.also, self.keep, self.rules, sightings)


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


@lru_cache(maxsize=4)
def _cleaner(options: Options) -> Cleaner:
    sightings = Sightings.open(options.sightings) if options.sightings else None
    return Cleaner(options.mode, options.also, options.keep, options.rules, sightings)


@lru_cache(maxsize=1)
def _shipped() -> str:
    return _digest([*shipped_files(), Path(str(resources.files("cleaner") / "weights.toml"))])


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def removal_rows(removed: Iterable[Removal]) -> list[dict[str, Any]]:
    """Removals as plain data, in the form of the file that `cleaner clean --removed` writes."""
    return [{**asdict(removal), "score": round(removal.score, 4)} for removal in removed]


def missing(extra: str, error: ImportError) -> ImportError:
    """The error for a host that is not installed; it names the command."""
    host = (error.name or extra).partition(".")[0]
    return ImportError(f'{host} is not installed; run: pip install "article-cleaner[{extra}]"', name=host)
