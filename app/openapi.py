"""The description of the API (OpenAPI 3.1), made of what the application knows of itself: its
routes, settings, models, the formats it reads and the statuses its errors have.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import current_app, request
from werkzeug.routing import Rule

from . import __version__
from .annotate import ANNOTATED, KINDS, LONGEST_SIDE, SHORTEST_SIDE
from .errors import STATUS
from .inference.images import FORMATS
from .openapi_schemas import schemas
from .recognition import recognizers
from .uploads import form_bytes

PREFIX = "/api/"
ABOUT = """\
Finds faces in photos and names the expression each face shows. It cannot know what a person feels.

Photos are analysed in memory, never written to disk and not kept. Errors are problem details
(RFC 9457) with a sentence in `detail`. Every answer has an `X-Request-ID`: yours, if you send one.
"""


def document() -> dict[str, Any]:
    """The description of the current application's API."""
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
            "schemas": schemas(recognizers()),
            "headers": HEADERS,
            "responses": {_name(status): _problem(status) for status in _statuses()},
        },
    }


def _operation(rule: Rule) -> dict[str, Any]:
    """What one route takes and gives; its summary is the first line of its function's docstring.

    Raises:
        KeyError: a route of the API that is not described below.
    """
    about = (current_app.view_functions[rule.endpoint].__doc__ or "").strip().splitlines()
    return {
        "operationId": rule.endpoint.removeprefix("api."),
        "summary": about[0].rstrip("."),
        **OPERATIONS[rule.endpoint](),
    }


def _recognize() -> dict[str, Any]:
    config = current_app.config
    names = recognizers().models.names()
    pixels = f"{config['MIEN_MAX_MEGAPIXELS']:g} megapixels"
    fields: dict[str, Any] = {
        "model": {
            "type": "string",
            "enum": names,
            "default": recognizers().default,
            "description": "The model to recognise with.",
        },
        "annotated": {
            "type": "string",
            "enum": list(ANNOTATED),
            "default": "false",
            "description": (
                "Answer with the photo, its faces drawn in, instead of JSON; takes one photo. "
                "`true` gives PNG or JPEG by the Accept header, JPEG where it names neither. The "
                f"picture's longer side has {SHORTEST_SIDE} to {LONGEST_SIDE} pixels."
            ),
        },
    }
    return {
        "description": (
            "One photo is answered with its faces. Several are answered in their order, each with "
            "its faces or with the problem it has: a damaged photo does not lose the others."
        ),
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": "The same as the form's field, which goes before this.",
                "schema": schema,
            }
            for name, schema in fields.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["photo"],
                        "properties": {
                            "photo": {
                                "type": "array",
                                "minItems": 1,
                                "maxItems": config["MIEN_MAX_PHOTOS"],
                                "items": {"type": "string", "format": "binary"},
                                "description": (
                                    "A picture file; repeat the field for several. Each has up to "
                                    f"{config['MIEN_MAX_BYTES']:,} bytes and {pixels}, all of them "
                                    f"together up to {form_bytes(current_app):,} bytes. Of an "
                                    "animation or several pages the first is used."
                                ),
                            },
                            **fields,
                        },
                    },
                    "encoding": {"photo": {"contentType": ", ".join(media_types())}},
                }
            },
        },
        "responses": {
            "200": {
                "description": "The faces, largest first; an empty list where none was found.",
                "headers": {**_headers(), "Server-Timing": _reference("headers", "ServerTiming")},
                "content": {
                    "application/json": {
                        "schema": {
                            "oneOf": [
                                _reference("schemas", "Answer"),
                                _reference("schemas", "Answers"),
                            ]
                        },
                        "examples": {"one photo": {"value": _example()}},
                    },
                    **{
                        kind: {"schema": {"type": "string", "format": "binary"}}
                        for kind in KINDS.values()
                    },
                },
            },
            **_problems(*_statuses()),
        },
    }


def _get(schema: dict[str, Any], about: str, *problems: int) -> dict[str, Any]:
    """An operation that takes nothing and gives JSON."""
    answer = {
        "description": about,
        "headers": _headers(),
        "content": {"application/json": {"schema": schema}},
    }
    return {"responses": {"200": answer, **_problems(*problems)}}


def _health() -> dict[str, Any]:
    described = _get(_reference("schemas", "Health"), "Photos are answered.")
    ready = described["responses"]["200"]
    described["responses"]["503"] = {
        **ready,
        "description": "The model is still being loaded.",
        "headers": {**_headers(), "Retry-After": _reference("headers", "RetryAfter")},
    }
    return described


OPERATIONS = {
    "api.recognize": _recognize,
    "api.models": lambda: _get(_reference("schemas", "Models"), "The default model first.", 500),
    "api.health": _health,
    "api.description": lambda: _get({"type": "object"}, "This document."),
}
"""What each route takes and gives, by its endpoint."""

HEADERS = {
    "RequestId": {
        "description": "The request's id: that of its own X-Request-ID, or a new one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
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


def media_types() -> list[str]:
    """The media types of the formats that are read."""
    # Pillow's name and ours differ for one of them, and senders use both (heif, heic).
    names = dict.fromkeys(name.lower() for pair in FORMATS.items() for name in pair)
    return [f"image/{name}" for name in names]


def _statuses() -> list[int]:
    """The statuses other than 200 that recognize can answer with."""
    limited = {429} if current_app.config.get("MIEN_RATE_LIMIT") else set()
    return sorted({*STATUS.values(), 413, *limited})


def _problems(*statuses: int) -> dict[str, Any]:
    return {str(status): _reference("responses", _name(status)) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    """The answer with an error of this status."""
    retry = {"Retry-After": _reference("headers", "RetryAfter")} if status in (429, 503) else {}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": {**_headers(), **retry},
        "content": {"application/problem+json": {"schema": _reference("schemas", "Problem")}},
    }


def _headers() -> dict[str, Any]:
    return {"X-Request-ID": _reference("headers", "RequestId")}


def _name(status: int) -> str:
    return "".join(filter(str.isalnum, HTTPStatus(status).phrase))


def _reference(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _example() -> dict[str, Any]:
    """An answer in the default model's own labels."""
    own = recognizers()
    contract = own.models.classifier(own.default).contract
    scores = dict.fromkeys(contract.labels, 0.0)
    scores[contract.labels[0]] = 1.0
    return {
        "faces": [
            {
                "id": 0,
                "box": {"x": 176.0, "y": 65.0, "width": 98.0, "height": 98.0},
                "label": contract.labels[0],
                "score": 1.0,
                "scores": scores,
                "unsure": False,
            }
        ],
        "image": {"width": 512, "height": 512},
        "model": own.default,
        "timings_ms": {"decode": 4.5, "detect": 12.3, "crop": 0.5, "predict": 2.4, "total": 19.8},
    }
