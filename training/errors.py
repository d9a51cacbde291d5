"""Errors of `python -m training`; each is shown as one sentence, with exit code 1."""

from __future__ import annotations

from app.inference.errors import MienError


class TrainingError(MienError):
    """Base class of the errors of training."""


class DataError(TrainingError):
    """A data file is missing, damaged or in the wrong format."""


class RunError(TrainingError):
    """A run folder is incomplete or does not fit, or it exists already."""
