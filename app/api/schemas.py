"""JSON Schema (2020-12) of the API's answers, for the components of the OpenAPI description."""

from __future__ import annotations

from typing import Any

from ..inference.contract import Calibration, CropSpec, InputSpec, ModelContract
from ..inference.types import Box, Face
from ..photos.service import PhotoService
from .json_schema import dataclass_schema, record
from .openapi_components import reference

SCHEMAS = "#/components/schemas/"
STEPS = ("decode", "detect", "crop", "predict", "total")
"""The steps of which an answer has timings."""

SIZE = {"type": "integer", "minimum": 1}


def schemas(service: PhotoService) -> dict[str, Any]:
    """Name -> schema, with the models, labels and limits of `service`."""
    contracts = [service.models.classifier(name).contract for name in service.models.names()]
    labels = list(dict.fromkeys(label for one in contracts for label in one.labels))
    fewest = min(len(one.labels) for one in contracts)
    label = {"type": "string", "enum": labels}
    face = dataclass_schema(Face, SCHEMAS)
    face["properties"]["label"]["enum"] = labels
    face["properties"]["scores"] |= {"propertyNames": label, "minProperties": fewest}
    contract = dataclass_schema(ModelContract, SCHEMAS)
    contract["properties"]["labels"]["items"] = label
    model = {"type": "string", "enum": service.models.names()}
    return {
        **{
            kind.__name__: dataclass_schema(kind, SCHEMAS)
            for kind in (Box, InputSpec, CropSpec, Calibration)
        },
        "Face": face,
        "Contract": contract,
        "Answer": record(
            faces={
                "type": "array",
                "items": reference("schemas", "Face"),
                "maxItems": service.max_faces,
            },
            image={"description": "The upright photo's size.", **record(width=SIZE, height=SIZE)},
            model=model,
            timings_ms=record(**{step: {"type": "number", "minimum": 0} for step in STEPS}),
        ),
        "Answers": record(
            photos={
                "type": "array",
                "minItems": 2,
                "description": "One item for each photo, in the order of the form.",
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
        "Model": record(
            name=model,
            default={"type": "boolean"},
            contract=reference("schemas", "Contract"),
            card={"type": ["object", "null"], "description": "Its model card: measured facts."},
            bundle={"type": ["object", "null"], "description": "Its TensorFlow.js bundle."},
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
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What was given and what is expected."},
    }
