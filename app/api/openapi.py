"""The OpenAPI 3.1 description of the API, built from the application's routes, settings, models,
photo formats and statuses of errors."""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.routing import Rule

from ..photos.service import photo_service
from ..version import __version__
from .openapi_components import (
    HEADERS,
    headers,
    problem,
    problems,
    reference,
    response_name,
    statuses,
)
from .openapi_recognize import recognize_operation
from .schemas import schemas

PREFIX = "/api/"
ABOUT = """\
Finds faces in photos and the expression that each face shows. It cannot know what a person feels.

Photos are analysed in memory; they are not written to disk and not kept. Errors are problem details
(RFC 9457) with a sentence in `detail`. Every answer has an `X-Request-ID`: yours, if you send one.
"""


def document() -> dict[str, Any]:
    """The OpenAPI document of the current application."""
    rules = [rule for rule in current_app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]
    paths: dict[str, Any] = {}
    for rule in sorted(rules, key=lambda rule: rule.rule):
        for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"}):
            paths.setdefault(rule.rule, {})[method.lower()] = _operation(rule)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mien", "version": __version__, "description": ABOUT},
        "servers": [{"url": request.script_root or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas(photo_service()),
            "headers": HEADERS,
            "responses": {response_name(status): problem(status) for status in statuses()},
        },
    }


def _operation(rule: Rule) -> dict[str, Any]:
    """The operation of a route. Its summary is the first line of the docstring of its function.

    Raises:
        KeyError: `OPERATIONS` has no entry for the route.
    """
    about = (current_app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()
    return {
        "operationId": rule.endpoint.removeprefix("api."),
        "summary": about[0].rstrip("."),
        **OPERATIONS[rule.endpoint](),
    }


def _get(schema: dict[str, Any], about: str, *errors: int) -> dict[str, Any]:
    """An operation without parameters that answers with JSON."""
    answer = {
        "description": about,
        "headers": headers(),
        "content": {"application/json": {"schema": schema}},
    }
    return {"responses": {"200": answer, **problems(*errors)}}


OPERATIONS = {
    "api.recognize": recognize_operation,
    "api.models": lambda: _get(
        reference("schemas", "Models"), "The models, the default one first.", 500
    ),
    "api.health": lambda: _get(reference("schemas", "Health"), "The server answers photos."),
    "api.description": lambda: _get({"type": "object"}, "This document."),
}
"""Endpoint -> its operation."""
