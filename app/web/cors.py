"""CORS: which pages of other origins may read the API's answers and run mien.js."""

from __future__ import annotations

from flask import Flask, Response, request

SHARED = ("/api/", "/static/dist/", "/static/models/")
"""The API, mien.js and what that loads: what other origins may be allowed to read."""


def add_headers(response: Response) -> Response:
    """Add what Flask-CORS leaves out."""
    if not request.path.startswith(SHARED):
        return response
    # Also where the origin is refused: a shared cache must not give this answer to another origin.
    response.vary.add("Origin")
    if "Access-Control-Allow-Origin" in response.headers:
        # A cross-origin isolated page (COEP) may load it only with this header as well.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer, where MIEN_CORS_ORIGINS allows any origin.

    Must be called before security_headers.init_app: functions after a request run in reverse
    order, and one of those headers is replaced here.
    """
    origins = app.config["MIEN_CORS_ORIGINS"].split()
    if not origins:
        return
    # Imported only where it is used.
    from flask_cors import CORS

    app.after_request(add_headers)
    CORS(
        app,
        resources=[f"{path}.*" for path in SHARED],
        origins=origins,
        methods=["GET", "HEAD", "POST"],
        allow_headers=["Content-Type", "X-Request-ID"],
        expose_headers=["X-Request-ID", "Server-Timing", "Retry-After"],
        max_age=7200,
        send_wildcard=True,
        # Where all origins are allowed, also to requests that name none.
        always_send="*" in origins,
        vary_header=False,
    )
