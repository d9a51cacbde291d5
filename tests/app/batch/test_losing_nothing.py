"""Whatever ends a run, what it did is whole, and --resume does the rest and nothing twice."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.batch import output
from app.batch.cli import main
from app.batch.engines import ENDED, LocalProcesses
from app.batch.tasks import Failure, PicturesTask, Settings, Source
from tests.app.batch.conftest import about, faces, files
from tests.support.recordings import every, one_person, write
from tests.support.serving import ROOT, until


def start(*arguments, **options):
    """The command as a process of its own, as a terminal starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "app.batch", *map(str, arguments), "--progress", "none"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


@pytest.fixture(scope="module")
def pictures(folder, tmp_path_factory):
    """A hundred pictures: three tasks and a bit."""
    made = tmp_path_factory.mktemp("pictures")
    for number in range(100):
        (made / f"{number:03}.jpg").symlink_to(folder / "astronaut.jpg")
    return made


def no_leftovers(out):
    return not [p for p in out.rglob("*") if p.name.startswith(output.TEMPORARY)]


def test_a_run_that_was_killed_goes_on(pictures, folder, tmp_path):
    out = tmp_path / "out"
    process = start(pictures, folder / "film.mp4", "--out", out, "--workers", "1")
    until(lambda: list(out.glob("parts/*.json")), "no part was written")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    done = len(list(out.glob("parts/*.json")))
    kept = {p: p.stat().st_mtime_ns for p in out.glob("parts/*.json")}
    # As after a kill between the two files of a part, and in the middle of a file.
    (out / "faces" / "half-0123456789ab.parquet").write_bytes(b"PAR1")
    (out / "faces" / f"{output.TEMPORARY}x.parquet").write_bytes(b"PAR1")
    command = [str(pictures), str(folder / "film.mp4"), "--out", str(out), "--quiet"]
    assert main([*command, "--resume"]) == 0
    assert 1 <= done < 5
    assert all(p.stat().st_mtime_ns == time for p, time in kept.items())
    rows = faces(out)
    assert len(rows) == len({(r["file"], r["seconds"], r["face"]) for r in rows}) == 130
    assert len(files(out)) == 101
    assert no_leftovers(out)
    assert about(out)["complete"]


def test_ctrl_c_ends_cleanly(folder, tmp_path):
    out = tmp_path / "out"
    long = write(tmp_path / "film.mp4", every(15, 60), lambda t: one_person(t % 1))
    process = start(folder / "astronaut.jpg", long, "--out", out, "--frames", "all")
    until(lambda: list(out.glob("parts/*.json")), "no part was written")
    os.killpg(process.pid, signal.SIGINT)
    began = time.monotonic()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith("Stopped: 1 of 2 files are done and kept")
    assert "Traceback" not in said
    assert time.monotonic() - began < 30
    assert set(files(out)) == {"astronaut.jpg"}
    assert not about(out)["complete"]
    assert no_leftovers(out)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("name", ["faces", "parts"])
def test_a_full_disk_is_one_sentence_and_loses_nothing(
    pictures, tmp_path, monkeypatch, capsys, name
):
    out, replace = tmp_path / "out", os.fsync
    written = []

    def full(descriptor):
        path = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        written.append(path)
        if sum(f"/{name}/" in one for one in written) == 2 and f"/{name}/" in path:
            raise OSError(errno.ENOSPC, "No space left on device")
        replace(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    command = [str(pictures), "--out", str(out), "--quiet"]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"The disk of {out} is full (")
    assert said.endswith("Free some space and go on with --resume.\n")
    assert said.count("\n") == 1
    assert len(files(out)) == 32
    assert no_leftovers(out)
    monkeypatch.undo()
    assert main([*command, "--resume", "--workers", "2"]) == 0
    assert len(faces(out)) == len(files(out)) == 100


def test_a_limit_on_the_size_of_files_is_a_full_disk(pictures, tmp_path):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))

    out = tmp_path / "out"
    process = start(pictures, "--out", out, "--workers", "1", preexec_fn=limited)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 1
    assert said.splitlines()[-1].startswith(f"The disk of {out} is full (")
    assert "Traceback" not in said
    assert no_leftovers(out)


def test_a_file_that_failed_is_tried_again(folder, tmp_path):
    source = tmp_path / "late.jpg"
    source.write_bytes(b"\xff\xd8\xff123")
    command = [str(source), "--out", str(tmp_path / "out"), "--quiet", "--workers", "1"]
    assert main(command) == 2
    source.write_bytes((folder / "astronaut.jpg").read_bytes())
    assert main([*command, "--resume"]) == 0
    assert files(tmp_path / "out")["late.jpg"]["error"] is None
    assert len(faces(tmp_path / "out")) == 1


DEADLY = '''
"""A decoder that ends its process for one file."""
import os
from app.batch import analyser

whole = analyser.Analyser.picture

def picture(self, source, annotate):
    if source.name.endswith("007.jpg"):
        os._exit(11)
    return whole(self, source, annotate)

analyser.Analyser.picture = picture
'''


def test_a_file_that_ends_its_process_is_a_row(pictures, tmp_path):
    # Each process of the pool imports this module as it starts.
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ['PYTHONPATH']}"}
    out = tmp_path / "out"
    process = start(pictures, "--out", out, "--workers", "2", env=environment)
    _, said = process.communicate(timeout=240)
    assert process.returncode == 2, said
    rows = files(out)
    assert len(rows) == 100
    assert [name for name, row in rows.items() if row["error"]] == ["007.jpg"]
    assert rows["007.jpg"]["error"] == ENDED
    assert len(faces(out)) == 99


def test_stopping_gives_the_pictures_that_are_done():
    engine = LocalProcesses(Settings("app/models", "mien_small.ferplus", 0.1), 1)
    try:
        engine.submit(PicturesTask((Source("missing.jpg", "picture"),)))
        found = []
        until(lambda: found.extend(engine.wait(0.1)) or found, "nothing came")
        ((task, outcome),) = found
        assert not isinstance(outcome, Failure)
        assert outcome[0].error == "There is no such file."
        assert task.sources[0].name == "missing.jpg"
    finally:
        engine.close()
