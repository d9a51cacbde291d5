"""Recognise the faces in a photo file: decode, detect, crop, predict."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

from .images import (
    DETECTION_SIDE,
    WORKING_SIDE,
    DecodedImage,
    ImageLimits,
    decode,
    reduces_cheaply,
)
from .recognizer import Recognizer
from .types import Face


@dataclass(frozen=True, slots=True)
class RecognizedPhoto:
    """A photo with its faces.

    Attributes:
        faces: largest first, in pixels of the upright photo in the file.
        image: the decoded photo, which may be reduced.
        model: the name of the model that scored the faces.
        timings_ms: milliseconds of "decode", "detect", "crop", "predict" and "total".
    """

    faces: list[Face]
    image: DecodedImage
    model: str
    timings_ms: dict[str, float]

    @property
    def faces_in_pixels(self) -> list[Face]:
        """The faces in pixels of `image.pixels`."""
        across, down = self.image.reduction
        return [face.scaled(1 / across, 1 / down) for face in self.faces]

    def to_json(self) -> dict[str, Any]:
        """The answer of POST /api/v1/recognize."""
        return {
            "faces": [face.to_json() for face in self.faces],
            "image": {"width": self.image.width, "height": self.image.height},
            "model": self.model,
            "timings_ms": {step: round(ms, 2) for step, ms in self.timings_ms.items()},
        }


class PhotoRecognizer:
    """Recognises the faces in image files. Thread-safe.

    Args:
        recognizer: detects and scores the faces.
        limits: the limits on image files.
    """

    def __init__(self, recognizer: Recognizer, limits: ImageLimits) -> None:
        self.recognizer = recognizer
        self.limits = limits

    def recognize(self, data: bytes, side: int | None = None) -> RecognizedPhoto:
        """The photo in the file `data` with its faces.

        Args:
            data: the whole file.
            side: the least longer side, in pixels, of the image in the result, where the photo
                has so many. None: what recognising needed. The faces do not depend on it.

        Raises:
            ImageError: the file is not an image within the limits.
            DecodingBusyError: the memory for decoding did not become free in time.
            ModelFileError, ContractError: as `Recognizer.score`.
        """
        started = perf_counter()
        # A JPEG is decoded a second time, larger, only if a face is smaller than the model's input.
        small_first = reduces_cheaply(data)
        image = decode(data, self.limits, DETECTION_SIDE if small_first else WORKING_SIDE)
        decoded = perf_counter()
        found = self.recognizer.detect(image.pixels)
        detected = decoded_again = perf_counter()
        if small_first and image.is_reduced and self.recognizer.lacks_pixels(found):
            small, image = image, decode(data, self.limits, WORKING_SIDE)
            found = [face.scaled(*_ratio(image, small)) for face in found]
            decoded_again = perf_counter()
        faces, timings = self.recognizer.score(image.pixels, found)
        faces = [face.scaled(*image.reduction) for face in faces]
        scored = perf_counter()
        if side is not None and image.is_reduced and max(image.pixels.shape) < side:
            image = decode(data, self.limits, side)
        enlarged = perf_counter()
        return RecognizedPhoto(
            faces=faces,
            image=image,
            model=self.recognizer.classifier.contract.model,
            timings_ms={
                "decode": (decoded - started + decoded_again - detected + enlarged - scored) * 1000,
                "detect": (detected - decoded) * 1000,
                **timings,
                "total": (perf_counter() - started) * 1000,
            },
        )


def _ratio(image: DecodedImage, other: DecodedImage) -> tuple[float, float]:
    """How many times as wide and as high the pixels of `image` are as those of `other`."""
    height, width = image.pixels.shape[:2]
    other_height, other_width = other.pixels.shape[:2]
    return width / other_width, height / other_height
