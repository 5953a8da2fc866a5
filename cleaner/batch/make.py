"""A cleaner from settings, for workers to make their own, and its description for the manifest of a run."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

from cleaner import __version__
from cleaner.clean import Cleaner
from cleaner.compiled import shipped_rules
from cleaner.config import Settings
from cleaner.configured import SiteCleaner, build, container_rules, switched_off
from cleaner.rules import read_rules, shipped_files
from cleaner.sightings import Sightings


@dataclass(frozen=True, slots=True)
class Choice:
    """How to clean. `table` holds the lines that a first look found in many articles."""

    settings: Settings = field(default_factory=Settings)
    table: Sightings | None = field(default=None, repr=False)

    @property
    def warm(self) -> str:
        """With rules of its own each worker compiles anew, so there is nothing to share."""
        return "cleaner.batch.work" if self._is_own else "cleaner.batch.warm"

    @property
    def _is_own(self) -> bool:
        return bool(self.settings.rules or self.settings.off or self.settings.sites)

    def cleaner(self) -> Cleaner | SiteCleaner:
        """The cleaner. Raises `ValueError` with a sentence for the user."""
        table = self.table
        if table is None and self.settings.sightings is not None:
            table = Sightings.open(self.settings.sightings)
        return build(self.settings, table)

    def seeing(self, table: Sightings) -> Choice:
        """The same with the lines that a first look found in many articles."""
        return replace(self, table=table)

    def check(self) -> None:
        """Raise `ValueError` for what cannot be used, without compiling the rulebook, which takes long."""
        own = [rule for path in self.settings.rules for rule in read_rules(path)]
        for off in (self.settings.off, *(site.off for site in self.settings.sites.values())):
            if off:
                switched_off(off, [*shipped_rules(), *container_rules(), *own])
        if self.settings.sightings is not None:
            Sightings.open(self.settings.sightings)

    def described(self) -> dict[str, Any]:
        """What decides about the result, as data: a run goes on only with the same."""
        settings = self.settings
        return {
            "mode": settings.mode,
            "also": sorted(settings.also),
            "keep": sorted(settings.keep),
            "off": sorted(settings.off),
            "rules": _digest(settings.rules) if settings.rules else "none",
            "sites": {host: asdict(site) for host, site in sorted(settings.sites.items())},
            "sightings": _digest([settings.sightings]) if settings.sightings else "none",
            "cleaner": f"{__version__} {_digest([*shipped_files(), _weights()])}",
        }


def _weights() -> Path:
    return Path(str(resources.files("cleaner") / "weights.toml"))


def _digest(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
