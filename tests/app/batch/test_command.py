"""The command: what it reads, what it writes, its exit codes and its sentences."""

import csv
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from app.batch.cli import main
from app.batch.schema import COLUMNS, FILE_COLUMNS, faces_schema, files_schema
from tests.app.batch.conftest import about, faces, files

GOLDEN = Path(__file__).parents[2] / "golden"
LABELS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    """The results of the whole folder, in two processes."""
    out = tmp_path_factory.mktemp("results") / "out"
    assert main([str(folder), "--out", str(out), "--quiet", "--workers", "2"]) == 2
    return out


def test_a_folder_becomes_one_table(done, folder):
    names = sorted(
        str(p) for p in folder.rglob("*") if p.suffix in (".jpg", ".png", ".mp4", ".mkv")
    )
    table = pq.read_table(done / "files.parquet")
    assert table.schema.equals(files_schema(LABELS))
    assert table["file"].to_pylist() == names
    rows = files(done)
    assert rows["broken.jpg"]["error"].startswith("The file begins like JPEG")
    assert rows["broken.mkv"]["error"].startswith("The file is damaged or not a video")
    assert (rows["astronaut.jpg"]["faces"], rows["coffee.png"]["faces"]) == (1, 0)
    assert about(done)["complete"]
    assert about(done)["counts"]["failed"] == 2


def test_a_video_keeps_its_face(done):
    row = files(done)["film.mp4"]
    assert (row["frames"], row["samples"], row["faces"], row["rows"]) == (45, 30, 1, 30)
    assert (row["image_width"], row["image_height"], row["rate"]) == (320, 240, 15)
    assert row["seconds"] == pytest.approx(3, abs=0.1)
    assert row["share_happy"] > 0.9
    shares = [row[f"share_{label}"] for label in (*LABELS, "unsure")]
    assert sum(shares) == pytest.approx(1)
    own = [r for r in faces(done) if r["file"].endswith("film.mp4")]
    assert {r["face"] for r in own} == {1}
    assert [r["frame"] for r in own[:4]] == [0, 2, 3, 5]
    for number, r in enumerate(own):
        assert number / 10 - 1e-6 <= r["seconds"] < number / 10 + 1 / 15
        assert sum(r[f"score_{label}"] for label in LABELS) == pytest.approx(1, abs=1e-4)
        assert r["label"] == max(LABELS, key=lambda label: r[f"score_{label}"])


def test_columns_are_those_of_the_live_page(done):
    head = (GOLDEN / "recording.csv").read_text().splitlines()[0].split(",")
    assert tuple(c for c in head if not c.startswith("score_")) == COLUMNS
    schema = pq.read_table(done / "faces").schema
    assert schema.equals(faces_schema(LABELS), check_metadata=False)
    assert tuple(schema.names) == (*COLUMNS, *(f"score_{label}" for label in LABELS))
    assert tuple(files_schema(LABELS).names)[: len(FILE_COLUMNS)] == FILE_COLUMNS


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_other_formats_hold_the_same(folder, tmp_path, form, done):
    source = str(folder / "astronaut.jpg")
    assert main([source, "--out", str(tmp_path / "out"), "--format", form, "--quiet"]) == 0
    (path,) = (tmp_path / "out" / "faces").iterdir()
    text = path.read_text()
    rows = list(csv.DictReader(text.splitlines())) if form == "csv" else [json.loads(text)]
    (expected,) = [row for row in faces(done) if row["file"] == source]
    assert tuple(rows[0]) == tuple(expected)
    assert float(rows[0]["score"]) == pytest.approx(expected["score"], abs=1e-6)
    assert float(rows[0]["x"]) == pytest.approx(expected["x"], abs=0.01)
    assert (rows[0]["label"], rows[0]["time"]) == (expected["label"], "" if form == "csv" else None)
    assert (tmp_path / "out" / f"files.{form}").exists()


@pytest.mark.parametrize(
    ("options", "rows"),
    [(["--every", "0.5"], 6), (["--frames", "all"], 45), (["--from", "1", "--to", "2"], 10)],
)
def test_sampling(folder, tmp_path, options, rows):
    source = str(folder / "film.mp4")
    assert main([source, "--out", str(tmp_path / "out"), "--quiet", *options]) == 0
    found = faces(tmp_path / "out")
    assert len(found) == rows
    assert {row["face"] for row in found} == {1}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["missing.mp4"], "missing.mp4: there is no such file or folder."),
        (["."], ".: there is no picture or video."),
        (["*.mp4"], "*.mp4: there is no picture or video."),
        (["@missing.txt"], "@missing.txt: There is no such file."),
        (["{film}", "--model", "net.unknown"], "There is no model 'net.unknown'; the known ones"),
        (["{film}", "--engine", "dask"], "--engine dask needs --scheduler"),
        (["{film}", "--out", "s3://bucket/out"], "--out is s3:/"),
        (["nonsense://x/y.mp4"], "nonsense://x/y.mp4: "),
        (["memory://nothing/here.mp4"], "memory://nothing/here.mp4: there is no such file"),
    ],
)
def test_what_cannot_begin_is_one_sentence(
    folder, tmp_path, monkeypatch, capsys, arguments, sentence
):
    monkeypatch.chdir(tmp_path)
    given = [one.format(film=folder / "film.mp4") for one in arguments]
    out = [] if "--out" in given else ["--out", "out"]
    assert main([*given, *out]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_other_things_is_refused(folder, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert main([str(folder / "astronaut.jpg"), "--out", str(tmp_path)]) == 1
    assert "holds other files" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_another_run_is_refused(folder, tmp_path, capsys):
    command = [str(folder / "astronaut.jpg"), "--out", str(tmp_path / "out"), "--quiet"]
    assert main(command) == 0
    assert main(command) == 1
    assert "holds a run already" in capsys.readouterr().err
    assert main([*command, "--resume", "--every", "2"]) == 1
    assert "every was 0.1, now it is 2" in capsys.readouterr().err
    assert main([*command, "--resume"]) == 0


def test_a_list_and_a_pattern_name_files_once(folder, tmp_path):
    listed = tmp_path / "list.txt"
    listed.write_text(f"{folder}/astronaut.jpg\n\n{folder}/more/*.png\n{tmp_path}/gone.jpg\n")
    arguments = [f"@{listed}", str(folder / "astronaut.jpg")]
    assert main([*arguments, "--out", str(tmp_path / "out"), "--quiet"]) == 2
    rows = files(tmp_path / "out")
    assert set(rows) == {"astronaut.jpg", "coffee.png", "gone.jpg"}
    assert rows["gone.jpg"]["error"] == "There is no such file."


def test_progress_as_json(folder, tmp_path, capsys):
    command = [str(folder / "film.mp4"), str(folder / "broken.jpg"), "--out", str(tmp_path / "o")]
    assert main([*command, "--progress", "json"]) == 2
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    named = {e["file"].rpartition("/")[2]: e["rows"] for e in events if e["event"] == "file"}
    assert named == {"film.mp4": 30, "broken.jpg": None}
    assert events[0]["event"] == "progress"
    assert events[-1]["event"] == "end"
    assert (events[-1]["files_done"], events[-1]["files_failed"]) == (2, 1)
    assert events[-1]["share"] == 1
    assert events[-1]["exit_code"] == 2


def test_quiet_says_nothing(folder, tmp_path, capsys):
    assert main([str(folder / "film.mp4"), "--out", str(tmp_path / "o"), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(folder, tmp_path):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes((folder / "film.mp4").read_bytes())
    secret.chmod(0)
    assert main([str(secret), "--out", str(tmp_path / "o"), "--quiet"]) == 2
    assert "permission denied" in files(tmp_path / "o")["secret.mp4"]["error"]
