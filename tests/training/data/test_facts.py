"""Counts of the data, on data with known counts."""

import numpy as np

from training.data.dataset import Dataset
from training.data.facts import data_facts


def pictures(*greys):
    """An image for each grey level; those below 200 have one pixel of another level."""
    made = np.array(greys, np.uint8)[:, None, None] * np.ones((48, 48), np.uint8)
    made[np.array(greys) < 200, 0, 0] += 1
    return made


def data(greys, labels, usage):
    return Dataset(
        pictures(*greys), np.array(labels), np.array(usage), np.arange(len(labels), dtype=np.int64)
    )


def test_duplicates_constant_pictures_and_splits():
    train, validation = "Training", "PublicTest"
    found = data_facts(
        data(
            [10, 10, 20, 200, 10, 30, 20],
            [0, 0, 3, 6, 1, 2, 3],
            [train, train, train, train, validation, validation, validation],
        )
    )
    assert found["distinct"] == 4
    assert found["duplicates"] == {
        "within_train": 1, "validation_in_train": 2, "contradicting": 1,
    }  # fmt: skip
    assert found["constant"] == 1
    assert {name: split["pictures"] for name, split in found["splits"].items()} == {
        "train": 4, "validation": 3,
    }  # fmt: skip
    assert found["splits"]["train"]["per_label"]["angry"] == 2
    assert "ferplus" not in found


def test_agreement_with_ferplus():
    votes = np.zeros((4, 10), np.int64)
    votes[0, 0] = 9  # angry, as FER2013 says
    votes[1, 3] = 6  # happy, FER2013 says angry
    votes[2, [0, 3]] = 5  # a tie
    votes[3, 9] = 8  # not a face
    found = data_facts(data([1, 2, 3, 4], [0, 0, 0, 0], ["Training"] * 4), votes)
    assert found["ferplus"] == {"with_majority": 2, "agree": 0.5, "not_a_face": 1}


def test_no_majority_at_all():
    found = data_facts(data([1], [0], ["Training"]), np.zeros((1, 10), np.int64))
    assert found["ferplus"] == {"with_majority": 0, "agree": None, "not_a_face": 0}
