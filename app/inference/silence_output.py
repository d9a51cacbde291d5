"""Keep TensorFlow's own messages off the terminal."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silenced_output() -> Iterator[None]:
    """Drop Python warnings and all output to stdout and stderr, from C++ too, within the context.

    TensorFlow logs a dozen lines before it reads any of its log settings, and tensorflowjs prints
    advertisements; only the file descriptors catch all of it. Exceptions are raised unchanged.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    saved = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 1)
        os.dup2(null, 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in enumerate(saved, start=1):
            os.dup2(copy, number)
            os.close(copy)
        os.close(null)
