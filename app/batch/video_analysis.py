"""Recognise a part of a video: sample frames, track the faces, score them, smooth.

Faces are detected in the first frame after each quarter of a second of the video, and where a
template is lost; nothing else of what came before decides when. So a part that begins with a
warm-up gives what a run from second 0 gives.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np

from ..inference.detection.boxes import overlap
from ..inference.test_time_augmentation import AUGMENTATIONS
from ..inference.tracking.box_smoothing import BoxSmoother
from ..inference.tracking.face_tracking import DETECT_MS, FaceTracker, TrackedFace
from ..inference.tracking.score_smoothing import ScoreSmoother
from ..inference.types import Box
from .analyser import Analyser, Stopped
from .errors import FileError, StoppedError
from .tasks import OVERLAP_S, FaceRows, Probe, Settings, Source, VideoResult, VideoTask
from .video_file import TimedFrame, VideoFile, quiet_ffmpeg

TRACKED_EVERY_S = DETECT_MS / 1000
"""Faces are tracked at least this often, however far apart the samples are, so that they keep their
ids."""

TOLERANCE_S = 1e-6
"""A frame that comes this much before a multiple of the sampling period counts as at it."""

SAME_FACE, PART_OF_FACE = 0.4, 0.7
"""Boxes whose IoU is at least the first are one face; a box within a tracked face is a part of it
where its width is less than the second of the face's."""


def probe_video(source: Source) -> Probe:
    """What a video's head says.

    Raises:
        FileError: it is not a video that can be read.
    """
    quiet_ffmpeg()
    with VideoFile(source.name) as video:
        return Probe(video.duration, video.rate)


def crosses(before: float | None, now: float, period: float) -> bool:
    """Whether a multiple of `period` seconds lies after `before` and not after `now`; True where
    there is no frame before."""
    if before is None:
        return True
    return _multiple(now, period) > _multiple(before, period)


def _multiple(seconds: float, period: float) -> int:
    return math.floor((seconds + TOLERANCE_S) / period)


class VideoTracker:
    """The faces of the frames of one video, tracked, scored and smoothed.

    Args:
        analyser: detects and scores.
        reduction: how many times as wide and as high the frames are as the images given.
        period: seconds between two samples.
    """

    def __init__(self, analyser: Analyser, reduction: int, period: float) -> None:
        self.period_ms = 1000 * period
        self.take_turns = period <= TRACKED_EVERY_S
        self.analyser = analyser
        self.reduction = reduction
        # Where no face is in view, the next detection comes with the quarter second.
        self.tracker = FaceTracker(self._detect, search_ms=DETECT_MS)
        self.boxes, self.scores = BoxSmoother(), ScoreSmoother()
        self.latest: dict[int, dict[int, np.ndarray]] = {}

    def _scored(
        self, image: np.ndarray, faces: list[TrackedFace], milliseconds: float
    ) -> dict[int, np.ndarray]:
        """Smoothed scores of faces, by id. Where samples are close together, one version of each
        face is classified in its turn, and the mean is that of the latest scores of each version,
        as on the live page; else all versions are."""
        if not faces:
            return {}
        versions = range(len(AUGMENTATIONS))
        if self.take_turns:
            # By time alone, so that a part of a video takes the turns of the whole.
            versions = range(turn := round(milliseconds / self.period_ms) % len(versions), turn + 1)
        boxes = [face.box for face in faces]
        for version in versions:
            scored = self.analyser.scores(image, boxes, version)
            for face, scores in zip(faces, scored, strict=True):
                self.latest.setdefault(face.id, {})[version] = scores
        return {
            face.id: self.scores.update(
                face.id, np.mean(list(self.latest[face.id].values()), axis=0), milliseconds
            )
            for face in faces
        }

    def _detect(self, image: np.ndarray) -> list[Box]:
        """The faces of a frame, without parts of a face that is tracked and missed this once: a
        detector that misses a large face may take its mouth for one."""
        boxes = self.analyser.boxes(image)
        return without_parts(boxes, [face.box for face in self.tracker.faces])

    def update(
        self, image: np.ndarray, seconds: float, detect: bool, score: bool
    ) -> list[tuple[int, Box, np.ndarray | None]]:
        """The faces of the next frame: id, smoothed box in pixels of the frame, smoothed scores.

        Args:
            image: (H, W, 3) uint8, RGB.
            seconds: time in the video.
            detect: whether faces must be detected in this frame.
            score: whether they are scored.
        """
        milliseconds = seconds * 1000
        faces, _ = self.tracker.update(image, milliseconds, detect)
        remembered = self.tracker.remembered_ids()
        self.boxes.keep(remembered)
        self.scores.keep(remembered)
        self.latest = {face: one for face, one in self.latest.items() if face in remembered}
        scored = self._scored(image, faces, milliseconds) if score else {}
        return [
            (
                face.id,
                self.boxes.update(face.id, face.box, milliseconds).scaled(
                    self.reduction, self.reduction
                ),
                scored.get(face.id),
            )
            for face in faces
        ]


def without_parts(boxes: list[Box], tracked: list[Box]) -> list[Box]:
    """`boxes` without those in a much larger tracked face that is not among them."""
    missed = [face for face in tracked if all(overlap(face, box) < SAME_FACE for box in boxes)]
    return [box for box in boxes if not any(_is_part(box, face) for face in missed)]


def _is_part(box: Box, face: Box) -> bool:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    inside = 0 < middle_x - face.x < face.width and 0 < middle_y - face.y < face.height
    return inside and box.width < PART_OF_FACE * face.width


def analyse_video(
    analyser: Analyser, settings: Settings, task: VideoTask, stopped: Stopped
) -> VideoResult:
    """Recognise a part of a video.

    Raises:
        FileError: it cannot be read.
        StoppedError: the user stopped the run.
    """
    quiet_ffmpeg()
    started = time.perf_counter()
    every = settings.every
    collected = _Collected(len(analyser.contract.labels))
    with VideoFile(task.source.name) as video:
        tracker = VideoTracker(analyser, video.reduction, every or 1 / (video.rate or 25.0))
        before: float | None = None
        tracked: float | None = None
        for frame in _frames(video, task):
            if stopped():
                raise StoppedError("Stopped.")
            sample = every is None or crosses(before, frame.seconds, every)
            before = frame.seconds
            own = frame.seconds >= task.start - TOLERANCE_S
            if own:
                collected.frames += 1
                collected.last = frame.seconds
            if not sample and not crosses(tracked, frame.seconds, TRACKED_EVERY_S):
                continue
            detect = crosses(tracked, frame.seconds, TRACKED_EVERY_S)
            tracked = frame.seconds
            faces = tracker.update(frame.image(), frame.seconds, detect, sample)
            collected.add(task, frame.seconds, faces, own, sample)
        if not collected.frames and task.number == 0:
            raise FileError(
                f"The video has no frame from second {task.start:g} on; "
                f"it is {video.duration or 0:.1f} seconds long."
            )
        return collected.result(video, time.perf_counter() - started)


def _frames(video: VideoFile, task: VideoTask) -> Iterator[TimedFrame]:
    return video.frames(max(0.0, task.start - task.warm_up), task.end)


class _Collected:
    """What is kept of a part of a video while it is recognised."""

    def __init__(self, labels: int) -> None:
        self.labels = labels
        self.frames = 0
        self.last = 0.0
        self.samples: list[float] = []
        self.keys: list[tuple[int, float, int]] = []
        self.boxes: list[tuple[float, ...]] = []
        self.scores: list[np.ndarray] = []
        self.spans: dict[int, tuple[float, float]] = {}
        self.heads: list[tuple[float, ...]] = []
        self.tails: list[tuple[float, ...]] = []

    def add(
        self,
        task: VideoTask,
        seconds: float,
        faces: list[tuple[int, Box, np.ndarray | None]],
        own: bool,
        sample: bool,
    ) -> None:
        """Keep the faces of a frame."""
        if own and sample:
            self.samples.append(seconds)
        for face, box, scores in faces:
            corners = (box.x, box.y, box.width, box.height)
            if not own:
                if seconds >= task.start - OVERLAP_S:
                    self.heads.append((seconds, face, *corners))
                continue
            if task.end is not None and seconds >= task.end - OVERLAP_S:
                self.tails.append((seconds, face, *corners))
            first, _ = self.spans.get(face, (seconds, seconds))
            self.spans[face] = first, seconds
            if sample:
                assert scores is not None
                self.keys.append((self.frames - 1, seconds, face))
                self.boxes.append(corners)
                self.scores.append(scores)

    def result(self, video: VideoFile, took: float) -> VideoResult:
        """All of it."""
        keys = np.array(self.keys, float).reshape(-1, 3)
        rows = FaceRows(
            keys[:, 0].astype(np.int64),
            keys[:, 1],
            keys[:, 2].astype(np.int64),
            np.array(self.boxes, np.float32).reshape(-1, 4),
            np.array(self.scores, np.float32).reshape(-1, self.labels),
        )
        return VideoResult(
            rows=rows,
            samples=np.array(self.samples),
            frames=self.frames,
            last=self.last,
            spans=self.spans,
            heads=np.array(self.heads, float).reshape(-1, 6),
            tails=np.array(self.tails, float).reshape(-1, 6),
            width=video.width,
            height=video.height,
            rate=video.rate,
            duration=video.duration,
            damaged=video.damaged,
            took=took,
        )
