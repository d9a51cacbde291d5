"""The errors of the converter; each message is one sentence for the user.

    ConverterError
    ├── UnconvertibleError     the model file cannot be converted
    │   ├── FormatError        it is not a Keras model file, or it is damaged
    │   ├── ContractMismatch   its input or outputs do not fit its contract
    │   └── UnsupportedError   Keras or TF.js does not know a layer or an operation
    ├── TargetError            the bundle cannot be written
    ├── ToolError              node, the npm packages or TensorFlow are missing or too old
    ├── SaturationError        the model gives one answer to every face
    └── VerificationError      the bundle does not run
        └── DifferenceError    its predictions differ from the model's

A missing or damaged contract.json raises app.inference.errors.ContractError.
"""

from __future__ import annotations

import errno
from pathlib import Path

from app.inference.classifier import cause_of


class ConverterError(Exception):
    """Base class of the converter's errors."""


class UnconvertibleError(ConverterError):
    """The model file cannot be converted."""


class FormatError(UnconvertibleError):
    """The file is not a Keras model, or it is damaged."""


class ContractMismatch(UnconvertibleError):
    """The model's input or outputs do not fit its contract."""


class UnsupportedError(UnconvertibleError):
    """Keras or TF.js does not know a layer or an operation of the model."""


class TargetError(ConverterError):
    """The bundle cannot be written."""


class ToolError(ConverterError):
    """Node, the npm packages or TensorFlow are missing or too old."""


class SaturationError(ConverterError):
    """The model gives one answer to every face; most often its input is scaled otherwise."""


class VerificationError(ConverterError):
    """The bundle does not run in TF.js, or its predictions differ from the model's."""


class DifferenceError(VerificationError):
    """The bundle's predictions differ from the model's.

    Attributes:
        measured: what differs, in words.
        difference: the largest difference.
    """

    def __init__(self, message: str, measured: str, difference: float) -> None:
        super().__init__(message)
        self.measured = measured
        self.difference = difference


REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "writing there is not permitted",
    errno.EPERM: "writing there is not permitted",
    errno.EROFS: "the file system is read-only",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.ENOENT: "no folder can be made there",
    errno.ENAMETOOLONG: "the name is too long",
}


def target_error(error: BaseException, target: Path) -> TargetError:
    """The error for an `OSError`, or TensorFlow's equivalent, while writing `target`."""
    number = error.errno if isinstance(error, OSError) else None
    if is_disk_full(error):
        number = errno.ENOSPC
    reason = REASONS.get(number or 0) or first_line(error)
    return TargetError(f"{target}: the bundle cannot be written: {reason}")


def is_disk_full(error: BaseException) -> bool:
    """Whether the error is a full disk, as an `OSError` or TensorFlow's equivalent."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)


def first_line(error: BaseException) -> str:
    """The cause in an exception's message, one line, or the exception's type."""
    return cause_of(error)
