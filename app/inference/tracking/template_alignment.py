"""Template alignment: find a face again in the next frame, much faster than by detecting it.

A template is shifted, scaled and rotated until it fits: inverse compositional alignment of
normalised grey values (Baker & Matthews 2004, "Lucas-Kanade 20 Years On"). The alignment begins at
the predicted place. Where it does not fit, it begins again at the best place of a coarse search by
normalised cross-correlation. Twin of static/js/inference/tracking/template-alignment.js.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from ..types import Box
from .grey_patch import GreyPatch, interpolate

FINE, COARSE = 24, 12
"""Points across the box, on the fine and on the coarse grid."""

MAX_STEPS = 8

CONVERGED = 0.001
"""An alignment ends when a step moves the box by less than this part of its side."""

CERTAIN = 0.9
"""The coarse search is made where the similarity is below this."""


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a face is.

    Attributes:
        x, y: its centre, in pixels of the frame.
        right, down: the box's side times the cosine and the sine of the roll.
    """

    x: float
    y: float
    right: float
    down: float

    @property
    def side(self) -> float:
        """The side of the box, in pixels."""
        return math.hypot(self.right, self.down)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A detected face: grey values on a grid of points within the circle inscribed in its box.

    Attributes:
        values: (n,), mean 0, norm 1.
        slopes: (n, 4) steepest descent images: how each value changes with a shift to the right, a
            shift down, growth and roll.
        inverse: (4, 4), the inverse of the Hessian, which is the Gram matrix of `slopes`.
        coarse: (m,) the values on the coarse grid, mean 0, norm 1.
    """

    values: np.ndarray
    slopes: np.ndarray
    inverse: np.ndarray
    coarse: np.ndarray


def _circle(across: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of a grid within the inscribed circle, relative to the centre, in sides of the box:
    x, y, and which of the grid's (across, across) points they are."""
    line = (np.arange(across) + 0.5) / across - 0.5
    v, u = np.meshgrid(line, line, indexing="ij")
    inside = u * u + v * v <= 0.25
    return u[inside], v[inside], inside


FINE_U, FINE_V, _ = _circle(FINE)
COARSE_U, COARSE_V, COARSE_INSIDE = _circle(COARSE)


def pose_of(box: Box) -> Pose:
    """The pose of an upright face in a square box."""
    return Pose(box.x + box.width / 2, box.y + box.height / 2, box.width, 0.0)


def box_of(pose: Pose) -> Box:
    """The square box with level sides of a pose."""
    return Box(pose.x - pose.side / 2, pose.y - pose.side / 2, pose.side, pose.side)


def create_template(patch: GreyPatch, box: Box) -> Template | None:
    """The template of the face in `box`, a square; None where all its points have one value."""
    pose = pose_of(box)
    values, norm = _normalised(_sample(patch, pose, FINE_U, FINE_V))
    coarse, coarse_norm = _normalised(_sample(patch, pose, COARSE_U, COARSE_V))
    if norm == 0 or coarse_norm == 0:
        return None
    slopes = _steepest_descent(patch, pose, values, norm)
    inverse = _inverse(slopes.T @ slopes)
    return None if inverse is None else Template(values, slopes, inverse, coarse)


def align_template(patch: GreyPatch, template: Template, expected: Pose) -> tuple[Pose, float]:
    """Find a template.

    Args:
        patch: the part of the frame where it may be.
        template: the face.
        expected: where it probably is.

    Returns:
        Where it fits best, and the correlation with the template there, -1..1.
    """
    near = _align(patch, template, expected)
    if near[1] >= CERTAIN:
        return near
    far = _align(patch, template, _search(patch, template, expected))
    return far if far[1] > near[1] else near


def similarity_of(a: Template, b: Template) -> float:
    """The correlation of two templates, -1..1, which does not depend on the light."""
    return float(a.coarse @ b.coarse)


def _align(patch: GreyPatch, template: Template, pose: Pose) -> tuple[Pose, float]:
    """Align a template by Gauss-Newton steps from a first pose."""
    for _ in range(MAX_STEPS):
        sampled, norm = _normalised(_sample(patch, pose, FINE_U, FINE_V))
        if norm == 0:
            break
        gradient = (sampled - template.values) @ template.slopes
        dx, dy, growth, roll = map(float, template.inverse @ gradient)
        pose = _compose_inverse(pose, dx, dy, 1 + growth, roll)
        if abs(dx) + abs(dy) + abs(growth) + abs(roll) < CONVERGED:
            break
    sampled, norm = _normalised(_sample(patch, pose, FINE_U, FINE_V))
    return pose, -1.0 if norm == 0 else float(sampled @ template.values)


def _compose_inverse(pose: Pose, dx: float, dy: float, real: float, imaginary: float) -> Pose:
    """The pose after the inverse of a step: a shift in sides of the box, and growth and roll as one
    complex number."""
    square = real * real + imaginary * imaginary
    right = (pose.right * real + pose.down * imaginary) / square
    down = (pose.down * real - pose.right * imaginary) / square
    return Pose(pose.x - (right * dx - down * dy), pose.y - (right * dy + down * dx), right, down)


def _search(patch: GreyPatch, template: Template, start: Pose) -> Pose:
    """The best of all shifts by whole steps of the coarse grid within the patch."""
    step = start.side / COARSE
    height, width = patch.data.shape
    room = max(width, height) * patch.scale - step * COARSE
    reach = min(max(math.ceil(room / 2 / step), 1), COARSE)
    line = (np.arange(COARSE + 2 * reach) - reach + 0.5) / COARSE - 0.5
    v, u = np.meshgrid(line, line, indexing="ij")
    field = _sample(patch, start, u, v)
    windows = np.lib.stride_tricks.sliding_window_view(field, (COARSE, COARSE))
    sampled = windows[:, :, COARSE_INSIDE]
    sampled = sampled - sampled.mean(axis=-1, keepdims=True)
    norms = np.sqrt((sampled * sampled).sum(axis=-1))
    alike = np.where(norms < 1e-3, -1.0, sampled @ template.coarse / np.maximum(norms, 1e-3))
    down, right = np.unravel_index(int(alike.argmax()), alike.shape)
    across, under = (int(right) - reach) / COARSE, (int(down) - reach) / COARSE
    return replace(
        start,
        x=start.x + start.right * across - start.down * under,
        y=start.y + start.down * across + start.right * under,
    )


def _sample(patch: GreyPatch, pose: Pose, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The patch's values at points of a pose."""
    return interpolate(
        patch, pose.x + pose.right * u - pose.down * v, pose.y + pose.down * u + pose.right * v
    )


def _normalised(values: np.ndarray) -> tuple[np.ndarray, float]:
    """The values with mean 0 and norm 1, and their norm before; 0 where all are equal."""
    values = values - values.mean()
    norm = float(np.sqrt(values @ values))
    return (values, 0.0) if norm < 1e-3 else (values / norm, norm)


def _steepest_descent(patch: GreyPatch, pose: Pose, values: np.ndarray, norm: float) -> np.ndarray:
    """(n, 4): how the normalised values change with a shift to the right, a shift down, growth and
    roll, without the components that changes of light explain."""
    half = 0.5 / FINE
    off = pose.right * half

    def moved(dx: float, dy: float) -> np.ndarray:
        return _sample(patch, replace(pose, x=pose.x + dx, y=pose.y + dy), FINE_U, FINE_V)

    dx = (moved(off, 0) - moved(-off, 0)) / (2 * half * norm)
    dy = (moved(0, off) - moved(0, -off)) / (2 * half * norm)
    columns = (dx, dy, FINE_U * dx + FINE_V * dy, FINE_U * dy - FINE_V * dx)
    return np.stack([c - c.mean() - (c @ values) * values for c in columns], axis=1)


def _inverse(matrix: np.ndarray) -> np.ndarray | None:
    """The inverse of a Gram matrix; None where it is singular."""
    # Cholesky's pivots are those of Gauss-Jordan elimination, so that both languages refuse alike.
    try:
        pivots = np.diag(np.linalg.cholesky(matrix)) ** 2
    except np.linalg.LinAlgError:
        return None
    if not pivots.min() > 1e-9 * np.diag(matrix).max():
        return None
    return np.linalg.inv(matrix)
