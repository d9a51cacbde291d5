"""Reading FER2013 and FER+: compressions and invalid rows."""

import io
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from training.data.dataset import Dataset
from training.data.fer2013 import (
    ferplus_eight,
    ferplus_majority,
    match_votes,
    read_fer2013,
    read_ferplus,
)
from training.errors import DataError, TrainingError

from ...support.training import USAGE, write_fer

PIXELS = " ".join(["7"] * 2304)


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "csv.zip", "csv.xz", "csv.bz2"])
def test_every_compression_reads_the_same(tmp_path, fer_csv, ending):
    data = read_fer2013(write_fer(tmp_path / f"fer2013.{ending}"))
    plain = read_fer2013(fer_csv)
    assert data.images.shape == (sum(USAGE.values()), 48, 48)
    assert np.array_equal(data.images, plain.images)
    assert np.array_equal(data.labels, plain.labels)


def test_pixels_are_stored_row_by_row(tmp_path):
    path = tmp_path / "one.csv"
    pixels = " ".join(str(i % 256) for i in range(2304))
    path.write_text(f"emotion,pixels,Usage\n3,{pixels},PublicTest\n")
    data = read_fer2013(path)
    assert data.images[0, 0, :3].tolist() == [0, 1, 2]
    assert data.images[0, 1, 0] == 48
    assert data.labels.tolist() == [3]


def test_splits(fer_csv):
    data = read_fer2013(fer_csv)
    for split, usage in (
        ("train", "Training"),
        ("validation", "PublicTest"),
        ("test", "PrivateTest"),
    ):
        chosen = data.split(split)
        assert len(chosen) == USAGE[usage]
        assert set(chosen.usage) == {usage}
    assert data.split("validation").rows[0] == USAGE["Training"]


def test_a_missing_split(tmp_path):
    data = read_fer2013(write_fer(tmp_path / "fer.csv", {"Training": 7}))
    with pytest.raises(DataError, match=r"no row with Usage PrivateTest.*it has Training"):
        data.split("test")


GOOD_ROW = f"0,{PIXELS},Training"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"7,{PIXELS},Training", "emotion is '7', expected 0..6"),
        (f"glad,{PIXELS},Training", "emotion is 'glad', expected 0..6 or angry, disgust"),
        (f"0,{PIXELS} 7,Training", "2,305 pixels, expected 2,304"),
        (f"0,{PIXELS[:-1]}256,Training", "a pixel is 256, expected 0..255"),
        (f"0,-1{PIXELS[1:]},Training", "a pixel is -1, expected 0..255"),
        (f"0,x{PIXELS[1:]},Training", "other than whole numbers"),
        (f"0,{PIXELS[:-1]}7.5,Training", "other than whole numbers"),
        (f"0,{PIXELS},Third", "Usage is 'Third', expected Training, PublicTest"),
        (f"0,{PIXELS}", "Usage is"),
    ],
    # Not the rows of 2,304 numbers.
    ids=lambda value: value[-40:],
)
def test_a_wrong_row_is_named(tmp_path, row, said):
    path = tmp_path / "fer2013.csv"
    path.write_text(f"emotion,pixels,Usage\n{GOOD_ROW}\n{row}\n{GOOD_ROW}\n")
    with pytest.raises(DataError) as error:
        read_fer2013(path)
    assert said in str(error.value)
    assert f"{path}: row 1 (line 3)" in str(error.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("pixels,Usage\n1,Training\n", "no column emotion.*a test file without labels"),
        (f"emotion,pixels\n0,{PIXELS}\n,{PIXELS}\n", "1 of 2 rows have no emotion or no pixels"),
        ("emotion,pixels,Usage\n", "a header but no rows"),
        ("", "cannot be read as CSV"),
        ('emotion,pixels,Usage\n0,"1', "cannot be read as CSV"),
    ],
)
def test_a_file_with_another_format(tmp_path, content, said):
    path = tmp_path / "fer2013.csv"
    path.write_text(content)
    with pytest.raises(DataError, match=said):
        read_fer2013(path)


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_fer2013(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_fer2013(tmp_path)
    damaged = tmp_path / "fer2013.csv.gz"
    damaged.write_bytes(b"not gzip at all")
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_fer2013(damaged)
    whole = write_fer(tmp_path / "whole.csv.gz").read_bytes()
    (tmp_path / "cut.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_fer2013(tmp_path / "cut.csv.gz")


def test_ferplus_votes(ferplus_csv, fer_csv):
    votes = read_ferplus(ferplus_csv)
    labels = read_fer2013(fer_csv).labels
    assert votes.shape == (len(labels), 10)
    assert (votes[:, 8] == 2).all()
    assert np.array_equal(ferplus_majority(votes), labels)


def test_ferplus_majority_of_ties_and_no_votes():
    votes = np.array([[5, 5, 0], [0, 0, 0], [1, 2, 3]])
    assert ferplus_majority(votes).tolist() == [-1, -1, 2]


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ({0: 6, 6: 4}, 0),
        # Half is not more than half; single votes are dropped before.
        ({0: 5, 6: 5}, -1),
        ({0: 4, 1: 1, 2: 1, 3: 1, 6: 3}, 0),
        ({7: 9, 6: 1}, 7),
        ({8: 8, 0: 2}, -1),
        ({9: 10}, -1),
        (dict.fromkeys(range(10), 1), -1),
    ],
)
def test_ferplus_by_its_authors_protocol(counts, label):
    votes = np.zeros((1, 10), np.int64)
    votes[0, list(counts)] = list(counts.values())
    assert ferplus_eight(votes).tolist() == [label]


@pytest.mark.parametrize("value", ["11", "-1", "2.5", "many"])
def test_a_wrong_vote_is_named(tmp_path, ferplus_csv, value):
    table = pd.read_csv(ferplus_csv, dtype=str)
    table.loc[4, "fear"] = value
    path = tmp_path / "votes.csv"
    table.to_csv(path, index=False)
    with pytest.raises(DataError) as error:
        read_ferplus(path)
    assert f"row 4 (line 6): fear is '{value}'" in str(error.value)


def test_votes_without_their_columns(tmp_path):
    path = tmp_path / "votes.csv"
    path.write_text("anger,fear\n1,2\n")
    with pytest.raises(DataError, match="no column disgust, happiness"):
        read_ferplus(path)


def votes_for(labels):
    """FER+ votes that agree with `labels`; -1: not a face."""
    votes = np.zeros((len(labels), 10), np.int64)
    for row, label in enumerate(labels):
        votes[row, label if label >= 0 else 9] = 8
    return votes


def dataset(labels):
    count = len(labels)
    images = np.zeros((count, 48, 48), np.uint8)
    return Dataset(images, np.array(labels), np.full(count, "Training"), np.arange(count))


def test_votes_of_the_same_rows_and_of_data_without_rows_that_show_no_face():
    random = np.random.default_rng(0)
    labels = random.integers(0, 7, 400)
    labels[random.permutation(400)[:40]] = -1
    votes = votes_for(labels)
    kept = labels[labels >= 0]
    assert (match_votes(votes, dataset(np.maximum(labels, 0))) == votes).all()
    matched = match_votes(votes, dataset(kept))
    assert (ferplus_majority(matched) == kept).all()


def test_votes_of_other_rows_are_refused():
    random = np.random.default_rng(0)
    votes = votes_for(random.integers(0, 7, 400))
    with pytest.raises(TrainingError, match=r"are of other rows .* for 1\d\.\d% of the pictures"):
        match_votes(votes, dataset(random.integers(0, 7, 400)))
    with pytest.raises(TrainingError, match="the FER\\+ file has 400 rows, but the data has row"):
        match_votes(votes, dataset(random.integers(0, 7, 500)))


ROWS = "\n".join(f"{n % 7},{PIXELS},{('Training', 'PublicTest')[n % 2]}" for n in range(200))
PLAIN = f"emotion,pixels,Usage\n{ROWS}\n"


def packed(path, members):
    """Write an archive, .zip or .tar.gz, with these texts."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, text in members.items():
                archive.writestr(name, text)
    else:
        with tarfile.open(path, "w:gz") as archive:
            for name, text in members.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
    return path


AS_PEOPLE_HAVE_IT = {
    "other case": PLAIN.replace("emotion,pixels,Usage", "Emotion, Pixels ,usage"),
    "semicolons": PLAIN.replace(",", ";"),
    "tabs": PLAIN.replace(",", "\t"),
    "numbers with a point": PLAIN.replace("\n0,", "\n0.0,").replace("\n3,", "\n3.0,"),
    "names": PLAIN.replace("\n0,", "\nAngry,").replace("\n3,", "\nhappiness,"),
    "usage in other words": PLAIN.replace("Training", "train").replace("PublicTest", "val"),
    "blank last lines": PLAIN + "\n\n",
    "a row without numbers": PLAIN + f",{PIXELS},Training\n",
    "fractions": PLAIN.replace(PIXELS, " ".join([str(7 / 255)] * 2304)),
    "decimal pixels": PLAIN.replace(PIXELS, " ".join(["7.0"] * 2304)),
}


@pytest.mark.parametrize("text", AS_PEOPLE_HAVE_IT.values(), ids=AS_PEOPLE_HAVE_IT)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_tables_as_people_have_them(tmp_path, text, encoding):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding=encoding)
    data = read_fer2013(path)
    assert (data.images == 7).all()
    assert data.labels.tolist() == [n % 7 for n in range(200)]
    assert len(data.split("train")) == len(data.split("validation")) == 100


@pytest.mark.parametrize("name", ["fer2013.tar.gz", "fer2013.zip"])
def test_archives_with_other_files_beside_the_table(tmp_path, name):
    members = {"fer2013/README": "read me", "fer2013/fer2013.csv": PLAIN, "fer2013/more.csv": "a"}
    assert len(read_fer2013(packed(tmp_path / name, members))) == 200
    with pytest.raises(DataError, match=r"the archive has 2 CSV files \(a\.csv, b\.csv\)"):
        read_fer2013(packed(tmp_path / name, {"a.csv": PLAIN, "b.csv": PLAIN}))


def test_without_usage_a_fifth_of_each_label_is_for_validation(tmp_path):
    rows = "\n".join(f"{n % 2},{PIXELS}" for n in range(100))
    (tmp_path / "train.csv").write_text(f"emotion,pixels\n{rows}\n")
    data = read_fer2013(tmp_path / "train.csv")
    assert data.counts()["validation"] | {"angry": 10, "disgust": 10} == data.counts()["validation"]
    assert len(data.split("train")) == 80


def test_incomplete_rows_are_counted(tmp_path, capsys):
    (tmp_path / "data.csv").write_text(PLAIN + f",{PIXELS},Training\nNaN,{PIXELS},Training\n")
    assert len(read_fer2013(tmp_path / "data.csv")) == 200
    assert "2 rows without emotion or pixels are left out" in capsys.readouterr().err
