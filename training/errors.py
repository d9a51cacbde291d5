"""What a user of `python -m training` can get wrong; shown as one sentence, exit code 1."""

from __future__ import annotations

from app.inference.errors import MienError


class TrainingError(MienError):
    """Root of the errors below."""


class DataError(TrainingError):
    """A data file is missing, damaged, or not what its format says."""


class RunError(TrainingError):
    """A run folder is missing something, or stands where a new one should go."""
