"""JSON Schema (2020-12) of a dataclass, made of its annotations."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

TYPES = {int: "integer", float: "number", str: "string", bool: "boolean"}


def record(**properties: Any) -> dict[str, Any]:
    """The schema of an object with exactly these properties, all of them required."""
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }


def dataclass_schema(kind: type, references: str) -> dict[str, Any]:
    """The schema of a dataclass.

    Its fields are numbers, strings, booleans, dataclasses, `Literal`s of strings, `dict[str, ...]`
    and `tuple[..., ...]`.

    Args:
        kind: the dataclass. Its docstring is the description; `Annotated[type, {...}]` adds
            keywords to the schema of a field.
        references: where the schemas of other dataclasses are, e.g. "#/$defs/".

    Raises:
        KeyError: a field has a type other than these.
    """
    hints = get_type_hints(kind, include_extras=True)
    description = " ".join((kind.__doc__ or "").split())
    fields = {name: _type_schema(hint, references) for name, hint in hints.items()}
    return {"description": description, **record(**fields)}


def _type_schema(hint: Any, references: str) -> dict[str, Any]:
    if get_origin(hint) is Annotated:
        kind, *keywords = get_args(hint)
        schema = _type_schema(kind, references)
        for one in keywords:
            schema |= one
        return schema
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if is_dataclass(hint) and isinstance(hint, type):
        return {"$ref": references + hint.__name__}
    if get_origin(hint) is dict:
        return {
            "type": "object",
            "additionalProperties": _type_schema(get_args(hint)[1], references),
        }
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _type_schema(get_args(hint)[0], references)}
    return {"type": TYPES[hint]}
