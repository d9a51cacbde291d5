"""The shapes of the API's answers (JSON Schema 2020-12): what openapi.py refers to."""

from __future__ import annotations

from typing import Any

from ..inference.contract import CONTRACT_VERSION, MODEL_NAME
from ..inference.types import Box, Face
from ..photos.service import PhotoService
from .json_schema import dataclass_schema, record
from .openapi_components import reference

SCHEMAS = "#/components/schemas/"
STEPS = ("decode", "detect", "crop", "predict", "total")
"""The steps of which an answer has timings."""

SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SIZE = {"type": "integer", "minimum": 1}


def schemas(own: PhotoService) -> dict[str, Any]:
    """Each schema by its name, for these models."""
    contracts = [own.models.classifier(name).contract for name in own.models.names()]
    labels = list(dict.fromkeys(label for one in contracts for label in one.labels))
    fewest = min(len(one.labels) for one in contracts)
    label = {"type": "string", "enum": labels}
    face = dataclass_schema(Face, SCHEMAS)
    face["properties"]["label"]["enum"] = labels
    face["properties"]["scores"] |= {"propertyNames": label, "minProperties": fewest}
    model = {"type": "string", "enum": own.models.names()}
    return {
        "Box": dataclass_schema(Box, SCHEMAS),
        "Face": face,
        "Answer": record(
            faces={
                "type": "array",
                "items": reference("schemas", "Face"),
                "maxItems": own.max_faces,
            },
            image={"description": "The upright photo's size.", **record(width=SIZE, height=SIZE)},
            model=model,
            timings_ms=record(**{step: {"type": "number", "minimum": 0} for step in STEPS}),
        ),
        "Answers": record(
            photos={
                "type": "array",
                "minItems": 2,
                "description": "One for each photo, in the form's order.",
                "items": {
                    "oneOf": [
                        reference("schemas", "Answer"),
                        record(problem=reference("schemas", "Details")),
                    ]
                },
            }
        ),
        "Details": record(**_problem()),
        "Problem": record(**_problem(), request_id={"type": "string"}),
        "Contract": record(
            contract_version={"const": CONTRACT_VERSION},
            model={"type": "string", "pattern": f"^{MODEL_NAME.pattern}$"},
            labels={"type": "array", "items": label, "minItems": 2, "uniqueItems": True},
            input=record(height=SIZE, width=SIZE, channels={"enum": [1, 3]}),
            crop=record(margin={"type": "number"}),
            calibration=record(
                bias={"type": "array", "items": {"type": "number"}},
                temperature={"type": "number", "exclusiveMinimum": 0},
                unsure_below=SHARE,
            ),
        ),
        "Model": record(
            name=model,
            default={"type": "boolean"},
            contract=reference("schemas", "Contract"),
            card={"type": ["object", "null"], "description": "What was measured of it."},
            bundle={"type": ["object", "null"], "description": "Its form for the browser."},
        ),
        "Models": record(
            default=model, models={"type": "array", "items": reference("schemas", "Model")}
        ),
        "Health": record(status={"const": "ok"}, model=model, version={"type": "string"}),
    }


def _problem() -> dict[str, Any]:
    """The members of problem details (RFC 9457)."""
    return {
        "type": {"const": "about:blank"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What was given and what is expected."},
    }
