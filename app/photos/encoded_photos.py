"""Photos that come as text: in base64 or as data: URLs, in JSON or in a field of a form."""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode
from typing import Any

from .form_errors import FormError

JSON_PHOTOS = ("photo", "image", "img")
"""The members of a JSON body that may hold the photos; "img" is DeepFace's."""

_DATA_URL = re.compile(r"\s*data:[^,]{0,200};base64,", re.IGNORECASE)
_SPACE = re.compile(r"\s+")


def decode_text(text: str, place: str) -> bytes:
    """The bytes that `text` stands for, in base64 or a data: URL.

    Args:
        text: what was sent.
        place: where it was, for the sentence of the error.

    Raises:
        FormError: it is neither.
    """
    found = _DATA_URL.match(text)
    body = _SPACE.sub("", text[found.end() :] if found else text)
    if not found and re.match(r"[a-z]{2,9}:", body, re.IGNORECASE):
        raise FormError(
            f"{place} is an address; expected the photo itself, in base64 or as a data: URL. "
            "This server fetches nothing from addresses."
        )
    # Both alphabets of base64, and the padding may be missing.
    body = body.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return b64decode(body + "=" * (-len(body) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise FormError(f"{place} is not base64; expected base64 or a data: URL.") from None


def read_json(body: bytes) -> tuple[list[bytes], dict[str, str], list[str]]:
    """The photos, the other members as text, and the names of all members of a JSON body.

    Raises:
        FormError: not a JSON object, or a member has a value that is not allowed.
    """
    try:
        members: Any = json.loads(body or b"null")
    except (ValueError, RecursionError) as error:
        raise FormError(f"The body is not JSON ({error}).") from None
    if not isinstance(members, dict):
        raise FormError(
            "The JSON body is not an object; expected one such as "
            '{"photo": "data:image/jpeg;base64,..."}.'
        )
    photos: list[bytes] = []
    fields = {}
    for name, value in members.items():
        if name in JSON_PHOTOS:
            values = value if isinstance(value, list) else [value]
            if not all(isinstance(one, str) for one in values):
                raise FormError(
                    f"The member {name!r} of the JSON body is not a string or a list of strings; "
                    "expected photos in base64 or as data: URLs."
                )
            photos += [decode_text(one, f"The member {name!r} of the JSON body") for one in values]
        elif isinstance(value, str | bool | int | float):
            fields[name] = value if isinstance(value, str) else json.dumps(value)
    return photos, fields, list(members)
