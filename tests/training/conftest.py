"""Fixtures of the training tests: small data files, a finished run and a promoted model."""

from __future__ import annotations

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import pytest

from ..support.training import write_fer, write_votes


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
