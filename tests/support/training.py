"""Helpers of the training tests: a small FER2013 file of drawn faces, and short runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import cv2
import numpy as np

from training import architectures
from training.__main__ import main
from training.config import Settings

from . import tiny_network  # noqa: F401, registers the network "tiny"

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
    """Write a FER2013 file to `path`, compressed by its extension; returns the path."""
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
    """Write FER+ votes for such a file: eight of ten annotators agree with its label."""
    import pandas as pd

    names = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]
    labels = pd.read_csv(fer_path)["emotion"].to_numpy()
    votes = pd.DataFrame(0, index=range(len(labels)), columns=[*names, "contempt", "unknown", "NF"])
    for row, label in enumerate(labels):
        votes.iloc[row, label] = 8
        votes.iloc[row, 8] = 2
    votes.to_csv(path, index=False)
    return path


def train(data: Path, run: Path, *more: str) -> int:
    """Train the network `tiny` on `data` into the folder `run`; returns the exit code."""
    return main(["train", "tiny", "--data", str(data), "--out", str(run), "--batch", "28", *more])


def settings_of(name: str, **changed: Any) -> Settings:
    """The settings of an architecture's recipe, with changes."""
    return Settings(architecture=name, **{**architectures.get(name).recipe, **changed})
