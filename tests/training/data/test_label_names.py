"""Other names of the same expressions."""

import numpy as np
import pytest

from training.data.dataset import LABELS, Dataset
from training.data.label_names import fer2013_label, in_fer2013_order, same_labels
from training.measure.evaluate import to_model_labels


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Angry", "angry"), ("anger", "angry"), ("HAPPINESS", "happy"), (" surprised ", "surprise"),
        ("fearful", "fear"), ("disgusted", "disgust"), ("no_expression", "neutral"),
        ("contempt", "contempt"), ("My own", "My own"),
    ],
)  # fmt: skip
def test_names(name, label):
    assert fer2013_label(name) == label


def test_data_takes_the_names_of_a_model():
    empty = np.zeros(0)
    data = Dataset(empty, empty, empty, empty)
    names = ("Anger", "Happiness", "contempt")
    renamed = same_labels(data, names).names
    assert renamed == ("Anger", "disgust", "fear", "Happiness", "sad", "surprise", "neutral")
    assert to_model_labels(np.array([0, 3, 6, -1]), names).tolist() == [0, 1, -1, -1]


def test_own_labels_stay_and_known_ones_are_ordered():
    assert in_fer2013_order(["Sad", "Angry", "happiness"]) == ("Angry", "happiness", "Sad")
    assert in_fer2013_order(["open", "closed"]) == ("closed", "open")
    assert in_fer2013_order(list(LABELS[::-1])) == LABELS
