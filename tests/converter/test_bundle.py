"""The result of a conversion: a bundle that predicts like Keras, and the index."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from converter import index

from ..support import converter_worker

CASES = [
    # body, file, channels, quantisation, limit of the probability difference
    ("plain", "model.h5", 1, "float16", 1e-2),
    ("plain", "model.keras", 3, "none", 1e-4),
    ("residual", "model.h5", 1, "none", 1e-4),
    ("residual", "model.keras", 1, "uint8", 0.2),
    ("shortcuts", "model.h5", 1, "none", 1e-4),
    ("projection", "model.h5", 1, "none", 1e-4),
]


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join(map(str, case[:4])))
def converted(request, in_worker, convert, tmp_path_factory):
    """(case, bundle folder, outcome) of each case."""
    body, name, channels, quantization, _limit = request.param
    folder = tmp_path_factory.mktemp("converted")
    size = {"height": 24, "width": 24, "channels": channels}
    fields = {"model": f"{body}.test", "input": size}
    model = in_worker(
        converter_worker.make, folder / "source", body, name, channels=channels, contract=fields
    )
    outdir = folder / "bundles" / f"{body}.test"
    return request.param, outdir, convert(model, outdir, "--quantize", quantization)


def nodes_of(bundle: Path) -> list[dict]:
    return json.loads((bundle / "model.json").read_text())["modelTopology"]["node"]


def test_converts_and_prints_the_measurements(converted):
    (_body, _name, _channels, quantization, limit), bundle, outcome = converted
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    preprocessing = re.search(r"^preprocessing difference +(\S+) grey levels", outcome.out, re.M)
    probability = re.search(r"^probability difference +(\S+)", outcome.out, re.M)
    assert 0 <= float(preprocessing[1]) <= 1e-3
    assert 0 <= float(probability[1]) <= limit
    # Weights rounded to 16 or 8 bits cannot give exactly the same predictions.
    assert quantization == "none" or float(probability[1]) > 1e-7
    sizes = re.search(r"^size +(\d+) bytes, (\d+) gzipped$", outcome.out, re.M)
    contents = [path.read_bytes() for path in bundle.iterdir()]
    assert int(sizes[1]) == sum(map(len, contents))
    assert int(sizes[2]) == sum(len(gzip.compress(content)) for content in contents)
    assert re.search(rf"^quantisation +{quantization}$", outcome.out, re.M)
    assert re.search(r"^faces compared +13$", outcome.out, re.M)
    assert "note:" not in outcome.out


def test_a_bundle_has_only_model_json_and_shards(converted):
    _case, bundle, _outcome = converted
    names = sorted(path.name for path in bundle.iterdir())
    assert names == ["group1-shard1of1.bin", "model.json"]
    assert {path.name for path in bundle.parent.iterdir()} == {bundle.name, "index.json"}


def test_a_bundle_has_the_contract(converted):
    (body, _name, channels, _quantization, _limit), bundle, _outcome = converted
    model = json.loads((bundle / "model.json").read_text())
    contract = model["userDefinedMetadata"]["contract"]
    source = bundle.parents[1] / "source" / "contract.json"
    assert contract == json.loads(source.read_text())
    assert contract["model"] == f"{body}.test"
    assert contract["input"]["channels"] == channels


def test_takes_any_number_of_faces(converted):
    (_body, _name, channels, _quantization, _limit), bundle, _outcome = converted
    signature = json.loads((bundle / "model.json").read_text())["signature"]
    assert list(signature["inputs"]) == ["pixels"]
    assert list(signature["outputs"]) == ["scores"]
    shapes = [
        [int(axis["size"]) for axis in tensor["tensorShape"]["dim"]]
        for tensor in (signature["inputs"]["pixels"], signature["outputs"]["scores"])
    ]
    assert shapes == [[-1, 24, 24, channels], [-1, 3]]


def test_batch_norms_and_shortcuts_are_folded(converted):
    (body, *_rest), bundle, _outcome = converted
    nodes = nodes_of(bundle)
    operations = [node["op"] for node in nodes if node["op"] not in ("Const", "Placeholder")]
    assert not [operation for operation in operations if "BatchNorm" in operation]
    # One multiplication and one addition are the scaling in the first layer. The others belong to
    # the network, without the shortcuts that can be folded (two of four).
    assert operations.count("Mul") == {"shortcuts": 2}.get(body, 1)
    assert (
        operations.count("AddV2")
        == {
            "plain": 1,
            "residual": 2,
            "shortcuts": 3,
            "projection": 3,
        }[body]
    )
    assert not [node["name"] for node in nodes if "batch_norm" in node["name"]]


def test_index_describes_the_bundle(converted):
    (body, _name, _channels, quantization, _limit), bundle, _outcome = converted
    (entry,) = json.loads((bundle.parent / "index.json").read_text())["models"]
    contents = [path.read_bytes() for path in bundle.iterdir()]
    parameters = entry.pop("parameters")
    assert entry == {
        "model": f"{body}.test",
        "path": f"{body}.test/model.json",
        "bytes": sum(map(len, contents)),
        "gzip_bytes": sum(len(gzip.compress(content)) for content in contents),
        "quantization": quantization,
        "labels": ["angry", "happy", "sad"],
    }
    # The parameters of batch norms are folded in the bundle, but count for the model.
    assert parameters > sum(
        int(weight["shape"][0]) for weight in weights_of(bundle) if len(weight["shape"]) == 1
    )


def weights_of(bundle: Path) -> list[dict]:
    manifest = json.loads((bundle / "model.json").read_text())["weightsManifest"]
    return [weight for group in manifest for weight in group["weights"]]


def test_same_model_gives_the_same_bytes(convert, plain_h5, tmp_path):
    one, two = (tmp_path / parent / "small.test" for parent in ("one", "two"))
    for folder in (one, two):
        assert convert(plain_h5, folder).code == 0
    files = sorted(path.name for path in one.iterdir())
    assert files == sorted(path.name for path in two.iterdir())
    for name in files:
        assert (one / name).read_bytes() == (two / name).read_bytes()
    # Keras counts these parameters: three 3x3 convolutions, two batch norms, one dense.
    first, second, third, dense = 9 * 8 + 4 * 8, 9 * 8 * 12 + 12 + 3 * 12, 9 * 12 * 12 + 12, 39
    assert index.describe(one)["parameters"] == first + second + third + dense


@pytest.mark.parametrize(("body", "left"), [("sequential", 0), ("odd", 2)])
def test_sequential_models_and_unusual_batch_norms(in_worker, convert, tmp_path, body, left):
    model = in_worker(converter_worker.make, tmp_path / "source", body)
    outcome = convert(model, tmp_path / "small.test", "--quantize", "none")
    assert outcome.code == 0, outcome.err
    norms = {
        name.split("/batchnorm")[0]
        for node in nodes_of(tmp_path / "small.test")
        for name in [node["name"], *node.get("input", [])]
        if "batch_normalization" in name
    }
    assert len(norms) == left, norms


def test_a_batch_norm_that_cannot_be_folded_is_reported(in_worker, convert, tmp_path):
    model = in_worker(converter_worker.make, tmp_path / "source", "before_activation")
    outcome = convert(model, tmp_path / "small.test")
    assert outcome.code == 0, outcome.err
    notes = [line for line in outcome.out.splitlines() if line.startswith("note: ")]
    assert notes
    assert all("is computed apart from its convolution" in note for note in notes)
    assert all("batch_normalization" in note for note in notes)
