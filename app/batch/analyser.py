"""Recognise pictures and parts of videos: what a worker process does.

A process makes one `Analyser` for each model, when its first task comes, and keeps it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from ..inference import classifier as classifiers
from ..inference.detection.boxes import merge
from ..inference.detection.face_search import search_frame
from ..inference.errors import MienError
from ..inference.face_detector import PhotoFaceDetector
from ..inference.images import ImageLimits
from ..inference.model_store import ModelStore
from ..inference.photo_recognizer import PhotoRecognizer
from ..inference.recognizer import Recognizer
from ..inference.test_time_augmentation import version_batch
from ..inference.types import Box, Face
from .errors import BatchError, FileError, StoppedError
from .files import open_file, unreadable
from .tasks import (
    AnnotateTask,
    FaceRows,
    Failure,
    Outcome,
    PictureResult,
    PicturesTask,
    Probe,
    ProbeTask,
    Settings,
    Source,
    Task,
    VideoTask,
)

MAX_BYTES, MAX_PIXELS = 1 << 28, 110_000_000
"""Limits of a picture file. Nobody uploads here, so they are wide; they keep a worker's memory
within bounds."""

Stopped = Callable[[], bool]
"""Whether the user stopped the run."""


def never() -> bool:
    """Nobody stops this."""
    return False


class Analyser:
    """Detects, crops and scores. Thread-safe.

    Args:
        settings: of the run.

    Raises:
        UnknownModelError, ContractError, ModelFileError: the model cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        cv2.setNumThreads(settings.threads)
        classifiers.COMPILE_PROPERTIES["INFERENCE_NUM_THREADS"] = settings.threads
        classifier = ModelStore(Path(settings.models)).classifier(settings.model)
        classifier.load()
        self.contract = classifier.contract
        self.detector = PhotoFaceDetector()
        self.recognizer = Recognizer(self.detector, classifier, settings.max_faces)
        self.photos = PhotoRecognizer(self.recognizer, ImageLimits(MAX_BYTES, MAX_PIXELS))

    def boxes(self, image: np.ndarray) -> list[Box]:
        """Boxes of the faces in a frame of a video, (H, W, 3) uint8 RGB, in its pixels."""
        found = merge(search_frame(self.detector.network, image))
        return found[: self.recognizer.max_faces]

    def scores(self, image: np.ndarray, boxes: list[Box], version: int) -> np.ndarray:
        """Scores of one version of each face of a frame: (n, labels), calibrated probabilities.

        Args:
            image: (H, W, 3) uint8, RGB.
            boxes: in pixels of `image`.
            version: which one (index in test_time_augmentation.AUGMENTATIONS).
        """
        batch = version_batch(image, boxes, version, self.contract)
        return self.recognizer.classifier.predict(batch)

    def picture(self, source: Source, annotate: str | None) -> PictureResult:
        """Recognise the faces of a picture, and draw it into the folder `annotate` if given."""
        started = time.perf_counter()
        try:
            with open_file(source.name) as file:
                data = file.read()
            photo = self.photos.recognize(data)
        except OSError as error:
            return PictureResult(source, error=unreadable(error))
        except MienError as error:
            return PictureResult(source, error=str(error))
        if annotate:
            from .annotate import write_picture

            write_picture(photo, source.name, Path(annotate))
        return PictureResult(
            source,
            face_rows(photo.faces, self.contract.labels),
            photo.image.width,
            photo.image.height,
            time.perf_counter() - started,
        )


def face_rows(faces: list[Face], labels: tuple[str, ...]) -> FaceRows:
    """The faces of a picture as rows."""
    boxes = [(f.box.x, f.box.y, f.box.width, f.box.height) for f in faces]
    scores = [[face.scores[label] for label in labels] for face in faces]
    return FaceRows(
        np.zeros(len(faces), np.int64),
        np.zeros(len(faces)),
        np.arange(len(faces)),
        np.array(boxes, float).reshape(-1, 4),
        np.array(scores, float).reshape(-1, len(labels)),
    )


@lru_cache(maxsize=2)
def analyser_of(settings: Settings) -> Analyser:
    """This process's analyser for `settings`."""
    os.environ.setdefault("KERAS_BACKEND", "openvino")
    return Analyser(settings)


def run_task(settings: Settings, task: Task, stopped: Stopped = never) -> Outcome:
    """Do a task; what went wrong with a file is part of what is returned.

    Raises:
        StoppedError: the user stopped the run. Of pictures, those done so far are returned.
    """
    from .video_analysis import analyse_video, probe_video

    source = task.files[0]
    try:
        if isinstance(task, PicturesTask):
            analyser = analyser_of(settings)
            results: list[PictureResult] = []
            for source in task.sources:
                if stopped() and not results:
                    raise StoppedError("Stopped.")
                if stopped():
                    break
                results.append(analyser.picture(source, task.annotate))
            return results
        if isinstance(task, ProbeTask):
            probe: Probe = probe_video(source)
            return probe
        if isinstance(task, VideoTask):
            return analyse_video(analyser_of(settings), settings, task, stopped)
        assert isinstance(task, AnnotateTask)
        from .annotate import write_video

        write_video(task, stopped)
        return None
    except StoppedError:
        raise
    except FileError as error:
        return Failure(str(error))
    except BatchError as error:
        return Failure(str(error), fatal=True)
    except MienError as error:
        # The model or its contract cannot be used: no file can be recognised.
        return Failure(str(error), fatal=True)
    except OSError as error:
        from .output import is_full

        if is_full(error):
            return Failure("full", fatal=True)
        return Failure(unreadable(error))
    except MemoryError:
        return Failure("The file needs more memory than there is.")
