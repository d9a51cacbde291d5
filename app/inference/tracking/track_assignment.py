"""Assign an id to each face.

A face keeps its id when it moves, when it crosses another face, and when it leaves and comes back
within two seconds. Its place is predicted from its motion, with less certainty the longer it has
not been seen. Tracks and boxes are assigned to each other so that the sum of their likelihoods is
as large as possible (Kuhn 1955, the Hungarian method), by place, size and, where it is known,
template. Twin of static/js/inference/tracking/track-assignment.js.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..detection.boxes import overlap
from ..types import Box
from .template_alignment import Template, similarity_of

KEEP_MS = 2000
"""How long a face may be out of view and still come back under its id."""

LARGEST_GROWTH = 2
"""The largest factor by which a box may have grown or shrunk between two sightings."""

REACH, REACH_GROWTH = 1.2, 1.0
"""How far from its predicted place a face may be, in mean sides, and what is added for each second
unseen."""

ALIKE_REACH_GROWTH, ALIKE_SIMILARITY = 4.0, 0.6
"""What is added instead where the templates are at least this similar: a head can move by four
sides a second, and a slow device sees it two or three times a second."""

COAST_MS = 400
"""Time constant with which the predicted motion of an unseen face slows down."""

MOTION_MS = 120
"""Time constant over which the velocity is averaged."""

NEUTRAL_SIMILARITY = 0.4
"""The similarity that 75 % of pairs of different people's faces are below, and 75 % of pairs of one
person's above."""


@dataclass(slots=True)
class Track:
    """A face that is in view or may come back soon.

    Attributes:
        id: its number.
        box: where it was last.
        last_seen: in milliseconds.
        template: of its last detection.
        velocity_x, velocity_y: of its centre, in pixels a millisecond.
    """

    id: int
    box: Box
    last_seen: float
    template: Template | None
    velocity_x: float = 0.0
    velocity_y: float = 0.0

    def move_to(self, box: Box, timestamp: float) -> None:
        """Record where the face is at a time."""
        passed = timestamp - self.last_seen
        if passed > 0:
            weight = 1 - math.exp(-passed / MOTION_MS)
            (from_x, from_y), (to_x, to_y) = _centre(self.box), _centre(box)
            self.velocity_x += weight * ((to_x - from_x) / passed - self.velocity_x)
            self.velocity_y += weight * ((to_y - from_y) / passed - self.velocity_y)
        self.box = box
        self.last_seen = timestamp

    def predicted(self, timestamp: float) -> Box:
        """The predicted place of the face at a time."""
        coasted = COAST_MS * (1 - math.exp(-(timestamp - self.last_seen) / COAST_MS))
        return replace(
            self.box,
            x=self.box.x + self.velocity_x * coasted,
            y=self.box.y + self.velocity_y * coasted,
        )


class TrackAssigner:
    """The tracks of one video's faces."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.next_id = 0
        self.last = -math.inf

    def assign(
        self,
        boxes: Sequence[Box],
        timestamp: float,
        templates: Sequence[Template | None] = (),
    ) -> list[int]:
        """Assign ids to the faces that were detected in one frame.

        A box without a track gets a new id. A frame older than the one before it resets all tracks.

        Args:
            boxes: the faces, at most one for each face.
            timestamp: of the frame, in milliseconds.
            templates: one for each box, or none.

        Returns:
            One id for each box, in the same order.
        """
        self.advance(timestamp)
        known = list(templates) or [None] * len(boxes)
        before = list(self.tracks)
        weights = [
            [_likelihood(track, box, template, timestamp) for track in before]
            for box, template in zip(boxes, known, strict=True)
        ]
        ids = []
        assigned = assign_maximum(weights)
        for box, template, column in zip(boxes, known, assigned, strict=True):
            if column is None:
                track = Track(self.next_id, box, timestamp, template)
                self.next_id += 1
                self.tracks.append(track)
            else:
                track = before[column]
                track.move_to(box, timestamp)
                track.template = template
            ids.append(track.id)
        return ids

    def move(self, face: int, box: Box, timestamp: float) -> None:
        """Record where a face is in this frame, found without detection."""
        for track in self.tracks:
            if track.id == face:
                track.move_to(box, timestamp)

    def predict(self, face: int, timestamp: float) -> Box | None:
        """The predicted place of a face; None for one that has no track."""
        return next((t.predicted(timestamp) for t in self.tracks if t.id == face), None)

    def advance(self, timestamp: float) -> None:
        """Go on to a time: drop the tracks of faces that have been out of view for too long."""
        if timestamp < self.last:
            self.tracks = []
        self.last = timestamp
        self.tracks = [t for t in self.tracks if timestamp - t.last_seen <= KEEP_MS]

    def ids(self) -> set[int]:
        """The ids of all faces that have a track, in view or not."""
        return {track.id for track in self.tracks}


def assign_maximum(weights: Sequence[Sequence[float | None]]) -> list[int | None]:
    """Assign rows to columns so that the sum of the pairs' weights is as large as possible.

    Args:
        weights: rows x columns; a pair of weight 0 or less is as well left unassigned; None: the
            pair is not allowed.

    Returns:
        Each row's column, None for none.
    """
    rows = len(weights)
    columns = len(weights[0]) if rows else 0
    if not columns:
        return [None] * rows
    # A row may also stay unassigned: it then has a column of its own, of weight 0.
    costs = np.full((rows, columns + rows), np.inf)
    for row, line in enumerate(weights):
        costs[row, columns + row] = 0.0
        for column, weight in enumerate(line):
            if weight is not None:
                costs[row, column] = -weight
    _, assigned = linear_sum_assignment(costs)
    return [int(column) if column < columns else None for column in assigned]


def _likelihood(
    track: Track, box: Box, template: Template | None, timestamp: float
) -> float | None:
    """How likely a box is to be a track's face, above 0; None where it is too far away or of too
    different a size."""
    place = track.predicted(timestamp)
    side_a, side_b = math.sqrt(place.width * place.height), math.sqrt(box.width * box.height)
    growth = abs(math.log(side_a / side_b)) / math.log(LARGEST_GROWTH)
    if growth > 1:
        return None
    side = (side_a + side_b) / 2
    # An unseen face may have gone on, or stayed where it was last.
    far = min(_distance(place, box), _distance(track.box, box)) / side
    similarity = NEUTRAL_SIMILARITY
    if template is not None and track.template is not None:
        similarity = similarity_of(template, track.template)
    reach_growth = ALIKE_REACH_GROWTH if similarity >= ALIKE_SIMILARITY else REACH_GROWTH
    reach = REACH + reach_growth * (timestamp - track.last_seen) / 1000
    if far > reach:
        return None
    alike = similarity - NEUTRAL_SIMILARITY
    return max(0.01, 1 - far / reach + overlap(place, box) - 0.3 * growth + alike)


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _distance(a: Box, b: Box) -> float:
    (from_x, from_y), (to_x, to_y) = _centre(a), _centre(b)
    return math.hypot(to_x - from_x, to_y - from_y)
