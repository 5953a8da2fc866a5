"""Settings: where they are found, who wins, what they do, and what is said of those that cannot be used."""

from __future__ import annotations

import pickle
import tomllib
from pathlib import Path

import pytest

from cleaner.compiled import shipped_rules
from cleaner.config import Config, ConfigError, Settings, Site, find, load
from cleaner.configured import SiteCleaner, build, switched_off
from cleaner.rules import Rule

STORY = (
    "The town council of Fernmouth voted on Tuesday evening to rebuild the old sea wall before the winter storms.\n"
    "{line}\n"
    "Two members voted against it. They said that the money should go to the school roof.\n"
)
PITCH = "Sign up for our daily newsletter"


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path, {}).settings == Settings()


def test_the_nearest_file_upwards_holds(tmp_path: Path) -> None:
    write(tmp_path / "cleaner.toml", 'mode = "recall"')
    near = write(tmp_path / "project" / "cleaner.toml", 'mode = "precision"')
    inner = tmp_path / "project" / "deep" / "er"
    inner.mkdir(parents=True)
    assert find(inner) == near
    assert load(inner, {}).settings.mode == "precision"


def test_a_project_file_counts_if_it_speaks_of_cleaner(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[tool.cleaner]\nmode = "recall"')
    write(tmp_path / "inner" / "pyproject.toml", '[project]\nname = "other"')
    assert load(tmp_path / "inner", {}).settings.mode == "recall"


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = write(tmp_path / "cleaner.toml", 'mode = "recall"\nalso = ["meta"]\nworkers = 2')
    config = load(tmp_path, {"CLEANER_MODE": "balanced", "CLEANER_WORKERS": "3"}).with_command_line({"workers": 4})
    assert (config.settings.mode, config.settings.also, config.settings.workers) == ("balanced", ("meta",), 4)
    assert config.origins == {"mode": "CLEANER_MODE", "also": str(file), "workers": "command line"}


def test_rule_files_are_found_beside_the_settings_file(tmp_path: Path) -> None:
    write(tmp_path / "cleaner.toml", 'rules = ["my-rules.toml"]')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert load(inner, {}).settings.rules == (tmp_path / "my-rules.toml",)


def test_a_variable_may_name_the_file(tmp_path: Path) -> None:
    other = write(tmp_path / "other.toml", 'mode = "recall"')
    assert load(tmp_path, {"CLEANER_CONFIG": str(other)}).settings.mode == "recall"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('mood = "recall"', "did you mean 'mode'"),
        ('mode = "harsh"', "precision, balanced, recall"),
        ('also = "meta"', "list of strings"),
        ('keep = ["spam"]', "unknown category 'spam'"),
        ("workers = -1", "not below 0"),
        ("workers = 1.5", "number"),
        ("sightings = 3", "path"),
        ("mode =", "not valid TOML"),
        ('[sites]\n"example.com" = 1', "sites are tables"),
        ('[sites."example.com"]\nworkers = 2', "a site may set"),
    ],
)
def test_what_cannot_be_used_is_refused_with_place_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    file = write(tmp_path / "cleaner.toml", text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, {})
    assert says in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_variable_that_is_no_number_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="CLEANER_WORKERS"):
        load(tmp_path, {"CLEANER_WORKERS": "many"})


def test_what_is_shown_is_toml_and_names_every_origin(tmp_path: Path) -> None:
    file = write(tmp_path / "cleaner.toml", 'mode = "recall"\n[sites."example.com"]\nkeep = ["related"]')
    shown = "\n".join(load(tmp_path, {"CLEANER_ALSO": "meta, title"}).shown())
    table = tomllib.loads(shown)
    assert table["mode"] == "recall"
    assert table["also"] == ["meta", "title"]
    assert table["sites"] == {"example.com": {"keep": ["related"]}}
    assert f'mode = "recall"  # {file}' in shown
    assert 'also = ["meta", "title"]  # CLEANER_ALSO' in shown
    assert "workers = 0  # default" in shown
    assert "none (" in next(iter(Config().shown()))


def test_settings_travel_to_workers() -> None:
    settings = Settings(rules=(Path("a.toml"),), sites={"example.com": Site("recall")})
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_a_category_can_be_switched_off() -> None:
    text = STORY.format(line=PITCH)
    assert build(Settings()).clean(text).text != text
    assert build(Settings(off=("newsletter",))).clean(text).text == text


def test_a_rule_can_be_switched_off_by_id_and_by_start() -> None:
    rules = shipped_rules()
    first = rules[0]
    assert switched_off([first.id], rules) == ([], {first.id})
    topic = first.id.split(".")[0]
    expected = {rule.id for rule in rules if rule.id.startswith(f"{topic}.")}
    assert switched_off([f"{topic}.*"], rules) == ([], expected)


def test_switching_off_what_is_not_there_is_an_error() -> None:
    rules = [Rule("ad.label", "ad", "is a label", "x")]
    with pytest.raises(ConfigError, match=r"did you mean 'ad\.label'"):
        switched_off(["ad.lable"], rules)
    with pytest.raises(ConfigError, match="rules list"):
        switched_off(["zzzzzz"], rules)


def test_a_site_has_its_own_way() -> None:
    cleaner = build(Settings(sites={"example.com": Site(keep=("newsletter",))}))
    text = STORY.format(line=PITCH)
    assert isinstance(cleaner, SiteCleaner)
    assert cleaner.clean(text, "https://www.example.com/1").text == text
    assert cleaner.clean(text, "https://example.org/1").text != text
    assert cleaner.clean(text, "https://notexample.com/1").text != text
    assert cleaner.clean(text).text != text
    assert [line.verdict for line in cleaner.explain(text, "https://example.com/")] == ["kept"] * 3
    assert cleaner.clean(text, "http://[broken").text != text
    assert not cleaner.clean_html("<p>" + PITCH + "</p>", "https://example.com/").text.count("Fernmouth")
