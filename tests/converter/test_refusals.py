"""Everything that the converter rejects: one sentence, exit code 1, no files left."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from ..support import converter_worker


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path under `folder`, also hidden ones, with its content (None for a folder)."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def refused(outcome: converter_worker.Outcome, sentence: str) -> None:
    """Check that an outcome is an error of one sentence that matches the pattern `sentence`."""
    assert outcome.code == 1, outcome
    assert outcome.err.startswith("converter: ")
    assert outcome.err.count("\n") == 1, outcome.err
    assert "Traceback" not in outcome.err + outcome.out
    assert re.search(sentence, outcome.err), outcome.err
    assert " is in " not in outcome.out


@pytest.fixture
def place(tmp_path):
    """A folder for bundles, which must be empty at the end of the test."""
    folder = tmp_path / "bundles"
    folder.mkdir()
    yield folder
    assert snapshot(folder) == {}


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))


def zipped(path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "content " * 50)


def damaged_zip(path: Path) -> None:
    zipped(path, "config.json", "metadata.json", "model.weights.h5")
    data = bytearray(path.read_bytes())
    # Behind the header (30 bytes) and name of the first entry, in the data of its checksum.
    data[60] ^= 0xFF
    path.write_bytes(data)


def false_keras(path: Path) -> None:
    zipped(path, "config.json", "metadata.json", "model.weights.h5")


FILES = [
    ("missing.h5", None, r"missing\.h5: no such file; expected a Keras model, \.h5 or \.keras$"),
    ("folder.h5", Path.mkdir, r"this is a folder; expected"),
    ("empty.h5", Path.touch, r"the file is empty; expected"),
    ("text.h5", lambda p: p.write_text("hello\n" * 9), r"neither HDF5 \(\.h5\) nor a \.keras"),
    ("model.onnx", lambda p: p.write_bytes(b"\x08\x07\x12\x07pytorch"), r"ending is '\.onnx'; exp"),
    ("model", lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n"), r"the ending is 'missing'; expected"),
    ("model.pkl", pickled, r"this is a Python pickle, which can run any program"),
    ("model.h5", pickled, r"this is a Python pickle, which can run any program"),
    ("lite.h5", lambda p: p.write_bytes(b"\x1c\0\0\0TFL3" + bytes(50)), r"TensorFlow Lite model"),
    ("torch.keras", lambda p: zipped(p, "archive/data.pkl", "archive/version"), r"PyTorch file"),
    ("zip.keras", lambda p: zipped(p, "readme.txt"), r"a zip archive, but no \.keras one; expect"),
    ("cut.keras", lambda p: p.write_bytes(b"PK\x03\x04" + bytes(90)), r"archive is damaged: File"),
    ("bad.keras", damaged_zip, r"archive is damaged: config\.json fails its checksum"),
    ("other.h5", false_keras, r"a \.keras archive named \.h5; give it the ending \.keras"),
    ("other.keras", lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n"), r"HDF5 file named \.keras"),
    ("head.h5", lambda p: p.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(9)), r"file is damaged: Unab"),
    ("false.keras", false_keras, r"Keras cannot load this file: "),
]


@pytest.mark.parametrize(
    ("name", "make", "sentence"), FILES, ids=[f"{case[0]}-{case[2][:24]}" for case in FILES]
)
def test_files_that_are_no_model(convert, plain_h5, tmp_path, place, name, make, sentence):
    shutil.copy(plain_h5.with_name("contract.json"), tmp_path)
    if make:
        make(tmp_path / name)
    refused(convert(tmp_path / name, place / "small.test"), sentence)


def test_pickles_are_not_opened(convert, plain_h5, tmp_path, place):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "it ran"),)

    shutil.copy(plain_h5.with_name("contract.json"), tmp_path)
    for name in ("model.pkl", "model.h5", "model.keras"):
        (tmp_path / name).write_bytes(pickle.dumps(Evil()))
        refused(convert(tmp_path / name, place / "small.test"), "Python pickle")
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize("kept", [0.2, 0.9])
def test_truncated_model(convert, plain_h5, tmp_path, place, kept):
    shutil.copytree(plain_h5.parent, tmp_path / "source")
    path = tmp_path / "source" / "model.h5"
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    refused(convert(path, place / "small.test"), r"the HDF5 file is damaged: .*truncated")


CONTRACTS = [
    (None, r"contract\.json: no such file; every model needs a contract\.json in its folder$"),
    ("{", r"contract\.json: cannot be read as JSON"),
    ({"labels": None}, r"missing field labels$"),
    ({"colour": "red"}, r"unknown field colour$"),
    (
        {
            "labels": ["angry", "happy"],
            "calibration": {"bias": [0.0, 0.0], "temperature": 1.0, "unsure_below": 0.4},
        },
        r"the model has 3 outputs, its contract 2 labels$",
    ),
    (
        {"input": {"height": 48, "width": 24, "channels": 1}},
        r"the model takes \(24, 24, 1\), its contract says \(48, 24, 1\)$",
    ),
    (
        {"input": {"height": 24, "width": 24, "channels": 3}},
        r"the model takes \(24, 24, 1\), its contract says \(24, 24, 3\)$",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), CONTRACTS, ids=[str(c[0])[:30] for c in CONTRACTS])
def test_contract_missing_or_wrong(convert, plain_h5, tmp_path, place, change, sentence):
    shutil.copytree(plain_h5.parent, tmp_path / "source")
    contract = tmp_path / "source" / "contract.json"
    if change is None:
        contract.unlink()
    elif isinstance(change, str):
        contract.write_text(change)
    else:
        data = json.loads(contract.read_text()) | change
        contract.write_text(json.dumps({k: v for k, v in data.items() if v is not None}))
    refused(convert(tmp_path / "source" / "model.h5", place / "small.test"), sentence)


MODELS = [
    ({"twice": True}, r"the model has 2 inputs and 1 outputs, expected one of each$"),
    ({"batch": 4}, r"the batch size is fixed to 4, expected any \(None\)$"),
    ({"size": None}, r"the model takes \(None, None, 1\), its contract says \(24, 24, 1\)$"),
    ({"flat": False}, r"the output is \(None, 6, 6, 3\), expected \(None, labels\)$"),
    ({"last": "linear"}, r"outputs are no probabilities .* its last layer has to be a softmax$"),
    ({"body": "grouped"}, r"layer \w+ is a convolution in 4 groups, which TF\.js does not have"),
    ({"body": "bicubic"}, r"the model uses ResizeBicubic, which TF\.js does not have$"),
    ({"body": "einsum"}, r"TF\.js's wasm backend has no Einsum operation, which the model uses$"),
    ({"body": "lambda_layer"}, r"holds a Lambda layer, that is Python code inside the file"),
    ({"body": "lambda_layer", "name": "model.keras"}, r"holds a Lambda layer, that is Python code"),
    ({"body": "custom"}, r"elsewhere>Doubled is none of Keras's own layers"),
    ({"body": "custom", "name": "model.keras"}, r"Doubled is none of Keras's own layers"),
]


@pytest.mark.parametrize(("options", "sentence"), MODELS, ids=[str(case[0]) for case in MODELS])
def test_models_that_do_not_fit(in_worker, convert, tmp_path, place, options, sentence):
    model = in_worker(converter_worker.make, tmp_path / "source", **options)
    refused(convert(model, place / "small.test"), sentence)


def test_weights_alone(in_worker, convert, tmp_path, place):
    model = in_worker(converter_worker.make_weights, tmp_path / "source")
    refused(
        convert(model, place / "small.test"),
        r"holds no Keras model \(weights alone, or other data\)",
    )


def test_mixed_precision(in_worker, convert, tmp_path, place):
    model = in_worker(converter_worker.make_mixed, tmp_path / "source")
    refused(
        convert(model, place / "small.test"), r"layer \w+ computes in bfloat16, TF\.js in float32"
    )


FAULTS = [
    ("node_missing", r"node is not installed or not on the PATH; the converter needs 20 or newer"),
    ("node_old", r"node v10\.24\.1 is too old; the converter needs 20 or newer$"),
    ("packages_missing", r"TF\.js cannot be loaded in node .*tfjs-core.*; run npm ci$"),
    ("no_faces", r"faces\.json: the golden faces cannot be read"),
    ("unwritable", r"small.test: the bundle cannot be written: writing there is not permitted$"),
    ("full_at_saved_model", r"small.test: the bundle cannot be written: the disk is full$"),
    ("full_at_shards", r"small.test: the bundle cannot be written: the disk is full$"),
    ("full_at_index", r"small.test: the bundle cannot be written: the disk is full$"),
]


@pytest.mark.parametrize(("fault", "sentence"), FAULTS, ids=[case[0] for case in FAULTS])
def test_failures_of_the_environment(convert, plain_h5, tmp_path, place, fault, sentence):
    (tmp_path / "aside").mkdir()
    key = {"node_missing": "empty", "node_old": "folder", "packages_missing": "folder"}.get(fault)
    options = {key: str(tmp_path / "aside")} if key else {}
    refused(convert(plain_h5, place / "small.test", fault=fault, **options), sentence)


def test_outdir_is_a_file(convert, plain_h5, tmp_path):
    (tmp_path / "small.test").write_text("mine")
    refused(
        convert(plain_h5, tmp_path / "small.test"), r"small.test: this is a file; expected a folder"
    )
    assert snapshot(tmp_path) == {"small.test": b"mine"}


@pytest.mark.parametrize("names", [["notes.txt"], ["model.json", "group1-shard1of1.bin", "mine"]])
def test_outdir_holds_other_things(convert, plain_h5, tmp_path, names):
    (tmp_path / "small.test").mkdir()
    for name in names:
        (tmp_path / "small.test" / name).write_text("mine")
    before = snapshot(tmp_path)
    refused(
        convert(plain_h5, tmp_path / "small.test"), r"has other files than a bundle and is not ov"
    )
    assert snapshot(tmp_path) == before


def test_outdir_below_a_file(convert, plain_h5, tmp_path):
    (tmp_path / "file").write_text("mine")
    refused(
        convert(plain_h5, tmp_path / "file" / "small.test"),
        r"a part of the path is a file, not a fo",
    )
    assert snapshot(tmp_path) == {"file": b"mine"}


def test_parent_folders_of_a_failed_conversion_are_removed(convert, plain_h5, tmp_path):
    outdir = tmp_path / "new" / "newer" / "small.test"
    refused(convert(plain_h5, outdir, fault="full_at_shards"), "the disk is full")
    assert snapshot(tmp_path) == {}
