"""What is done in one go by one process, and what it gives. All of it can be pickled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WARM_UP_S = 10.0
"""How long before its beginning a part of a video is tracked already, in seconds. After that long
tracks and smoothed values are those of a run that began at second 0."""

OVERLAP_S = 5.0
"""The last seconds of the part before and of the warm-up, in which faces are compared. It is longer
than a face may be out of view and keep its id (tracking/track_assignment.py)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What every task of a run needs.

    Attributes:
        models: the folder of the models.
        model: the model's name.
        every: seconds between two samples of a video; None: all frames.
        max_faces: how many faces are recognised in a picture or frame at most; the largest.
        threads: processor threads that one task uses.
    """

    models: str
    model: str
    every: float | None
    max_faces: int = 64
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A file to recognise.

    Attributes:
        name: its path or URL, as it stands in the column `file`.
        kind: "picture" or "video".
        size: in bytes; None where it is not known.
    """

    name: str
    kind: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class PicturesTask:
    """Recognise some pictures."""

    sources: tuple[Source, ...]
    annotate: str | None = None

    @property
    def files(self) -> tuple[Source, ...]:
        return self.sources


@dataclass(frozen=True, slots=True)
class ProbeTask:
    """Look how long a video is."""

    source: Source

    @property
    def files(self) -> tuple[Source, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class VideoTask:
    """Recognise a part of a video.

    Attributes:
        source: the video.
        number: the part's number, from 0.
        start, end: the part, in seconds; `end` None: to the video's end.
        warm_up: seconds before `start` that are tracked already.
    """

    source: Source
    number: int
    start: float
    end: float | None
    warm_up: float = 0.0

    @property
    def files(self) -> tuple[Source, ...]:
        return (self.source,)


@dataclass(frozen=True, slots=True)
class AnnotateTask:
    """Write a video with its faces drawn in.

    Attributes:
        source: the video.
        target: the file to write.
        start, end: the part of the video to draw, in seconds; `end` None: to its end.
        seconds, boxes, numbers, labels, scores, unsure: a value for each face in each sample, in
            order of time; `boxes` is (n, 4): x, y, width, height.
        samples: the time of each sample, also of those without a face.
    """

    source: Source
    target: str
    start: float
    end: float | None
    seconds: np.ndarray
    boxes: np.ndarray
    numbers: np.ndarray
    labels: list[str]
    scores: np.ndarray
    unsure: np.ndarray
    samples: np.ndarray

    @property
    def files(self) -> tuple[Source, ...]:
        return (self.source,)


Task = PicturesTask | ProbeTask | VideoTask | AnnotateTask


@dataclass(frozen=True, slots=True)
class Probe:
    """What a video's head says: seconds (None: unknown), frames a second (None: unknown)."""

    duration: float | None
    rate: float | None


@dataclass(slots=True)
class FaceRows:
    """Faces in samples, a value for each.

    Attributes:
        frame: number of the frame in its part of the video, from 0.
        seconds: time in the video.
        face: id in its part of the video, or number in its picture from 0.
        boxes: (n, 4) x, y, width, height in pixels of the file's own size.
        scores: (n, labels) calibrated probabilities.
    """

    frame: np.ndarray
    seconds: np.ndarray
    face: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(slots=True)
class PictureResult:
    """What a picture gave; `error` where it cannot be read."""

    source: Source
    rows: FaceRows | None = None
    width: int = 0
    height: int = 0
    took: float = 0.0
    error: str | None = None


@dataclass(slots=True)
class VideoResult:
    """What a part of a video gave.

    Attributes:
        rows: its faces; `face` is an id within this part.
        samples: (n,) the time of each sample.
        frames: how many frames it has, and `last` the time of the last one.
        spans: id -> first and last time that the face was tracked in this part.
        heads, tails: faces during the last `OVERLAP_S` of the warm-up and of the part: (n, 6) time,
            id, x, y, width, height.
        width, height: of the upright frames.
        rate: frames a second, as the file says; None: unknown.
        duration: seconds, as the file says; None: unknown.
        damaged: how many packets could not be decoded.
        took: seconds of work.
    """

    rows: FaceRows
    samples: np.ndarray
    frames: int
    last: float
    spans: dict[int, tuple[float, float]]
    heads: np.ndarray
    tails: np.ndarray
    width: int
    height: int
    rate: float | None
    duration: float | None
    damaged: int
    took: float


@dataclass(slots=True)
class Failure:
    """Why a task gave nothing; `fatal`: the whole run cannot go on."""

    message: str
    fatal: bool = False


Outcome = list[PictureResult] | Probe | VideoResult | Failure | None
