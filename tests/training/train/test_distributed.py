"""Training on two machines, here two processes, gives the loss of one machine."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main
from training.run_folder import read_history
from training.train.distributed import Hosts

ROOT = Path(__file__).parents[3]
TRAIN = "import sys; from tests.support.training import main; sys.exit(main())"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(fer_csv, out, *more):
    """Start a short run on JAX in another process: 112 images in batches of 28."""
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", TRAIN, "train", "tiny", "--data", str(fer_csv)]
    command += ["--out", str(out), "--epochs", "2", "--batch", "28", "--learning-rate", "0.02"]
    return subprocess.Popen(
        [*command, *more],
        env=environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_give_the_loss_of_one(fer_csv, tmp_path):
    hosts = ["--hosts", f"127.0.0.1:{free_port()},127.0.0.1", "--host"]
    alone = start(fer_csv, tmp_path / "alone")
    first = start(fer_csv, tmp_path / "together", *hosts, "0")
    second = start(fer_csv, tmp_path / "together", *hosts, "1")
    said = [process.communicate(timeout=240) for process in (alone, first, second)]
    assert [process.returncode for process in (alone, first, second)] == [0, 0, 0], said
    one, two = read_history(tmp_path / "alone"), read_history(tmp_path / "together")
    assert len(one) == len(two) == 2
    for ours, theirs in zip(one, two, strict=True):
        for key in ("loss", "validation_loss", "validation_accuracy"):
            assert ours[key] == pytest.approx(theirs[key], abs=2e-4)
    # Only the first machine writes files and prints epochs.
    assert "epoch 2/2" in said[1][0]
    assert "epoch" not in said[2][0]
    assert (tmp_path / "together" / "model.h5").is_file()


def test_shards_are_equal_and_cover_the_batch():
    rows = np.arange(11)
    parts = [rows[Hosts(("a:1", "b", "c"), index).shard(rows)] for index in range(3)]
    assert [len(part) for part in parts] == [3, 3, 3]
    assert np.concatenate(parts).tolist() == list(range(9))
    assert rows[Hosts().shard(rows)].tolist() == rows.tolist()


@pytest.mark.parametrize(
    ("images", "machines", "steps"),
    [(112, 1, 4), (113, 1, 5), (113, 2, 4), (114, 2, 5), (114, 3, 4), (112, 3, 4)],
)
def test_no_machine_gets_an_empty_batch(images, machines, steps):
    hosts = Hosts(tuple(["a:1"] * machines) if machines > 1 else ())
    assert hosts.steps_per_epoch(images, 28) == steps


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--hosts", "a:1,b"], "--hosts and --host go together"),
        (["--host", "0"], "--hosts and --host go together"),
        (["--hosts", "a:1,b", "--host", "0"], "set KERAS_BACKEND=jax"),
        (["--hosts", "a:1,b", "--host", "0", "--minutes", "3"], "--minutes is for one machine"),
    ],
)
def test_refusals(fer_csv, tmp_path, capsys, more, said):
    arguments = ["train", "mien_plain", "--data", str(fer_csv), "--out", str(tmp_path / "none")]
    assert main([*arguments, *more]) == 1
    assert said in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("hosts", "host", "said"),
    [
        (["a:1"], 0, "two machines or more"),
        (["a", "b"], 0, "the first with a port"),
        (["[::1]", "b"], 0, "the first with a port"),
        (["a:1", "b c"], 0, "'b c' given, expected HOST or HOST:PORT"),
        (["a:1", "b"], 2, "--host is 2, expected 0 to 1"),
    ],
)
def test_invalid_addresses(monkeypatch, hosts, host, said):
    monkeypatch.setattr("keras.backend.backend", lambda: "jax")
    from training.errors import TrainingError

    with pytest.raises(TrainingError, match=said.replace("[", r"\[")):
        Hosts.parse(hosts, host)
    assert Hosts.parse(["[::1]:70", "b"], 1).count == 2
