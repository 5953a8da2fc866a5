"""Settings: from `cleaner.toml` or `[tool.cleaner]` in `pyproject.toml`, from the environment, from the command line.

The file is looked for in the working folder and upwards. The command line wins over the environment, the environment
over the file, the file over the defaults; a list that is given replaces the one it wins over.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cleaner.judge import MODES
from cleaner.rules import CATEGORIES

FILE, PROJECT = "cleaner.toml", "pyproject.toml"
PREFIX = "CLEANER_"
CHOOSES_FILE = "CLEANER_CONFIG"


class ConfigError(ValueError):
    """Settings that cannot be used. The message says where they stand and what to write instead."""


@dataclass(frozen=True, slots=True)
class Site:
    """What is different for one site and its subdomains. An empty mode is the general one; lists come on top of it."""

    mode: str = ""
    also: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """How to clean. `off` names rules by id, several by `start.*`, or whole categories; `timeout` is in seconds."""

    mode: str = "balanced"
    also: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    rules: tuple[Path, ...] = ()
    sightings: Path | None = None
    workers: int = 0
    timeout: float = 300.0
    sites: Mapping[str, Site] = field(default_factory=lambda: MappingProxyType({}))

    def __reduce__(self) -> tuple[Any, ...]:
        values = [getattr(self, known.name) for known in fields(self)]
        return Settings, (*values[:-1], dict(self.sites))


@dataclass(frozen=True, slots=True)
class Config:
    """Settings and the origin of each: `origins[name]` is "default", a file, a variable, or "command line"."""

    settings: Settings = field(default_factory=Settings)
    origins: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None

    def with_command_line(self, given: Mapping[str, Any]) -> Config:
        """The same with what the command line gave; `given` holds nothing else. Raises `ConfigError`."""
        return _applied(self, given, "command line", Path())

    def shown(self) -> Iterator[str]:
        """The settings as lines of TOML, each with its origin as a comment."""
        nowhere = f"none ({FILE} or [tool.cleaner] in {PROJECT}, here or in a folder above)"
        yield f"# settings file: {self.file or nowhere}"
        for known in fields(self.settings):
            if known.name != "sites":
                value = _toml(getattr(self.settings, known.name))
                yield f"{known.name} = {value}  # {self.origins.get(known.name, 'default')}"
        for host, site in self.settings.sites.items():
            yield ""
            yield f"[sites.{_toml(host)}]  # {self.origins['sites']}"
            yield from (f"{name} = {_toml(value)}" for name, value in asdict(site).items() if value)


def find(start: Path) -> Path | None:
    """The settings file that holds for a folder: its own or that of the nearest folder above. None if there is none."""
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / FILE).is_file():
            return folder / FILE
        if (folder / PROJECT).is_file() and "cleaner" in _table(folder / PROJECT).get("tool", {}):
            return folder / PROJECT
    return None


def load(start: Path | None = None, environment: Mapping[str, str] | None = None, file: Path | None = None) -> Config:
    """The settings that hold in folder `start` (the working folder if None), without those of a command line.

    `file` is read instead of the one that is found, as is the file that CLEANER_CONFIG names. `environment` is the
    process's own if None. Raises `ConfigError`.
    """
    variables = os.environ if environment is None else environment
    chosen = file or (Path(variables[CHOOSES_FILE]) if variables.get(CHOOSES_FILE) else None)
    path = chosen or find(start or Path.cwd())
    config = Config(file=path)
    if path is not None:
        table = _table(path)
        table = table.get("tool", {}).get("cleaner", {}) if path.name == PROJECT else table
        config = _applied(config, table, str(path), path.parent)
    for name in _names():
        text = variables.get(PREFIX + name.upper())
        if text and name != "sites":
            variable = PREFIX + name.upper()
            config = _applied(config, {name: _from_variable(name, text, variable)}, variable, Path())
    return config


def _names() -> list[str]:
    return [known.name for known in fields(Settings)]


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot read the settings ({error.strerror}); check the path") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def _from_variable(name: str, text: str, variable: str) -> Any:
    if name == "rules":
        return text.split(os.pathsep)
    if name in ("also", "keep", "off"):
        return [part.strip() for part in text.split(",") if part.strip()]
    if name in ("workers", "timeout"):
        try:
            return int(text) if name == "workers" else float(text)
        except ValueError as error:
            raise ConfigError(f"{variable}: {text!r} is not a number") from error
    return text


def _applied(config: Config, table: Mapping[str, Any], origin: str, folder: Path) -> Config:
    """`config` with the values of `table`; paths in it are relative to `folder`."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        if name not in _names():
            raise ConfigError(f"{origin}: unknown setting {name!r}{_perhaps(name, _names())}")
        values[name] = _sites(value, origin) if name == "sites" else _checked(name, value, origin, folder)
    origins = {**config.origins, **dict.fromkeys(values, origin)}
    return Config(replace(config.settings, **values), origins, config.file)


def _checked(name: str, value: Any, origin: str, folder: Path) -> Any:
    if name in ("also", "keep", "off", "rules"):
        if isinstance(value, str) or not all(isinstance(item, str | Path) for item in _listed(value, name, origin)):
            raise ConfigError(f'{origin}: {name} must be a list of strings, such as {name} = ["..."]')
        if name in ("also", "keep"):
            for item in value:
                if item not in CATEGORIES:
                    raise ConfigError(f"{origin}: {name}: unknown category {item!r}; known are {', '.join(CATEGORIES)}")
        return tuple(folder / Path(item).expanduser() for item in value) if name == "rules" else tuple(value)
    if name == "sightings":
        if not isinstance(value, str | Path):
            raise ConfigError(f"{origin}: sightings must be the path of a store")
        return folder / Path(value).expanduser()
    if name == "mode":
        if value not in MODES:
            raise ConfigError(f"{origin}: unknown mode {value!r}; choose one of {', '.join(MODES)}")
        return value
    wanted: Any = int if name == "workers" else (int, float)
    if isinstance(value, bool) or not isinstance(value, wanted) or value < 0:
        raise ConfigError(f"{origin}: {name} must be a number that is not below 0")
    return value


def _listed(value: Any, name: str, origin: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f'{origin}: {name} must be a list, such as {name} = ["..."]')
    return list(value)


def _sites(value: Any, origin: str) -> Mapping[str, Site]:
    if not isinstance(value, dict) or not all(isinstance(table, dict) for table in value.values()):
        raise ConfigError(f'{origin}: sites are tables, such as [sites."example.com"]')
    allowed = [known.name for known in fields(Site)]
    sites = {}
    for host, table in value.items():
        where = f"{origin}: site {host}"
        for name in table:
            if name not in allowed:
                raise ConfigError(f"{where}: unknown setting {name!r}; a site may set {', '.join(allowed)}")
        sites[host.lower()] = Site(**{name: _checked(name, item, where, Path()) for name, item in table.items()})
    return MappingProxyType(sites)


def _perhaps(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, str | Path):
        text = str(value).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{text}"'
    return '""' if value is None else str(value)
