"""Write overlay.json: faces, and where the overlay puts their boxes and captions.

python -m tests.golden.make_overlay

Read by tests/app/photos/test_overlay_layout.py and tests/js/ui/overlay-golden.test.mjs: both must
compute the same. A text is as wide as `text_width_of` says, since fonts differ.
"""

import json
from pathlib import Path

from app.inference.types import Box, Face
from app.photos.overlay_layout import STYLE, caption_size, layout, line_unit

CASES = {
    # name: ((width, height) of the photo, (width, height) of the drawn image, faces)
    "no face": ((640, 480), (640, 480), []),
    "one face": ((640, 480), (640, 480), [((200, 150, 160, 160), "happy", 0.927, False)]),
    "a large face at the top edge": ((600, 800), (900, 1200), [
        ((50, 4, 500, 500), "surprise", 0.385, True)]),
    "a face that fills the image": ((512, 512), (512, 512), [
        ((-10, -10, 532, 532), "neutral", 0.5, True)]),
    "faces at the right edge": ((1000, 400), (1000, 400), [
        ((900, 60, 90, 90), "angry", 0.7, False), ((880, 180, 90, 90), "disgust", 0.61, False)]),
    "neighbours": ((1200, 600), (1200, 600), [
        ((100 + 75 * n, 200 + 3 * n, 100, 100), "surprise", 0.5 + 0.05 * n, n % 2 == 1)
        for n in range(8)]),
    "a reduced photo": ((4000, 3000), (1280, 960), [
        ((300, 400, 800, 800), "sad", 0.125, True), ((2000, 900, 90, 90), "fear", 0.999, False)]),
    "a narrow image": ((50, 400), (64, 512), [((5, 100, 40, 40), "happy", 1.0, False)]),
}  # fmt: skip

CHARACTER_WIDTH = 0.55
"""The width of each character, as a multiple of the text size."""


def text_width_of(text, size):
    """The width that a text has in these cases."""
    return CHARACTER_WIDTH * size * len(text)


def faces_of(case):
    """The faces of a case as values of the application."""
    return [
        Face(n, Box(**one["box"]), "haar", one["label"], one["score"], {}, one["unsure"])
        for n, one in enumerate(case["faces"])
    ]


def expected(case):
    """What the overlay of a case is, computed by the application."""
    size = (case["view"]["width"], case["view"]["height"])
    scale = size[0] / case["image"]["width"]
    faces = faces_of(case)
    text_size = caption_size(faces, size, scale)
    unit = line_unit(size)
    box, chip = STYLE["box"], STYLE["caption"]
    placed = layout(faces, size, scale, text_size, lambda text: text_width_of(text, text_size))
    return {
        "caption_size": text_size,
        "box_radius": unit * box["radius"],
        "line_widths": [unit * box["halo_width"], unit * box["line_width"]],
        "dashes": [unit * box["dash"], unit * box["dash_gap"]],
        "caption_radius": unit * chip["radius"],
        "faces": [
            {
                "caption": one.caption,
                "dashed": one.unsure,
                "box": vars_of(one.box),
                "caption_box": vars_of(one.caption_box),
            }
            for one in placed
        ],
    }


def vars_of(box):
    """A box with its sides unrounded."""
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}


def cases():
    """The content of overlay.json, without what is expected."""
    for name, (image, view, faces) in CASES.items():
        yield {
            "name": name,
            "image": dict(zip(("width", "height"), image, strict=True)),
            "view": dict(zip(("width", "height"), view, strict=True)),
            "faces": [
                {
                    "box": dict(zip(("x", "y", "width", "height"), box, strict=True)),
                    "label": label,
                    "score": score,
                    "unsure": unsure,
                }
                for box, label, score, unsure in faces
            ],
        }


if __name__ == "__main__":
    content = {
        "character_width": CHARACTER_WIDTH,
        "cases": [{**case, "expected": expected(case)} for case in cases()],
    }
    target = Path(__file__).with_name("overlay.json")
    target.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
