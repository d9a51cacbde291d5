"""The coarse-to-fine search finds what its cascade finds, with a fraction of the windows."""

import cv2
import numpy as np
import pytest
from skimage import data

from app.inference.detection import coarse_to_fine
from app.inference.detection.boxes import overlap
from app.inference.detection.cascade import Cascade, image_pyramid
from app.inference.detection.coarse_to_fine import (
    MAX_CANDIDATES,
    CoarseToFineCascade,
    group_windows,
)
from app.inference.types import Box

from ...support.numbers import assert_close

NAME = "frontalface_alt2"


@pytest.fixture(scope="module")
def search():
    return CoarseToFineCascade(NAME, 14)


@pytest.fixture(scope="module")
def grey():
    return cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2GRAY)


@pytest.mark.parametrize("scale", [0.35, 0.5, 1, 1.7])
def test_the_box_is_the_whole_cascades(search, grey, scale):
    size = round(512 * scale)
    picture = cv2.resize(grey, (size, size), interpolation=cv2.INTER_AREA)
    expected = max(Cascade(NAME).detect(picture, 24, 1.1, 3), key=lambda one: one[1])
    found = search.detect(picture, 24, 1.1, 3)
    assert overlap(found[0][0], expected[0]) > 0.85
    assert found[0][1] == pytest.approx(expected[1], abs=1)


def test_faces_smaller_than_asked_are_not_found(search, grey):
    assert search.detect(grey, 80, 1.1, 3)
    assert search.detect(grey, 200, 1.1, 3) == []


def test_detections_of_less_weight_than_asked_are_left_out(search, grey):
    found = search.detect(grey, 24, 1.1, 3)
    weight = found[0][1]
    assert_close(search.detect(grey, 24, 1.1, 3, weight - 1), found)
    assert search.detect(grey, 24, 1.1, 3, weight + 10) == []


def test_most_of_the_windows_are_not_tried(search, grey, monkeypatch):
    """The fine pass covers a small part of the picture."""
    seen = []
    detect = search.full.detect

    def watched(part, *arguments):
        seen.append(part.size)
        return detect(part, *arguments)

    monkeypatch.setattr(search.full, "detect", watched)
    assert search.detect(grey, 24, 1.1, 3)
    assert 0 < len(seen) <= MAX_CANDIDATES // 2
    assert sum(seen) < grey.size


def test_of_detections_of_one_face_the_strongest_is_kept(search, grey, monkeypatch):
    found = [[(Box(10, 10, 40, 40), 55.0)], [(Box(12, 8, 44, 44), 56.0), (Box(90, 9, 40, 40), 54)]]
    two = group_windows(np.array([[10, 10, 40, 1], [90, 9, 40, 2.0]]))
    assert len(two) == 2
    monkeypatch.setattr(coarse_to_fine, "group_windows", lambda windows: two)
    monkeypatch.setattr(search, "_fine_pass", lambda *arguments: found.pop())
    assert search.detect(grey, 24, 1.1, 3) == [(Box(12, 8, 44, 44), 56.0), (Box(90, 9, 40, 40), 54)]


@pytest.mark.parametrize("off", [0.85, 1.2])
def test_a_detection_is_refined_by_a_pass_around_it(search, grey, off):
    (face, weight), *_ = search.detect(grey, 24, 1.1, 3)
    side = off * face.width
    rough = Box(face.x + 8, face.y - 5, side, side), weight
    box, refined = search._refined(image_pyramid(grey), rough, 1.1, 3)
    assert overlap(box, face) > max(0.9, overlap(rough[0], face))
    assert refined >= weight


def test_a_detection_that_the_refining_pass_does_not_find_is_kept(search, grey):
    detection = Box(20, 20, 60, 60), 41.0
    assert search._refined(image_pyramid(grey), detection, 1.1, 3) == detection


def test_windows_close_together_are_one_candidate():
    windows = np.array([
        [10, 10, 40, 5.0],
        [14, 8, 40, 6.0],
        [12, 10, 50, 4.0],
        [12, 12, 80, 3.0],  # too large to belong to the same candidate
        [70, 10, 40, 2.0],
    ])  # fmt: skip
    first, second, third = group_windows(windows)
    assert (first.left, first.top, first.right, first.bottom) == (10, 8, 62, 60)
    assert (first.smallest, first.largest) == (40, 50)
    assert (second.left, second.largest) == (12, 80)
    assert (third.left, third.largest) == (70, 40)
    assert group_windows(np.empty((0, 4))) == []


def test_the_number_of_candidates_is_bounded():
    x, y = np.meshgrid(np.arange(20), np.arange(20))
    flat = np.full(400, 30.0)
    windows = np.column_stack([40.0 * x.ravel(), 40.0 * y.ravel(), flat, np.arange(400.0)])
    found = group_windows(windows)
    assert len(found) == MAX_CANDIDATES
    assert (found[0].left, found[0].top) == (760, 760)  # the strongest come first


def test_a_shortened_cascade_takes_more_for_faces(grey):
    counts = [len(Cascade(NAME, stages).windows(grey, 24, 0, 1.2)) for stages in (20, 14, 8)]
    assert 0 < counts[0] < counts[1] < counts[2]
    whole, same = (Cascade(NAME, stages).windows(grey, 24, 0, 1.2) for stages in (None, 20))
    np.testing.assert_allclose(np.sort(whole, axis=0), np.sort(same, axis=0), rtol=0, atol=1e-6)


def test_pyramid_levels_are_half_as_large_down_to_two_windows():
    grey = np.tile(np.arange(200, dtype=np.uint8), (101, 1))
    shapes = [level.shape for level in image_pyramid(grey)]
    assert shapes == [(101, 200), (50, 100), (25, 50)]
    assert [level.shape for level in image_pyramid(grey[:39])] == [(39, 200)]
    assert abs(float(image_pyramid(grey)[1].mean()) - float(grey.mean())) < 1
