"""The way of the data has one direction: a module imports only what stands before it, and text alone loads little."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "cleaner"

# From the source to the sink. A module may import those of its own layer and of all layers above it in this list.
LAYERS = (
    ("lazily", "folding", "article", "windows"),
    ("literals", "matching", "rules", "rulefile", "compiled"),
    (
        "says",
        "says_pages",
        "vocabulary",
        "signals",
        "surroundings",
        "shelters",
        "sightings_lines",
        "sightings_documents",
        "sightings_stories",
        "sightings_store",
        "sightings",
        "sightings_rules",
    ),
    ("judge", "weigh", "result"),
    ("marks", "charset", "units", "markup", "selectors", "scripts", "markdown", "page"),
    ("rulecheck", "clean", "cleaner"),
    ("config", "configured", "listing", "rulelook", "safe_write"),
    ("files", "batch", "report", "pipelines", "review"),
    ("cli", "cli_groups", "cli_options", "__main__"),
)
# Among the last but one, which need each other in this order only. `report.collect` gathers while a batch runs.
WITHIN = {
    "files": (),
    "report": (),
    "batch": ("files", "report"),
    "pipelines": (),
    "review": ("files", "batch"),
}
# Who may know lxml; trafilatura is for `page` alone.
PAGE_MODULES = {"charset", "units", "markup", "selectors", "scripts", "page"}
HEAVY = ("trafilatura", "bs4", "lxml", "pyarrow", "typer", "rich")
HOSTS = {
    "pyarrow": {"files/columns.py", "pipelines/arrow.py"},
    "scrapy": {"pipelines/scrapy.py"},
    "datatrove": {"pipelines/datatrove.py"},
    "jinja2": {"report/page.py"},
    "typer": {"cli.py", "cli_groups.py", "cli_options.py"},
    "rich": {"batch/show.py"},
    "warcio": {"files/archives.py"},
}
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def dotted(path: Path) -> str:
    return ".".join(("cleaner", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def part(path: Path) -> str:
    """The module or the folder that a file is, at the top of the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def layer(name: str) -> int:
    for number, names in enumerate(LAYERS):
        if name in names:
            return number
    raise AssertionError(f"cleaner.{name} has no place yet: add it to LAYERS, where the data passes it")


def imports(path: Path, lazy: bool = True) -> Iterator[str]:
    """The full names of the modules a file imports, those of type checking aside; with `lazy`, also in functions."""
    package = ("cleaner", *path.relative_to(PACKAGE).parts[:-1])
    for node in statements(ast.parse(path.read_text(encoding="utf-8")), lazy):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            name = ".".join((*start, *(node.module.split(".") if node.module else ())))
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names if is_module(f"{name}.{alias.name}"))


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return name.startswith("cleaner.") and (place.with_suffix(".py").is_file() or (place / "__init__.py").is_file())


def statements(node: ast.AST, lazy: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if not lazy and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield child
        yield from statements(child, lazy)


def own(path: Path) -> set[str]:
    """The parts of the package that a file imports."""
    names = {
        name.split(".")[1] if "." in name else "cleaner" for name in imports(path) if name.split(".")[0] == "cleaner"
    }
    return names - {part(path)}


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_a_module_imports_only_what_stands_before_it(path: Path):
    here = layer(part(path))
    later = {name for name in own(path) if layer(name) > here}
    assert not later, f"{place(path)} imports what comes after it: {', '.join(sorted(later))}"


@pytest.mark.parametrize("path", [path for path in MODULES if part(path) in WITHIN], ids=place)
def test_the_outer_parts_need_each_other_in_one_order_only(path: Path):
    assert own(path) & WITHIN.keys() <= set(WITHIN[part(path)])


def test_no_module_needs_itself_to_be_loaded():
    """What functions import may lead back, since it runs when all is loaded; the rest is a graph without circles."""
    graph = {dotted(path): {name for name in imports(path, lazy=False) if is_module(name)} for path in MODULES}
    assert len(list(TopologicalSorter(graph).static_order())) >= len(MODULES)


@pytest.mark.parametrize("name", LAYERS[0])
def test_an_article_needs_nothing_but_the_standard_library(name: str):
    own = {f"cleaner.{other}" for other in LAYERS[0]}
    assert {found.split(".")[0] for found in set(imports(PACKAGE / f"{name}.py")) - own} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", MODULES, ids=place)
def test_only_the_modules_for_pages_know_html_libraries(path: Path):
    libraries = {name.split(".")[0] for name in imports(path)}
    assert "bs4" not in libraries
    assert "trafilatura" not in libraries or place(path) == "page.py"
    assert "lxml" not in libraries or part(path) in PAGE_MODULES


@pytest.mark.parametrize("library", HOSTS)
def test_a_host_is_known_to_its_own_module_alone(library: str):
    knowing = {place(path) for path in MODULES if library in {name.split(".")[0] for name in imports(path)}}
    assert knowing <= HOSTS[library]


def loaded(statement: str) -> set[str]:
    """Which of the heavy libraries are loaded after a statement, in a process of its own."""
    program = f"import sys\n{statement}\nprint(*(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    assert loaded("import cleaner") == set()


def test_cleaning_a_text_loads_nothing_heavy():
    assert loaded("from cleaner import Cleaner; Cleaner().clean('The library stays open.\\nRead more\\n')") == set()


def test_only_a_page_loads_what_pages_need():
    assert loaded("from cleaner import Cleaner; Cleaner().clean_html('<p>The library stays open.</p>')") >= {
        "lxml",
        "trafilatura",
    }
