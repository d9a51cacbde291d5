"""The files of the photo page: JSON and CSV."""

import csv
import io
import json
from pathlib import Path

import pytest

from app.photos.export import COLUMNS, to_csv, to_json

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "golden" / "exports.json").read_text(encoding="utf-8")
)
RESULTS = GOLDEN["results"]


def test_the_files_are_those_that_the_page_makes():
    assert to_csv(RESULTS) == GOLDEN["csv"]
    assert json.loads(to_json(RESULTS)) == GOLDEN["json"] == {"photos": RESULTS}


def test_csv_has_a_line_for_each_face_and_for_each_photo_without():
    rows = list(csv.DictReader(io.StringIO(GOLDEN["csv"])))
    assert [(row["photo"], row["face"]) for row in rows] == [
        ("1", "1"), ("2", "1"), ("2", "2"), ("3", ""), ("4", ""),
        *((str(number), "") for number in range(5, 13)),
    ]  # fmt: skip
    assert list(rows[0]) == [*COLUMNS, "score_angry", "score_happy", "score_neutral", "problem"]
    assert rows[1]["name"] == RESULTS[1]["name"]
    assert [row["unsure"] for row in rows][:5] == ["false", "false", "true", "", ""]
    assert float(rows[2]["x"]) == 10.5
    assert float(rows[0]["score_happy"]) == 0.999998
    assert rows[3]["image_width"] == "512" and rows[3]["problem"] == ""
    assert rows[4]["image_width"] == "" and "not a picture" in rows[4]["problem"]


BEGINNINGS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\t=",
    "\r\n=",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_nothing_is_a_spreadsheets_formula(beginning):
    name = f"{beginning}1+1.jpg"
    found = [{**RESULTS[2], "name": name}, {"name": name, "problem": {"detail": name}}]
    rows = list(csv.DictReader(io.StringIO(to_csv(found), newline="")))
    assert [row["name"] for row in rows] == [f"'{name}"] * 2
    assert rows[1]["problem"] == f"'{name}"


@pytest.mark.parametrize("name", ["a=b.jpg", " =1.jpg", "1-2.jpg", "'quoted'.jpg", "photo\t1.jpg"])
def test_other_names_stay_as_they_are(name):
    (row,) = csv.DictReader(io.StringIO(to_csv([{**RESULTS[2], "name": name}])))
    assert row["name"] == name


def test_negative_lengths_stay_numbers():
    assert [row["y"] for row in csv.DictReader(io.StringIO(GOLDEN["csv"]))][:2] == ["-3.25"] * 2


def test_no_photo_is_a_file_with_its_columns_alone():
    assert to_csv([]).splitlines() == [",".join([*COLUMNS, "problem"])]
    assert json.loads(to_json([])) == {"photos": []}
