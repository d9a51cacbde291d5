"""A Dask cluster gives what the local engine gives, also while workers end."""

import json
import os
import signal
import subprocess
import sys

import pytest

from app.batch.cli import main
from tests.app.batch.conftest import faces, files
from tests.support.serving import ROOT, free_port, until


class Cluster:
    """A scheduler and its workers, each a process."""

    def __init__(self):
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.processes = []
        self.start("scheduler", "--port", self.address.rpartition(":")[2], "--no-dashboard")

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def worker(self):
        # Without the process that starts a worker again when it ends.
        return self.start("worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(20)


@pytest.fixture
def cluster():
    made = Cluster()
    yield made
    made.end()


@pytest.fixture(scope="module")
def local(long_film, folder, tmp_path_factory):
    """The results of the local engine."""
    out = tmp_path_factory.mktemp("local") / "out"
    command = [str(long_film), str(folder), "--out", str(out), "--chunk", "10", "--quiet"]
    assert main(command) == 2
    return out


def test_a_worker_that_is_killed_loses_nothing(cluster, long_film, folder, local, tmp_path):
    workers = [cluster.worker(), cluster.worker()]
    out = tmp_path / "out"
    command = [
        *(sys.executable, "-m", "app.batch", long_film, folder, "--out", out, "--chunk", "10"),
        *("--engine", "dask", "--scheduler", cluster.address, "--progress", "json"),
    ]
    run = subprocess.Popen(
        list(map(str, command)), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    # In the middle: a part of the video is done, others are not.
    for line in run.stdout:
        event = json.loads(line)
        if event.get("video_seconds_done", 0) > 0:
            os.killpg(workers[0].pid, signal.SIGKILL)
            break
    rest, said = run.communicate(timeout=240)
    assert event["share"] < 0.9
    assert run.returncode == 2, said
    assert "Traceback" not in said
    ours, theirs = faces(local), faces(out)
    keys = [(row["file"], row["seconds"], row["face"]) for row in theirs]
    assert len(keys) == len(set(keys)) == len(ours)
    for a, b in zip(ours, theirs, strict=True):
        assert a.pop("score") == pytest.approx(b.pop("score"), abs=1e-5)
        exact = ("file", "frame", "seconds", "face", "label", "unsure", "model")
        assert {name: a[name] for name in exact} == {name: b[name] for name in exact}
        for name in ("x", "y", "width", "height"):
            assert a[name] == pytest.approx(b[name], abs=0.01)
    assert {n: r["error"] for n, r in files(local).items()} == {
        n: r["error"] for n, r in files(out).items()
    }
    assert rest


def test_no_scheduler_is_one_sentence(folder, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("app.batch.engine_dask.CONNECT_S", 1)
    address = f"tcp://127.0.0.1:{free_port()}"
    command = [str(folder), "--out", str(tmp_path / "out"), "--engine", "dask"]
    assert main([*command, "--scheduler", address]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"No Dask scheduler answers at {address} within 1 seconds")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_no_worker_is_one_sentence(cluster, folder, tmp_path, capsys, monkeypatch):
    def listens():
        import socket

        host, port = cluster.address.removeprefix("tcp://").split(":")
        with socket.socket() as probe:
            return probe.connect_ex((host, int(port))) == 0

    until(listens, "the scheduler does not listen")
    monkeypatch.setattr("app.batch.engine_dask.CONNECT_S", 2)
    command = [str(folder), "--out", str(tmp_path / "out"), "--engine", "dask"]
    assert main([*command, "--scheduler", cluster.address]) == 1
    assert "has no workers; expected at least one" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
