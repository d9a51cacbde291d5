"""The id of a request (header X-Request-ID), and the header Server-Timing."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, g, request

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What an X-Request-ID of a client must match to be used."""


def request_id() -> str:
    """The id of the current request, the same on every call.

    It is the client's own X-Request-ID where that matches `REQUEST_ID`, otherwise a new random one.
    """
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    found: str = g.request_id
    return found


def server_timing(timings_ms: dict[str, float]) -> str:
    """The value of the header Server-Timing for step -> milliseconds, e.g.
    "decode;dur=13.56, detect;dur=8.1"."""
    return ", ".join(f"{step};dur={round(ms, 2)}" for step, ms in timings_ms.items())


def init_app(app: Flask) -> None:
    """Give every request an id and every answer the header X-Request-ID."""

    @app.before_request
    def identify() -> None:
        request_id()

    @app.after_request
    def add_header(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        return response
