"""The log: JSON lines for requests and messages.

No line has personal data: no address, no path or query (the route instead), no file name, no user
agent. Handlers are set up by gunicorn only (gunicorn_logger.py), otherwise by the caller.
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

REPLACED_MESSAGES = {
    "Invalid request from": "A request that is not valid HTTP was refused.",
    "Error handling request": "A request could not be answered.",
    "Exception while serving": "A request could not be answered.",
    "Ignored premature": "A client closed the connection.",
}
"""Beginning of a message of gunicorn or waitress that contains the client's address or the
requested path -> the message that is logged instead."""


class JsonFormatter(logging.Formatter):
    """Format a record as one line of JSON.

    The line has time (UTC), process, level, message, the items of the record's attribute `fields`,
    and, as "error", the traceback of the exception, or only its sentence if it is one of Mien's.
    """

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "time": time.replace("+00:00", "Z"),
            "process": record.process,
            "level": record.levelname.lower(),
            "message": _message(record),
            **getattr(record, "fields", {}),
        }
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConfigError | MienError):
            line["error"] = str(error)
        elif error is not None and record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    if record.name in ("gunicorn.error", "waitress"):
        for beginning, replacement in REPLACED_MESSAGES.items():
            if str(record.msg).startswith(beginning):
                return replacement
    return record.getMessage()


def method() -> str:
    """The method of the current request; "other" if it is not in `METHODS`."""
    return request.method if request.method in METHODS else "other"


def route() -> str:
    """The route of the current request, e.g. /static/<path:filename>; "none" if there is none."""
    return request.url_rule.rule if request.url_rule else "none"


def count_faces(number: int) -> None:
    """Count a photo with `number` recognised faces for the log line of the current request."""
    if has_request_context():
        g.faces = g.get("faces", 0) + number
        g.photos = g.get("photos", 0) + 1


def elapsed_ms() -> float:
    """Milliseconds since the start of the current request."""
    start: float = g.get("start", perf_counter())
    return (perf_counter() - start) * 1000


def init_app(app: Flask) -> None:
    """Log one line for each request.

    Must be called before other functions are registered to run around requests: then these run
    first before a request and last after it.
    """

    @app.before_request
    def start() -> None:
        g.start = perf_counter()

    @app.after_request
    def write(response: Response) -> Response:
        fields = {
            "request": g.get("request_id"),
            "method": method(),
            "route": route(),
            "status": response.status_code,
            "ms": round(elapsed_ms(), 1),
        }
        if "faces" in g:
            fields["faces"] = g.faces
        requests.info("request", extra={"fields": fields})
        return response
