"""Commands and settings in the documentation: each target, module, option and variable exists."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.config import SETTINGS
from converter import cli as converter_cli
from training.cli import parser

from ..support.documents import PAGES, ROOT, inline_commands, name_of, shell_commands, split

SHOWN = [page for page in PAGES if page.stem != "CHANGELOG"]
"""A changelog shows commands and settings as they were then."""
OTHER_VARIABLES = {"MIEN_DATA", "MIEN_CHROMIUM", "MIEN_GREETING"}
"""Variables of tests and benchmarks, and the example of CONTRIBUTING.md."""
OTHER_PROGRAMS = (".", "bash", "cd", "curl", "docker", "git", "heroku", "pip", "npx")

every_page = pytest.mark.parametrize("page", SHOWN, ids=name_of)


def targets() -> set[str]:
    """Targets of the Makefile."""
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def source_of(module: str) -> Path | None:
    """The file that `python -m module` runs; None where there is no such module."""
    package = ROOT.joinpath(*module.split("."))
    files = (package.with_suffix(".py"), package / "__main__.py")
    return next((file for file in files if file.is_file()), None)


def lacks(words: list[str], file: Path) -> list[str]:
    """Options among `words` that `file`, a script, does not read (.py) or name (.mjs)."""
    text = file.read_text()
    edge = """['"]""" if file.suffix == ".py" else r"\b"
    options = [word for word in words if word.startswith("--")]
    return [option for option in options if not re.search(rf"(?<!\w){option}{edge}", text)]


def training_lacks(words: list[str]) -> list[str]:
    """Options among the arguments `words` of python -m training that it does not know."""
    (commands,) = [action for action in parser()._actions if action.dest == "command"]
    if words == ["--help"]:
        return []
    if words[0] not in commands.choices:
        return words[:1]
    known = commands.choices[words[0]]._option_string_actions
    return [word for word in words if word.startswith("--") and word not in known]


def wrong(words: list[str], complete: bool) -> str | None:
    """What is wrong with a command; None where nothing is. `complete`: no argument is left out."""
    program, *rest = words
    if program == "make":
        names = [word for word in rest if "=" not in word]
        unknown = [name for name in names if name not in targets()]
        return f"no target {unknown}" if unknown else None
    if Path(program).name.startswith("python"):
        return wrong_module(rest, complete)
    if program == "node":
        file = ROOT / rest[0]
        if rest[0].startswith("--"):
            missing = [word for word in rest[1:] if not (ROOT / word).exists()]
            return f"no file {missing}" if missing else None
        return f"no file or option {file}" if not file.is_file() or lacks(rest, file) else None
    if program == "npm":
        scripts = json.loads((ROOT / "package.json").read_text())["scripts"]
        name = rest[1] if rest[0] == "run" else rest[0]
        return None if name in (*scripts, "ci", "install") else f"no script {name}"
    return None if program in OTHER_PROGRAMS else f"unknown program {program}"


def wrong_module(rest: list[str], complete: bool) -> str | None:
    """The same of what stands after `python`."""
    assert rest[0] == "-m", rest
    module, *arguments = rest[1:]
    if module in ("pytest", "venv", "pip", "whitenoise.compress"):
        files = [word.partition("::")[0] for word in arguments if word.startswith("tests")]
        missing = [file for file in files if not (ROOT / file).exists()]
        return f"no file {missing}" if missing else None
    file = source_of(module)
    if module.endswith(".<name>"):
        return None
    if file is None:
        return f"no module {module}"
    if module == "app.batch":
        file = ROOT / "app" / "batch" / "options.py"
    if module == "training":
        if not complete:
            return str(training_lacks(arguments)) if training_lacks(arguments) else None
        try:
            parser().parse_args(arguments)
        except SystemExit as stop:
            return None if stop.code == 0 else "refused by its parser"
        return None
    if module == "converter" and complete and "..." not in arguments:
        try:
            converter_cli.parse(arguments)
        except SystemExit as stop:
            return None if stop.code == 0 else "refused by its parser"
        return None
    missing = lacks(arguments, ROOT / "converter" / "cli.py" if module == "converter" else file)
    return f"{module} has no option {missing}" if missing else None


@every_page
def test_commands_are_right(page):
    text = page.read_text()
    found = [(words, True) for words in shell_commands(text)]
    found += [(words, False) for words in inline_commands(text)]
    problems = [(words, wrong(words, complete)) for words, complete in found]
    assert [(words, problem) for words, problem in problems if problem] == []


@pytest.mark.parametrize(
    "line",
    [
        "make everything",
        "python -m training trian mien_small --data x",
        "python -m training train mien_small --data x --epoch 3.5",
        "python -m tests.benchmarks.fotos",
        "python -m converter --quantise none a b",
        "node tests/benchmarks/steadiness.mjs --noises 3",
        ".venv/bin/python -m pytest -q tests/app/test_nothing.py",
        "npm run wacht",
        "frobnicate",
    ],
)
def test_a_wrong_command_would_be_seen(line):
    (words,) = split(line)
    assert wrong(words, complete=True)


def test_a_line_is_split_into_commands():
    line = "A_B=1 make serve && python -m x --y 'a b' | head  # why"
    assert split(line) == [["make", "serve"], ["python", "-m", "x", "--y", "a b"], ["head"]]


@every_page
def test_settings_that_are_named_exist(page):
    known = {setting.name for setting in SETTINGS} | OTHER_VARIABLES
    assert set(re.findall(r"MIEN_[A-Z_]+", page.read_text())) <= known
