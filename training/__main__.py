"""Command line of the training package: `python -m training COMMAND`."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from app.inference.classifier import import_keras
from app.inference.errors import MienError

from . import cli
from .commands import COMMANDS

BACKENDS = ("tensorflow", "jax", "openvino")
"""What Keras may run on; OpenVINO's cannot train."""
TRAINING_BACKENDS = BACKENDS[:2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0: success; 1: an error of the user, printed as one sentence on stderr; 130: interrupted.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras warns about the .h5 format, which is used on purpose.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = cli.parser().parse_args(arguments)
    fault = _backend_fault(options.command, os.environ["KERAS_BACKEND"])
    if fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    try:
        if options.command in ("train", "evaluate", "promote"):
            import_keras()
        COMMANDS[options.command](options)
    except MienError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # For example a full disk or a folder without write permission; finished files are complete.
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; continue with --resume", file=sys.stderr)
        return 130
    return 0


def _backend_fault(command: str, backend: str) -> str:
    """Why a command cannot run on the backend KERAS_BACKEND; "" if it can."""
    expected = TRAINING_BACKENDS if command in ("train", "distill") else BACKENDS
    if backend in expected:
        return ""
    return f"KERAS_BACKEND is {backend!r}, expected {' or '.join(expected)} for {command}"


if __name__ == "__main__":
    sys.exit(main())
