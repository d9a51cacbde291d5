"""Turn exceptions into answers.

Each exception class has its status and its Retry-After on itself (`MienError`). Under /api an error
is a problem (RFC 9457, application/problem+json); elsewhere it is a page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ..inference.errors import MienError
from ..limits import rate_limit
from ..server.logs import method, route
from .request_id import request_id
from .security_headers import under_api

log = logging.getLogger(__name__)

FAULT = "Something went wrong on the server. The server's log has the details."


def status_of(error: Exception) -> int:
    """The HTTP status of an exception: its class's own, or 500."""
    if isinstance(error, HTTPException):
        return error.code or 500
    return error.http_status if isinstance(error, MienError) else 500


def statuses() -> set[int]:
    """The statuses of all exceptions that Mien raises on purpose."""
    return {kind.http_status for kind in _subclasses(MienError)}


def _subclasses(kind: type[MienError]) -> Iterator[type[MienError]]:
    yield kind
    for subclass in kind.__subclasses__():
        yield from _subclasses(subclass)


def sentence_of(error: Exception) -> str:
    """The sentence for the client: what was given, and what is expected.

    Of a fault of the server the client learns only that there is one; the log has the details.
    """
    if not isinstance(error, HTTPException):
        return FAULT if status_of(error) == 500 else str(error)
    if isinstance(error, RateLimitExceeded):
        return rate_limit.sentence(error)
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is nothing at {request.path}."
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        return f"{request.path} does not accept {request.method}; it accepts {allowed}."
    if error.code == 413:
        config = current_app.config
        return (
            f"The upload is larger than this server accepts: {config['MAX_CONTENT_LENGTH']:,} "
            f"bytes in all, {config['MAX_FORM_MEMORY_SIZE']:,} bytes of text, and "
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
    """Headers that the answer needs besides the usual ones, e.g. Allow or Retry-After."""
    if isinstance(error, MienError):
        seconds = error.retry_after_s
        return {} if seconds is None else {"Retry-After": str(seconds)}
    if isinstance(error, RateLimitExceeded):
        return {"Retry-After": str(rate_limit.retry_after_s())}
    if isinstance(error, HTTPException):
        return {k: v for k, v in error.get_headers() if k.lower() != "content-type"}
    return {}


def render(error: Exception) -> Response:
    """The answer to a request that raised `error`."""
    status = status_of(error)
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
    """Answer every exception with `render`."""

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Any:
        # A redirect is an HTTPException too, but it is an answer, not an error.
        if isinstance(error, HTTPException) and (error.code or 500) < 400:
            return error
        if status_of(error) == 500 and app.testing and not isinstance(error, HTTPException):
            raise error
        return render(error)
