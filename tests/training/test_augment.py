"""Augmentation of training images."""

import numpy as np
import pytest

from training.augment import Augmentation, augment


def test_augmentation_is_reproducible_and_bounded():
    images = np.random.default_rng(0).integers(0, 256, (16, 48, 48), dtype=np.uint8)
    first = augment(images, Augmentation(), np.random.default_rng(5))
    again = augment(images, Augmentation(), np.random.default_rng(5))
    other = augment(images, Augmentation(), np.random.default_rng(6))
    assert first.shape == (16, 48, 48)
    assert first.dtype == np.float32
    assert first.min() >= 0 and first.max() <= 255
    assert np.abs(first - again).max() < 1e-2
    assert np.abs(first - other).max() > 1


def test_augmentation_of_nothing_only_mirrors():
    images = np.random.default_rng(0).integers(0, 256, (64, 48, 48), dtype=np.uint8)
    still = Augmentation(rotation=0, shift=0, scale=0, contrast=0, brightness=0, erase=0)
    changed = augment(images, still, np.random.default_rng(5))
    same = np.array([np.abs(c - i).max() < 1e-2 for c, i in zip(changed, images, strict=True)])
    mirrored = np.array(
        [np.abs(c - i[:, ::-1]).max() < 1e-2 for c, i in zip(changed, images, strict=True)]
    )
    assert (same | mirrored).all()
    assert 16 < mirrored.sum() < 48


@pytest.mark.parametrize("kind", ["webcam", "film"])
def test_degradations_take_detail_away_and_stay_in_range(kind):
    # Stripes two pixels wide, from black to white: all detail.
    images = np.tile(np.repeat(np.array([0, 255], np.uint8), 2), (64, 48, 12))
    still = dict.fromkeys(("rotation", "shift", "scale", "contrast", "brightness", "erase"), 0.0)
    how = Augmentation(**still, **{kind: 0.5})
    changed = augment(images, how, np.random.default_rng(5))
    assert changed.shape == images.shape
    assert changed.min() >= 0 and changed.max() <= 255
    detail = np.abs(np.diff(changed, axis=2)).mean(axis=(1, 2))
    whole = np.abs(np.diff(images.astype(float), axis=2)).mean(axis=(1, 2))
    weaker = detail < 0.9 * whole
    assert 0.2 < weaker.mean() < 1
    again = augment(images, how, np.random.default_rng(5))
    assert np.abs(changed - again).max() < 1e-2
