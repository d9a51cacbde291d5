"""The network that OpenVINO runs is that of the file, and a bad file is refused with a sentence."""

import json
import shutil

import numpy as np
import pytest

from app.inference.detection.blazeface_network import NETWORK, BlazeFaceNetwork
from app.inference.errors import ModelFileError


@pytest.fixture
def bundle(tmp_path):
    for suffix in (".json", ".bin"):
        shutil.copy(NETWORK.with_suffix(suffix), tmp_path)
    return tmp_path / NETWORK.name


@pytest.mark.parametrize(("height", "width"), [(256, 256), (192, 256), (32, 384)])
def test_each_anchor_has_a_logit_and_16_values(height, width):
    outputs = BlazeFaceNetwork(NETWORK).run(np.zeros((height, width, 3), np.uint8))
    for grid, (stride, anchors) in enumerate(((16, 2), (32, 6))):
        cells = height // stride * (width // stride)
        assert outputs[2 * grid].size == cells * anchors
        assert outputs[2 * grid + 1].size == cells * anchors * 16
        assert outputs[2 * grid].shape[1:3] == (height // stride, width // stride)


def test_a_missing_file_is_named_with_what_makes_it(tmp_path):
    network = BlazeFaceNetwork(tmp_path / "blazeface.json")
    with pytest.raises(ModelFileError, match=r'blazeface\.json: no such file.*"npm run build"'):
        network.run(np.zeros((32, 32, 3), np.uint8))


def test_missing_weights_are_named(bundle):
    bundle.with_suffix(".bin").unlink()
    with pytest.raises(ModelFileError, match=r"blazeface\.bin: no such file"):
        BlazeFaceNetwork(bundle).run(np.zeros((32, 32, 3), np.uint8))


def without(bundle, change):
    content = json.loads(bundle.read_text("utf-8"))
    change(content)
    bundle.write_text(json.dumps(content), "utf-8")


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.pop("modelTopology"),
        lambda content: content["weightsManifest"][0]["weights"][0].update(name="other"),
        lambda content: content["modelTopology"]["node"][-1].update(op="Softmax"),
    ],
    ids=["no network", "a weight missing", "another operation"],
)
def test_a_damaged_file_is_refused(bundle, change):
    without(bundle, change)
    with pytest.raises(ModelFileError, match=r"blazeface\.json: OpenVINO cannot run this network"):
        BlazeFaceNetwork(bundle).run(np.zeros((32, 32, 3), np.uint8))


def test_a_short_weights_file_is_refused(bundle):
    weights = bundle.with_suffix(".bin")
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelFileError, match="OpenVINO cannot run this network"):
        BlazeFaceNetwork(bundle).run(np.zeros((32, 32, 3), np.uint8))
