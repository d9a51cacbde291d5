"""What the pages and the API have in common: a photo of a request in, faces out."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from time import perf_counter
from typing import IO, Any

import numpy as np
from flask import Flask, Request, current_app, request

from .config import ConfigError
from .errors import MissingPhotoError
from .inference.errors import UnknownModelError
from .inference.face_detector import HaarFaceDetector
from .inference.images import ImageLimits, Picture, decode
from .inference.models import ModelStore
from .inference.recognizer import Recognizer
from .inference.types import Face
from .security import Admission

ENVELOPE_BYTES = 64 * 1024
"""What a form may have besides the photo: its other fields and the lines between them."""


class InMemoryRequest(Request):
    """A request whose uploads stay in memory: of werkzeug's own, large ones go to the disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


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
        )
        self.admission = Admission(config["MIEN_CONCURRENCY"])
        self._detector = HaarFaceDetector()
        self._max_faces: int = config["MIEN_MAX_FACES"]

    def preload(self) -> None:
        """Load the default model and run everything once, so that no visitor waits for it."""
        self.models.classifier(self.default).load()
        self._detector.detect(np.zeros((64, 64, 3), np.uint8))

    def recognize(self, photo: bytes, model: str) -> Recognition:
        """What is in the file `photo`.

        Raises:
            BusyError: as many photos are being recognised as are taken at once.
            UnknownModelError, ImageError: see there.
        """
        started = perf_counter()
        recognizer = Recognizer(self._detector, self.models.classifier(model), self._max_faces)
        with self.admission:
            picture = decode(photo, self.limits)
            decoded = perf_counter()
            faces, timings = recognizer.recognize(picture.image)
        height, width = picture.image.shape[:2]
        across, down = picture.width / width, picture.height / height
        return Recognition(
            faces=[face.scaled(across, down) for face in faces],
            picture=picture,
            model=model,
            timings_ms={
                "decode": (decoded - started) * 1000,
                **timings,
                "total": (perf_counter() - started) * 1000,
            },
        )


def recognizers() -> Recognizers:
    """The current application's."""
    found: Recognizers = current_app.extensions["mien"]
    return found


def recognize_request() -> Recognition:
    """What is in the photo of the current request: the form's field `photo`, recognised by the
    model named in `model` of the form or the query, or else by the default one.

    Raises:
        MissingPhotoError: no file in a field `photo`.
        RequestEntityTooLarge: the whole form is larger than a photo may be.
    """
    photo = request.files.get("photo")
    content = photo.stream.read() if photo else b""
    # A browser sends an empty, nameless file where none was chosen.
    if photo is None or not (content or photo.filename):
        raise MissingPhotoError(
            "There is no photo in the form; expected a picture file in the field 'photo' "
            "of a multipart/form-data form."
        )
    model = request.form.get("model") or request.args.get("model") or recognizers().default
    return recognizers().recognize(content, model)


def init_app(app: Flask) -> None:
    """Give the application its recognisers and keep its uploads in memory and in their limits."""
    app.extensions["mien"] = Recognizers(app.config)
    app.request_class = InMemoryRequest
    app.config["MAX_CONTENT_LENGTH"] = app.config["MIEN_MAX_BYTES"] + ENVELOPE_BYTES
    app.config["MAX_FORM_PARTS"] = 16
