"""The images that a recipe selects: entropy, labels, its own split."""

import numpy as np
import pytest

from training.config import Split
from training.data.dataset import LABELS
from training.data.fer2013 import read_fer2013
from training.data.subset import entropy, select_subset, split_off

from ...support.training import settings_of


def test_sharmas_split_is_scikit_learns_twice():
    train, validation, test = split_off(28_709, Split(0.2, 0.4, 121))
    assert (len(train), len(validation), len(test)) == (22_967, 2_297, 3_445)
    assert len(np.unique(np.concatenate([train, validation, test]))) == 28_709
    again = split_off(28_709, Split(0.2, 0.4, 121))
    assert np.array_equal(train, again[0])
    assert not np.array_equal(train, split_off(28_709, Split(0.2, 0.4, 122))[0])


def test_entropy_of_known_pictures():
    flat = np.zeros((3, 48, 48), np.uint8)
    flat[1, :24] = 200
    flat[2] = np.arange(48 * 48).reshape(48, 48) % 256
    assert entropy(flat) == pytest.approx([0, 1, 8])


def test_low_entropy_and_other_labels_are_left_out(fer_csv):
    data = read_fer2013(fer_csv)
    training = data.split("train")
    data.images[np.flatnonzero(data.usage == "Training")[:3]] = 9
    names = ("angry", "happy")
    chosen = select_subset(data, settings_of("mien_plain", labels=names, drop_low_entropy=0.05))
    assert chosen.training.names == chosen.validation.names == names
    # Of 112 images 6 are dropped, among them the three blank ones; each label has 16.
    assert chosen.left_out["lowest entropy"] == 6
    assert entropy(chosen.training.images).min() > 1
    left = chosen.left_out["labels that are not learned"]
    assert len(chosen.training) == len(training) - 6 - left
    assert np.bincount(chosen.validation.labels).tolist() == [6, 6]
    assert {LABELS[label] for label in data.labels[chosen.training.rows]} == set(names)
    assert chosen.test is None


def test_an_own_split_uses_only_the_train_split(fer_csv):
    data = read_fer2013(fer_csv)
    chosen = select_subset(data, settings_of("sharma_cnn"))
    for part in (chosen.training, chosen.validation, chosen.test):
        assert set(part.usage) == {"Training"}
    rows = [set(part.rows) for part in (chosen.training, chosen.validation, chosen.test)]
    assert sum(map(len, rows)) == len(set.union(*rows)) == 112
    assert list(map(len, rows)) == [89, 10, 13]
