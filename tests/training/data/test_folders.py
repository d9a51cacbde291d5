"""Images in folders of labels: reading, exporting, and invalid folders."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from app.inference.contract import InputSpec
from app.inference.preprocess import to_input
from app.inference.types import Box
from training.__main__ import main
from training.data.fer2013 import read_fer2013
from training.data.folders import check_output_folder, read_folders
from training.errors import DataError

from ...support.training import USAGE, drawn_face

ROOT = Path(__file__).parents[3]


def write(path, picture):
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


@pytest.fixture
def faces(tmp_path):
    """A folder of two labels with ten images of 60 x 60 pixels each."""
    random = np.random.default_rng(1)
    for label, name in ((0, "neutral"), (3, "smile")):
        for index in range(10):
            face = cv2.resize(drawn_face(label, random), (60, 60))
            write(tmp_path / "faces" / name / f"{index}.png", face)
    return tmp_path / "faces"


@pytest.fixture(scope="module")
def exported(tmp_path_factory, fer_csv):
    out = tmp_path_factory.mktemp("exported") / "fer"
    assert main(["export-folders", "--data", str(fer_csv), "--out", str(out)]) == 0
    return out


def test_an_export_reads_like_its_file(exported, fer_csv):
    data, folders = read_fer2013(fer_csv), read_folders(exported)
    assert sorted(path.name for path in exported.iterdir()) == ["test", "train", "validation"]
    assert len(list((exported / "train" / "happy").glob("*.png"))) == USAGE["Training"] / 7
    assert folders.names == data.names
    assert folders.source == "folders"
    for usage in USAGE:
        one, other = data.take(data.usage == usage), folders.take(folders.usage == usage)
        order = np.argsort(one.labels, kind="stable")
        assert np.array_equal(one.labels[order], other.labels)
        assert np.array_equal(one.images[order], other.images)


def test_images_are_preprocessed_like_faces(tmp_path):
    picture = np.random.default_rng(2).integers(0, 256, (70, 100, 3), dtype=np.uint8)
    for name in ("a", "b"):
        write(tmp_path / name / "1.png", picture)
        write(tmp_path / name / "2.png", picture)
    found = read_folders(tmp_path).images[0]
    middle = Box(15, 0, 70, 70)
    expected = to_input(picture[..., ::-1], middle, InputSpec(48, 48, 1))[..., 0]
    assert np.abs(found - expected).max() <= 0.5


def test_a_fifth_of_each_label_is_for_validation(faces):
    data = read_folders(faces)
    assert data.names == ("neutral", "smile")
    validation = data.split("validation")
    assert np.bincount(validation.labels).tolist() == [2, 2]
    assert len(data.split("train")) == 16
    again, other = read_folders(faces), read_folders(faces, seed=1)
    assert np.array_equal(again.usage, data.usage)
    assert not np.array_equal(other.usage, data.usage)


def test_validation_folders_are_used_unchanged(faces, tmp_path):
    split = tmp_path / "split"
    split.mkdir()
    (tmp_path / "faces").rename(split / "train")
    for name in ("neutral", "smile"):
        (split / "train" / name / "9.png").rename(tmp_path / "moved.png")
        (split / "validation" / name).mkdir(parents=True)
        (tmp_path / "moved.png").rename(split / "validation" / name / "9.png")
    (split / "train" / "smile" / ".hidden").write_text("passed over")
    data = read_folders(split)
    assert (len(data.split("train")), len(data.split("validation"))) == (18, 2)
    with pytest.raises(DataError, match=r"the data has no folder test/; it has train/, valid"):
        data.split("test")


def spoil(root, how):
    """Make the folder invalid; returns the path to read."""
    if how == "missing":
        return root / "none"
    if how == "file":
        return root / "smile" / "0.png"
    if how == "damaged":
        (root / "smile" / "3.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    if how == "text":
        (root / "smile" / "notes.txt").write_text("no picture")
    if how == "empty":
        (root / "frown").mkdir()
    if how == "no image":
        (root / "frown").mkdir()
        (root / "frown" / "notes.txt").write_text("no picture")
    if how == "twice":
        for name in ("val", "validation"):
            (root / name).mkdir()
    if how == "nested":
        (root / "smile" / "more").mkdir()
    if how == "stray":
        (root / "list.csv").write_text("1,2")
    if how == "one label":
        for path in (root / "smile").iterdir():
            path.unlink()
        (root / "smile").rmdir()
    if how == "one picture":
        write(root / "frown" / "1.png", np.zeros((48, 48), np.uint8))
    if how in ("unknown", "lacking", "mixed"):
        inside = root.parent / "split"
        inside.mkdir()
        root.rename(inside / "train")
        names = {"unknown": ("neutral", "smile", "frown"), "lacking": ("smile",), "mixed": ()}
        for name in names.get(how, ()):
            write(inside / "validation" / name / "1.png", np.zeros((48, 48), np.uint8))
        if how == "lacking":
            write(inside / "validation" / "neutral" / "1.png", np.zeros((48, 48), np.uint8))
            (inside / "validation" / "neutral" / "1.png").unlink()
        if how == "mixed":
            (inside / "smile").mkdir()
        return inside
    return root


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("missing", r"none: no such folder"),
        ("file", r"0\.png: not a folder"),
        ("empty", r"frown: the label frown has no images"),
        ("nested", r"smile/more: this is a folder, expected images"),
        ("one label", r"1 folders of labels, expected at least 2"),
        ("one picture", r"the label frown has 1 image; at least 2 are needed"),
        ("unknown", r"validation: unknown label frown; the labels of .*train are neutral, smile"),
        ("lacking", r"validation/neutral: the label neutral has no images"),
        ("mixed", r"smile/ is beside train/; expected either folders of labels, or train, va"),
        ("no image", r"frown: no file is an image; .*notes\.txt: cannot be read as an image"),
        ("twice", r"val/ and validation/ are both validation"),
    ],
)
def test_folders_that_cannot_be_read(faces, how, said):
    with pytest.raises(DataError, match=said):
        read_folders(spoil(faces, how))


@pytest.mark.parametrize("command", ["export-folders", "explore"])
def test_images_are_not_written_into_the_repository(fer_csv, capsys, command):
    out = ROOT / "training" / "made"
    assert main([command, "--data", str(fer_csv), "--out", str(out)]) == 1
    assert "must not be committed; give a folder outside it" in capsys.readouterr().err
    assert not out.exists()
    check_output_folder(ROOT / "runs" / "made")


@pytest.mark.parametrize("command", ["export-folders", "explore"])
def test_existing_files_are_not_overwritten(fer_csv, tmp_path, capsys, command):
    (tmp_path / "mine.txt").write_text("here")
    assert main([command, "--data", str(fer_csv), "--out", str(tmp_path)]) == 1
    assert "exists already and is not empty; give a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_files_that_are_no_images_are_left_out_and_named_once(faces, capsys):
    (faces / "smile" / "Thumbs.db").write_bytes(b"no picture")
    (faces / "smile" / "zero.png").touch()
    (faces / "smile" / "3.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (faces / "desktop.ini").write_text("[.ShellClassInfo]")
    (faces / "labels.txt").write_text("neutral smile")
    data = read_folders(faces)
    assert np.bincount(data.labels).tolist() == [10, 9]
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "5 files are left out: " in said
    for name in ("Thumbs.db", "zero.png", "3.png", "desktop.ini", "labels.txt"):
        assert name in said


@pytest.mark.parametrize("wrapper", ["", "images"])
def test_splits_by_other_names(tmp_path, wrapper):
    picture = np.zeros((48, 48), np.uint8)
    for split, count in (("Train", 3), ("val", 2), ("testing", 1)):
        for label in ("Sad", "Angry"):
            for number in range(count):
                write(tmp_path / "data" / wrapper / split / label / f"{number}.png", picture)
    data = read_folders(tmp_path / "data")
    assert data.names == ("Angry", "Sad")  # own names stay, in FER2013's order
    sizes = {split: sum(counts.values()) for split, counts in data.counts().items()}
    assert sizes == {"train": 6, "validation": 4, "test": 2}


def test_a_test_split_alone(tmp_path):
    for label in ("happy", "sad"):
        write(tmp_path / "test" / label / "1.png", np.zeros((48, 48), np.uint8))
    assert read_folders(tmp_path).splits() == ["test"]
