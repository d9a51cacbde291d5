"""Write result.schema.json, the JSON Schema of a result and of a model's contract.

`python -m tests.golden.make_result_schema`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.api.json_schema import dataclass_schema
from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract
from app.inference.types import Box, Face

KINDS = (Box, Face, InputSpec, CropSpec, Calibration, ModelContract)
OUT = Path(__file__).parent / "result.schema.json"


def result_schema() -> dict[str, Any]:
    """Name -> schema, of all of `KINDS`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {kind.__name__: dataclass_schema(kind, "#/$defs/") for kind in KINDS},
    }


if __name__ == "__main__":
    OUT.write_text(json.dumps(result_schema(), indent=2) + "\n", encoding="utf-8")
