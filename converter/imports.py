"""Import TensorFlow and Keras without the large packages that they import only where installed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.inference.silence_output import silenced_output

from .errors import ToolError, first_line

UNUSED = ("jax", "matplotlib", "pandas", "sklearn")
"""Keras and TensorFlow try to import them at their start, for features that no conversion uses;
they take a third of the time."""


@contextmanager
def without_unused() -> Iterator[None]:
    """Within it, importing one of UNUSED that is not loaded yet raises ImportError."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def import_keras() -> Any:
    """The module keras, on TensorFlow.

    Raises:
        ToolError: TensorFlow is missing, or Keras already runs on another backend.
    """
    try:
        with silenced_output(), without_unused():
            import keras
            import tensorflow  # noqa: F401
    except ImportError as error:
        raise ToolError(
            f"the converter needs TensorFlow ({first_line(error)}); "
            "run make setup-dev with Python 3.11 to 3.13"
        ) from None
    if keras.backend.backend() != "tensorflow":
        raise ToolError(
            f"Keras already runs on {keras.backend.backend()} in this process; the converter "
            "needs KERAS_BACKEND=tensorflow"
        )
    return keras
