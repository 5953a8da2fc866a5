"""What the package needs: declared with a lower bound, imported somewhere, and named exactly where it is missing."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import sys
import tomllib
from pathlib import Path

import pytest
from conftest import ROOT

from cleaner.files import problems
from cleaner.files.problems import MissingExtraError, need

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
OURS = PROJECT["name"]

MODULES = {"google-re2": "re2", "scikit-learn": "sklearn"}  # where a package and its module have different names
NOT_IMPORTED = {
    "lxml_html_clean": "jusText, which trafilatura brings, imports it by another name",
    "mypy": "a tool",
    "ruff": "a tool",
}
BROUGHT = {"itemadapter": "scrapy", "twisted": "scrapy"}  # parts of a host that its own documentation tells to import
REQUIREMENT = re.compile(r"([A-Za-z0-9_.-]+)(?:\[[\w,]+\])?>=(\d[\d.]*)(?:; .+)?")


def requirements() -> list[tuple[str, str]]:
    """Group and requirement, those on our own extras aside."""
    groups = {"": PROJECT["dependencies"], **EXTRAS}
    return [(group, line) for group, lines in groups.items() for line in lines if not line.startswith(OURS)]


def parts(line: str) -> tuple[str, str]:
    """The package and the lowest version of a requirement."""
    match = REQUIREMENT.fullmatch(line)
    assert match, f"{line!r} has no lower bound, or more than that; write it as name>=version"
    return match[1], match[2]


def imported(*folders: str) -> set[str]:
    """The top-level modules that the Python files of some folders import anywhere, by statement or by `need`."""
    names: set[str] = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("need", "importorskip"):
                names |= {str(word.value) for word in node.args[:1] if isinstance(word, ast.Constant)}
    return {name.partition(".")[0] for name in names}


def module_of(package: str) -> str:
    return MODULES.get(package, package.replace("-", "_"))


@pytest.mark.parametrize(("group", "line"), requirements())
def test_a_dependency_has_a_lower_bound_and_is_imported_where_it_is_declared_for(group: str, line: str) -> None:
    package, _ = parts(line)
    if package in NOT_IMPORTED:
        return
    folders = ("tests", "benchmarks", "examples") if group == "dev" else ("cleaner",)
    assert module_of(package) in imported(*folders), f"nothing below {', '.join(folders)} imports {package}"


def test_everything_that_the_package_imports_is_declared() -> None:
    declared = {module_of(parts(line)[0]) for group, line in requirements() if group != "dev"}
    foreign = imported("cleaner") - set(sys.stdlib_module_names) - {"cleaner"}
    assert foreign - declared <= BROUGHT.keys()
    assert set(BROUGHT.values()) <= declared


@pytest.mark.parametrize(("group", "line"), requirements())
def test_what_is_installed_is_not_older_than_the_bound(group: str, line: str) -> None:
    package, lowest = parts(line)
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    wanted = [int(number) for number in lowest.split(".")]
    assert [int(number) for number in re.findall(r"\d+", version)[: len(wanted)]] >= wanted


def test_all_means_every_extra_that_users_need() -> None:
    (line,) = EXTRAS["all"]
    assert line == f"{OURS}[{','.join(sorted(EXTRAS.keys() - {'all', 'dev'}))}]"


@pytest.mark.parametrize("module", problems._EXTRAS)
def test_a_missing_package_is_an_error_with_the_exact_command(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError) as caught:
        need(module)
    command = re.search(r'pip install "article-cleaner\[(\w+)\]"$', str(caught.value))
    assert command
    assert module.partition(".")[0] in {module_of(parts(line)[0]) for line in EXTRAS[command[1]]}


def test_every_extra_that_is_named_anywhere_exists() -> None:
    places = [path for folder in ("cleaner", "docs", "examples") for path in sorted((ROOT / folder).rglob("*"))]
    places += [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    named = {
        (place.name, extra)
        for place in places
        if place.suffix in (".py", ".md", ".sh")
        for names in re.findall(r"""(?:article-cleaner|["'.])\[([a-z]+(?:,[a-z]+)*)\]["']""", _text(place))
        for extra in names.split(",")
        if "pip install" in _text(place)
    }
    assert {extra for _, extra in named} >= {"arrow", "datatrove", "report", "scrapy"}
    assert {(place, extra) for place, extra in named if extra not in EXTRAS} == set()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
