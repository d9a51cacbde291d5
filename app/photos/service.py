"""What the pages and the API have in common: photos of a request in, faces out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
from flask import Flask, current_app, request

from ..config import ConfigError
from ..inference.decoding.memory_budget import DecodingMemory
from ..inference.errors import ImageError, ImageTooLargeError, UnknownModelError
from ..inference.face_detector import HaarFaceDetector
from ..inference.images import (
    GLANCE_SIDE,
    WORKING_SIDE,
    ImageLimits,
    Picture,
    decode,
    reduces_cheaply,
)
from ..inference.model_store import ModelStore
from ..inference.recognizer import Recognizer
from ..inference.types import Face
from ..server.logs import count_faces
from ..web.security_headers import Admission
from .uploads import Upload, field

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was found in one photo, in pixels of the upright photo, and the decoded photo itself."""

    faces: list[Face]
    picture: Picture
    model: str
    timings_ms: dict[str, float]

    @property
    def image(self) -> np.ndarray:
        """The upright photo, (H, W, 3) uint8, RGB; a large one is reduced."""
        return self.picture.image

    @property
    def faces_in_image(self) -> list[Face]:
        """The faces in pixels of `image`."""
        height, width = self.image.shape[:2]
        across, down = width / self.picture.width, height / self.picture.height
        return [face.scaled(across, down) for face in self.faces]

    def to_json(self) -> dict[str, Any]:
        """The answer of POST /api/v1/recognize."""
        return {
            "faces": [face.to_json() for face in self.faces],
            "image": {"width": self.picture.width, "height": self.picture.height},
            "model": self.model,
            "timings_ms": {step: round(ms, 2) for step, ms in self.timings_ms.items()},
        }


class Recognizers:
    """The application's models, its one face detector and its limits.

    Raises:
        ConfigError: there is no default model.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.default: str = config["MIEN_MODEL"]
        self.models = ModelStore(config["MIEN_MODELS"])
        try:
            self.models.find(self.default)
        except UnknownModelError as error:
            raise ConfigError(f"MIEN_MODEL: {error}") from None
        self.limits = ImageLimits(
            max_bytes=config["MIEN_MAX_BYTES"],
            max_pixels=round(config["MIEN_MAX_MEGAPIXELS"] * 1e6),
            memory=DecodingMemory(config["MIEN_DECODE_BYTES"]),
        )
        self.admission = Admission(config["MIEN_CONCURRENCY"])
        self._detector = HaarFaceDetector()
        self.max_faces: int = config["MIEN_MAX_FACES"]

    def preload(self) -> None:
        """Load the default model and run everything once, so that no visitor waits for it."""
        self.models.classifier(self.default).load()
        self._detector.detect(np.zeros((64, 64, 3), np.uint8))

    def recognize(
        self,
        photos: Sequence[Upload],
        model: str,
        use: Callable[[Recognition], T],
        side: int | None = None,
    ) -> list[T | ImageError]:
        """What `use` makes of what is in each of `photos`, or what is wrong with that photo.

        One photo after the other, and none of the pictures is kept: decoded, each may take 3 bytes
        for each of many million pixels. A photo whose longer side is at least twice `side` is
        reduced, to no less than that; without `side`, to what its faces need.

        Raises:
            BusyError: as many requests are being worked on as are taken at once.
            DecodingBusyError: they have taken up the memory for decoding for too long.
            UnknownModelError: there is no such model.
        """
        recognizer = Recognizer(self._detector, self.models.classifier(model), self.max_faces)
        results: list[T | ImageError] = []
        with self.admission:
            for photo in photos:
                try:
                    results.append(use(self._recognize(photo, model, recognizer, side)))
                except ImageError as error:
                    results.append(error)
        return results

    def _recognize(
        self, photo: Upload, model: str, recognizer: Recognizer, side: int | None
    ) -> Recognition:
        started = perf_counter()
        if photo.size > self.limits.max_bytes:
            raise ImageTooLargeError(
                f"The file has {photo.size:,} bytes; at most {self.limits.max_bytes:,} are taken."
            )
        glance = side is None and reduces_cheaply(photo.content)
        picture = decode(
            photo.content, self.limits, GLANCE_SIDE if glance else side or WORKING_SIDE
        )
        decoded = perf_counter()
        boxes = recognizer.detect(picture.image)
        detected = again = perf_counter()
        if glance and picture.is_reduced and recognizer.lacks_pixels(boxes):
            small, picture = picture, decode(photo.content, self.limits, WORKING_SIDE)
            boxes = [box.scaled(*_ratio(picture, small)) for box in boxes]
            again = perf_counter()
        faces, timings = recognizer.score(picture.image, boxes)
        count_faces(len(faces))
        height, width = picture.image.shape[:2]
        across, down = picture.width / width, picture.height / height
        return Recognition(
            faces=[face.scaled(across, down) for face in faces],
            picture=picture,
            model=model,
            timings_ms={
                "decode": (decoded - started + again - detected) * 1000,
                "detect": (detected - decoded) * 1000,
                **timings,
                "total": (perf_counter() - started) * 1000,
            },
        )


def _ratio(one: Picture, other: Picture) -> tuple[float, float]:
    """How many times as wide and as high `one` was decoded as `other`."""
    height, width = one.image.shape[:2]
    other_height, other_width = other.image.shape[:2]
    return width / other_width, height / other_height


def recognizers() -> Recognizers:
    """The current application's."""
    found: Recognizers = current_app.extensions["mien"]
    return found


def asked_model() -> str:
    """The model that the current request names, or else the default one.

    Raises:
        FieldError: it names several.
        UnknownModelError: there is no such model.
    """
    own = recognizers()
    for named in (request.args.get("model"), request.form.get("model")):
        if named is not None:
            own.models.find(named)
    return field("model") or own.default


def init_app(app: Flask) -> None:
    """Give the application its recognisers."""
    app.extensions["mien"] = Recognizers(app.config)
