"""What can go wrong between a model file and its bundle; each message is one sentence for people.

    ConverterError
    ├── SourceError            the model file cannot be converted
    │   ├── FormatError        it is no Keras model file, or a damaged one
    │   ├── ContractMismatch   its input or outputs are not what its contract says
    │   └── UnsupportedError   a layer or an operation that Keras alone or TF.js does not know
    ├── TargetError            the bundle cannot be written where it was asked for
    ├── ToolError              node, the npm packages or TensorFlow are missing or too old
    └── VerificationError      the bundle does not predict what the model predicts

A missing or damaged contract.json is app.inference.errors.ContractError, as everywhere.
"""

from __future__ import annotations

import errno
import re
from pathlib import Path


class ConverterError(Exception):
    """Root of everything the converter raises on purpose."""


class SourceError(ConverterError):
    """The model file cannot be converted."""


class FormatError(SourceError):
    """Not a Keras model file, or a damaged one."""


class ContractMismatch(SourceError):
    """The model's input or outputs are not what its contract says."""


class UnsupportedError(SourceError):
    """A layer or an operation that Keras alone, or TF.js, does not know."""


class TargetError(ConverterError):
    """The bundle cannot be written where it was asked for."""


class ToolError(ConverterError):
    """Node, the npm packages or TensorFlow are missing or too old."""


class VerificationError(ConverterError):
    """The bundle does not predict what the model predicts."""


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
    """The sentence for an `OSError`, or TensorFlow's wording of one, while writing `target`."""
    number = error.errno if isinstance(error, OSError) else None
    if is_disk_full(error):
        number = errno.ENOSPC
    reason = REASONS.get(number or 0) or first_line(error)
    return TargetError(f"{target}: the bundle cannot be written: {reason}")


def is_disk_full(error: BaseException) -> bool:
    """True for an `OSError` of a full disk and for what TensorFlow makes of one."""
    return getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error)


def first_line(error: BaseException) -> str:
    """The first line of an exception's message that says something, or its type."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # Keras puts this, and bold letters, before what went wrong.
    told = [line for line in lines if not line.startswith("Exception encountered when calling")]
    return (told or lines or [type(error).__name__])[0]
