"""Read the frames of a video with FFmpeg (PyAV): upright, with their times.

Frames come one at a time, so that memory does not depend on the video's length.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import Colorspace, Interpolation

from .errors import FileError
from .files import is_url, open_file

REDUCED_FROM = 2560
"""Frames whose longer side has at least this many pixels are reduced by a whole number, to a longer
side of at least half of it. The same rule holds for photos (inference/images.py)."""

UNSPECIFIED = 2
"""FFmpeg's number for a colour space that the file does not name."""

HD_LINES = 720
"""Videos of at least this height are BT.709, others BT.601, where the file does not say."""


@dataclass(frozen=True, slots=True)
class TimedFrame:
    """A decoded frame; `image` makes its pixels.

    Attributes:
        seconds: since the video's beginning.
        frame: FFmpeg's.
        video: where it comes from.
    """

    seconds: float
    frame: av.VideoFrame
    video: VideoFile

    def image(self) -> np.ndarray:
        """(H, W, 3) uint8, RGB, C-contiguous, upright, reduced by `VideoFile.reduction`."""
        return self.video.pixels(self.frame)


class VideoFile:
    """A video, open for reading. It is a context manager.

    Args:
        name: its path or URL.

    Attributes:
        width, height: of its frames as they are shown: upright, with square pixels.
        reduction: how many times as wide and as high the frames are as `TimedFrame.image`.
        duration: in seconds, as the file says; None: unknown.
        rate: frames a second, as the file says; None: unknown.
        damaged: how many packets could not be decoded so far.

    Raises:
        FileError: it cannot be opened, holds no video, or its codec is not available.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.damaged = 0
        self._rotation = 0
        self._file = open_file(name) if is_url(name) else None
        self._open()
        context = self.stream.codec_context
        aspect = self.stream.sample_aspect_ratio or context.sample_aspect_ratio
        width, height = context.width, context.height
        if not width or not height:
            self.close()
            raise FileError("The video's frames have no size; expected a complete video file.")
        shown = round(width * aspect) if aspect and 0.1 < aspect < 10 else width
        self.reduction = max(1, max(shown, height) // (REDUCED_FROM // 2))
        self._shown = shown
        self.width, self.height = shown, height
        rate = self.stream.average_rate or self.stream.guessed_rate
        self.rate = float(rate) if rate and rate < 1000 else None
        self.duration = self._duration()

    def __enter__(self) -> VideoFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.container.close()
        if self._file is not None:
            self._file.close()

    def _open(self) -> None:
        source: Any = self._file or self.name
        if self._file is not None:
            self._file.seek(0)
        try:
            self.container = av.open(source, metadata_errors="ignore")
        except FFmpegError as error:
            raise FileError(_reason(error)) from error
        except OSError as error:
            raise FileError(f"The file cannot be read: {error.strerror or error}.") from error
        streams = [
            stream
            for stream in self.container.streams.video
            if not (stream.disposition & stream.disposition.attached_pic)
        ]
        if not streams:
            self.container.close()
            raise FileError("The file holds no video; expected a picture or a video.")
        self.stream = streams[0]
        if self.stream.codec_context is None:
            self.container.close()
            raise FileError(
                "The codec of this video is not available in this FFmpeg; "
                "expected for example H.264, HEVC, VP9 or AV1."
            )
        # Each process uses one core, and threads of the decoder would keep many frames.
        self.stream.codec_context.thread_count = 1

    def _duration(self) -> float | None:
        if self.stream.duration is not None and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        if self.container.duration is not None and self.container.duration > 0:
            return self.container.duration / av.time_base
        return None

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[TimedFrame]:
        """The frames with `start` <= seconds < `end`, in order of time.

        Raises:
            FileError: nothing can be decoded.
        """
        if start > 0 and not self._seek(start):
            self.container.close()
            self._open()
        decoded = 0
        latest = -1.0
        for frame in self._decoded():
            decoded += 1
            seconds = self._seconds(frame, latest)
            if seconds <= latest:
                continue  # a frame that came twice or out of order
            latest = seconds
            if end is not None and seconds >= end - 1e-9:
                return
            if seconds >= start - 1e-9:
                self._upright(frame)
                yield TimedFrame(seconds, frame, self)
        if not decoded and start <= 0:
            raise FileError("No frame of the video can be decoded; expected a complete video file.")

    def _seek(self, start: float) -> bool:
        """Go to a keyframe at or before `start`; False where the file does not allow it."""
        begin = self.stream.start_time or 0
        base = self.stream.time_base
        if not base:
            return False
        try:
            self.container.seek(int(start / base) + begin, stream=self.stream)
            first = next(self._decoded(), None)
            if first is None or first.pts is None or self._seconds(first, 0.0) > start:
                return False
            # The frame that was decoded is gone: go there again.
            self.container.seek(int(start / base) + begin, stream=self.stream)
        except (FFmpegError, FileError, OSError):
            return False
        self.damaged = 0
        return True

    def _decoded(self) -> Iterator[av.VideoFrame]:
        """The frames from here on. Damaged packets are counted and left out."""
        packets = self.container.demux(self.stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FFmpegError:
                # The file ends in the middle, or what follows cannot be read.
                self.damaged += 1
                return
            try:
                frames = packet.decode()
            except FFmpegError as error:
                if isinstance(error, av.error.DecoderNotFoundError):
                    raise FileError(_reason(error)) from error
                self.damaged += 1
                continue
            for frame in frames:
                if isinstance(frame, av.VideoFrame):
                    yield frame

    def _seconds(self, frame: av.VideoFrame, latest: float) -> float:
        pts = frame.pts if frame.pts is not None else frame.dts
        base = frame.time_base or self.stream.time_base
        if pts is None or not base:
            return max(0.0, latest + 1 / (self.rate or 25.0)) if latest >= 0 else 0.0
        return float((pts - (self.stream.start_time or 0)) * base)

    def _upright(self, frame: av.VideoFrame) -> None:
        """Take the frame's rotation and size, which may change within a stream."""
        self._rotation = round(frame.rotation / 90) % 4
        if self._rotation % 2:
            self.width, self.height = self.stream.codec_context.height, self._shown
        else:
            self.width, self.height = self._shown, self.stream.codec_context.height

    def pixels(self, frame: av.VideoFrame) -> np.ndarray:
        """The frame's pixels; see `TimedFrame.image`."""
        width = max(1, self._shown // self.reduction)
        height = max(1, self.stream.codec_context.height // self.reduction)
        matrix: Any = None
        if frame.colorspace == UNSPECIFIED:
            matrix = Colorspace.ITU709 if frame.height >= HD_LINES else Colorspace.ITU601
        reduced = self.reduction > 1
        rgb = frame.reformat(
            width=width,
            height=height,
            format="rgb24",
            src_colorspace=matrix,
            interpolation=Interpolation.AREA if reduced else Interpolation.BILINEAR,
            threads=1,
        ).to_ndarray()
        return np.ascontiguousarray(np.rot90(rgb, self._rotation)) if self._rotation else rgb


def _reason(error: FFmpegError) -> str:
    """FFmpeg's error as a sentence."""
    if isinstance(error, av.error.FileNotFoundError):
        return "There is no such file."
    if isinstance(error, av.error.PermissionError):
        return "The file may not be read: permission denied."
    if isinstance(error, av.error.DecoderNotFoundError):
        return (
            "The codec of this video is not available in this FFmpeg; "
            "expected for example H.264, HEVC, VP9 or AV1."
        )
    if isinstance(error, av.error.InvalidDataError):
        return "The file is damaged or not a video; expected a complete video file."
    return f"FFmpeg cannot read the file: {(error.strerror or str(error)).rstrip('.')}."


def quiet_ffmpeg() -> None:
    """Keep FFmpeg's own messages off the terminal."""
    with suppress(AttributeError):
        av.logging.set_level(av.logging.PANIC)
