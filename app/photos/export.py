"""Export the results of photos as JSON and CSV.

Twin of static/js/pages/photo/photo-export.js.

A photo's result is the API's answer, {"faces", "image", "model", "timings_ms"}, or
{"problem"}, with the photo's "name".
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from io import StringIO
from typing import Any

COLUMNS = ("photo", "name", "image_width", "image_height", "model", "face",
           "x", "y", "width", "height", "label", "score", "unsure")  # fmt: skip
"""The first columns of the CSV; then follow one score_LABEL for each label, and problem."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The first characters by which spreadsheets recognise a formula (OWASP, CSV Injection); the last
four are the first four in full width."""


def to_json(results: Sequence[dict[str, Any]]) -> str:
    """{"photos": [...]} with an entry for each photo."""
    return json.dumps({"photos": list(results)}, ensure_ascii=False, indent=2) + "\n"


def to_csv(results: Sequence[dict[str, Any]]) -> str:
    """A line for each face; for a photo without faces one line without a face's values.

    Photos and faces are numbered from 1; boxes are in pixels of the upright photo, scores 0..1.
    """
    labels = list(
        dict.fromkeys(
            label for one in results for face in one.get("faces", ()) for label in face["scores"]
        )
    )
    columns = [*COLUMNS, *(f"score_{label}" for label in labels), "problem"]
    text = StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    for number, result in enumerate(results, start=1):
        writer.writerows(_lines(number, result))
    return text.getvalue()


def _lines(number: int, result: dict[str, Any]) -> list[dict[str, Any]]:
    photo: dict[str, Any] = {"photo": number, "name": _plain(result["name"])}
    if "problem" in result:
        return [{**photo, "problem": _plain(result["problem"]["detail"])}]
    image = result["image"]
    photo |= {"image_width": image["width"], "image_height": image["height"]}
    photo |= {"model": result["model"]}
    faces = [
        {
            **photo,
            "face": face["id"] + 1,
            **{side: f"{length:.2f}" for side, length in face["box"].items()},
            "label": face["label"],
            "score": f"{face['score']:.6f}",
            "unsure": "true" if face["unsure"] else "false",
            **{f"score_{label}": f"{score:.6f}" for label, score in face["scores"].items()},
        }
        for face in result["faces"]
    ]
    return faces or [photo]


def _plain(text: str) -> str:
    """A user's text, such as a file name, made safe to open in a spreadsheet. Twin of plainText in
    static/js/ui/csv.js."""
    return f"'{text}" if text.startswith(FORMULA) else text
