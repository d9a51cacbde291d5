"""The command `python -m converter` in its own process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from converter import __main__ as command

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "converter"]


def test_a_run_prints_its_steps_and_no_warnings(plain_h5, tmp_path):
    # The converter uses TensorFlow, whatever backend the environment names.
    done = subprocess.run(
        [*COMMAND, plain_h5, tmp_path / "small.test", "--allow-saturated"],
        cwd=ROOT,
        env=os.environ | {"KERAS_BACKEND": "openvino"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    first_words = [line.split()[0] for line in done.stdout.splitlines()]
    assert first_words == [
        *("loading", "converting,", "verifying", "publishing", "faces", "preprocessing"),
        *("probability", "quantisation", "size", "small.test"),
    ]


def test_an_error_is_one_sentence(tmp_path):
    done = subprocess.run(
        [*COMMAND, tmp_path / "none.h5", tmp_path / "small.test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        f"converter: {tmp_path / 'none.h5'}: no such file; expected a Keras model, .h5 or .keras\n"
    )


def test_stopping_leaves_no_files(plain_h5, tmp_path):
    running = subprocess.Popen(
        [*COMMAND, plain_h5, tmp_path / "new" / "small.test", "--allow-saturated"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout
    for line in running.stdout:
        if line.startswith("converting"):
            break
    assert (tmp_path / "new").is_dir()
    running.send_signal(signal.SIGTERM)
    _out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert err == "converter: stopped, nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_that_was_swallowed_takes_effect_at_the_next_step(monkeypatch, capsys):
    def swallow(model, outdir, quantize, log, allow_saturated):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            raise AssertionError("the handler has not run")
        except KeyboardInterrupt:
            log("publishing")

    monkeypatch.setattr(command, "convert", swallow)
    before = signal.signal(signal.SIGTERM, command._stop)
    try:
        assert command.main(["model.h5", "out"]) == 130
    finally:
        signal.signal(signal.SIGTERM, before)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "converter: stopped, nothing was written\n")
