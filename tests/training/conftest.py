"""Fixtures of the training tests: small data files, a finished run and a promoted model."""

from __future__ import annotations

import pytest

from training.__main__ import main

from ..support.training import train, write_fer, write_votes


@pytest.fixture(scope="session")
def fer_csv(tmp_path_factory):
    return write_fer(tmp_path_factory.mktemp("fer") / "fer2013.csv")


@pytest.fixture(scope="session")
def ferplus_csv(tmp_path_factory, fer_csv):
    return write_votes(tmp_path_factory.mktemp("ferplus") / "fer2013new.csv", fer_csv)


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory, fer_csv):
    """The folder of a short run; tests must not change it."""
    path = tmp_path_factory.mktemp("runs") / "smoke"
    assert train(fer_csv, path, "--epochs", "3", "--learning-rate", "0.02") == 0
    return path


@pytest.fixture(scope="session")
def promoted_model(tmp_path_factory, finished_run, fer_csv, ferplus_csv):
    """The folder of its promoted model; tests must not change it."""
    models = tmp_path_factory.mktemp("models")
    arguments = ["promote", str(finished_run), "tiny.smoke", "--data", str(fer_csv)]
    arguments += ["--ferplus", str(ferplus_csv), "--models", str(models)]
    assert main(arguments) == 0
    return models / "tiny.smoke"
