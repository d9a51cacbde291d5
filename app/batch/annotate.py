"""Write pictures and videos with their faces drawn in, as the photo page draws them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from ..inference.photo_recognizer import RecognizedPhoto
from ..inference.types import Box, Face
from ..photos.annotate import annotated, encode
from .errors import StoppedError
from .output import part_name, write_whole
from .tasks import AnnotateTask
from .video_file import VideoFile, quiet_ffmpeg

TICKS = 90_000
"""Time units of a written video in a second."""

OPTIONS = {"crf": "20", "preset": "veryfast"}
"""Of the encoder (x264)."""

SHOWN_S = 0.5
"""A sample's faces are drawn into the frames after it until the next sample, but for no more than
this or one and a half sampling periods."""


def write_picture(photo: RecognizedPhoto, name: str, folder: Path) -> None:
    """Write a photo with its faces drawn in, as JPEG."""
    folder.mkdir(parents=True, exist_ok=True)
    image = annotated(photo.image.pixels, photo.faces_in_pixels)
    write_whole(folder / f"{part_name([name])}.jpg", lambda p: _write(p, encode(image, "jpeg")))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def write_video(task: AnnotateTask, stopped: Callable[[], bool]) -> None:
    """Write a video with its faces drawn in, as MP4 (H.264), without sound.

    Raises:
        FileError: the video cannot be read.
        StoppedError: the user stopped the run.
    """
    quiet_ffmpeg()
    target = Path(task.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, lambda path: _write_video(path, task, stopped))


def _write_video(path: Path, task: AnnotateTask, stopped: Callable[[], bool]) -> None:
    gaps = np.diff(task.samples)
    longest = max(SHOWN_S, 1.5 * float(np.median(gaps)) if len(gaps) else SHOWN_S)
    with VideoFile(task.source.name) as video, av.open(str(path), "w", format="mp4") as written:
        stream = None
        first = 0.0
        for frame in video.frames(task.start, task.end):
            if stopped():
                raise StoppedError("Stopped.")
            image = frame.image()
            faces = _faces_at(task, frame.seconds, longest, video.reduction)
            if faces:
                longer = max(image.shape[:2])
                image = np.asarray(annotated(image, faces, longer, longer))
            # H.264 with colours at half the size has an even width and height.
            image = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
            if stream is None:
                first = frame.seconds
                stream = written.add_stream("libx264", rate=30, options=OPTIONS)
                stream.width, stream.height = image.shape[1], image.shape[0]
                stream.pix_fmt = "yuv420p"
                stream.codec_context.time_base = Fraction(1, TICKS)
                stream.codec_context.thread_count = 1
            drawn = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
            drawn.time_base = Fraction(1, TICKS)
            drawn.pts = round((frame.seconds - first) * TICKS)
            written.mux(stream.encode(drawn))
        if stream is not None:
            written.mux(stream.encode(None))


def _faces_at(task: AnnotateTask, seconds: float, longest: float, reduction: int) -> list[Face]:
    """The faces of the last sample before a time, in pixels of the reduced frame."""
    place = int(np.searchsorted(task.samples, seconds + 1e-6)) - 1
    if place < 0 or seconds - task.samples[place] > longest:
        return []
    start, end = np.searchsorted(
        task.seconds, (task.samples[place] - 1e-6, task.samples[place] + 1e-6)
    )
    return [
        Face(
            id=int(task.numbers[i]) - 1,
            box=Box(*map(float, task.boxes[i] / reduction)),
            detector="blazeface",
            label=task.labels[i],
            score=float(task.scores[i]),
            scores={},
            unsure=bool(task.unsure[i]),
        )
        for i in range(int(start), int(end))
    ]
