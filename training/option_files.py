"""Find and read the files that command line options name."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.inference.errors import ModelFileError, UnknownModelError
from app.inference.model_store import MODEL_FILES
from app.inference.pickle_check import pickle_in, refusal

from . import cli

if TYPE_CHECKING:
    import numpy as np

    from .data.dataset import Dataset


def read_votes(options: argparse.Namespace, data: Dataset) -> np.ndarray | None:
    """FER+'s votes of the data's rows, from --ferplus; None without that option."""
    from .data.fer2013 import match_votes, read_ferplus

    return match_votes(read_ferplus(options.ferplus), data) if options.ferplus else None


def find_model_file(given: str) -> Path:
    """Find a model file by its path, its folder, or its name in app/models."""
    folders = (Path(given), cli.MODELS / given)
    for path in (Path(given), *(folder / name for folder in folders for name in MODEL_FILES)):
        if path.is_file():
            pickle = pickle_in(path)
            if pickle:
                raise ModelFileError(
                    f"{refusal(path, pickle)}; expected a Keras model, .h5 or .keras"
                )
            return path
    known = sorted(path.parent.name for path in cli.MODELS.glob("*/model.h5"))
    raise UnknownModelError(
        f"no model {given!r}: expected a model file, a run folder, "
        f"or one of {', '.join(known) or 'app/models, which is empty'}"
    )
