"""Boxes and captions of the overlay are placed as on the page, in the page's colours."""

import json
import re
from pathlib import Path

import pytest

from app.photos.overlay_layout import STYLE

from ...golden.make_overlay import cases, expected
from ...support.numbers import assert_close

ROOT = Path(__file__).parents[3]
GOLDEN = json.loads((ROOT / "tests" / "golden" / "overlay.json").read_text(encoding="utf-8"))
CSS = "".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "static" / "css").glob("*.css"))
)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_the_overlay_is_the_golden_one(case):
    assert_close(expected(case), case["expected"])


def test_the_golden_file_has_the_cases_of_its_script():
    given = [{k: v for k, v in case.items() if k != "expected"} for case in GOLDEN["cases"]]
    assert given == list(cases())


def test_a_caption_lies_within_the_image_and_on_no_other_where_there_is_room():
    for case in GOLDEN["cases"]:
        boxes = [one["caption_box"] for one in case["expected"]["faces"]]
        for box in boxes:
            assert -1e-6 <= box["y"] <= case["view"]["height"] - box["height"] + 1e-6
            assert box["x"] >= -1e-6
    (neighbours,) = [case for case in GOLDEN["cases"] if case["name"] == "neighbours"]
    assert len({one["caption_box"]["y"] for one in neighbours["expected"]["faces"]}) > 1


def test_the_colours_are_those_of_the_photo_page():
    """The page's style sheet has them for the picture as it shows it."""
    colors = STYLE["colors"]
    red, green, blue = bytes.fromhex(colors["halo"][1:])
    preview = re.search(r"\.preview \{([^}]*--overlay-halo[^}]*)\}", CSS)
    assert preview
    halo = f"--overlay-halo: rgb({red} {green} {blue} / {colors['halo_opacity']})"
    assert halo in preview[1]
    assert f"--overlay-chip: {colors['chip']}" in preview[1]
    assert f"--overlay-line: {colors['line']};" in CSS
    assert f"--overlay-text: {colors['text']};" in CSS
    assert f"--accent: {colors['chip']};" in CSS
