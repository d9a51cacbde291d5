"""Settings: defaults, environment variables, given values; and values that are not allowed."""

import json
import tomllib
from pathlib import Path

import pytest

from app import create_app
from app.config import SETTINGS, ConfigError, load
from app.version import __version__

ROOT = Path(__file__).parents[2]
DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def test_without_anything_it_is_the_defaults():
    assert load({}, {}) == DEFAULTS


def test_every_setting_is_explained():
    assert len(DEFAULTS) == len(SETTINGS)
    for setting in SETTINGS:
        assert setting.name.startswith("MIEN_")
        assert setting.about.endswith(".")
        assert setting.read(setting.default) == setting.default


def test_the_page_of_settings_lists_every_setting_as_it_is():
    rows = {
        cells[1].strip().strip("`"): (cells[2].strip().strip("`"), cells[3].strip())
        for line in (ROOT / "docs" / "settings.md").read_text().splitlines()
        if line.startswith("| `MIEN_")
        for cells in [line.split("|")]
    }
    assert rows == {
        setting.name: (
            "app/models" if setting.name == "MIEN_MODELS" else str(setting.default),
            setting.about,
        )
        for setting in SETTINGS
    }


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("MIEN_MODEL", " other.one ", "other.one"),
        ("MIEN_MODELS", str(ROOT), ROOT),
        ("MIEN_MAX_BYTES", "2000", 2000),
        ("MIEN_MAX_PHOTOS", "3", 3),
        ("MIEN_MAX_FORM_BYTES", "4000", 4000),
        ("MIEN_MAX_MEGAPIXELS", "0.5", 0.5),
        ("MIEN_MAX_FACES", "7", 7),
        ("MIEN_CONCURRENCY", "4", 4),
        ("MIEN_CORS_ORIGINS", "*", "*"),
        ("MIEN_CORS_ORIGINS", "https://a.org, http://b:81", "https://a.org http://b:81"),
        ("MIEN_PRELOAD", "0", False),
        ("MIEN_PRELOAD", "No", False),
        ("MIEN_PRELOAD", "true", True),
        ("MIEN_RATE_LIMIT", " 5/second;500/hour ", "5/second;500/hour"),
        ("MIEN_RATE_LIMIT", "", ""),
        ("MIEN_REDIS_URL", "rediss://:word@host:6380/1", "rediss://:word@host:6380/1"),
        ("MIEN_PROXIES", "2", 2),
        ("MIEN_HTTPS", "1", True),
        ("MIEN_HSTS", "31536000", 31536000),
        ("MIEN_METRICS", "yes", True),
        ("MIEN_STALL_SECONDS", "2.5", 2.5),
        ("MIEN_INTAKE_BYTES", "2000000", 2000000),
    ],
)
def test_the_environment_takes_precedence_over_the_default(name, text, value):
    found = load({name: text}, {})
    assert found == {**DEFAULTS, name: value}
    assert type(found[name]) is type(value) or isinstance(value, Path)


def test_given_values_take_precedence_over_the_environment():
    found = load({"MIEN_MAX_FACES": "7"}, {"MIEN_MAX_FACES": 3, "TESTING": True})
    assert found == {**DEFAULTS, "MIEN_MAX_FACES": 3, "TESTING": True}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("MIEN_MODEL", ""),
        ("MIEN_MODELS", str(ROOT / "nothing here")),
        ("MIEN_MODELS", str(ROOT / "pyproject.toml")),
        *(("MIEN_MAX_BYTES", text) for text in ("", "many", "12MB", "-1", "0", "1e6", "1.5")),
        *(("MIEN_MAX_MEGAPIXELS", text) for text in ("", "nan", "inf", "0", "-3", "many")),
        *(("MIEN_MAX_PHOTOS", text) for text in ("", "0", "101", "few")),
        *(("MIEN_MAX_FORM_BYTES", text) for text in ("", "24MB", "1023")),
        *(
            ("MIEN_CORS_ORIGINS", text)
            for text in (
                "a.org",
                "https://a.org/",
                "https://a.org/x",
                "https://*.org",
                "null",
                "ftp://a.org",
            )
        ),
        *(("MIEN_MAX_FACES", text) for text in ("", "0", "2.5", "1001")),
        *(("MIEN_CONCURRENCY", text) for text in ("0", "-2", "two")),
        *(("MIEN_PRELOAD", text) for text in ("", "2", "perhaps")),
        *(("MIEN_RATE_LIMIT", text) for text in ("60", "many/minute", "60 per fortnight")),
        *(("MIEN_PROXIES", text) for text in ("", "-1", "11", "all")),
        *(("MIEN_HTTPS", text) for text in ("", "https")),
        *(("MIEN_INTAKE_BYTES", text) for text in ("", "1000", "64MB")),
        *(("MIEN_STALL_SECONDS", text) for text in ("", "0", "nan", "601")),
        *(("MIEN_HSTS", text) for text in ("", "-1", "1 year", "63072001")),
        *(("MIEN_METRICS", text) for text in ("", "prometheus")),
    ],
)
def test_a_wrong_value_is_named_with_what_is_expected(name, text):
    expected = next(setting.expected for setting in SETTINGS if setting.name == name)
    with pytest.raises(ConfigError) as caught:
        load({name: text}, {})
    assert str(caught.value) == f"{name} is {text!r}; expected {expected}."


@pytest.mark.parametrize("url", ["http://:word@host", "host:6379", "redis:word"])
def test_a_wrong_value_that_may_hold_a_password_is_not_shown(url):
    with pytest.raises(ConfigError, match=r"MIEN_REDIS_URL.*expected a URL.*redis://") as caught:
        load({"MIEN_REDIS_URL": url}, {})
    assert "word" not in str(caught.value) and "host" not in str(caught.value)


@pytest.mark.parametrize("value", [None, 2.5, True, [3]])
def test_a_given_value_of_the_wrong_type_is_refused(value):
    with pytest.raises(ConfigError, match="MIEN_MAX_FACES"):
        load({}, {"MIEN_MAX_FACES": value})


def test_a_misspelt_setting_that_is_given_is_refused():
    with pytest.raises(ConfigError, match=r"MIEN_MAXFACES is not a setting.*MIEN_MAX_FACES"):
        load({}, {"MIEN_MAXFACES": 3})


def test_a_misspelt_setting_of_the_environment_is_in_the_log(caplog):
    assert load({"MIEN_MAXFACES": "3", "PATH": "x"}, {}) == DEFAULTS
    (record,) = caplog.records
    assert "MIEN_MAXFACES is not a setting" in record.getMessage()


def test_the_application_reads_the_environment(monkeypatch):
    monkeypatch.setenv("MIEN_MAX_BYTES", "123456")
    own = create_app({"MIEN_MAX_FACES": 5})
    assert own.config["MIEN_MAX_BYTES"] == 123456
    assert own.config["MIEN_MAX_FACES"] == 5
    page = own.test_client().get("/photo").text
    assert 'data-max-bytes="123456"' in page


def test_a_default_model_that_does_not_exist_stops_the_start():
    with pytest.raises(ConfigError, match=r"MIEN_MODEL: .*no\.such.*mien_plain\.fer2013"):
        create_app({"MIEN_MODEL": "no.such"})


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert __version__ == project["version"]


def test_pages_that_name_no_model_get_the_default_one():
    """Scripts of other pages read it from the list of bundles, which knows nothing of settings."""
    index = json.loads((ROOT / "static" / "models" / "index.json").read_text(encoding="utf-8"))
    (default,) = [setting.default for setting in SETTINGS if setting.name == "MIEN_MODEL"]
    assert index["default"] == default
