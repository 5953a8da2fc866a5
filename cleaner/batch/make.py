"""A cleaner from what a user says, and its description for the manifest of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.clean import Cleaner
from cleaner.rules import Rulebook, read_rules, shipped_files


@dataclass(frozen=True, slots=True)
class Choice:
    """How to clean: see `Cleaner`. `sightings` is a store on disk."""

    mode: str = "balanced"
    also: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    sightings: Path | None = None

    @property
    def warm(self) -> str:
        """With rules of its own each worker compiles anew, so there is nothing to share."""
        return "cleaner.batch.work" if self.rules else "cleaner.batch.warm"

    def cleaner(self, sightings: Any = None) -> Cleaner:
        """The cleaner. Raises `ValueError` with a sentence for the user."""
        return Cleaner(self.mode, self.also, self.keep, self.rules, sightings)

    def check(self) -> None:
        """Raise `ValueError` for an unknown mode or category, `RuleError` for a rule file that cannot be used.

        Does so without compiling the whole rulebook, which takes long.
        """
        own = [rule for path in self.rules for rule in read_rules(path)]
        Cleaner(self.mode, self.also, self.keep, rulebook=Rulebook(own))

    def settings(self) -> dict[str, Any]:
        """What decides about the result, as data: a run goes on only with the same."""
        return {
            "mode": self.mode,
            "also": sorted(self.also),
            "keep": sorted(self.keep),
            "rules": _digest(self.rules) if self.rules else "none",
            "sightings": str(self.sightings) if self.sightings else "none",
            "cleaner": f"{__version__} {_digest([*shipped_files(), _weights()])}",
        }


def _weights() -> Path:
    return Path(str(resources.files("cleaner") / "weights.toml"))


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
