"""Which folder may import which, in Python and JavaScript; nothing heavy is imported early."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
JS = ROOT / "static" / "js"
HEAVY = ("tensorflow", "keras", "openvino", "torch", "jax", "tensorflowjs")

SHARED_JS = ("errors", "types", "median", "argmax")
"""Modules at the top of static/js that every folder may import."""

JS_ARROWS = {
    "pages": ("mien", "media", "ui", "workers", *SHARED_JS),
    "mien": ("workers", "runtime", "media", *SHARED_JS),
    "workers": ("workers", "inference", "runtime", "media", *SHARED_JS),
    "inference": ("inference", "runtime", *SHARED_JS),
    "runtime": ("runtime", *SHARED_JS),
    "media": ("media", *SHARED_JS),
    "ui": ("ui", *SHARED_JS),
    "service-worker": SHARED_JS,
    **dict.fromkeys(SHARED_JS, SHARED_JS),
}
"""Folder of static/js, or module at its top -> the folders and modules that it may import."""

PURE_JS = ("inference",)
"""Folders whose modules know neither the page nor the worker they run in."""

NETWORKS = ("classifier", "face-detector")
"""Modules of static/js/inference that run a network; the others know nothing of TensorFlow.js."""

PAGE = re.compile(
    r"\b(?:window|document|navigator|localStorage|importScripts|postMessage|HTML\w*Element)\b"
    r"|\bfetch\("
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


FLASK = ("flask", "werkzeug", "gunicorn")
SITE = tuple(f"app.{part}" for part in ("api", "pages", "photos", "limits", "web", "server"))
BATCH = ("av", "pyarrow", "fsspec", "s3fs", "dask", "distributed")
"""What requirements-batch.txt adds; the web process runs without it."""


@pytest.mark.parametrize(
    ("package", "forbidden"),
    [
        ("app", ("training", "converter", "tests")),
        ("app/inference", (*FLASK, *SITE, "app.config")),
        ("app/limits", ("app.api", "app.pages")),
        ("app/photos", ("app.api", "app.pages")),
        *((part.replace(".", "/"), ("app.batch", *BATCH)) for part in (*SITE, "app.inference")),
        ("app/batch", ("app.api", "app.pages", "app.limits", "app.web", "app.server")),
        ("app/server", ("app.api", "app.pages")),
        ("training", ("converter", *FLASK, "tests", *SITE)),
        ("converter", ("training", *FLASK, "tests", *SITE)),
        ("training/architectures", ("tensorflow", "jax", "torch")),
    ],
)
def test_no_python_arrow_points_the_wrong_way(package, forbidden):
    assert modules(package), f"{package} has no modules"
    assert breaches(package, forbidden) == []


def test_a_wrong_python_arrow_would_be_seen():
    assert any("app.inference" in line for line in breaches("training", ("app.inference",)))


@pytest.mark.parametrize("package", ["app", "converter", "training", "static/js", "bin"])
def test_nothing_but_tests_reads_the_tests(package):
    quoted = re.compile(r"""["'`][^"'`\n]*\btests\b["'/`]""")
    files = [p for p in (ROOT / package).rglob("*.*") if p.suffix in (".py", ".js", ".mjs")]
    assert files, f"{package} has no modules"
    for path in files:
        code = re.sub(r'"""[\s\S]*?"""|/\*[\s\S]*?\*/|//[^\n]*|#[^\n]*', "", path.read_text())
        assert not quoted.search(code), f"{path.relative_to(ROOT)} reads tests/"


def test_importing_the_app_imports_nothing_heavy():
    code = (
        "import sys, app, app.api.routes, app.pages.routes, app.inference.recognizer\n"
        f"app.create_app()\n"
        f"print([name for name in {(*HEAVY, *BATCH, 'app.batch')!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def js_modules(folder=""):
    return sorted((JS / folder).rglob("*.js"))


def js_code(path):
    """What a module holds without its comments, which may name types of any other module."""
    return re.sub(r"/\*[\s\S]*?\*/|(?<!:)//[^\n]*", "", path.read_text())


def js_imported(path):
    """The modules of static/js that a module imports, as paths, statically or when needed."""
    names = re.findall(r"(?:from|import)\s*\(?\s*['\"](\.[^'\"]+)['\"]", js_code(path))
    return [(path.parent / name).resolve() for name in names]


def js_place(path):
    """The folder of static/js in which a module is, or its own name at the top."""
    first = path.relative_to(JS).parts[0]
    return first.removesuffix(".js")


def js_page(path):
    """The page that a module belongs to; None where it belongs to no page."""
    parts = path.relative_to(JS).parts
    return parts[1].removesuffix(".js") if parts[0] == "pages" else None


def js_breach(path, other):
    """What is wrong with `path` importing `other`; None where it may."""
    here, there = js_place(path), js_place(other)
    own_page = here == there == "pages" and js_page(path) == js_page(other)
    if own_page or there in JS_ARROWS[here]:
        return None
    return f"{path.relative_to(JS)} imports {other.relative_to(JS)}"


def test_no_javascript_arrow_points_the_wrong_way():
    pairs = [(path, other) for path in js_modules() for other in js_imported(path)]
    assert pairs
    assert [found for pair in pairs if (found := js_breach(*pair))] == []


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("pages/live/live.js", "pages/photo/photo.js"),
        ("pages/live/live.js", "pages/embed.js"),
        ("inference/recognizer.js", "ui/dom.js"),
        ("inference/recognizer.js", "workers/worker-rpc.js"),
        ("inference/recognizer.js", "media/video-frames.js"),
        ("pages/compare/compare.js", "inference/comparison.js"),
        ("runtime/backend.js", "pages/live/live.js"),
        ("ui/overlay.js", "pages/live/live.js"),
    ],
)
def test_a_wrong_javascript_arrow_would_be_seen(path, other):
    assert js_breach(JS / path, JS / other)


def test_only_the_networks_import_the_runtime():
    users = {
        path.stem
        for path in js_modules("inference")
        if "@tensorflow" in js_code(path)
        or any(js_place(other) == "runtime" for other in js_imported(path))
    }
    assert users == set(NETWORKS)


@pytest.mark.parametrize("folder", PURE_JS)
def test_pure_javascript_touches_neither_page_nor_worker(folder):
    assert js_modules(folder)
    for path in js_modules(folder):
        assert not PAGE.findall(js_code(path)), path.relative_to(JS)


def test_a_module_that_touches_the_page_would_be_seen():
    assert PAGE.findall(js_code(JS / "ui" / "dom.js"))


def test_the_live_page_recognises_through_mien_js_alone():
    """The page's own thread loads no model: what mien.js hides stays behind it."""
    reached, ahead = set(), [JS / "pages" / "live" / "live.js"]
    while ahead:
        path = ahead.pop()
        if path in reached:
            continue
        reached.add(path)
        if path.name != "mien.js":
            ahead += js_imported(path)
    found = {str(path.relative_to(JS)) for path in reached}
    assert {"mien.js", "pages/live/session.js", "ui/overlay.js"} <= found
    inner = ("workers/recognizer-client.js", "workers/worker-rpc.js", "inference/recognizer.js")
    assert not found & {*inner, "inference/classifier.js", "inference/face-detector.js"}
