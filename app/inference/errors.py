"""The exceptions of the path from pixel to label. Nothing here knows of HTTP.

    MienError
    ├── ImageError                what was given is not a picture we can read
    │   ├── ImageDecodeError      empty, truncated, damaged, or of a format we do not read
    │   ├── ImageUnsupportedError of a format whose decoder is not installed
    │   └── ImageTooLargeError    more pixels (or bytes) than allowed
    ├── DecodingBusyError         others take up the memory that decoding may take
    ├── ContractError             contract.json is missing, damaged or does not fit its model
    └── ModelError
        ├── UnknownModelError     no model of that name
        └── ModelFileError        the model's file cannot be loaded, or needs more than Keras has

Each message says what was given and what is expected; callers show it as it is.
"""

from __future__ import annotations


class MienError(Exception):
    """Root of everything this package raises on purpose."""


class ImageError(MienError):
    """What was given cannot be used as a picture."""


class ImageDecodeError(ImageError):
    """The bytes are not a picture of a format that is read, or end too early."""


class ImageUnsupportedError(ImageError):
    """The picture is of a format that is read only where its decoder is installed."""


class ImageTooLargeError(ImageError):
    """The picture has more pixels than the limit, which is checked before decoding."""


class DecodingBusyError(MienError):
    """Pictures that are being decoded take up the memory there is for it, for too long to wait."""


class ContractError(MienError):
    """A contract is missing, damaged, incomplete, or does not fit its model."""


class ModelError(MienError):
    """A model cannot be had."""


class UnknownModelError(ModelError):
    """No model of that name; the message lists the known ones."""


class ModelFileError(ModelError):
    """A model's file is missing or Keras cannot load it."""
