"""The golden faces: they are what their script writes, small, and varied."""

from __future__ import annotations

import json

import numpy as np

from app.inference.contract import ModelContract
from converter.verify import FACES, golden_batch

from ..golden import make_faces
from .test_publish import CONTRACT


def test_file_is_what_the_script_writes():
    assert json.loads(FACES.read_text(encoding="utf-8")) == make_faces.faces()
    assert FACES.stat().st_size < 300_000


def test_pictures_are_small_and_boxes_vary():
    boxes = []
    for _name, picture, its_boxes in make_faces.pictures():
        height, width, channels = picture.shape
        assert max(height, width) <= 160
        assert channels == 3
        boxes += [(x, y, x + w > width or y + h > height, w / h) for x, y, w, h in its_boxes]
    assert any(x < 0 and y < 0 for x, y, *_ in boxes)
    assert any(beyond for _x, _y, beyond, _ratio in boxes)
    assert any(x % 1 for x, *_ in boxes)
    assert len({round(ratio, 2) for *_, ratio in boxes}) > 4


def test_inputs_differ_from_each_other():
    batch = golden_batch(ModelContract.from_json(CONTRACT))
    assert batch.shape == (13, 8, 8, 1)
    assert batch.dtype == np.float32
    assert batch.min() >= 0
    assert batch.max() <= 255
    for first in range(len(batch)):
        for second in range(first):
            assert np.abs(batch[first] - batch[second]).max() > 2
