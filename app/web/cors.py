"""CORS: which pages of other origins may read the API's answers and run mien.js."""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from .security_headers import under_api

ANY_ORIGIN = "*"
EMBEDDED = ("/static/dist/", "/static/models/")
"""Paths of mien.js and of what it loads."""
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "7200",
}
EXPOSED = "X-Request-ID, Server-Timing, Retry-After"


def allowed_origin() -> str | None:
    """The value of Access-Control-Allow-Origin for the current request; None: no such header."""
    origins = current_app.config["MIEN_CORS_ORIGINS"].split()
    if ANY_ORIGIN in origins:
        return ANY_ORIGIN
    origin = request.headers.get("Origin")
    return origin if origin in origins else None


def is_shared() -> bool:
    """Whether the current request is for the API, mien.js or what that loads: what other origins
    may be allowed to read."""
    return under_api() or request.path.startswith(EMBEDDED)


def add_headers(response: Response) -> Response:
    """Let pages of the allowed origins read this answer, always without credentials."""
    if not current_app.config["MIEN_CORS_ORIGINS"] or not is_shared():
        return response
    # Also where the origin is refused: a shared cache must not give this answer to another origin.
    response.vary.add("Origin")
    origin = allowed_origin()
    if origin is None:
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    # A cross-origin isolated page (COEP) may load it only with this header as well.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers.update(PREFLIGHT_HEADERS)
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer.

    Must be called before security_headers.init_app: functions after a request run in reverse
    order, and one of those headers is replaced here.
    """
    app.after_request(add_headers)
