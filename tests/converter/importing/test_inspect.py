"""`python -m converter inspect`, and files that are no model."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import pytest

from ...support import converter_worker
from ...support import foreign_models as foreign


@pytest.fixture
def command(in_worker):
    """Run the command line: `command("inspect", path)`."""
    return lambda *arguments: in_worker(converter_worker.run, list(map(str, arguments)))


def test_says_what_a_file_is_and_what_comes_next(in_worker, command, tmp_path):
    path = in_worker(foreign.weights_alone, tmp_path, 2)
    done = command("inspect", path)
    assert done.code == 0, done.err
    said = dict(line.split(None, 1) for line in done.out.splitlines() if "missing" not in line)
    assert said["file"] == f"{path}: weights alone, HDF5"
    assert said["Keras"].startswith("2.")
    assert said["input"] == "(None, 24, 24, 1)"
    assert said["output"] == "predictions (None, 3)"
    assert said["parameters"] == f"{24 * 24 * 3 + 3:,}"
    assert said["layers"] == "1 Flatten, 1 Dense" or said["layers"].startswith("from ")
    assert said["next"].startswith(f"python -m converter import {path} model.imported --labels")
    assert "--architecture" in said["next"]
    assert done.out.count("missing") == 3


def test_the_next_command_works(in_worker, command, tmp_path):
    import shlex

    path = in_worker(foreign.simple, tmp_path)
    (line,) = [one for one in command("inspect", path).out.splitlines() if one.startswith("next")]
    _python, _m, _converter, *arguments = shlex.split(line.removeprefix("next"))
    done = command(*arguments, "--models", tmp_path / "m", "--bundles", tmp_path / "b")
    assert done.code == 0, done.err


def zipped(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "content")


NO_MODELS = [
    (lambda p: None, r"no such file; expected a trained Keras model"),
    (Path.touch, r"the file is empty"),
    (lambda p: p.write_text("version https://git-lfs.github.com/spec/v1\noid"), r"git lfs pull"),
    (lambda p: p.write_text("\n<!DOCTYPE html>\n<html>"), r"an HTML page, not the model"),
    (lambda p: p.write_text("404: Not Found"), r"a text file \(it begins '404: Not Found'\)"),
    (lambda p: p.write_bytes(bytes(range(256))), r"neither HDF5 \(\.h5\) nor a \.keras archive"),
    (lambda p: p.write_bytes(b"\x1c\0\0\0TFL3" + bytes(50)), r"a TensorFlow Lite model"),
    (lambda p: p.write_bytes(pickle.dumps([1])), r"a Python pickle, which can run any program"),
    (lambda p: p.write_text(json.dumps({"class_name": "Sequential"})), r"this is JSON; give"),
    (lambda p: zipped(p, "m/saved_model.pb"), r"a zip archive with a SavedModel; unpack it"),
    (lambda p: p.mkdir(), r"this folder is no SavedModel"),
    (lambda p: (p.mkdir(), (p / "saved_model.pb").touch()), r"no Keras layers .*only a graph"),
    (lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(9)), r"the HDF5 file is damaged"),
]


@pytest.mark.parametrize(("make", "cause"), NO_MODELS, ids=[case[1][:20] for case in NO_MODELS])
def test_what_is_no_model_is_named(command, tmp_path, make, cause):
    import re

    make(tmp_path / "model.h5")
    done = command("inspect", tmp_path / "model.h5")
    assert done.code == 1
    assert re.search(cause, done.err), done.err
    assert done.err.count("\n") == 1
    assert len(done.err) < 400


def test_weights_without_layers(in_worker, command, tmp_path):
    path = in_worker(foreign.weights_alone, tmp_path, 2)
    (tmp_path / "model.json").unlink()
    assert "the file holds weights alone; give the layers" in command("inspect", path).err


def test_python_code_is_refused_and_never_run(in_worker, command, tmp_path):
    marker = tmp_path / "it ran"
    path = in_worker(foreign.lambda_of_keras2, tmp_path, str(marker))
    for arguments in (
        ["inspect", path],
        ["import", path, "some.model", "--labels", "a,b", "--scale", "0..1"],
    ):
        done = command(*arguments)
        assert done.code == 1
        assert "holds a Lambda layer, that is Python code inside the file" in done.err
    assert not marker.exists()


def test_keras_errors_are_one_short_cause(in_worker, command, tmp_path):
    path = in_worker(foreign.simple, tmp_path)
    import h5py

    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][-1]["config"]["colour"] = "red"
        file.attrs["model_config"] = json.dumps(config)
    done = command("inspect", path)
    assert done.code == 1
    assert "colour" in done.err
    assert len(done.err) < 400
