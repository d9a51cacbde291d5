"""The log: one JSON object a line on stdout, of requests and of what the server says.

No line holds what could name a person: no address, no path or query (the route instead), no file
name, no user agent. Outside of gunicorn nothing is set up here: logging is the caller's own.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from ..config import ConfigError
from ..inference.errors import MienError

METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")

requests = logging.getLogger("app.requests")

# How gunicorn begins a message that goes on with the client's address or the address asked for,
# and what is said instead.
SAID_INSTEAD = {
    "Invalid request from": "A request that is not valid HTTP was refused.",
    "Error handling request": "A request could not be answered.",
    "Ignored premature": "A client went away.",
}


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: time (UTC), process, level, message, the record's own
    `fields`, and under "error" what was raised; of errors whose sentence says all only that."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": time.replace("+00:00", "Z"),
            "process": record.process,
            "level": record.levelname.lower(),
            "message": _said(record),
            **getattr(record, "fields", {}),
        }
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConfigError | MienError):
            line["error"] = str(error)
        elif error is not None and record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _said(record: logging.LogRecord) -> str:
    if record.name == "gunicorn.error":
        for beginning, instead in SAID_INSTEAD.items():
            if str(record.msg).startswith(beginning):
                return instead
    return record.getMessage()


def method() -> str:
    """The current request's method; "other" for one that HTTP does not know."""
    return request.method if request.method in METHODS else "other"


def route() -> str:
    """The current request's route, e.g. /static/<path:filename>; "none" where there is none."""
    return request.url_rule.rule if request.url_rule else "none"


def count_faces(number: int) -> None:
    """`number` faces were recognised in a photo of the current request, if there is one."""
    if has_request_context():
        g.faces = g.get("faces", 0) + number
        g.photos = g.get("photos", 0) + 1


def milliseconds() -> float:
    """How long the current request has taken so far."""
    began: float = g.get("began", perf_counter())
    return (perf_counter() - began) * 1000


def init_app(app: Flask) -> None:
    """Write one line for each request. To be called before all that add functions to be run
    around requests: so this one's are the first before and the last after."""

    @app.before_request
    def begin() -> None:
        g.began = perf_counter()

    @app.after_request
    def write(response: Response) -> Response:
        fields = {
            "request": g.get("request_id"),
            "method": method(),
            "route": route(),
            "status": response.status_code,
            "ms": round(milliseconds(), 1),
        }
        if "faces" in g:
            fields["faces"] = g.faces
        requests.info("request", extra={"fields": fields})
        return response
