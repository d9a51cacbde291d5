"""Write exports.json: results of photos, and the files that app/photos/export.py makes of them.

python -m tests.golden.make_exports

Read by tests/app/photos/test_export.py and tests/js/pages/photo/photo-export.test.mjs: both must
make the same files.
"""

import json
from pathlib import Path

from app.photos.export import to_csv, to_json

LABELS = ("angry", "happy", "neutral")


def face(number, label, *scores, unsure=False):
    """A face as in the API's JSON; its box depends on its number."""
    box = {"x": 10.5 * number, "y": -3.25, "width": 98.0, "height": 97.56}
    return {
        "id": number,
        "box": box,
        "label": label,
        "score": max(scores),
        "scores": dict(zip(LABELS, scores, strict=True)),
        "unsure": unsure,
    }


def photo(name, *faces):
    """A photo's result."""
    return {
        "name": name,
        "faces": list(faces),
        "image": {"width": 512, "height": 384},
        "model": "mien_plain.fer2013",
        "timings_ms": {"decode": 1.5, "detect": 20.25, "crop": 0.5, "predict": 2.0, "total": 24.25},
    }


RESULTS = [
    photo("portrait.jpg", face(0, "happy", 0.000001, 0.999998, 0.000001)),
    photo("two, “quoted” \"people\".png", face(0, "angry", 0.7, 0.2, 0.1),
          face(1, "neutral", 0.25, 0.3, 0.45, unsure=True)),
    photo("=1+1.jpg"),
    {
        "name": "letter.jpg",
        "problem": {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "The file is not a picture that can be read here; expected JPEG, PNG or GIF.",
        },
    },
    *map(photo, ("+1", "-1", "@1", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff201")),
]  # fmt: skip


if __name__ == "__main__":
    content = {"results": RESULTS, "csv": to_csv(RESULTS), "json": json.loads(to_json(RESULTS))}
    target = Path(__file__).with_name("exports.json")
    target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
