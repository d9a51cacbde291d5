"""Say how far a run is: a bar with rate and remaining time, JSON lines for programs, or nothing."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

KINDS = ("bar", "json", "none")
JSON_EVERY_S = 1.0
"""Time between two JSON lines of progress."""

PICTURE_S = 0.5
"""A picture counts as this much of a video, in seconds, for the share that is done."""


@dataclass(slots=True)
class State:
    """How far a run is.

    Attributes:
        files, done, failed: numbers of files.
        seconds, seconds_done: of video, as far as it is known.
        pictures, pictures_done: numbers of pictures.
        unknown: videos whose length is not known yet.
    """

    files: int = 0
    done: int = 0
    failed: int = 0
    seconds: float = 0.0
    seconds_done: float = 0.0
    pictures: int = 0
    pictures_done: int = 0
    unknown: int = 0

    def share(self) -> float:
        """The share that is done, 0..1. A video of unknown length counts as the others' mean."""
        known = max(1, self.files - self.pictures - self.unknown)
        mean = self.seconds / known if self.seconds else 60.0
        total = self.seconds + self.unknown * mean + PICTURE_S * self.pictures
        share = (self.seconds_done + PICTURE_S * self.pictures_done) / total if total else 1.0
        # A video may still be drawn, or be longer than its head says.
        return 1.0 if self.done >= self.files else min(share, 0.99)


class Reporter:
    """Reports the progress of a run.

    Args:
        kind: of `KINDS`.
        out: where JSON lines go.
    """

    def __init__(self, kind: str, out: TextIO | None = None) -> None:
        self.kind = kind
        self.out = out or sys.stdout
        self.state = State()
        self.started = time.monotonic()
        self.earlier = 0.0
        self.written = 0.0
        self.bar: Progress | None = None
        if kind == "bar":
            console = Console(stderr=True)
            self.bar = Progress(
                BarColumn(30),
                TextColumn("{task.percentage:>3.0f} %  {task.fields[text]}"),
                console=console,
                transient=not console.is_terminal,
                disable=not console.is_terminal,
            )
            self.bar.start()
            self.item = self.bar.add_task("", total=1.0, text="")

    def begin(self, state: State) -> None:
        """Take the state at the start; what was done by an earlier run counts for no rate."""
        self.state = state
        self.earlier = state.share()
        self.update(force=True)

    def rates(self) -> dict[str, float | None]:
        """Files and seconds of video a second so far, and the remaining seconds."""
        passed = max(1e-3, time.monotonic() - self.started)
        share = self.state.share()
        gained = share - self.earlier
        eta = passed * (1 - share) / gained if gained > 0 else None
        return {
            "seconds_passed": round(passed, 1),
            "files_a_second": round(self.state.done / passed, 3),
            "video_a_second": round(self.state.seconds_done / passed, 2),
            "eta_seconds": None if eta is None else round(eta, 1),
        }

    def update(self, force: bool = False) -> None:
        """Show the state."""
        if self.kind == "json":
            now = time.monotonic()
            if force or now - self.written >= JSON_EVERY_S:
                self.written = now
                self._line({"event": "progress", **self._numbers(), **self.rates()})
        elif self.bar is not None:
            self.bar.update(self.item, completed=self.state.share(), text=self._text())

    def file(self, record: dict[str, Any]) -> None:
        """A file is done."""
        if self.kind == "json":
            kept = {name: record.get(name) for name in
                    ("file", "kind", "frames", "faces", "rows", "error", "warning")}  # fmt: skip
            self._line({"event": "file", **kept})
        elif self.bar is not None and record.get("error"):
            self.bar.console.print(f"{record['file']}: {record['error']}", style="red",
                                   markup=False, highlight=False)  # fmt: skip
        self.update()

    def end(self, summary: dict[str, Any]) -> None:
        """The run has ended."""
        if self.kind == "json":
            self._line({"event": "end", **self._numbers(), **self.rates(), **summary})
        self.close()

    def close(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()

    def _numbers(self) -> dict[str, Any]:
        state = self.state
        return {
            "files": state.files,
            "files_done": state.done,
            "files_failed": state.failed,
            "video_seconds": round(state.seconds, 1),
            "video_seconds_done": round(state.seconds_done, 1),
            "share": round(state.share(), 4),
        }

    def _text(self) -> str:
        state, rates = self.state, self.rates()
        parts = [f"{state.done} of {state.files} files"]
        if state.failed:
            parts.append(f"{state.failed} failed")
        if state.pictures_done:
            parts.append(f"{state.pictures_done / (rates['seconds_passed'] or 1):.1f} pictures/s")
        if state.seconds_done:
            parts.append(f"{rates['video_a_second']:.1f} x real time")
        if rates["eta_seconds"] is not None:
            parts.append(f"{say_duration(rates['eta_seconds'])} left")
        return ", ".join(parts)

    def _line(self, value: dict[str, Any]) -> None:
        self.out.write(json.dumps(value, ensure_ascii=False) + "\n")
        self.out.flush()


def say_duration(seconds: float) -> str:
    """A duration as people say it: 45 s, 12 min, 3 h 20 min."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
