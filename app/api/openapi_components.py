"""Components of the OpenAPI description that all answers share: headers and error answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app

from ..web import errors
from ..web.request_id import REQUEST_ID

HEADERS = {
    "RequestId": {
        "description": "The id of the request: its own X-Request-ID, or a new one.",
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
    """The statuses other than 200 that recognize can answer with, ascending."""
    # 408: the upload took too long (app/server/connections.py).
    found = errors.statuses() | {408}
    return sorted(found if current_app.config.get("MIEN_RATE_LIMIT") else found - {429})


def problems(*statuses: int) -> dict[str, Any]:
    """References to the error answers with these statuses."""
    return {str(status): reference("responses", response_name(status)) for status in statuses}


def problem(status: int) -> dict[str, Any]:
    """The error answer with this status."""
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
    """The name of the component of the error answer with this status, e.g. "BadRequest"."""
    return "".join(filter(str.isalnum, HTTPStatus(status).phrase))


def reference(kind: str, name: str) -> dict[str, str]:
    """A reference to a component, e.g. of kind "schemas"."""
    return {"$ref": f"#/components/{kind}/{name}"}
