"""Labelled faces in a NumPy file: reading, resizing, and invalid files."""

import numpy as np
import pytest

from training.data.faces_file import read_faces
from training.errors import DataError

GOOD = {
    "image": np.arange(4 * 96 * 96, dtype=np.uint32).astype(np.uint8).reshape(4, 96, 96),
    "label": np.array([3, 6, 0, 3]),
    "split": np.array(["train", "validation", "validation", "train"]),
    "source": np.array(["film", "news", "film", "news"]),
}


def written(folder, **changes):
    arrays = {**GOOD, **changes}
    path = folder / "faces.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    return path


def test_one_split_is_read_and_reduced_to_the_size_of_fer2013(tmp_path):
    faces = read_faces(written(tmp_path), "validation")
    assert faces.images.shape == (2, 48, 48)
    assert faces.images.dtype == np.uint8
    assert faces.labels.tolist() == [6, 0]
    assert faces.sources.tolist() == ["news", "film"]
    # Each pixel is the mean of four.
    block = GOOD["image"][1, :2, :2].mean()
    assert faces.images[0, 0, 0] == pytest.approx(block, abs=0.51)


def test_without_sources_the_file_is_the_source(tmp_path):
    assert set(read_faces(written(tmp_path, source=None), "train").sources) == {"faces"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"image": None}, "no array image"),
        ({"label": None, "split": None}, "no array label, split"),
        ({"image": GOOD["image"].astype(float)}, "image is float64 of shape"),
        ({"image": GOOD["image"][:, :48]}, "expected uint8"),
        ({"label": np.array([3, 6, 0])}, "a whole number in label"),
        ({"label": np.array([3.0, 6, 0, 3])}, "a whole number in label"),
        ({"label": np.array([3, 7, 0, 3])}, "label is 0..7, expected 0..6"),
        ({"split": np.array(["train"] * 4)}, "no image of the split validation"),
        ({"label": np.array([{}, 1, 2, 3])}, "cannot be read as a NumPy file of arrays"),
    ],
)
def test_invalid_arrays(tmp_path, changes, said):
    with pytest.raises(DataError, match=said):
        read_faces(written(tmp_path, **changes), "validation")


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_faces(tmp_path / "none.npz", "train")
    (tmp_path / "text.npz").write_text("no arrays")
    with pytest.raises(DataError, match="cannot be read"):
        read_faces(tmp_path / "text.npz", "train")
