"""The one schema of a result: the golden file, JSON and the types of JavaScript agree with it."""

import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

from app.api.json_schema import dataclass_schema
from app.inference.contract import ModelContract
from app.inference.types import Box, Face

from ..golden.make_result_schema import OUT, result_schema

ROOT = Path(__file__).parents[2]
TYPES_JS = ROOT / "static" / "js" / "types.js"
CONTRACTS = sorted((ROOT / "app" / "models").glob("*/contract.json"))
SCHEMAS = json.loads(OUT.read_text("utf-8"))["$defs"]


def test_the_golden_file_is_made_of_the_dataclasses():
    assert result_schema() == json.loads(OUT.read_text("utf-8")), (
        "run python -m tests.golden.make_result_schema"
    )


def test_a_face_as_json_conforms():
    face = Face(
        0, Box(-1.5, 2, 30, 40.0), "haar", "happy", 0.75, {"happy": 0.75, "sad": 0.25}, False
    )
    given = face.to_json()
    schema = {"$ref": "#/$defs/Face", "$defs": SCHEMAS}
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid(given)
    wrong = (
        {"id": -1}, {"id": 0.5}, {"score": 1.1}, {"unsure": 0}, {"scores": {"happy": "1"}},
        {"box": {**given["box"], "width": 0}}, {"box": None}, {"more": 1},
        {"detector": "eye"}, {"detector": None},
    )  # fmt: skip
    for change in wrong:
        assert not validator.is_valid({**given, **change}), change


def javascript_type(schema):
    """The type of JSDoc for a schema; that of a reference is the name of its typedef, if any."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return name if typedef(name) else javascript_type(SCHEMAS[name])
    if schema["type"] == "array":
        return f"{javascript_type(schema['items'])}[]"
    if "properties" in schema:
        fields = schema["properties"].items()
        return f"{{{', '.join(f'{name}: {javascript_type(one)}' for name, one in fields)}}}"
    if schema["type"] == "string" and "enum" in schema:
        return " | ".join(f"'{value}'" for value in schema["enum"])
    if schema["type"] == "object":
        return f"Record<string, {javascript_type(schema['additionalProperties'])}>"
    return {"integer": "number"}.get(schema["type"], schema["type"])


def typedef(name):
    """Field -> type of a typedef in types.js; None if there is none."""
    pattern = rf"@typedef {{object}} {name}\b(.*?)(?=@typedef|\*/)"
    text = re.search(pattern, TYPES_JS.read_text("utf-8"), re.DOTALL)
    return text and {field: kind for kind, field in re.findall(r"@property {(.+?)} (\S+)", text[1])}


@pytest.mark.parametrize("name", [name for name in SCHEMAS if typedef(name)])
def test_the_types_of_javascript_are_those_of_the_schema(name):
    expected = {
        field: javascript_type(schema) for field, schema in SCHEMAS[name]["properties"].items()
    }
    assert typedef(name) == expected


def test_the_main_types_of_javascript_are_among_these():
    assert {name for name in SCHEMAS if not typedef(name)} == {"CropSpec"}


@pytest.mark.parametrize("name", [path.parent.name for path in CONTRACTS])
def test_the_contracts_of_the_models_conform(name):
    (path,) = [path for path in CONTRACTS if path.parent.name == name]
    schema = {"$ref": "#/$defs/ModelContract", "$defs": SCHEMAS}
    contract = ModelContract.read(path).to_json()
    assert jsonschema_rs.Draft202012Validator(schema).is_valid(contract)


def test_a_type_without_a_schema_is_refused():
    with pytest.raises(KeyError):
        dataclass_schema(type("Odd", (), {"__annotations__": {"one": bytes}}), "#/$defs/")
