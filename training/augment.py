"""Augment training images: geometric changes, contrast, erasing, and degradation as by a webcam.

Uses only NumPy and OpenCV, so that it works with any Keras backend.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Ranges of the random changes. Each value is drawn uniformly from -bound to +bound.

    Attributes:
        rotation: in degrees.
        shift: fraction of the side, in x and in y.
        scale: fraction by which the image is enlarged or reduced.
        contrast: fraction by which the contrast changes.
        brightness: in grey levels 0..255.
        erase: probability that a rectangle of 2 to 25 % of the area is filled with one grey level
            (random erasing, Zhong et al. 2017).
        webcam: probability of each of three changes: gamma correction with gamma 0.5..2,
            reduction to 24..44 pixels and enlargement, noise with a standard deviation of 2..12
            grey levels.
        film: probability of each of three changes: reduction to 14..27 pixels and enlargement,
            motion blur of 3 to 7 pixels in any direction, JPEG compression of quality 8..49.
    """

    rotation: float = 12.0
    shift: float = 0.08
    scale: float = 0.1
    contrast: float = 0.25
    brightness: float = 25.0
    erase: float = 0.4
    webcam: float = 0.0
    film: float = 0.0


def augment(images: np.ndarray, how: Augmentation, random: np.random.Generator) -> np.ndarray:
    """Return randomly changed copies of images.

    Half of the images are mirrored besides the changes of `how`.

    Args:
        images: (n, h, w) uint8 or float32, grey, 0..255.
        how: ranges of the changes.
        random: generator of the random numbers.

    Returns:
        (n, h, w) float32 in 0..255.
    """
    count, height, width = (int(length) for length in images.shape)
    changed = np.empty(images.shape, np.float32)
    centre = ((width - 1) / 2, (height - 1) / 2)
    angle = random.uniform(-how.rotation, how.rotation, count)
    scale = 1 + random.uniform(-how.scale, how.scale, count)
    shift = random.uniform(-how.shift, how.shift, (count, 2)) * (width, height)
    flip = random.random(count) < 0.5
    for index in range(count):
        matrix = cv2.getRotationMatrix2D(centre, angle[index], scale[index])
        matrix[:, 2] += shift[index]
        if flip[index]:
            matrix = matrix @ np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1]])
        cv2.warpAffine(
            images[index].astype(np.float32),
            matrix,
            (width, height),
            dst=changed[index],
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    contrast = 1 + random.uniform(-how.contrast, how.contrast, (count, 1, 1))
    brightness = random.uniform(-how.brightness, how.brightness, (count, 1, 1))
    mean = changed.mean(axis=(1, 2), keepdims=True)
    changed = ((changed - mean) * contrast + mean + brightness).astype(np.float32)
    np.clip(changed, 0, 255, out=changed)
    if how.webcam:
        _webcam(changed, how.webcam, random)
    if how.film:
        _film(changed, how.film, random)
    for erased in np.flatnonzero(random.random(count) < how.erase):
        area = random.uniform(0.02, 0.25) * height * width
        ratio = np.exp(random.uniform(np.log(0.4), np.log(2.5)))
        tall = int(np.clip(round(np.sqrt(area * ratio)), 1, height))
        wide = int(np.clip(round(np.sqrt(area / ratio)), 1, width))
        y, x = random.integers(0, height - tall + 1), random.integers(0, width - wide + 1)
        changed[erased, y : y + tall, x : x + wide] = random.uniform(0, 255)
    return changed


def _webcam(images: np.ndarray, probability: float, random: np.random.Generator) -> None:
    """Apply the changes of `Augmentation.webcam` to some of `images` (n, h, w), in place."""
    count, height, width = (int(length) for length in images.shape)
    dark, far, noisy = random.random((3, count)) < probability
    gamma = np.exp(random.uniform(np.log(0.5), np.log(2), count))
    side = random.integers(24, 45, count)
    strength = random.uniform(2, 12, count)
    for index in np.flatnonzero(far):
        images[index] = _low_resolution(images[index], int(side[index]), cv2.INTER_LINEAR)
    for index in np.flatnonzero(dark):
        images[index] = 255 * (images[index] / 255) ** gamma[index]
    for index in np.flatnonzero(noisy):
        images[index] += random.normal(0, strength[index], (height, width))
    np.clip(images, 0, 255, out=images)


def _low_resolution(image: np.ndarray, side: int, interpolation: int) -> np.ndarray:
    """Reduce an image to `side` x `side` pixels and enlarge it again."""
    small = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[::-1], interpolation=interpolation)


def _film(images: np.ndarray, probability: float, random: np.random.Generator) -> None:
    """Apply the changes of `Augmentation.film` to some of `images` (n, h, w), in place."""
    count, height, width = (int(length) for length in images.shape)
    tiny, moved, packed = random.random((3, count)) < probability
    side = random.integers(14, 28, count)
    length = random.integers(1, 4, count) * 2 + 1
    angle = random.uniform(0, 180, count)
    quality = random.integers(8, 50, count)
    for index in np.flatnonzero(tiny):
        images[index] = _low_resolution(images[index], int(side[index]), cv2.INTER_CUBIC)
    for index in np.flatnonzero(moved):
        pixels = int(length[index])
        kernel = np.zeros((pixels, pixels), np.float32)
        kernel[pixels // 2] = 1
        centre = (pixels // 2, pixels // 2)
        turn = cv2.getRotationMatrix2D(centre, angle[index], 1)
        kernel = cv2.warpAffine(kernel, turn, (pixels, pixels))
        images[index] = cv2.filter2D(
            images[index], -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE
        )
    np.clip(images, 0, 255, out=images)
    for index in np.flatnonzero(packed):
        # A face in a frame is a little larger than the network's input when it is compressed.
        larger = cv2.resize(images[index], None, fx=1.5, fy=1.5)
        rounded = np.round(larger).astype(np.uint8)
        _, data = cv2.imencode(".jpg", rounded, (cv2.IMWRITE_JPEG_QUALITY, int(quality[index])))
        back = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.float32)
        images[index] = cv2.resize(back, (width, height), interpolation=cv2.INTER_AREA)
