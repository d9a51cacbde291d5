"""Copies of a photo as a webcam would have taken it a moment later.

They differ in light, compression and noise, in a little motion, and in the face's box.
"""

from __future__ import annotations

import cv2
import numpy as np

from app.inference.types import Box

GAMMA, GAIN = (0.75, 1.3), (0.8, 1.15)
"""Ranges of the gamma and of the brightness that a copy is multiplied by."""
BLUR_SHARE, BLUR = 0.4, (2, 6)
"""How many copies have motion blur, and the range of its length in pixels, the end excluded."""
NOISE = 5.0
"""The largest standard deviation of the noise, in grey levels."""
QUALITY = (35, 90)
"""Range of the JPEG quality, the end excluded."""
SHIFT, SCALE = 0.02, 0.03
"""Standard deviations of the box's shift and of its size, as parts of its width."""


def changed_copy(
    image: np.ndarray, box: Box, random: np.random.Generator
) -> tuple[np.ndarray, Box]:
    """A changed copy of a photo, and the box of its face in it.

    Args:
        image: (H, W, 3) uint8, RGB.
        box: of the face, in pixels of `image`.
    """
    changed = 255 * np.clip(
        (image / 255.0) ** random.uniform(*GAMMA) * random.uniform(*GAIN), 0, 1
    ).astype(np.float32)
    if random.random() < BLUR_SHARE:
        length = int(random.integers(*BLUR))
        changed = cv2.blur(changed, (length, 1) if random.random() < 0.5 else (1, length))
    changed += random.normal(0, random.uniform(0, NOISE), changed.shape)
    quality = int(random.integers(*QUALITY))
    _, file = cv2.imencode(
        ".jpg",
        np.clip(changed, 0, 255).astype(np.uint8)[:, :, ::-1],
        [cv2.IMWRITE_JPEG_QUALITY, quality],
    )
    read = cv2.imdecode(file, cv2.IMREAD_COLOR)
    assert read is not None, "OpenCV reads the JPEG files that it writes"
    copy = np.ascontiguousarray(read[:, :, ::-1])
    width = box.width * (1 + random.normal(0, SCALE))
    x, y = (
        start + box.width / 2 - width / 2 + random.normal(0, SHIFT) * width
        for start in (box.x, box.y)
    )
    return copy, Box(x, y, width, width)
