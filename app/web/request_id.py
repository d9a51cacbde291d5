"""What every answer carries besides its content: the request's id, and for other sites' scripts,
where a setting lets them in, leave to read the API's answers and to run mien.js (CORS)."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, current_app, g, request

from .security_headers import under_api

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

ANY_ORIGIN = "*"
EMBEDDED = ("/static/dist/", "/static/models/")
"""Where mien.js lies, and what it loads."""
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "7200",
}
EXPOSED = "X-Request-ID, Server-Timing, Retry-After"


def request_id() -> str:
    """The id of the current request: that of its header X-Request-ID, where it is 1 to 64 of
    A-Z, a-z, 0-9, '.', '_' and '-', or else a new one. The same one each time."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-ID", "")
        g.request_id = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    found: str = g.request_id
    return found


def server_timing(timings_ms: dict[str, float]) -> str:
    """The header Server-Timing of what was measured, e.g. "decode;dur=13.56, detect;dur=8.1"."""
    return ", ".join(f"{step};dur={round(ms, 2)}" for step, ms in timings_ms.items())


def allowed_origin() -> str | None:
    """What Access-Control-Allow-Origin says to the current request; None: nothing."""
    origins = current_app.config["MIEN_CORS_ORIGINS"].split()
    if ANY_ORIGIN in origins:
        return ANY_ORIGIN
    origin = request.headers.get("Origin")
    return origin if origin in origins else None


def for_others() -> bool:
    """Whether the current request is for what other sites may be let to: the API, and mien.js with
    all that it loads."""
    return under_api() or request.path.startswith(EMBEDDED)


def add_cors(response: Response) -> None:
    """Let scripts of the allowed origins read this answer; never with credentials."""
    if not current_app.config["MIEN_CORS_ORIGINS"] or not for_others():
        return
    response.vary.add("Origin")
    origin = allowed_origin()
    if origin is None:
        return
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    # A page that is isolated itself (COEP) may otherwise not load it, whatever CORS says.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers.update(PREFLIGHT_HEADERS)


def init_app(app: Flask) -> None:
    """Give every request its id and every answer these headers.

    Must be called before security.init_app: what is to run after each request runs in reverse
    order, and CORS relaxes a header that is set there.
    """

    @app.before_request
    def identify() -> None:
        request_id()

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["X-Request-ID"] = request_id()
        add_cors(response)
        return response
