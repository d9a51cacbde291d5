"""The recipes of CONTRIBUTING.md for a page and a setting, followed to the letter.

That for a model is followed in tests/converter/test_contributing.py.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from app import config

from ..support.documents import ROOT, blocks, code_spans, section

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
SCRIPT = """
from app import create_app
client = create_app({"TESTING": True}).test_client()
page = client.get("/hello")
assert page.status_code == 200, page.status
assert "<h1>Hello</h1>" in page.text
assert "/static/dist/hello.js" in page.text
assert client.get("/static/dist/hello.js").status_code == 200
"""


@pytest.fixture
def copy(tmp_path):
    """A copy of what the site is built of and served from, without what is built."""
    for folder in ("app", "bin", "templates", "static"):
        built = shutil.ignore_patterns("dist", "__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=built)
    for file in ROOT.glob("*.json"):
        shutil.copy(file, tmp_path)
    (tmp_path / "node_modules").symlink_to((ROOT / "node_modules").resolve())
    return tmp_path


def test_a_page_is_added_as_the_text_says(copy):
    recipe = section(TEXT, "Add a page")
    files = re.findall(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```", recipe, re.MULTILINE | re.DOTALL)
    assert len(files) == 3
    for name, text in files:
        file = copy / name
        file.parent.mkdir(exist_ok=True)
        before = file.read_text() + "\n\n" if file.exists() else ""
        file.write_text(before + text)
    subprocess.run(["node", "bin/build.mjs", "hello.js"], cwd=copy, check=True)
    own = {**os.environ, "KERAS_BACKEND": "openvino"}
    subprocess.run([sys.executable, "-c", SCRIPT], cwd=copy, env=own, check=True)


def test_a_setting_is_added_as_the_text_says(monkeypatch):
    recipe = section(TEXT, "Add a setting")
    (code,), (row,) = blocks(recipe, "python"), blocks(recipe, "")
    setting = eval(code, vars(config).copy())
    assert setting.read(setting.default) == setting.default
    assert row.strip() == f"| `{setting.name}` | `{setting.default}` | {setting.about} |"
    monkeypatch.setattr(config, "SETTINGS", (*config.SETTINGS, setting))
    assert config.load({setting.name: "Good day."}, {})[setting.name] == "Good day."


def steps() -> list[str]:
    """The numbered steps of all recipes."""
    return re.findall(r"^\d+\. .*(?:\n   .*)*", TEXT, re.MULTILINE)


@pytest.mark.parametrize("step", steps())
def test_what_a_step_names_is_in_its_files(step):
    spans = code_spans(step)
    files = [ROOT / span for span in spans if (ROOT / span).is_file()]
    names = [span for span in spans if re.fullmatch(r"[A-Za-z_]+", span)] if files else []
    text = "".join(file.read_text() for file in files)
    assert [name for name in names if not re.search(rf"\b{name}\b", text)] == []


def test_every_recipe_of_code_is_followed():
    """No Python, HTML or JavaScript stands in the text that these tests leave out."""
    recipes = [section(TEXT, f"Add a {what}") for what in ("page", "model", "setting")]
    for language in ("python", "html", "js"):
        followed = [code for text in recipes for code in blocks(text, language)]
        assert blocks(TEXT, language) == followed
