"""What `make` does with the Pythons of a machine: which it takes, what it skips."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRAINING = "tests/training tests/converter"


def program(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ({"python3.13": 0, "python3.11": 0, "python3": 0}, "python3.13"),
        ({"python3.13": 127, "python3.12": 1, "python3.11": 0}, "python3.11"),
        ({"python3.13": 127, "pyenv/versions/3.12.1/bin/python3": 0, "python3": 0}, "3.12.1"),
        ({"python3": 0, "python3.14": 0}, "python3"),
        ({"python3": 1, "python3.14": 0}, "python3.14"),
        ({}, "python3"),
    ],
    ids=["newest", "shims-fail", "pyenv", "only-newer", "only-3.14", "none"],
)
def test_a_python_that_starts_is_taken(tmp_path, there, expected):
    for name, code in there.items():
        program(tmp_path / name, f"exit {code}")
    found = subprocess.run(
        ["/bin/bash", ROOT / "bin" / "find-python"],
        env={"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert expected in found.stdout
    assert found.stdout.strip() in (expected, str(tmp_path / "pyenv/versions/3.12.1/bin/python3"))


@pytest.mark.parametrize("tensorflow", [True, False])
def test_what_needs_tensorflow_is_skipped_and_named_where_there_is_none(tmp_path, tensorflow):
    program(
        tmp_path / "python",
        f'case "$1" in --version) echo Python 3.14.0;; -c) exit {int(not tensorflow)};; '
        '*) echo "ran $KERAS_BACKEND $*";; esac',
    )
    made = subprocess.run(
        ["make", "-s", "-o", "setup-dev", "test-training", f"BIN={tmp_path}"],
        cwd=ROOT,
        # As from a shell, not from the make that may run this test.
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=True,
    )
    if tensorflow:
        assert made.stdout == f"ran tensorflow -m pytest -q {TRAINING}\n"
    else:
        assert made.stdout == (
            f"Skipped: {TRAINING}. There is no TensorFlow for Python 3.14.0 yet.\n"
        )


@pytest.mark.parametrize("hung", [True, False])
def test_what_failed_is_run_again_only_after_a_browser_hung(tmp_path, hung):
    hang = f"echo test_of_the_page > {tmp_path}/browser-hung" if hung else ":"
    program(tmp_path / "python", f'case "$*" in *--last-failed*) exit 0;; *) {hang}; exit 1;; esac')
    made = subprocess.run(
        [
            *("make", "-s", "-o", "setup-dev", "-o", "chromium", "test-browser"),
            *(f"BIN={tmp_path}", f"STAMPS={tmp_path}"),
        ],
        cwd=ROOT,
        env={key: value for key, value in os.environ.items() if not key.startswith("MAKE")},
        capture_output=True,
        text=True,
    )
    assert (made.returncode == 0) == hung, made.stdout + made.stderr
    assert ("stopped answering in test_of_the_page" in made.stdout) == hung
