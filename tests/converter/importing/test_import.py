"""`python -m converter import`: from a stranger's file to a model of the site."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from app.inference.contract import ModelContract
from app.inference.model_store import ModelStore

from ...support import converter_worker
from ...support import foreign_models as foreign

NAME = "strange_net.other"


@pytest.fixture
def site(in_worker, tmp_path):
    """Import into new folders: `site(path, *options)`; `site.models`, `site.bundles`."""

    class Site:
        models, bundles = tmp_path / "site" / "models", tmp_path / "site" / "bundles"

        def __call__(self, path, *options, labels="angry,happy,sad", scale="0..1", **faults):
            arguments = ["import", path, NAME, "--labels", labels, "--scale", scale, *options]
            folders = ["--models", self.models, "--bundles", self.bundles]
            return in_worker(converter_worker.run, list(map(str, [*arguments, *folders])), **faults)

        def contract(self):
            return ModelContract.read(self.models / NAME / "contract.json")

        def predict(self, faces):
            return in_worker(foreign.predict, self.models / NAME / "model.h5", faces)

        def is_empty(self):
            return not any(path.is_file() for path in self.models.parent.rglob("*"))

    return Site()


def test_a_model_is_imported_with_contract_card_and_bundle(in_worker, site, tmp_path):
    path = in_worker(foreign.simple, tmp_path)
    _reader, expected = in_worker(foreign.read, path)
    done = site(path, "--margin", "-0.1")
    assert done.code == 0, done.err
    assert done.err == ""
    contract = site.contract()
    assert contract.labels == ("angry", "happy", "sad")
    assert (contract.input.height, contract.input.width, contract.input.channels) == (24, 24, 1)
    assert contract.crop.margin == pytest.approx(-0.1)
    # It is fed grey levels, the original pixels in 0..1.
    np.testing.assert_allclose(site.predict(foreign.probe() * 255), expected, atol=1e-5)
    (entry,) = json.loads((site.bundles / "index.json").read_text())["models"]
    assert entry["model"] == NAME
    store = ModelStore(site.models)
    assert store.names() == [NAME]
    card = store.card(NAME)
    assert card["measured"] == "not measured"
    assert card["imported"]["file"] == "model.h5"
    assert card["imported"]["scale"] == "0..1"
    assert sorted(path.name for path in site.models.iterdir()) == [NAME]
    again = site(path)
    assert (again.code, "exists already" in again.err) == (1, True)
    assert site(path, "--replace").code == 0


SCALES = {
    "0..255": lambda grey: grey,
    "0..1": lambda grey: grey / 255,
    "-1..1": lambda grey: grey / 127.5 - 1,
    "0.5,0.25": lambda grey: (grey / 255 - 0.5) / 0.25,
    "129,65": lambda grey: (grey - 129) / 65,
    "standardize": lambda grey: (
        (grey - grey.mean((1, 2, 3), keepdims=True)) / grey.std((1, 2, 3), keepdims=True)
    ),
}


@pytest.mark.parametrize("scale", SCALES)
def test_scales(in_worker, tmp_path, scale):
    path = in_worker(foreign.simple, tmp_path)
    grey = np.random.default_rng(1).integers(0, 256, (4, 24, 24, 1)).astype(np.float32)
    found = in_worker(foreign.adapted, path, scale, ["a", "b", "c"], grey)
    expected = in_worker(foreign.original, path, SCALES[scale](grey).astype(np.float32))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@pytest.mark.parametrize("scale", ["0-1", "1", "1,0", "1,-2", "1,2,3", "a,b", "nan,1"])
def test_a_wrong_scale_is_named(in_worker, site, tmp_path, scale):
    done = site(tmp_path / "model.h5", scale=scale)
    assert done.code == 1
    assert re.search(
        r"--scale is .*(expected 0\.\.1, -1\.\.1|deviation has to be above 0)", done.err
    )


def test_a_scale_that_saturates_the_model_is_refused(in_worker, site, tmp_path):
    path = in_worker(foreign.brightness, tmp_path)
    done = site(path, scale="0..255")
    assert done.code == 1
    assert re.search(
        r"the model answers \w+, with a score of 1\.00, for each of the test faces\. Its scale is "
        r"probably not 0\.\.255; try another --scale",
        done.err,
    )
    assert site.is_empty()
    done = site(path, "--allow-saturated", scale="0..255")
    assert done.code == 0
    assert "WARNING: the model answers" in done.out
    assert "WARNING" not in site(path, "--replace", scale="0..1").out


def test_a_contract_on_a_model_of_another_scale_is_refused(in_worker, site, tmp_path):
    path = in_worker(foreign.brightness, tmp_path)
    assert site(path).code == 0
    contract = (site.models / NAME / "contract.json").read_text()
    (tmp_path / "contract.json").write_text(contract)
    target = tmp_path / "bundles" / NAME
    done = in_worker(converter_worker.run, [str(path), str(target)])
    assert done.code == 1
    assert "Most often the model was trained on another scale than grey levels 0..255" in done.err
    assert not target.exists()


def test_a_scale_at_which_the_model_sees_nothing_is_warned_of(in_worker, site, tmp_path):
    path = in_worker(foreign.simple, tmp_path)
    done = site(path, scale="0,65025")
    assert done.code == 0
    assert "WARNING: the model answers" in done.out


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "relu"])
def test_outputs_that_are_no_softmax_become_one(in_worker, tmp_path, activation):
    path = in_worker(foreign.simple, tmp_path, activation=activation)
    grey = foreign.probe() * 255
    expected = in_worker(foreign.original, path, foreign.probe())
    found = in_worker(foreign.adapted, path, "0..1", ["a", "b", "c"], grey)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-5)
    assert (found.argmax(axis=1) == expected.argmax(axis=1)).all()
    if activation == "linear":
        powers = np.exp(expected - expected.max(axis=1, keepdims=True))
        np.testing.assert_allclose(found, powers / powers.sum(axis=1, keepdims=True), atol=1e-5)


def test_one_sigmoid_becomes_two_labels(in_worker, site, tmp_path):
    path = in_worker(foreign.simple, tmp_path, outputs=1, activation="sigmoid")
    smile = in_worker(foreign.original, path, foreign.probe())
    done = site(path, "--allow-saturated", labels="other,smile")
    assert done.code == 0, done.err
    assert "its one output is the probability of smile; other has the rest" in done.out
    found = site.predict(foreign.probe() * 255)
    np.testing.assert_allclose(found, np.hstack([1 - smile, smile]), atol=1e-5)
    assert "give two labels, that of 0 and that of 1" in site(path, "--replace").err


def test_of_two_outputs_the_one_with_the_labels_is_used(in_worker, site, tmp_path):
    path = in_worker(foreign.two_outputs, tmp_path)
    assert "of its 2 outputs, expression is used" in site(path).out
    assert site(path, "--replace", "--output", "expression").code == 0
    wrong = site(path, "--replace", "--output", "mood")
    assert "the model's outputs are 0 (age: 1), 1 (expression: 3)" in wrong.err


def test_colour_and_size(in_worker, tmp_path, site):
    path = in_worker(foreign.colour, tmp_path)
    assert "give the size that it was trained on as --size HEIGHTxWIDTH" in site(path).err
    face = np.zeros((1, 48, 32, 3), np.float32) + np.array([200, 100, 50], np.float32)
    done = site(path, "--size", "48x32", "--colour", "bgr", "--allow-saturated")
    assert done.code == 0, done.err
    assert (site.contract().input.height, site.contract().input.width) == (48, 32)
    assert site.predict(face)[0].argmax() == 2  # red is the third channel
    done = site(path, "--replace", "--size", "48", "--colour", "grey", "--allow-saturated")
    assert done.code == 0, done.err
    assert site.contract().input.channels == 1
    np.testing.assert_allclose(site.predict(np.full((1, 48, 48, 1), 90.0)), 1 / 3, atol=1e-5)


def test_nested_models_are_folded(in_worker, site, tmp_path):
    done = site(in_worker(foreign.transfer, tmp_path), "--allow-saturated")
    assert done.code == 0, done.err
    nodes = json.loads((site.bundles / NAME / "model.json").read_text())["modelTopology"]["node"]
    assert not [one["name"] for one in nodes if "batch_norm" in one["name"]]
    assert sum(one["op"] == "Mul" for one in nodes) == 1  # the scaling


def test_float32_where_float16_differs_too_much(in_worker, site, tmp_path):
    path = in_worker(foreign.simple, tmp_path)
    done = site(path, fault="coarse_float16")
    assert done.code == 0, done.err
    assert re.search(r"note: weights as float32, twice the size: with float16 the prob", done.out)
    assert re.search(r"^quantisation +none$", done.out, re.M)
    # What was asked for is not replaced by something else.
    asked = site(path, "--replace", "--quantize", "float16", fault="coarse_float16")
    assert (asked.code, "with weights as float16" in asked.err) == (1, True)


def test_uint8_is_held_to_its_labels(in_worker, site, tmp_path):
    path = in_worker(foreign.simple, tmp_path)
    done = site(path, "--quantize", "uint8")
    assert done.code == 0, done.err
    assert re.search(r"^same label as Keras +\d+% of 65 test faces \(limit 95%\)$", done.out, re.M)


def test_what_the_server_cannot_run_is_refused(in_worker, site, tmp_path):
    done = site(in_worker(foreign.simple, tmp_path), fault="server_fails")
    assert done.code == 1
    assert "the server, Keras on OpenVINO, cannot run this model: no such operation" in done.err
    assert site.is_empty()


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [("angry,happy", r"the model has 3 outputs, --labels 2 names"), ("a,a,b", "different names")],
)
def test_labels_that_do_not_fit(in_worker, site, tmp_path, labels, sentence):
    done = site(in_worker(foreign.simple, tmp_path), labels=labels)
    assert (done.code, bool(re.search(sentence, done.err))) == (1, True), done.err
    assert site.is_empty()


def test_a_model_is_measured_on_data_with_other_names_of_its_labels(in_worker, site, tmp_path):
    path = in_worker(foreign.brightness, tmp_path)
    data = tmp_path / "data"
    in_worker(foreign.write_folders, data)
    done = site(path, "--data", data, labels="Happy,sadness,Other", fault=None)
    assert done.code == 0, done.err
    card = ModelStore(site.models).card(NAME)
    assert card["validation"]["accuracy"] == pytest.approx(2 / 3, abs=0.01)
    assert set(card["validation"]["per_label"]) == {"Happy", "sadness", "Other"}
    assert card["data"]["measured_on"].startswith("folder validation/")
    assert "measured" not in card
    assert "robustness" not in card
