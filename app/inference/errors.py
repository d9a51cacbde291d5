"""The exceptions of Mien: the root, and those of the path from pixel to label.

    MienError
    ├── ImageError                the given file cannot be used as an image
    │   ├── ImageDecodeError      empty, truncated, damaged, or of a format that is not supported
    │   ├── ImageUnsupportedError of a format whose decoder is not installed
    │   └── ImageTooLargeError    more pixels, bytes or parts than allowed
    ├── DecodingBusyError         other images use the memory that decoding may use
    ├── ContractError             contract.json is missing, damaged or does not fit its model
    └── ModelError
        ├── UnknownModelError     no model has that name
        └── ModelFileError        the model's file cannot be loaded

Each message says what was given and what is expected; callers show it as it is. The site's own
exceptions are derived from the root too (app/limits, app/photos/uploads.py).
"""

from __future__ import annotations


class MienError(Exception):
    """Root of everything that Mien raises on purpose.

    Attributes:
        http_status: the HTTP status that the site answers with. 500 is a fault of the server:
            the client learns only that there is one.
        retry_after_s: after how many seconds the client may try again; None where a second try
            would end in the same way.
    """

    http_status: int = 500
    retry_after_s: int | None = None


class ImageError(MienError):
    """The given file cannot be used as an image."""

    http_status = 400


class ImageDecodeError(ImageError):
    """The bytes are not an image of a supported format, or end too early."""


class ImageUnsupportedError(ImageError):
    """The image is of a format that is supported only where its decoder is installed."""

    http_status = 415


class ImageTooLargeError(ImageError):
    """The image exceeds a limit, which is checked before decoding."""

    http_status = 413


class DecodingBusyError(MienError):
    """The memory for decoding did not become free in time; other images use it."""

    http_status = 503
    retry_after_s = 2


class ContractError(MienError):
    """A contract is missing, damaged, incomplete, or does not fit its model."""


class ModelError(MienError):
    """A model is not available."""


class UnknownModelError(ModelError):
    """No model has that name; the message lists the available ones."""

    http_status = 400


class ModelFileError(ModelError):
    """A model's file is missing or Keras cannot load it."""
