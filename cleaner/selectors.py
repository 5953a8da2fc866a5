"""Rules that name containers of a page by a CSS selector.

Known are `.class`, `#id`, `tag`, `[name]`, `[name=x]`, `[name^="x"]` and `[name*="x"]`: a small part of CSS on purpose,
one element, no ancestors, several selectors parted by commas. That is what the containers of advert and widget networks
need, it can be turned into XPath at once, and nothing in it can run away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import re2
from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from .rules import Rule, RuleError, read_rules

HARMLESS = 400  # characters: a container that holds fewer is not asked how much of the page it is
BODY_SHARE = 0.4  # a container with more of the page's text than this is not an advert, whatever it is called

_PART = re.compile(
    r"""(?P<kind>[.#])(?P<name>[\w-]+)"""
    r"""|\[(?P<attribute>[\w-]+)(?:(?P<how>[\^*$]?=)(?P<quote>["']?)(?P<value>[\w ./:-]+)(?P=quote))?\]"""
)
_TAG = re.compile(r"[a-z][a-z0-9-]*|\*")


@dataclass(frozen=True)
class Pruned:
    """A container that was taken out of the page before the article was looked for."""

    rule: Rule
    text: str


def to_xpath(selector: str) -> str:
    """The XPath of a selector. Raises `ValueError` with the offending part."""
    return " | ".join(".//" + _compound(part.strip()) for part in selector.split(","))


def _compound(selector: str) -> str:
    """The XPath of one element: a tag, or any, with the tests it must pass."""
    tag = _TAG.match(selector)
    at = tag.end() if tag else 0
    tests = []
    while at < len(selector):
        part = _PART.match(selector, at)
        if part is None:
            raise ValueError(
                f"cannot read {selector[at:]!r}; known are tag, .class, #id, [name], [name=x], [name^=x], [name*=x]"
            )
        tests.append(_test(part))
        at = part.end()
    if not tests and not (tag and "-" in tag.group()):
        raise ValueError(f"{selector!r} names no class, id or attribute")
    return (tag.group() if tag else "*") + "".join(f"[{test}]" for test in tests)


def _test(part: re.Match[str]) -> str:
    """The XPath condition of a class, id or attribute."""
    if part["kind"] == ".":
        return f"contains(concat(' ', normalize-space(@class), ' '), ' {part['name']} ')"
    if part["kind"] == "#":
        return f"@id='{part['name']}'"
    name, how, value = part["attribute"], part["how"], part["value"]
    if how is None:
        return f"@{name}"
    if how == "^=":
        return f"starts-with(@{name}, '{value}')"
    if how == "*=":
        return f"contains(@{name}, '{value}')"
    if how == "$=":
        raise ValueError(f"[{name}$=...] is not known; use ^= or *=")
    return f"@{name}='{value}'"


def _literal(selector: str) -> str:
    """The longest text that a page's source must hold for the selector to match."""
    names = [match["name"] or match["value"] or match["attribute"] for match in _PART.finditer(selector)]
    return max(names, key=len) if names else selector


class Pruner:
    """All selector rules, looked up in a page's source first: a page without such containers costs next to nothing.

    A `never` rule protects what it names, what is in it and what it is in. One that has the id of another rule does
    nothing but switch that one off.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        self._parts: list[tuple[etree.XPath, Rule]] = []
        self._literals = re2.Set.SearchSet()
        protecting = {rule.id for rule in self.rules if rule.never}
        switched_off = protecting & {rule.id for rule in self.rules if not rule.never}
        for rule in self.rules:
            if rule.id in switched_off:
                continue
            try:
                for part in rule.selector.split(","):
                    self._parts.append((etree.XPath(to_xpath(part)), rule))
                    self._literals.Add(re2.escape(_literal(part.strip())))
            except ValueError as error:
                raise RuleError(f"{rule.file}: rule {rule.id}: selector: {error}") from error
        if self._parts:
            self._literals.Compile()

    def __reduce__(self) -> tuple[type[Pruner], tuple[tuple[Rule, ...]]]:
        return Pruner, (self.rules,)

    def prune(self, tree: HtmlElement, source: bytes, removes: frozenset[str]) -> list[Pruned]:
        """Take the containers out of `tree`, read from `source`; what they held, in the order of the rules."""
        pruned = []
        total = 0
        hits = self._literals.Match(source) if self._parts else None
        found = [self._parts[hit] for hit in sorted(hits or ())]
        protected = _with_all_around(element for path, rule in found if rule.never for element in path(tree))
        for path, rule in found:
            if rule.never or rule.category not in removes:
                continue
            for element in path(tree):
                parent = element.getparent()
                if parent is None or element.tag in ("html", "body") or element in protected:
                    continue
                text = " ".join(element.text_content().split())
                if len(text) > HARMLESS:
                    total = total or len(tree.text_content())
                    if len(text) > BODY_SHARE * total:
                        continue
                element.drop_tree()
                pruned.append(Pruned(rule, text))
        return pruned


def _with_all_around(elements: Iterable[HtmlElement]) -> set[HtmlElement]:
    """The elements, all that they hold and all that hold them."""
    around: set[HtmlElement] = set()
    for element in elements:
        around.update(element.iter(), element.iterancestors())
    return around


def check_selector(rule: Rule) -> list[str]:
    """What a selector rule's examples say against it: every `removes` matches, no `keeps` does (of `never`, each)."""
    path = etree.XPath(to_xpath(rule.selector))
    faults = []
    for html, wanted in [
        *((html, True) for html in rule.removes),
        *((html, rule.never) for html in rule.keeps),
        *((html, False) for html in rule.misses),
    ]:
        if bool(path(fragment_fromstring(html, create_parent="div"))) != wanted:
            what = "does not match its own example" if wanted else "matches what must stay:"
            faults.append(f"{rule.file}: {rule.id}: {what} {html!r}")
    return faults


@lru_cache(maxsize=1)
def shipped_selector_rules() -> tuple[Rule, ...]:
    """The package's rules for pages."""
    return tuple(read_rules(Path(str(resources.files("cleaner") / "rulebook" / "sites.toml"))))
