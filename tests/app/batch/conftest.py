"""What the tests of the batch share: a folder of files, and a run of the command."""

import json

import cv2
import pyarrow.parquet as pq
import pytest
from skimage import data

from app.batch import cli
from app.batch.engines import InProcess
from tests.support.recordings import every, two_people, write
from tests.support.serving import ROOT


@pytest.fixture(scope="session", autouse=True)
def without_tensorflow():
    """The processes that a run starts have no TensorFlow, as where only the batch is installed."""
    with pytest.MonkeyPatch.context() as patch:
        without = ROOT / "tests" / "support" / "without"
        patch.setenv("PYTHONPATH", f"{without}:{ROOT}")
        patch.syspath_prepend(without)
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Two pictures, one of them without a face, a video of three seconds, two broken files."""
    folder = tmp_path_factory.mktemp("recordings")
    (folder / "more").mkdir()
    cv2.imwrite(str(folder / "astronaut.jpg"), data.astronaut()[:, :, ::-1])
    cv2.imwrite(str(folder / "more" / "coffee.png"), data.coffee()[:, :, ::-1])
    write(folder / "film.mp4", every(15, 3))
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff123")
    (folder / "more" / "broken.mkv").write_bytes(b"no video" * 100)
    (folder / "notes.txt").write_text("not taken")
    return folder


@pytest.fixture(scope="session")
def long_film(tmp_path_factory):
    """45 seconds of two people, one of whom is away for a while; 10 frames a second."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return write(path, every(10, 45), two_people, options={"preset": "ultrafast", "g": "40"})


@pytest.fixture
def in_process(monkeypatch):
    """Tasks are done in this process, which starts no other ones."""
    monkeypatch.setattr(cli, "_engine", lambda options, settings, names: InProcess(settings))


def faces(out):
    """The table of faces of a run."""
    rows = pq.read_table(out / "faces").to_pylist()
    return sorted(rows, key=lambda row: (row["file"], row["seconds"], row["face"]))


def files(out):
    """The table of files of a run, by the files' last names."""
    rows = pq.read_table(out / "files.parquet").to_pylist()
    return {row["file"].rpartition("/")[2]: row for row in rows}


def about(out):
    """run.json of a run."""
    return json.loads((out / "run.json").read_text())
