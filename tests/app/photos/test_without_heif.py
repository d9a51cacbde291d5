"""The site without pillow-heif refuses HEIC photos with a sentence and answers all others."""

import json
import subprocess
import sys

import pillow_heif
import pytest

from ...support.serving import ROOT
from ..conftest import encoded

pillow_heif.register_heif_opener()  # to write HEIC files with

CODE = """
import importlib.util, json, sys
from io import BytesIO

find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "pillow_heif" else find_spec(name)

from app import create_app
from app.inference.images import formats
from app.api.openapi_recognize import media_types

client = create_app({"MIEN_RATE_LIMIT": ""}).test_client()
answers = []
for path in sys.argv[1:]:
    with open(path, "rb") as file:
        form = {"photo": (BytesIO(file.read()), "photo.jpg")}
    answer = client.post("/api/v1/recognize", data=form)
    answers.append((answer.status_code, answer.get_json()))
with client.application.test_request_context():
    print(json.dumps([answers, formats(), media_types()]))
"""


@pytest.fixture(scope="module")
def answers(astronaut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for kind in ("HEIF", "AVIF", "PNG"):
        paths.append(folder / kind)
        paths[-1].write_bytes(encoded(astronaut, kind))
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, paths)], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    return json.loads(done.stdout)


def test_heic_is_refused_by_a_sentence(answers):
    (status, problem), *_ = answers[0]
    assert status == problem["status"] == 415
    assert problem["detail"] == (
        "HEIC pictures are not supported here, because the server has no pillow-heif; "
        "expected JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF."
    )


def test_all_others_are_answered(answers):
    for status, body in answers[0][1:]:
        assert status == 200
        assert len(body["faces"]) == 1


def test_it_is_not_said_to_be_read(answers):
    assert answers[1] == "JPEG, PNG, WebP, AVIF, BMP, GIF or TIFF"
    assert "image/heic" not in answers[2] and "image/avif" in answers[2]
