"""Which part may import which: converter -> app.inference <- training; nothing heavy early."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("tensorflow", "keras", "openvino", "torch", "jax", "tensorflowjs")
PURE_JS = (
    "preprocess",
    "smoothing",
    "tracker",
    "assign",
    "follow",
    "small-algebra",
    "grey",
    "one-euro",
    "contract",
    "csv",
    "overlay",
    "export",
    "agreement",
    "compare-order",
    "largest-face",
    "median",
    "roster",
    "turns",
    "recording",
    "recording-files",
    "recording-table",
    "timeline",
    "keys",
    "clock",
    "in-app",
    "choices",
    "silence",
    "status",
)


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def imported(path):
    """Absolute names of all that a file imports, anywhere in it."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            names |= {stem} | {f"{stem}.{alias.name}" for alias in node.names}
    return names


def breaches(package, forbidden):
    pattern = re.compile(rf"({'|'.join(map(re.escape, forbidden))})(\.|$)")
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in sorted(imported(path))
        if pattern.match(name)
    ]


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("app", ("training", "converter", "tests")),
        (
            "app/inference",
            ("flask", "werkzeug", "app.api", "app.pages", "app.config", "app.errors"),
        ),
        ("training", ("converter", "flask", "tests", *(f"app.{m}" for m in ("api", "pages")))),
        ("converter", ("training", "flask", "tests", *(f"app.{m}" for m in ("api", "pages")))),
        ("training/architectures", ("tensorflow", "jax", "torch")),
    ],
)
def test_no_arrow_points_the_wrong_way(package, forbidden):
    assert modules(package), f"{package} has no modules"
    assert breaches(package, forbidden) == []


def test_a_wrong_arrow_would_be_seen():
    assert any("app.inference" in line for line in breaches("training", ("app.inference",)))


def test_importing_the_app_imports_nothing_heavy():
    code = (
        "import sys, app, app.api, app.pages, app.inference.recognizer\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", PURE_JS)
def test_pure_js_modules_touch_neither_page_nor_tensorflow(name):
    text = (ROOT / "static" / "js" / f"{name}.js").read_text()
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.S)
    assert not re.findall(r"\b(?:window|document|navigator|fetch|importScripts)\b", code)
    imports = re.findall(r"from\s+['\"]([^'\"]+)['\"]", code)
    assert [name for name in imports if not name.startswith("./")] == []
    assert {Path(name).stem for name in imports} <= {*PURE_JS, "errors"}


def test_pure_js_modules_load_in_node():
    script = "".join(f"await import('./static/js/{name}.js');" for name in PURE_JS)
    subprocess.run(["node", "--input-type=module", "-e", script], cwd=ROOT, check=True)


def test_the_live_page_recognises_through_mien_js_alone():
    reached, ahead = set(), ["live"]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        if name != "mien":
            text = (ROOT / "static" / "js" / f"{name}.js").read_text()
            ahead += re.findall(r"^(?:import|export) .*?from '\./([^']+)\.js';", text, re.M | re.S)
    assert {"mien", "session", "overlay"} <= reached
    inner = {"recognizer-client", "messenger", "recognizer", "classifier", "face-detector"}
    assert reached & inner == set()
