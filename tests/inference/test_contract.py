"""contract.json is read, written, and refused when it is not valid."""

import copy
import json

import pytest

from app.inference.contract import ModelContract
from app.inference.errors import ContractError

GOOD = {
    "contract_version": 2,
    "model": "tiny_net.test",
    "labels": ["angry", "happy", "neutral"],
    "input": {"height": 48, "width": 48, "channels": 1},
    "crop": {"margin": 0.02},
    "calibration": {"bias": [0.1, 0.0, -0.2], "temperature": 1.2, "unsure_below": 0.4},
}


def changed(path, value):
    data = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    place = data
    for name in parents:
        place = place[name]
    place[last] = value
    return data


def without(path):
    data = copy.deepcopy(GOOD)
    *parents, last = path.split(".")
    place = data
    for name in parents:
        place = place[name]
    del place[last]
    return data


FIELDS = [
    *GOOD,
    "input.height",
    "input.width",
    "input.channels",
    "crop.margin",
    "calibration.bias",
    "calibration.temperature",
    "calibration.unsure_below",
]

VERSION_1 = {
    **GOOD,
    "contract_version": 1,
    "calibration": {"temperature": 1.2, "unsure_below": 0.4},
}


def test_what_is_read_is_written_again():
    contract = ModelContract.from_json(GOOD)
    assert contract.labels == ("angry", "happy", "neutral")
    assert contract.to_json() == GOOD
    assert list(contract.to_json()) == list(GOOD)


def test_version_1_has_no_bias_and_is_read_as_one_whose_biases_are_0():
    contract = ModelContract.from_json(VERSION_1)
    assert contract.calibration.bias == (0.0, 0.0, 0.0)
    expected = changed("calibration.bias", [0.0, 0.0, 0.0])
    assert contract.to_json() == expected
    assert ModelContract.from_json(contract.to_json()) == contract


def test_version_1_with_a_bias_is_refused():
    with pytest.raises(ContractError, match="unknown field bias"):
        ModelContract.from_json({**GOOD, "contract_version": 1})


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_required(field):
    with pytest.raises(ContractError, match=f"missing field {field.split('.')[-1]}"):
        ModelContract.from_json(without(field))


@pytest.mark.parametrize("field", ["size", "input.depth", "crop.angle", "calibration.prior"])
def test_an_unknown_field_is_refused(field):
    with pytest.raises(ContractError, match=f"unknown field {field.split('.')[-1]}"):
        ModelContract.from_json(changed(field, 1))


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("contract_version", 3, "this version of Mien reads 1 and 2"),
        ("contract_version", True, "this version of Mien reads 1 and 2"),
        ("model", "Tiny.Test", "expected architecture.tag"),
        ("model", "tiny", "expected architecture.tag"),
        ("model", "../tiny.test", "expected architecture.tag"),
        ("model", 7, "expected architecture.tag"),
        ("labels", ["happy"], "2 or more different names"),
        ("labels", ["happy", "happy"], "2 or more different names"),
        ("labels", ["happy", ""], "2 or more different names"),
        ("labels", "happy", "2 or more different names"),
        ("input", [48, 48, 1], "expected an object with height, width, channels"),
        ("input.height", 48.0, "expected a whole number, 8..1024"),
        ("input.width", 0, "expected a whole number, 8..1024"),
        ("input.channels", 2, "expected a whole number, 1 or 3"),
        ("input.channels", True, "expected a whole number, 1 or 3"),
        ("crop.margin", "0.02", "expected a number, -0.4..2.0"),
        ("crop.margin", -0.5, "expected a number, -0.4..2.0"),
        ("calibration.bias", [0.0, 0.0], "expected a list of 3 numbers, one for each label"),
        ("calibration.bias", 0.5, "expected a list of 3 numbers, one for each label"),
        ("calibration.bias", [0.0, 0.0, True], "expected a number, -20.0..20.0"),
        ("calibration.bias", [0.0, 0.0, 21], "expected a number, -20.0..20.0"),
        ("calibration.temperature", 0, "expected a number, 0.01..100.0"),
        ("calibration.temperature", float("nan"), "expected a number, 0.01..100.0"),
        ("calibration.unsure_below", 1.01, "expected a number, 0.0..1.0"),
        ("calibration.unsure_below", None, "expected a number, 0.0..1.0"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_expected(field, value, said):
    with pytest.raises(ContractError) as error:
        ModelContract.from_json(changed(field, value), "models/x/contract.json")
    assert said in str(error.value)
    assert "models/x/contract.json" in str(error.value)
    assert field.split(".")[0] in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "no such file"), ("{", "cannot be read as JSON"), ("[]", "expected an object")],
)
def test_a_file_that_holds_none(tmp_path, content, said):
    path = tmp_path / "contract.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ContractError, match=said):
        ModelContract.read(path)


def test_a_file_that_holds_one(tmp_path):
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(GOOD))
    assert ModelContract.read(path) == ModelContract.from_json(GOOD)


def test_a_model_that_does_not_fit():
    contract = ModelContract.from_json(GOOD)
    contract.check_output_width(3)
    contract.check_input_shape((48, 48, 1))
    with pytest.raises(ContractError, match="7 outputs, its contract 3 labels"):
        contract.check_output_width(7)
    with pytest.raises(
        ContractError, match=r"takes \(64, 64, 1\), its contract says \(48, 48, 1\)"
    ):
        contract.check_input_shape((64, 64, 1))
