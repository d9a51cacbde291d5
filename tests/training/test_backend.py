"""A backend of Keras that cannot do what is asked is refused in one sentence."""

import pytest

from training.__main__ import main


@pytest.mark.parametrize(
    ("command", "backend", "expected"),
    [
        (["train", "tiny", "--data", "none.csv"], "torch", "tensorflow or jax for train"),
        (["train", "tiny", "--data", "none.csv"], "openvino", "tensorflow or jax for train"),
        (["explore", "--data", "none.csv", "--out", "none"], "nonsense", "jax or openvino"),
    ],
)
def test_a_backend_that_cannot_be_used(monkeypatch, capsys, command, backend, expected):
    monkeypatch.setenv("KERAS_BACKEND", backend)
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: KERAS_BACKEND is {backend!r}, expected ")
    assert expected in said
    assert said.count("\n") == 1
