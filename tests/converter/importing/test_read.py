"""Model files of any version of Keras are read, and predict what they have predicted."""

from __future__ import annotations

import numpy as np
import pytest

from ...support import foreign_models as foreign


@pytest.mark.parametrize("kind", ["depthwise", "rotation", "lstm", "wrapped", "batch_norm"])
def test_layers_of_keras_2(in_worker, tmp_path, kind):
    path, expected = in_worker(foreign.keras2, tmp_path, kind)
    reader, found = in_worker(foreign.read, path)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-3  # the model sees its input
    assert reader == "tf_keras"


def test_a_saved_model_folder(in_worker, tmp_path):
    path, expected = in_worker(foreign.keras2, tmp_path, "batch_norm", "saved")
    assert (path / "saved_model.pb").is_file()
    reader, found = in_worker(foreign.read, path)
    assert reader == "tf_keras"
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_keras_archive_of_keras_2(in_worker, tmp_path):
    path, expected = in_worker(foreign.keras2, tmp_path, "depthwise", "model.keras")
    _reader, found = in_worker(foreign.read, path)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_sequential_of_keras_2_2(in_worker, tmp_path):
    path, expected = in_worker(foreign.old_sequential, tmp_path)
    _reader, found = in_worker(foreign.read, path)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["model.h5", "model.hdf5", "h5 named.keras", "no_ending"])
def test_the_content_tells_what_a_file_is_not_its_name(in_worker, tmp_path, name):
    _reader, expected = in_worker(foreign.read, in_worker(foreign.simple, tmp_path))
    made = in_worker(foreign.simple, tmp_path)
    _reader, found = in_worker(foreign.read, made.rename(tmp_path / name))
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("architecture", ["model.json", "the only other.json", "given"])
def test_weights_alone_take_their_layers_from_json(in_worker, tmp_path, version, architecture):
    _reader, expected = in_worker(foreign.read, in_worker(foreign.simple, tmp_path))
    (tmp_path / "weights").mkdir()
    if architecture == "given":
        path = in_worker(foreign.weights_alone, tmp_path / "weights", version)
        given = (tmp_path / "weights" / "model.json").rename(tmp_path / "layers.json")
        _reader, found = in_worker(foreign.read, path, given)
    else:
        path = in_worker(foreign.weights_alone, tmp_path / "weights", version, architecture)
        _reader, found = in_worker(foreign.read, path)
    np.testing.assert_allclose(found, expected, atol=1e-6)
