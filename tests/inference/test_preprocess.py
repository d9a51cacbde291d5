"""tests/golden/preprocess.json in Python; tests/js/inference/preprocess.test.mjs is its twin."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest

from app.inference.classifier import apply_calibration
from app.inference.contract import Calibration, CropSpec, InputSpec
from app.inference.preprocess import crop_box, to_batch, to_input
from app.inference.types import Box
from tests.golden import make_preprocess
from tests.support.numbers import assert_close

GOLDEN = json.loads((Path(make_preprocess.__file__).parent / "preprocess.json").read_text())


def picture(case):
    stored = GOLDEN["pictures"][case["picture"]]
    rgb = np.frombuffer(base64.b64decode(stored["rgb"]), np.uint8)
    return rgb.reshape(stored["height"], stored["width"], 3)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_input_agrees_with_the_exact_area_average(case):
    spec = InputSpec(**case["input"])
    expected = np.frombuffer(base64.b64decode(case["expected"]), "<f4").reshape(
        spec.height, spec.width, spec.channels
    )
    found = to_input(picture(case), Box(**case["crop"]), spec)
    assert found.dtype == np.float32
    assert np.abs(found - expected).max() <= 1e-3


@pytest.mark.parametrize("case", GOLDEN["crop_boxes"])
def test_crop_box_is_square_and_centred(case):
    found = crop_box(Box(**case["box"]), CropSpec(case["margin"]))
    assert found.to_json() == pytest.approx(case["expected"], abs=0.01)


@pytest.mark.parametrize("case", GOLDEN["calibration"])
def test_calibration(case):
    found = apply_calibration(
        np.array([case["probabilities"]]),
        Calibration(tuple(case["bias"]), case["temperature"], 0.0),
    )
    assert found[0] == pytest.approx(case["expected"], abs=1e-9)


def test_the_golden_file_is_what_its_script_writes():
    assert_close(make_preprocess.golden(), GOLDEN, 1e-9)


def test_a_picture_of_the_input_size_passes_unchanged():
    grey = np.random.default_rng(1).integers(0, 256, (48, 48), dtype=np.uint8)
    found = to_input(np.dstack([grey] * 3), Box(0, 0, 48, 48), InputSpec(48, 48, 1))
    assert np.abs(found[..., 0] - grey).max() <= 1e-4


def test_a_batch_holds_each_crop_in_order():
    image = make_preprocess.pictures()["noise"]
    crops = [Box(0, 0, 48, 48), Box(30, 20, 40, 40)]
    spec = InputSpec(48, 48, 1)
    batch = to_batch(image, crops, spec)
    assert batch.shape == (2, 48, 48, 1)
    for row, crop in zip(batch, crops, strict=True):
        np.testing.assert_allclose(row, to_input(image, crop, spec), rtol=0, atol=1e-3)
    assert to_batch(image, [], spec).shape == (0, 48, 48, 1)
