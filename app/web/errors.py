"""From an exception to an answer: one table of statuses, one renderer.

Under /api an error is a problem (RFC 9457, application/problem+json); elsewhere a page.
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestTimeout

from ..inference.errors import (
    ContractError,
    DecodingBusyError,
    ImageDecodeError,
    ImageTooLargeError,
    ImageUnsupportedError,
    MienError,
    ModelFileError,
    UnknownModelError,
)
from ..limits import rate_limit
from ..server.logs import method, route
from .request_id import request_id
from .security_headers import RETRY_AFTER_S, BusyError, under_api

log = logging.getLogger(__name__)


class FormError(Exception):
    """The form is not one that is understood."""


class MissingPhotoError(FormError):
    """The form has no photo in it."""


class TooManyPhotosError(FormError):
    """The form has more photos than are taken at once."""


class FieldError(FormError):
    """A field of the form or the query has a value it cannot have."""


STATUS: dict[type[Exception], int] = {
    FormError: 400,
    ImageDecodeError: 400,
    ImageTooLargeError: 413,
    ImageUnsupportedError: 415,
    UnknownModelError: 400,
    BusyError: 503,
    DecodingBusyError: 503,
    rate_limit.TooManyForClientError: 429,
    ContractError: 500,
    ModelFileError: 500,
    MienError: 500,
}
"""Status of each exception; of a class that is not here, its nearest base's."""

UNREAD = (413, 429, 503)
"""Statuses of refusals that may come before the upload was read."""

DISCARDED_BYTES = 256 * 1024 * 1024

FAULT = "Something went wrong on the server. It has been noted in the server's log."


def status_of(error: Exception) -> int:
    """The HTTP status of an exception: werkzeug's own, the table's, or 500."""
    if isinstance(error, HTTPException):
        return error.code or 500
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def sentence_of(error: Exception) -> str:
    """The sentence that tells the visitor what was given and what is expected.

    Of the server's own faults the visitor learns that there is one; the log has the rest.
    """
    if not isinstance(error, HTTPException):
        return FAULT if status_of(error) == 500 else str(error)
    if isinstance(error, RateLimitExceeded):
        return rate_limit.sentence(error)
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is nothing at {request.path}."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.path} does not take {request.method}; it takes {allowed}."
    if error.code == 413:
        config = current_app.config
        return (
            f"The upload is larger than this server takes: {config['MAX_CONTENT_LENGTH']:,} bytes "
            f"in all, {config['MAX_FORM_MEMORY_SIZE']:,} of them text, and "
            f"{config['MAX_FORM_PARTS']:,} fields."
        )
    if error.code == 500 or not error.description:
        return FAULT
    return error.description


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem details (RFC 9457) of an exception."""
    status = status_of(error)
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence_of(error),
    }


def headers_of(error: Exception) -> dict[str, str]:
    """Headers the answer needs besides the usual ones: Allow, Retry-After, ..."""
    if isinstance(error, (BusyError, DecodingBusyError)):
        return {"Retry-After": str(RETRY_AFTER_S)}
    if isinstance(error, RateLimitExceeded):
        return {"Retry-After": str(rate_limit.retry_after_s())}
    if isinstance(error, rate_limit.TooManyForClientError):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, HTTPException):
        return {k: v for k, v in error.get_headers() if k.lower() != "content-type"}
    return {}


def discard_upload() -> None:
    """Read on to the end of an upload that is refused, or through `DISCARDED_BYTES` of it.

    A browser that is still sending when the server hangs up reports a broken connection and never
    shows the answer.
    """
    # Where the server does not mark the upload's end, reading on could wait for ever.
    if not request.environ.get("wsgi.input_terminated"):
        return
    left = DISCARDED_BYTES
    while left > 0:
        try:
            chunk = request.environ["wsgi.input"].read(min(left, 1 << 16))
        except RequestTimeout:
            return
        if not chunk:
            return
        left -= len(chunk)


def render(error: Exception) -> Response:
    """The answer to a request that ended in `error`."""
    status = status_of(error)
    if status in UNREAD:
        discard_upload()
    if status == 500:
        log.error("%s %s", method(), route(), exc_info=error)
    problem = problem_of(error)
    if under_api():
        response = jsonify({**problem, "request_id": request_id()})
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("error.html", **problem))
    response.status_code = status
    response.headers.update(headers_of(error))
    return response


def init_app(app: Flask) -> None:
    """Let `render` answer for every exception."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Any:
        # A redirect is an HTTPException too, and is an answer already.
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        if status_of(error) == 500 and app.testing and not isinstance(error, HTTPException):
            raise error
        return render(error)
