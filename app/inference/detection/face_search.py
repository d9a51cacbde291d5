"""Search an image for faces with BlazeFace 256, at several sizes.

Twin of static/js/inference/face-search.js.

The network finds faces of about 16 to 200 pixels, at any tilt. A photo is therefore searched at
`PICTURE_SIZE`, and reduced within a border for a face that fills it: without surroundings, and
where it is larger than 200 pixels, the network misplaces a face or takes parts of it for faces.
Where both find nothing, it is searched at `SMALL_FACE_SIZE`.
`python -m tests.benchmarks.recall` measures what each search finds and costs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Box
from .blazeface_decoder import SIZE_STEP, Detection, decode, merge
from .blazeface_network import BlazeFaceNetwork
from .boxes import intersection
from .haar_box import haar_box
from .letterbox import letterbox

SAME_FACE = 0.3
"""Detections whose IoU is above this are one face."""


@dataclass(frozen=True, slots=True)
class Search:
    """One run of the network.

    Attributes:
        size: the longer side of the picture that it receives, in pixels.
        min_score: detections of less are dropped, 0..1.
        border: as of `letterbox`.
    """

    size: int
    min_score: float
    border: float = 0.0


PICTURE = Search(size=384, min_score=0.65)
SMALL_FACES = Search(size=640, min_score=0.7)
LARGE_FACES = Search(size=192, min_score=0.6, border=1 / 6)
VIDEO_FRAME = Search(size=256, min_score=0.4)

LARGE = 0.35
"""`LARGE_FACES` is for faces whose side is at least this part of the image's longer side."""

TOO_LARGE = 200
"""Detections of the other searches that are larger than this, in pixels of their picture, are not
reliable."""

COVERED = 0.5
"""A box is dropped when more than this part of the smaller of the two is in a large face's box."""


def search_picture(network: BlazeFaceNetwork, image: np.ndarray) -> list[Box]:
    """Boxes of the faces in an (H, W, 3) uint8 RGB image, in its pixels, most certain first."""
    found = with_large(network, image, PICTURE)
    is_small = max(image.shape[:2]) <= PICTURE.size
    return found if found or is_small else run(network, image, SMALL_FACES)


def search_frame(network: BlazeFaceNetwork, image: np.ndarray) -> list[Box]:
    """Boxes of the faces in a frame of a video, (H, W, 3) uint8 RGB, in its pixels, most certain
    first. It costs less than a picture; faces that it misses are found in another frame."""
    return with_large(network, image, VIDEO_FRAME)


def with_large(network: BlazeFaceNetwork, image: np.ndarray, search: Search) -> list[Box]:
    """The faces that `search` finds, and those of `LARGE_FACES`, which come first."""
    least = LARGE * max(image.shape[:2])
    large = [box for box in run(network, image, LARGE_FACES) if box.width >= least]
    return large + [
        box for box in run(network, image, search) if not any(_is_in(box, one) for one in large)
    ]


def run(network: BlazeFaceNetwork, image: np.ndarray, search: Search) -> list[Box]:
    """The Haar-like boxes that one search finds, in pixels of `image`, most certain first."""
    return [box for _, box in detections(network, image, search)]


def detections(
    network: BlazeFaceNetwork, image: np.ndarray, search: Search
) -> list[tuple[Detection, Box]]:
    """What one search finds, most certain first: detections in pixels of the network's picture,
    each with its Haar-like box in pixels of `image`."""
    height, width = image.shape[:2]
    place = letterbox(width, height, search.size, SIZE_STEP, search.border)
    logits16, values16, logits32, values32 = network.run(place.draw(image))
    columns = place.picture[0]
    merged = merge(
        decode(0, logits16, values16, search.min_score, columns)
        + decode(1, logits32, values32, search.min_score, columns),
        SAME_FACE,
    )
    found = []
    for detection in merged:
        box = haar_box(detection)
        if box.width <= TOO_LARGE or search is LARGE_FACES:
            moved = Box(box.x - place.x, box.y - place.y, box.width, box.height)
            found.append((detection, moved.scaled(place.across, place.down)))
    return found


def _is_in(box: Box, large: Box) -> bool:
    smaller = min(box.width * box.height, large.width * large.height)
    return intersection(box, large) > COVERED * smaller
