"""What can be wrong with the body of a request."""

from __future__ import annotations

from ..inference.errors import MienError


class FormError(MienError):
    """The form is not valid."""

    http_status = 400


class MissingPhotoError(FormError):
    """The form has no photo."""


class TooManyPhotosError(FormError):
    """The form has more photos than one request may have."""


class FieldError(FormError):
    """A field of the form or the query has a value that is not allowed."""
