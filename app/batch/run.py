"""Run a batch: plan the tasks, have them done, join and write what they give."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from ..inference.contract import ModelContract
from ..inference.resting_face import RestingFace
from .engines import Engine
from .errors import BatchError, StoppedError
from .output import OutputFolder, part_name
from .progress import Reporter, State
from .results import FileResult, failed, picture_result, video_result
from .tasks import (
    WARM_UP_S,
    AnnotateTask,
    Failure,
    Outcome,
    PicturesTask,
    Probe,
    ProbeTask,
    Source,
    Task,
    VideoResult,
    VideoTask,
)

GROUP = 32
"""How many pictures make one task, and one part of the output."""

POLL_S = 0.2
"""How long the engine waits before it is looked whether the user stopped the run."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How files become tasks.

    Attributes:
        every: seconds between two samples of a video; None: all frames.
        start, end: the part of each video, in seconds; `end` None: to its end.
        chunk: seconds of video in one task; 0: a whole video.
        baseline: "auto", a resting face, or None; see baseline.py.
        annotated: the folder for pictures and videos with their faces drawn in; None: none.
    """

    every: float | None
    start: float = 0.0
    end: float | None = None
    chunk: float = 300.0
    annotated: Path | None = None
    baseline: str | RestingFace | None = None


@dataclass(slots=True)
class _Video:
    """A video that is being recognised."""

    parts: list[VideoResult | None]
    result: FileResult | None = None
    missing: int = field(default=0)


class Run:
    """A batch that is running.

    Args:
        sources: the files that are not done yet.
        plan: how they become tasks.
        contract: of the model.
        output: where results go.
        engine: where tasks are done.
        reporter: shows the progress; its state has been begun.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        plan: Plan,
        contract: ModelContract,
        output: OutputFolder,
        engine: Engine,
        reporter: Reporter,
    ) -> None:
        self.plan = plan
        self.contract = contract
        self.output = output
        self.engine = engine
        self.reporter = reporter
        self.videos: dict[str, _Video] = {}
        self.waiting: deque[Task] = deque(_first_tasks(sources, plan))

    @property
    def state(self) -> State:
        return self.reporter.state

    def go(self, stopped: Callable[[], bool]) -> None:
        """Do all of it.

        Raises:
            StoppedError: the user stopped it.
            BatchError: it cannot go on. What is done is kept.
        """
        stopping = False
        while self.waiting or self.engine.running():
            if stopped() and not stopping:
                stopping = True
                self.waiting.clear()
                self.engine.stop()
            while self.waiting and self.engine.running() < self.engine.slots():
                self.engine.submit(self.waiting.popleft())
            for task, outcome in self.engine.wait(POLL_S):
                self._take(task, outcome, stopping)
            self.reporter.update()
        if stopping:
            raise StoppedError("Stopped.")

    def _take(self, task: Task, outcome: Outcome, stopping: bool) -> None:
        if isinstance(outcome, Failure):
            if outcome.fatal:
                raise BatchError(outcome.message)
            self._fail(task, outcome.message)
        elif isinstance(task, PicturesTask):
            assert isinstance(outcome, list)
            self._write([picture_result(one, self.contract, self.plan.baseline) for one in outcome])
        elif stopping:
            return  # the rest of the video is not done
        elif isinstance(task, ProbeTask):
            assert isinstance(outcome, Probe)
            self._split(task.source, outcome)
        elif isinstance(task, VideoTask):
            assert isinstance(outcome, VideoResult)
            self._join(task, outcome)
        else:
            result = self.videos.pop(task.source.name).result
            assert result is not None
            self._write([result])

    def _fail(self, task: Task, message: str) -> None:
        if isinstance(task, PicturesTask) and len(task.sources) > 1:
            # One of them ended its process: each by itself, to know which.
            self.waiting.extendleft(PicturesTask((s,), task.annotate) for s in task.sources)
            return
        source = task.files[0]
        if isinstance(task, ProbeTask):
            self.state.unknown -= 1
        elif isinstance(task, VideoTask) and source.name not in self.videos:
            return  # another part of it has failed
        self.videos.pop(source.name, None)
        self.waiting = deque(t for t in self.waiting if source not in t.files)
        self._write([failed(source, message)])

    def _split(self, source: Source, probe: Probe) -> None:
        """Plan the parts of a video."""
        plan = self.plan
        end = plan.end if probe.duration is None else min(plan.end or math.inf, probe.duration)
        length = None if end is None else max(0.0, end - plan.start)
        count = 1
        if plan.chunk and length is not None and probe.duration is not None:
            count = max(1, math.floor(length / plan.chunk + 0.5))
        bounds = [plan.start + i * plan.chunk for i in range(count)]
        tasks = [
            VideoTask(
                source,
                i,
                start,
                bounds[i + 1] if i + 1 < count else plan.end,
                min(WARM_UP_S, start - plan.start),
            )
            for i, start in enumerate(bounds)
        ]
        self.videos[source.name] = _Video([None] * count, missing=count)
        self.waiting.extendleft(reversed(tasks))
        self.state.unknown -= 1
        self.state.seconds += length or 0.0

    def _join(self, task: VideoTask, outcome: VideoResult) -> None:
        """Keep a part of a video; with the last one, make its result."""
        video = self.videos.get(task.source.name)
        if video is None:
            return  # another part of it has failed
        video.parts[task.number] = outcome
        video.missing -= 1
        self.state.seconds_done += _length(outcome)
        if video.missing:
            return
        parts = [part for part in video.parts if part is not None]
        video.result = video_result(
            task.source, parts, self.plan.every, self.contract, self.plan.baseline
        )
        video.parts = []
        if self.plan.annotated is None:
            del self.videos[task.source.name]
            self._write([video.result])
        else:
            samples = np.concatenate([part.samples for part in parts])
            self.waiting.appendleft(
                annotation(task.source, video.result, samples, self.plan, self.contract)
            )

    def _write(self, results: list[FileResult]) -> None:
        if not results:
            return
        self.output.add(results)
        state = self.state
        for result in results:
            state.done += 1
            state.failed += bool(result.record.get("error"))
            state.pictures_done += result.record["kind"] == "picture"
            self.reporter.file(result.record)


def _length(part: VideoResult) -> float:
    return part.frames / part.rate if part.rate else 0.0


def _first_tasks(sources: Sequence[Source], plan: Plan) -> list[Task]:
    """The tasks that are known at the start, in the order of the files."""
    tasks: list[Task] = []
    group: list[Source] = []
    annotated = str(plan.annotated) if plan.annotated else None
    for source in sources:
        if source.kind == "video":
            tasks.append(ProbeTask(source))
            continue
        group.append(source)
        if len(group) == GROUP:
            tasks.append(PicturesTask(tuple(group), annotated))
            group = []
    if group:
        tasks.append(PicturesTask(tuple(group), annotated))
    return tasks


def annotation(
    source: Source, result: FileResult, samples: np.ndarray, plan: Plan, contract: ModelContract
) -> AnnotateTask:
    """The task of drawing the faces of `result` into its video."""
    assert plan.annotated is not None
    table = result.table
    if table is None:
        boxes, empty = np.empty((0, 4)), np.empty(0)
        seconds, numbers, scores, labels = empty, empty.astype(int), empty, []
        unsure = empty.astype(bool)
    else:
        boxes = np.stack([table[name].to_numpy() for name in ("x", "y", "width", "height")], axis=1)
        seconds, numbers, scores, unsure = (
            table[name].to_numpy() for name in ("seconds", "face", "score", "unsure")
        )
        labels = pc.cast(table["label"], "string").to_pylist()
    target = plan.annotated / f"{part_name([source.name])}.mp4"
    return AnnotateTask(
        source, str(target), plan.start, plan.end, seconds, boxes, numbers, labels, scores,
        unsure, samples,
    )  # fmt: skip
