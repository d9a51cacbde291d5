"""Frames with patterns in place of faces; the formulas of tests/support/js/drawn-faces.mjs."""

from __future__ import annotations

import numpy as np


def drawn_frame(faces: list[dict[str, float]], width: int, height: int) -> np.ndarray:
    """(height, width, 3) uint8: `faces` (pattern, x, y, side, roll), from back to front."""
    row, column = np.mgrid[:height, :width].astype(float)
    values = 100 + 20 * np.sin(column / 17) + 15 * np.cos(row / 23)
    for face in faces:
        pattern, roll = face["pattern"], face["roll"]
        dx = (column + 0.5 - face["x"]) / face["side"]
        dy = (row + 0.5 - face["y"]) / face["side"]
        u = dx * np.cos(roll) + dy * np.sin(roll)
        v = dy * np.cos(roll) - dx * np.sin(roll)
        drawn = (
            120
            + 60 * np.sin((9 + pattern) * u + pattern) * np.cos((7 - pattern) * v)
            + 40 * np.sin(11 * v + 5 * u * pattern)
        )
        values = np.where(dx * dx + dy * dy > 0.3, values, drawn)
    grey = np.floor(values + 0.5).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
