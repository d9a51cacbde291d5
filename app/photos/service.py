"""Recognise the photos of a request: what the pages and the API have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np
from flask import Flask, current_app, request

from ..config import ConfigError
from ..inference.decoding.memory_budget import DecodingMemory
from ..inference.errors import ImageError, UnknownModelError
from ..inference.face_detector import PhotoFaceDetector
from ..inference.images import ImageLimits
from ..inference.model_store import ModelStore
from ..inference.photo_recognizer import PhotoRecognizer, RecognizedPhoto
from ..inference.recognizer import Recognizer
from ..limits.concurrency import Admission
from ..server import malloc
from ..server.logs import count_faces
from .uploads import Upload, field

T = TypeVar("T")


class PhotoService:
    """The application's models, its face detector and its limits on photos. Thread-safe.

    Raises:
        ConfigError: the default model does not exist.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.default_model: str = config["MIEN_MODEL"]
        self.models = ModelStore(config["MIEN_MODELS"], self.default_model, malloc.trim)
        try:
            self.models.find(self.default_model)
        except UnknownModelError as error:
            raise ConfigError(f"MIEN_MODEL: {error}") from None
        self.limits = ImageLimits(
            max_bytes=config["MIEN_MAX_BYTES"],
            max_pixels=round(config["MIEN_MAX_MEGAPIXELS"] * 1e6),
            memory=DecodingMemory(config["MIEN_DECODE_BYTES"]),
        )
        self.admission = Admission(config["MIEN_CONCURRENCY"])
        self.max_faces: int = config["MIEN_MAX_FACES"]
        self._detector = PhotoFaceDetector()

    def preload(self) -> None:
        """Load the default model and run each step once, so that no visitor waits for it."""
        self.models.classifier(self.default_model).load()
        self._detector.detect(np.zeros((288, 384, 3), np.uint8))

    def recognize(
        self,
        photos: Sequence[Upload],
        model: str,
        convert: Callable[[RecognizedPhoto], T],
        side: int | None = None,
    ) -> list[T | ImageError]:
        """Recognise `photos` one after the other.

        No decoded photo is kept, since each may need 3 bytes for each of many million pixels.

        Args:
            photos: the uploaded files.
            model: the name of the model.
            convert: makes the result of one photo.
            side: as of `PhotoRecognizer.recognize`.

        Returns:
            For each photo what `convert` returned, or the reason why the file was refused.

        Raises:
            BusyError: the process already recognises as many photos as it may.
            DecodingBusyError: the memory for decoding did not become free in time.
            UnknownModelError: no model has that name.
        """
        results: list[T | ImageError] = []
        # Within it, so that no more models are in use than photos.
        with self.admission:
            classifier = self.models.classifier(model)
            if not classifier.is_loaded:
                classifier.load()
                malloc.trim()
            recognizer = PhotoRecognizer(
                Recognizer(self._detector, classifier, self.max_faces), self.limits
            )
            for photo in photos:
                try:
                    results.append(convert(self._recognize(photo, recognizer, side)))
                except ImageError as error:
                    results.append(error)
        return results

    def _recognize(
        self, photo: Upload, recognizer: PhotoRecognizer, side: int | None
    ) -> RecognizedPhoto:
        # A method, so that no variable holds a decoded photo while the next one is decoded.
        self.limits.check_bytes(photo.size)
        recognized = recognizer.recognize(photo.content, side)
        count_faces(len(recognized.faces))
        return recognized


def photo_service() -> PhotoService:
    """The current application's photo service."""
    service: PhotoService = current_app.extensions["mien"]
    return service


def requested_model() -> str:
    """The model that the current request names, or else the default model.

    Raises:
        FieldError: the request names several models.
        UnknownModelError: no model has that name.
    """
    service = photo_service()
    for name in (request.args.get("model"), request.form.get("model")):
        if name is not None:
            service.models.find(name)
    return field("model") or service.default_model


def init_app(app: Flask) -> None:
    """Give the application its photo service."""
    app.extensions["mien"] = PhotoService(app.config)
