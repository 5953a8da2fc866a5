"""A cleaner from settings: rules switched off by id, and another cleaner for each site that has settings of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from cleaner.clean import Cleaner
from cleaner.compiled import shipped_rulebook
from cleaner.config import ConfigError, Settings, Site
from cleaner.result import Line, Result
from cleaner.rules import CATEGORIES, Rule, read_rules


class SiteCleaner:
    """Cleans as `Cleaner` does, with the settings of the site that an address belongs to. Immutable."""

    def __init__(self, general: Cleaner, sites: Mapping[str, Cleaner]) -> None:
        self.general = general
        self.sites = dict(sites)

    def of(self, url: str | None) -> Cleaner:
        """The cleaner for an address: that of the longest site name it ends with, else the general one."""
        try:
            host = urlsplit(url or "").hostname or ""
        except ValueError:
            return self.general
        while host:
            if host in self.sites:
                return self.sites[host]
            host = host.partition(".")[2]
        return self.general

    def clean(self, text: str, url: str | None = None) -> Result:
        """See `Cleaner.clean`."""
        return self.of(url).clean(text, url)

    def clean_html(self, html: str | bytes, url: str | None = None, keep_markup: bool = False) -> Result:
        """See `Cleaner.clean_html`."""
        return self.of(url).clean_html(html, url, keep_markup)

    def explain_html(self, html: str | bytes, url: str | None = None) -> list[Line]:
        """See `Cleaner.explain_html`."""
        return self.of(url).explain_html(html, url)

    def explain(self, text: str, url: str | None = None) -> list[Line]:
        """See `Cleaner.explain`."""
        return self.of(url).explain(text, url)


def build(settings: Settings, sightings: Any = None) -> Cleaner | SiteCleaner:
    """The cleaner that the settings describe; `sightings` is an opened table, see `sightings.py`.

    Raises `ConfigError` for an id in `off` that no rule has, `RuleError` for a rule file that cannot be used.
    """
    own = [rule for path in settings.rules for rule in read_rules(path)]
    whole = shipped_rulebook().adding(own)

    def cleaner(site: Site) -> Cleaner:
        off = (*settings.off, *site.off)
        categories: list[str] = []
        rulebook = whole
        if off:
            containers = container_rules()
            categories, gone = switched_off(off, [*whole.rules, *containers])
            # Which rules for containers there are is the package's own affair: `never` switches one off (`selectors`).
            spared = [replace(rule, never=True) for rule in containers if rule.id in gone]
            rulebook = whole.without(gone - {rule.id for rule in spared}).adding(spared)
        mode = site.mode or settings.mode
        keep = (*settings.keep, *site.keep, *categories)
        return Cleaner(mode, (*settings.also, *site.also), keep, sightings=sightings, rulebook=rulebook)

    general = cleaner(Site())
    if not settings.sites:
        return general
    return SiteCleaner(general, {host: cleaner(site) for host, site in settings.sites.items()})


def container_rules() -> Sequence[Rule]:
    """The package's rules for containers of pages."""
    from cleaner.selectors import shipped_selector_rules  # it knows HTML libraries, which text must not wait for

    return shipped_selector_rules()


def switched_off(off: Iterable[str], rules: Sequence[Rule]) -> tuple[list[str], set[str]]:
    """The categories among `off`, and the ids of the rules that `off` names, by id or by `start.*`."""
    categories: list[str] = []
    gone: set[str] = set()
    for name in off:
        if name in CATEGORIES:
            categories.append(name)
            continue
        start = name.removesuffix("*") if name.endswith(".*") else None
        found = {rule.id for rule in rules if (rule.id.startswith(start) if start else rule.id == name)}
        if not found:
            close = get_close_matches(name, [rule.id for rule in rules], 1)
            hint = f"; did you mean {close[0]!r}?" if close else "; `cleaner rules list` shows the ids"
            raise ConfigError(f"off: no rule {name!r}{hint}")
        gone |= found
    return categories, gone
