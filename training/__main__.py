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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code.

    0: success; 1: an error of the user, printed as one sentence on stderr; 130: interrupted.
    """
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras warns about the .h5 format, which is used on purpose.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = cli.parser().parse_args(arguments)
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


if __name__ == "__main__":
    sys.exit(main())
