"""How a model's input is scaled: grey levels 0..255 -> what its training has fed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from ..errors import ConverterError

EXPECTED = "0..1, -1..1, 0..255, MEAN,STD (3 of each for RGB) or standardize"
RANGES = {"0..255": (1.0, 0.0), "0..1": (1 / 255, 0.0), "-1..1": (1 / 127.5, -1.0)}
NUMBER = re.compile(r"-?\d+(\.\d*)?(e-?\d+)?")
LARGEST_SHARE = 3.0
"""A mean and deviations that are all below this are of pixels in 0..1, else of pixels in 0..255."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A model is fed `factor` * pixel + `offset`; one number, or one for each channel.

    Attributes:
        name: as the user gave it.
        standardize: every face is scaled to mean 0 and deviation 1 instead.
    """

    name: str
    factor: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)
    standardize: bool = False

    @property
    def changes_nothing(self) -> bool:
        """Whether pixels are fed as they are."""
        return not self.standardize and self.factor == (1.0,) and self.offset == (0.0,)

    def apply(self, pixels: Any) -> Any:
        """The Keras tensor (n, height, width, channels) that the model is fed."""
        from keras import layers

        if self.changes_nothing:
            return pixels
        if self.standardize:
            # Over one axis, since a saved LayerNormalization over three is loaded as one over the
            # last.
            shape = pixels.shape[1:]
            row = layers.Reshape((math.prod(shape),), name="row_of_pixels")(pixels)
            standard = layers.LayerNormalization(
                center=False, scale=False, epsilon=1e-6, name="standardize"
            )
            return layers.Reshape(shape, name="standardized")(standard(row))
        one = len(self.factor) == 1
        scaling = layers.Rescaling(
            self.factor[0] if one else list(self.factor),
            self.offset[0] if one else list(self.offset),
            name="scaling",
        )
        return scaling(pixels)


def read_scale(text: str) -> Scale:
    """The scale that the user gave.

    Raises:
        ConverterError: it is none of EXPECTED.
    """
    given = text.strip().lower().replace(" ", "")
    if given in RANGES:
        factor, offset = RANGES[given]
        return Scale(text, (factor,), (offset,))
    if given == "standardize":
        return Scale(text, standardize=True)
    parts = given.split(",")
    if len(parts) not in (2, 6) or not all(NUMBER.fullmatch(part) for part in parts):
        raise ConverterError(f"--scale is {text!r}, expected {EXPECTED}")
    numbers = [float(part) for part in parts]
    means, deviations = numbers[: len(parts) // 2], numbers[len(parts) // 2 :]
    if min(deviations) <= 0:
        raise ConverterError(f"--scale is {text!r}: a standard deviation has to be above 0")
    share = 255.0 if max(map(abs, numbers)) < LARGEST_SHARE else 1.0
    return Scale(
        text,
        tuple(1 / (share * deviation) for deviation in deviations),
        tuple(-mean / deviation for mean, deviation in zip(means, deviations, strict=True)),
    )
