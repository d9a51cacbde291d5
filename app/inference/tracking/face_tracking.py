"""Track the faces of a video from frame to frame.

They are detected now and then, and templates of them are aligned in between: detecting costs
several times what classifying does, aligning much less. Twin of
static/js/inference/tracking/face-tracking.js.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..detection.boxes import overlap
from ..types import Box
from .grey_patch import GreyPatch, grey_patch
from .template_alignment import (
    Pose,
    Template,
    align_template,
    box_of,
    create_template,
    pose_of,
)
from .track_assignment import TrackAssigner

DETECT_MS = 250
"""Time between two detections: a face that comes into view is found within it."""

SEARCH_MS, SOON_MS = 100, 1000
"""Time between two detections while there is no face, or for SOON_MS after one was lost."""

MIN_SIMILARITY = 0.7
"""The correlation that a tracked face must have with its template; otherwise faces are detected at
once."""

LARGEST_GROWTH = 1.3
"""From one frame to the next a face grows or shrinks by no more than this factor."""

MAX_MISSED = 1
"""A tracked face that the detector misses stays, but for no more than this many detections."""

SAME_FACE = 0.5
"""Two boxes whose IoU is above this are one face."""

PATCH_PIXELS = 32
"""Width of a face in its grey patch, in pixels."""


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """A face in view.

    Attributes:
        id: its number.
        box: where it is in this frame.
        template: None: it cannot be aligned, only detected.
        pose: where it is in this frame, with its roll.
        missed: how many detections have missed it since the last that found it.
    """

    id: int
    box: Box
    template: Template | None
    pose: Pose
    missed: int = 0


class FaceTracker:
    """Tracks the faces of one video.

    Args:
        detect: boxes of the faces in an (H, W, 3) uint8 RGB image, in its pixels.
        search_ms: time between two detections while there is no face, or soon after one was lost.
    """

    def __init__(
        self, detect: Callable[[np.ndarray], list[Box]], search_ms: float = SEARCH_MS
    ) -> None:
        self.detect = detect
        self.search_ms = search_ms
        self.tracks = TrackAssigner()
        self.faces: list[TrackedFace] = []
        self.last = self.detected = self.lost = -math.inf
        self.size = (0, 0)

    def update(
        self, image: np.ndarray, timestamp: float, detect: bool = False
    ) -> tuple[list[TrackedFace], bool]:
        """The faces of the next frame.

        Args:
            image: (H, W, 3) uint8, RGB.
            timestamp: in milliseconds; one before that of the last frame resets the tracking.
            detect: whether faces are detected in this frame even if no detection is due.

        Returns:
            The faces, and whether they were detected in this frame; otherwise only tracked.
        """
        size = (image.shape[0], image.shape[1])
        if timestamp < self.last or size != self.size:
            self.faces = []
            self.detected = -math.inf
        self.size = size
        passed = timestamp - self.last
        self.last = timestamp
        self.tracks.advance(timestamp)
        aligned = [self._align(face, image, timestamp, passed) for face in self.faces]
        detected = detect or self._is_detection_due(timestamp) or None in aligned
        if detected:
            self._detect(image, timestamp, aligned)
        else:
            self.faces = [face for face in aligned if face is not None]
        return list(self.faces), detected

    def remembered_ids(self) -> set[int]:
        """The ids of all faces that are in view or may come back soon."""
        return self.tracks.ids()

    def _is_detection_due(self, timestamp: float) -> bool:
        searching = timestamp - self.lost < SOON_MS or not self.faces
        return timestamp - self.detected >= (self.search_ms if searching else DETECT_MS)

    def _align(
        self, face: TrackedFace, image: np.ndarray, timestamp: float, passed: float
    ) -> TrackedFace | None:
        """The face in this frame; None where its template was not found."""
        place = self.tracks.predict(face.id, timestamp)
        if face.template is None or place is None:
            return None
        side = face.pose.side
        patch = _patch(image, place, min(0.2 + passed / 250, 0.6), side)
        expected = replace(face.pose, x=place.x + place.width / 2, y=place.y + place.height / 2)
        pose, similarity = align_template(patch, face.template, expected)
        growth = pose.side / side
        if (
            similarity < MIN_SIMILARITY
            or not 1 / LARGEST_GROWTH <= growth <= LARGEST_GROWTH
            or not (0 < pose.x < image.shape[1] and 0 < pose.y < image.shape[0])
        ):
            return None
        box = box_of(pose)
        self.tracks.move(face.id, box, timestamp)
        return replace(face, box=box, pose=pose)

    def _detect(
        self, image: np.ndarray, timestamp: float, aligned: list[TrackedFace | None]
    ) -> None:
        """Replace the faces by those that the detector finds, and those that it may have missed."""
        boxes = self.detect(image)
        self.detected = timestamp
        templates = [create_template(_patch(image, box, 0.2, box.width), box) for box in boxes]
        ids = self.tracks.assign(boxes, timestamp, templates)
        found = [
            TrackedFace(face, box, template, pose_of(box))
            for face, box, template in zip(ids, boxes, templates, strict=True)
        ]
        for before, face in zip(self.faces, aligned, strict=True):
            if before.id in ids:
                continue
            if face is None:
                self.lost = timestamp
                continue
            hidden = any(overlap(box, face.box) > SAME_FACE for box in boxes)
            if not hidden and face.missed < MAX_MISSED:
                found.append(replace(face, missed=face.missed + 1))
            else:
                self.lost = timestamp
        self.faces = found


def _patch(image: np.ndarray, box: Box, margin: float, side: float) -> GreyPatch:
    """The grey patch of a box and of a margin round it, in sides of the box; a face of `side`
    pixels is reduced to about `PATCH_PIXELS`."""
    height, width = image.shape[:2]
    left = min(max(math.floor(box.x - margin * box.width), 0), width - 1)
    top = min(max(math.floor(box.y - margin * box.height), 0), height - 1)
    right = min(max(math.ceil(box.x + box.width + margin * box.width), left + 1), width)
    bottom = min(max(math.ceil(box.y + box.height + margin * box.height), top + 1), height)
    scale = max(1, math.floor(side / PATCH_PIXELS + 0.5))
    return grey_patch(image[top:bottom, left:right], left, top, scale)
