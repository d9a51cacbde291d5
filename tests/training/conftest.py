"""A small file in FER2013's form: seven kinds of drawn faces that a network can tell apart."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import cv2
import numpy as np
import pytest

USAGE = {"Training": 112, "PublicTest": 42, "PrivateTest": 21}


def drawn_face(label: int, random: np.random.Generator) -> np.ndarray:
    """(48, 48) uint8: an oval whose mouth and eyes depend on the label, in noise."""
    picture = random.integers(90, 130, (48, 48)).astype(np.uint8)
    x, y = 24 + int(random.integers(-2, 3)), 24
    cv2.ellipse(picture, (x, y), (17, 22), 0, 0, 360, 190, -1)
    mouth = [(8, 2, 180, 360), (3, 3, 0, 360), (6, 7, 0, 360), (9, 6, 0, 180)]
    wide, tall, start, end = mouth[label % 4]
    cv2.ellipse(picture, (x, y + 11), (wide, tall), 0, start, end, 30, 2)
    for side in (-7, 7):
        cv2.circle(picture, (x + side, y - 6), 2 + label // 4 * 3, 20, -1)
    return picture


def write_fer(path, usage=USAGE, seed=0):
    """Write such a file to `path` (compressed by its ending); returns the path."""
    import pandas as pd

    random = np.random.default_rng(seed)
    rows = []
    for name, count in usage.items():
        for index in range(count):
            label = index % 7
            pixels = " ".join(map(str, drawn_face(label, random).ravel()))
            rows.append((label, pixels, name))
    pd.DataFrame(rows, columns=["emotion", "pixels", "Usage"]).to_csv(path, index=False)
    return path


def write_votes(path, fer_path):
    """FER+ votes for such a file: eight of ten people agree with its label."""
    import pandas as pd

    names = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
    labels = pd.read_csv(fer_path)["emotion"].to_numpy()
    votes = pd.DataFrame(0, index=range(len(labels)), columns=[*names, "contempt", "unknown", "NF"])
    for row, label in enumerate(labels):
        votes.iloc[row, label] = 8
        votes.iloc[row, 8] = 2
    votes.to_csv(path, index=False)
    return path


@pytest.fixture(scope="session")
def fer_csv(tmp_path_factory):
    return write_fer(tmp_path_factory.mktemp("fer") / "fer2013.csv")


@pytest.fixture(scope="session")
def ferplus_csv(tmp_path_factory, fer_csv):
    return write_votes(tmp_path_factory.mktemp("ferplus") / "fer2013new.csv", fer_csv)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory, fer_csv):
    """The folder of a short run. Not to be changed."""
    from training.__main__ import main

    path = tmp_path_factory.mktemp("runs") / "smoke"
    arguments = ["train", "mien_plain", "--data", str(fer_csv), "--out", str(path)]
    arguments += ["--batch", "28", "--epochs", "3", "--learning-rate", "0.02"]
    assert main(arguments) == 0
    return path


@pytest.fixture(scope="session")
def promoted_model(tmp_path_factory, finished_run, fer_csv, ferplus_csv):
    """Its model, promoted. Not to be changed."""
    from training.__main__ import main

    models = tmp_path_factory.mktemp("models")
    arguments = ["promote", str(finished_run), "mien_plain.smoke", "--data", str(fer_csv)]
    arguments += ["--ferplus", str(ferplus_csv), "--models", str(models)]
    assert main(arguments) == 0
    return models / "mien_plain.smoke"
