"""Keep Keras from importing packages that are installed but not needed.

Keras imports TensorFlow, JAX, PyTorch, pandas and others where they are installed, on any backend.
On OpenVINO it uses none of them for prediction, and they need hundreds of megabytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType

OPTIONAL = frozenset(
    ("tensorflow", "jax", "torch", "flax", "orbax", "pandas", "matplotlib", "sklearn", "onnx")
)
"""Packages that Keras imports if it finds them."""


class _Hiding:
    """A finder of modules for which the packages `OPTIONAL` do not exist."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name in OPTIONAL:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextmanager
def hidden_optional_packages() -> Iterator[None]:
    """Within it an import of a package in `OPTIONAL` fails as if it was not installed, unless it
    was imported before."""
    hiding = _Hiding()
    sys.meta_path.insert(0, hiding)
    try:
        yield
    finally:
        sys.meta_path.remove(hiding)
