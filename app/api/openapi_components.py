"""What all answers of the API have in common, as OpenAPI 3.1 has it: headers, and the problems that
errors are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app

from ..web import errors
from ..web.request_id import REQUEST_ID

HEADERS = {
    "RequestId": {
        "description": "The request's id: that of its own X-Request-ID, or a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": f"^{REQUEST_ID.pattern}$"},
    },
    "ServerTiming": {
        "description": "Milliseconds of each step, e.g. `decode;dur=13.56, total;dur=99.2`.",
        "required": True,
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds after which to try again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
}


def statuses() -> list[int]:
    """The statuses other than 200 that recognize can answer with."""
    # 408 is an upload that came to a halt (app/limits/upload_timeout.py).
    found = errors.statuses() | {408}
    return sorted(found if current_app.config.get("MIEN_RATE_LIMIT") else found - {429})


def problems(*statuses: int) -> dict[str, Any]:
    """The answers of an operation that are errors of these statuses."""
    return {str(status): reference("responses", response_name(status)) for status in statuses}


def problem(status: int) -> dict[str, Any]:
    """The answer with an error of this status."""
    retry = {"Retry-After": reference("headers", "RetryAfter")} if status in (429, 503) else {}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {**headers(), **retry},
        "content": {"application/problem+json": {"schema": reference("schemas", "Problem")}},
    }


def headers() -> dict[str, Any]:
    """The headers that every answer has."""
    return {"X-Request-ID": reference("headers", "RequestId")}


def response_name(status: int) -> str:
    """What the answer with an error of this status is called among the components."""
    return "".join(filter(str.isalnum, HTTPStatus(status).phrase))


def reference(kind: str, name: str) -> dict[str, str]:
    """A reference to one of the components."""
    return {"$ref": f"#/components/{kind}/{name}"}
