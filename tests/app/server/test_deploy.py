"""The container, the platform's files and docs/settings.md agree with the code."""

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from app.config import SETTINGS

from ...support.serving import ROOT

ENVIRONMENT = {"PORT", "WEB_CONCURRENCY", "KERAS_BACKEND"}
"""What is read from the environment and is no setting of the application."""


def instructions():
    """The Dockerfile's (name, rest), lines that go on joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(maxsplit=1)) for line in lines]


def stages():
    """One list of instructions for each stage."""
    found = []
    for name, rest in instructions():
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def copies(stage):
    """(stage it is copied from or None, sources, target) of each COPY."""
    for name, rest in stage:
        if name == "COPY":
            words = rest.split()
            source = words.pop(0).removeprefix("--from=") if rest.startswith("--from") else None
            yield source, words[:-1], words[-1]


def test_the_container_runs_the_command_of_the_procfile():
    last = dict(stages()[-1])
    procfile = (ROOT / "Procfile").read_text().partition("web:")[2]
    assert json.loads(last["CMD"]) == shlex.split(procfile)
    assert int(last["USER"]) > 0
    order = [name for name, _ in stages()[-1]]
    assert order.index("USER") > max(i for i, name in enumerate(order) if name in ("RUN", "COPY"))
    assert "/api/v1/health" in last["HEALTHCHECK"]
    assert f"EXPOSE {re.search(r'PORT=([0-9]+)', last['ENV'])[1]}" == f"EXPOSE {last['EXPOSE']}"


def test_the_versions_in_the_container_are_those_of_the_project():
    images = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    python = (ROOT / ".python-version").read_text().strip()
    assert [image for image in images if image.startswith("python")] == [
        f"python:{python}-slim"
    ] * 2
    node = int(re.fullmatch(r"node:(\d+)-slim", images[0])[1])
    wanted = json.loads((ROOT / "package.json").read_text())["engines"]["node"]
    assert node >= int(re.search(r"\d+", wanted)[0])


def test_all_copied_files_exist_and_are_not_ignored():
    kept = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in kept
    allowed = [line[1:] for line in kept if line.startswith("!")]
    for stage in stages():
        for source, paths, _ in copies(stage):
            for path in paths if source is None else []:
                assert (ROOT / path).exists(), path
                assert any(fnmatch.fnmatch(path, pattern) for pattern in allowed), path


def test_the_files_in_the_container_suffice_to_serve(tmp_path):
    """Its files, laid out as the Dockerfile does, answer every page and a photo page's script."""
    for source, paths, target in copies(stages()[-1]):
        if source == "packages":
            continue
        for path in paths:
            path = path.removeprefix("/build/")
            if (ROOT / path).is_dir():
                shutil.copytree(ROOT / path, tmp_path / target)
            else:
                shutil.copy(ROOT / path, tmp_path / target)
    code = """
import runpy
from app import create_app
client = create_app().test_client()
for path in ("/", "/photo", "/models", "/about", "/api/v1/health", "/static/dist/photo.js"):
    assert client.get(path).status_code == 200, path
runpy.run_path("gunicorn.conf.py")
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    built = [rest for name, rest in stages()[0] if name == "COPY"]
    assert any("bin/build.mjs" in rest and "bin/compress.mjs" in rest for rest in built)


def test_app_json_names_existing_settings():
    platform = json.loads((ROOT / "app.json").read_text())
    by_name = {setting.name: setting for setting in SETTINGS}
    for name, entry in platform["env"].items():
        assert name in by_name or name in ENVIRONMENT
        assert entry["description"].endswith(".")
        if name in by_name:
            by_name[name].read(entry["value"])
    assert platform["env"]["MIEN_PROXIES"]["value"] == "1"
    assert platform["env"]["WEB_CONCURRENCY"]["value"] == "1"
    assert [pack["url"] for pack in platform["buildpacks"]] == ["heroku/nodejs", "heroku/python"]


def test_the_page_of_settings_has_each_variable_once():
    text = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)
    assert sorted(rows) == sorted([*(setting.name for setting in SETTINGS), *ENVIRONMENT])


@pytest.mark.parametrize("name", ["README.md", "SECURITY.md", "app.json", "Dockerfile"])
def test_no_unknown_setting_is_named(name):
    known = {setting.name for setting in SETTINGS} | {"MIEN_DATA", "MIEN_CHROMIUM"}
    assert set(re.findall(r"MIEN_[A-Z_]+", (ROOT / name).read_text())) <= known


def test_requirements_are_pinned_and_those_of_the_web_process_separate():
    for path in ROOT.glob("requirements*.txt"):
        for line in path.read_text().splitlines():
            wanted = line.partition("#")[0].strip()
            if wanted and not wanted.startswith("-r "):
                assert re.match(r"[a-z0-9-]+==\S+", wanted), wanted
    web = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"tensorflow|pytest|playwright|pandas|pyarrow|dask|fsspec", web)


def test_post_compile_removes_only_unused_plugins(tmp_path):
    libraries = tmp_path / "openvino" / "libs"
    libraries.mkdir(parents=True)
    (libraries.parent / "__init__.py").touch()
    for part in ("intel_cpu_plugin", "intel_gpu_plugin", "intel_npu_plugin", "auto_plugin"):
        (libraries / f"libopenvino_{part}.so").touch()
    (libraries / "cache.json").touch()
    own = {"PATH": "/usr/bin:/bin", "PYTHON": sys.executable, "PYTHONPATH": str(tmp_path)}
    subprocess.run(["bash", ROOT / "bin" / "post_compile"], env=own, check=True)
    assert sorted(file.name for file in libraries.iterdir()) == [
        "libopenvino_auto_plugin.so",
        "libopenvino_intel_cpu_plugin.so",
    ]
