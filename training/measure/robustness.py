"""Measure a model's accuracy on images that are changed as cameras and face detectors change them.

The method is that of Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations", with changes that occur between a camera and the network.
FER2013's images end at the crop, so a shifted, larger or tilted crop shows the replicated edge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from scipy.stats import binomtest

from app.inference.classifier import ExpressionClassifier
from app.inference.contract import InputSpec
from app.inference.preprocess import to_input
from app.inference.types import Box

from .evaluate import predict_scores

Change = Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True, slots=True)
class Factor:
    """One kind of change.

    Attributes:
        name: key in the card.
        what: description of the change and of its values.
        unit: unit of the values.
        values: the values to measure, in increasing order.
        unchanged: the value that changes nothing.
        change: (images (n, h, w) float32 0..255, value) -> changed images of the same shape.
    """

    name: str
    what: str
    unit: str
    values: tuple[float, ...]
    unchanged: float
    change: Change


def _warped(images: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    height, width = images.shape[1:]
    return np.stack(
        [
            # Inverse map: `matrix` gives the position in the image for each pixel of the crop.
            cv2.warpAffine(
                image,
                matrix,
                (width, height),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for image in images
        ]
    )


def _crop(images: np.ndarray, x: float = 0.0, y: float = 0.0, size: float = 1.0) -> np.ndarray:
    """Crop again, shifted by the fractions `x`, `y` of the side, and `size` times as large."""
    height, width = images.shape[1:]
    left = (width - 1) / 2 * (1 - size) + x * width
    top = (height - 1) / 2 * (1 - size) + y * height
    return _warped(images, np.array([[size, 0, left], [0, size, top]], np.float64))


def _tilted(images: np.ndarray, degrees: float) -> np.ndarray:
    height, width = images.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -degrees, 1.0)
    return _warped(images, matrix)


def _blurred(images: np.ndarray, sigma: float) -> np.ndarray:
    return np.stack(
        [cv2.GaussianBlur(i, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE) for i in images]
    )


def _gamma(images: np.ndarray, gamma: float) -> np.ndarray:
    return (255 * (images / 255) ** gamma).astype(np.float32)


def _small(images: np.ndarray, side: float) -> np.ndarray:
    """Reduce to `side` pixels, then resample to the original size as the site does."""
    height, width = images.shape[1:]
    size, spec = int(side), InputSpec(height, width, 1)
    whole = Box(0, 0, size, size)
    made = []
    for image in images:
        small = np.rint(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA))
        rgb = np.repeat(small.astype(np.uint8)[..., None], 3, axis=2)
        made.append(to_input(rgb, whole, spec)[..., 0])
    return np.stack(made)


def _noisy(images: np.ndarray, deviation: float) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, deviation, images.shape)
    return np.clip(images + noise, 0, 255).astype(np.float32)


_OFFSETS = (-20, -15, -10, -5, 0, 5, 10, 15, 20)

FACTORS = (
    Factor(
        "offset_x",
        "crop too far left (-) or right (+)",
        "% of its side",
        _OFFSETS,
        0,
        lambda images, value: _crop(images, x=value / 100),
    ),
    Factor(
        "offset_y",
        "crop too high (-) or low (+)",
        "% of its side",
        _OFFSETS,
        0,
        lambda images, value: _crop(images, y=value / 100),
    ),
    Factor(
        "scale",
        "crop too small (-) or large (+)",
        "% of its side",
        (-20, -10, 0, 10, 20),
        0,
        lambda images, value: _crop(images, size=1 + value / 100),
    ),
    Factor("tilt", "tilt of the head", "degrees", (-45, -30, -15, 0, 15, 30, 45), 0, _tilted),
    Factor(
        "blur",
        "out of focus: standard deviation of a Gaussian",
        "pixels of 48",
        (0, 0.5, 1, 1.5, 2, 3),
        0,
        _blurred,
    ),
    Factor(
        "gamma",
        "too bright (under 1) or dark (over 1): gamma",
        "",
        (0.3, 0.5, 0.7, 1, 1.5, 2, 3, 4),
        1,
        _gamma,
    ),
    Factor("size", "size of the face", "pixels across", (12, 16, 24, 32, 48), 48, _small),
    Factor(
        "noise",
        "noise of the camera: its standard deviation",
        "grey levels",
        (0, 5, 10, 20),
        0,
        _noisy,
    ),
)
"""The changes to measure, in the order of the card."""


def robustness(
    classifier: ExpressionClassifier, images: np.ndarray, labels: np.ndarray
) -> dict[str, Any]:
    """Measure the accuracy on `images` for all values of all `FACTORS`.

    Args:
        classifier: the model.
        images: (n, 48, 48) uint8, grey; n at least 1.
        labels: (n,) int, index into the model's labels.

    Returns:
        {"n": number of images, "interval": half the width of the widest 95 % interval (Wilson
        1927), "factors": {name: {"what", "unit", "unchanged", "values", "accuracy" (0..1)}}}.
    """
    original = images.astype(np.float32)
    plain = _accuracy(classifier, original, labels)
    factors: dict[str, Any] = {}
    for factor in FACTORS:
        accuracy = [
            plain
            if value == factor.unchanged
            else _accuracy(classifier, factor.change(original, value), labels)
            for value in factor.values
        ]
        factors[factor.name] = {
            "what": factor.what,
            "unit": factor.unit,
            "unchanged": factor.unchanged,
            "values": list(factor.values),
            "accuracy": accuracy,
        }
    widest = binomtest(len(labels) // 2, len(labels)).proportion_ci(0.95, method="wilson")
    half = float(widest.high - widest.low) / 2
    return {"n": len(labels), "interval": half, "factors": factors}


def _accuracy(classifier: ExpressionClassifier, images: np.ndarray, labels: np.ndarray) -> float:
    predicted = predict_scores(classifier, images).argmax(axis=1)
    return float((predicted == labels).mean())
