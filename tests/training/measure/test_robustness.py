"""The changes of robustness.py do what their names say, and accuracy is measured on them."""

from dataclasses import replace

import numpy as np
import pytest

from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract
from training.measure.robustness import FACTORS, robustness

BY_NAME = {factor.name: factor for factor in FACTORS}
BRIGHT = np.full((2, 48, 48), 200, np.float32)


def spot(x=24, y=24):
    """A black image with a white square of 6 pixels around (x, y)."""
    picture = np.zeros((1, 48, 48), np.float32)
    picture[0, y - 3 : y + 3, x - 3 : x + 3] = 255
    return picture


def centre(picture):
    """Centre (x, y) of the light and its horizontal standard deviation, in pixels."""
    light = picture[0] / picture[0].sum()
    at = np.arange(48) + 0.5
    x, y = (light.sum(axis=0) * at).sum(), (light.sum(axis=1) * at).sum()
    return x, y, np.sqrt((light.sum(axis=0) * (at - x) ** 2).sum())


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_every_factor_has_its_unchanged_value_and_keeps_shape_and_range(factor):
    assert factor.unchanged in factor.values
    assert list(factor.values) == sorted(set(factor.values))
    random = np.random.default_rng(1).integers(0, 256, (3, 48, 48)).astype(np.float32)
    for value in factor.values:
        if value == factor.unchanged:
            continue
        changed = factor.change(random, value)
        assert changed.shape == random.shape
        assert changed.dtype == np.float32
        assert changed.min() >= 0
        assert changed.max() <= 255
        assert np.abs(changed - random).mean() > 1


def test_a_crop_too_far_right_shows_the_face_further_left():
    for name, axis in (("offset_x", 0), ("offset_y", 1)):
        moved = centre(BY_NAME[name].change(spot(), 20))
        assert moved[axis] == pytest.approx(24 - 0.2 * 48, abs=0.05)
        assert moved[1 - axis] == pytest.approx(24, abs=0.05)


def test_a_larger_crop_shows_the_face_smaller():
    before, after = centre(spot(36)), centre(BY_NAME["scale"].change(spot(36), 20))
    assert after[0] == pytest.approx(24 + 12 / 1.2, abs=0.1)
    assert after[2] == pytest.approx(before[2] / 1.2, rel=0.08)


def test_a_tilt_rotates_around_the_centre():
    x, y, _ = centre(BY_NAME["tilt"].change(spot(36), 30))
    assert np.hypot(x - 24, y - 24) == pytest.approx(12, abs=0.1)
    assert abs(np.degrees(np.arctan2(y - 24, x - 24))) == pytest.approx(30, abs=0.5)
    other = centre(BY_NAME["tilt"].change(spot(36), -30))
    assert (y - 24) * (other[1] - 24) < 0


def test_light_blur_size_and_noise():
    assert BY_NAME["gamma"].change(BRIGHT, 2)[0, 0, 0] == pytest.approx(200**2 / 255, abs=0.01)
    assert BY_NAME["gamma"].change(BRIGHT, 0.5)[0, 0, 0] > 200
    spread = centre(BY_NAME["blur"].change(spot(), 3))[2]
    assert spread == pytest.approx(np.hypot(centre(spot())[2], 3), rel=0.08)
    small = BY_NAME["size"].change(spot(), 12)
    # At 12 pixels, each pixel is a block of 4 x 4 here.
    assert (small[0].reshape(12, 4, 12, 4).std(axis=(1, 3)) < 1e-3).all()
    assert BY_NAME["noise"].change(BRIGHT, 10).std() == pytest.approx(10, rel=0.1)


class LightOrDark:
    """A fake classifier: "light" if the mean of the image is above 127."""

    contract = ModelContract(
        model="stand.in",
        labels=("dark", "light"),
        input=InputSpec(48, 48, 1),
        crop=CropSpec(0.0),
        calibration=Calibration((0.0, 0.0), 1.0, 0.0),
    )

    def predict_uncalibrated(self, batch):
        light = batch.mean(axis=(1, 2, 3)) > 127
        return np.stack([~light, light], axis=1).astype(np.float32)


def test_accuracy_on_the_changed_images():
    # 180 stays light up to a gamma of 2 (180 -> 127.06) and is dark from 3 on.
    images = np.stack([np.full((48, 48), 180, np.uint8), np.full((48, 48), 20, np.uint8)])
    found = robustness(LightOrDark(), images, np.array([1, 0]))
    assert found["n"] == 2
    gamma = found["factors"]["gamma"]
    assert dict(zip(gamma["values"], gamma["accuracy"], strict=True)) == {
        0.3: 1.0, 0.5: 1.0, 0.7: 1.0, 1: 1.0, 1.5: 1.0, 2: 1.0, 3: 0.5, 4: 0.5,
    }  # fmt: skip
    for name in ("offset_x", "offset_y", "scale", "tilt", "blur", "size", "noise"):
        assert set(found["factors"][name]["accuracy"]) == {1.0}
    assert 0.3 < found["interval"] < 0.5


def test_the_answer_is_that_of_the_calibrated_scores():
    class Unwilling(LightOrDark):
        contract = replace(LightOrDark.contract, calibration=Calibration((9.0, 0.0), 1.0, 0.0))

        def predict_uncalibrated(self, batch):
            return 0.5 + (super().predict_uncalibrated(batch) - 0.5) / 2

    images = np.full((1, 48, 48), 180, np.uint8)
    # The bias makes it answer "dark" in every case.
    found = robustness(Unwilling(), images, np.array([1]))["factors"]
    assert {share for factor in found.values() for share in factor["accuracy"]} == {0.0}


def test_images_are_resized_to_the_input_of_the_network():
    class Small(LightOrDark):
        contract = replace(LightOrDark.contract, input=InputSpec(24, 24, 3))

        def predict_uncalibrated(self, batch):
            assert batch.shape[1:] == (24, 24, 3)
            return super().predict_uncalibrated(batch)

    images = np.full((1, 48, 48), 180, np.uint8)
    assert robustness(Small(), images, np.array([1]))["factors"]["scale"]["accuracy"] == [1.0] * 5
