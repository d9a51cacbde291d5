"""The description of the API (OpenAPI 3.1), made of what the application knows of itself: its
routes, settings, models, the formats it reads and the statuses its errors have.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, request
from werkzeug.routing import Rule

from ..inference.images import FORMATS
from ..photos.annotate import ANNOTATED, KINDS, LONGEST_SIDE, SHORTEST_SIDE
from ..photos.service import photo_service
from ..photos.uploads import form_bytes
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
from .schemas import schemas

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
            "schemas": schemas(photo_service()),
            "headers": HEADERS,
            "responses": {response_name(status): problem(status) for status in statuses()},
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
    names = photo_service().models.names()
    pixels = f"{config['MIEN_MAX_MEGAPIXELS']:g} megapixels"
    fields: dict[str, Any] = {
        "model": {
            "type": "string",
            "enum": names,
            "default": photo_service().default_model,
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
                "headers": {**headers(), "Server-Timing": reference("headers", "ServerTiming")},
                "content": {
                    "application/json": {
                        "schema": {
                            "oneOf": [
                                reference("schemas", "Answer"),
                                reference("schemas", "Answers"),
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
            **problems(*statuses()),
        },
    }


def _get(schema: dict[str, Any], about: str, *errors: int) -> dict[str, Any]:
    """An operation that takes nothing and gives JSON."""
    answer = {
        "description": about,
        "headers": headers(),
        "content": {"application/json": {"schema": schema}},
    }
    return {"responses": {"200": answer, **problems(*errors)}}


OPERATIONS = {
    "api.recognize": _recognize,
    "api.models": lambda: _get(reference("schemas", "Models"), "The default model first.", 500),
    "api.health": lambda: _get(reference("schemas", "Health"), "Photos are answered."),
    "api.description": lambda: _get({"type": "object"}, "This document."),
}
"""What each route takes and gives, by its endpoint."""


def media_types() -> list[str]:
    """The media types of the formats that are read."""
    # Pillow's name and ours differ for one of them, and senders use both (heif, heic).
    names = dict.fromkeys(name.lower() for pair in FORMATS.items() for name in pair)
    return [f"image/{name}" for name in names]


def _example() -> dict[str, Any]:
    """An answer in the default model's own labels."""
    service = photo_service()
    contract = service.models.classifier(service.default_model).contract
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
        "model": service.default_model,
        "timings_ms": {"decode": 4.5, "detect": 12.3, "crop": 0.5, "predict": 2.4, "total": 19.8},
    }
