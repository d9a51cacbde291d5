"""Import tensorflowjs's graph-model converter without the packages that it does not need.

`import tensorflowjs` also imports its converters for Keras 2 (tf-keras) and JAX (jax), and the
graph-model converter imports TensorFlow Hub and TensorFlow Decision Forests at its top. Mien
converts SavedModels made by Keras 3 alone and calls none of these; decision forests have no wheel
for Python 3.13 and hold TensorFlow at 2.19. So requirements-converter.txt is installed with
`pip install --no-deps`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from app.inference.silence_output import silenced_output

from .errors import ToolError, first_line
from .imports import without_unused

PACKAGE = "tensorflowjs"
UNUSED = ("tensorflow_decision_forests", "tensorflow_hub")
"""Imported by the graph-model converter for kinds of models that Mien does not have."""


def graph_converter() -> Any:
    """The module tensorflowjs.converters.tf_saved_model_conversion_v2.

    Raises:
        ToolError: tensorflowjs or TensorFlow is missing.
    """
    try:
        with silenced_output(), without_unused(), _without_unneeded():
            return importlib.import_module(f"{PACKAGE}.converters.tf_saved_model_conversion_v2")
    except ImportError as error:
        raise ToolError(
            f"the converter needs tensorflowjs ({first_line(error)}); run make setup-dev "
            "with Python 3.11 to 3.13"
        ) from None


@contextmanager
def _without_unneeded() -> Iterator[None]:
    """Within it, importing a module of tensorflowjs runs no __init__.py of it, and the packages
    in UNUSED are empty modules."""
    if PACKAGE not in sys.modules and (spec := importlib.util.find_spec(PACKAGE)):
        folder = Path(next(iter(spec.submodule_search_locations or [])))
        for name, path in ((PACKAGE, folder), (f"{PACKAGE}.converters", folder / "converters")):
            bare = ModuleType(name)
            bare.__path__ = [str(path)]
            sys.modules[name] = bare
    stand_ins = {name: ModuleType(name) for name in UNUSED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name in stand_ins:
            del sys.modules[name]
