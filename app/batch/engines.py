"""Where tasks are done: in this process, or in several processes of this machine.

engine_dask.py has the engine for clusters. All of them give each task's outcome once.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing.synchronize import Event
from typing import Any, Protocol

from .errors import StoppedError
from .tasks import Failure, Outcome, Settings, Task

ENDED = (
    "The process that read this file ended unexpectedly, twice; "
    "the file may be damaged or need more memory than there is."
)

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Engine(Protocol):
    """Does tasks."""

    def slots(self) -> int:
        """How many tasks it takes at once."""
        ...

    def submit(self, task: Task) -> None:
        """Take a task."""
        ...

    def wait(self, seconds: float) -> Iterable[tuple[Task, Outcome]]:
        """The tasks that are done, after `seconds` at the latest.

        Raises:
            BatchError: the engine cannot go on.
        """
        ...

    def running(self) -> int:
        """How many tasks it has taken that are not done."""
        ...

    def stop(self) -> None:
        """End early what it does. Pictures that are done already are still given."""
        ...

    def close(self) -> None:
        """Give everything back."""
        ...


class InProcess:
    """Does each task in this process, one after the other: for files in memory (memory://)."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.waiting: list[Task] = []
        self.stopping = False

    def slots(self) -> int:
        return 1

    def submit(self, task: Task) -> None:
        self.waiting.append(task)

    def wait(self, seconds: float) -> Iterable[tuple[Task, Outcome]]:
        from .analyser import run_task

        while self.waiting:
            task = self.waiting.pop(0)
            with suppress(StoppedError):
                yield task, run_task(self.settings, task, lambda: self.stopping)

    def running(self) -> int:
        return len(self.waiting)

    def stop(self) -> None:
        self.stopping = True

    def close(self) -> None:
        self.waiting.clear()


_settings: Settings
_stop: Event


def _begin(settings: Settings, stop: Event) -> None:
    """Runs first in each process."""
    global _settings, _stop
    _settings, _stop = settings, stop
    # Ctrl-C reaches all processes of the terminal; the first process tells the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _run(task: Task) -> Outcome:
    from .analyser import run_task

    return run_task(_settings, task, _stop.is_set)


class LocalProcesses:
    """Does tasks in several processes of this machine, each with one processor thread.

    A process that ends (a decoder's fault, no memory) does not end the run: what it and the others
    were at is done again, one task at a time, and a task that ends its process again has failed.

    Args:
        settings: of the run.
        workers: how many processes.
    """

    def __init__(self, settings: Settings, workers: int) -> None:
        self.settings = settings
        self.workers = workers
        self.context = multiprocessing.get_context("spawn")
        self.event: Any = self.context.Event()
        self.tasks: dict[Future[Outcome], Task] = {}
        self.suspects: list[Task] = []
        self.alone = False
        self._saved = {name: os.environ.get(name) for name in THREAD_VARIABLES}
        os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))
        self.pool = self._pool(workers)

    def _pool(self, workers: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            workers, self.context, initializer=_begin, initargs=(self.settings, self.event)
        )

    def slots(self) -> int:
        # One more than there are processes: none waits while this process writes a result.
        return 0 if self.suspects or self.alone else self.workers + 1

    def submit(self, task: Task) -> None:
        try:
            self.tasks[self.pool.submit(_run, task)] = task
        except BrokenProcessPool:
            # A process has ended since the last look. This task has not begun.
            self.suspects.append(task)
            if not self.tasks:
                self.pool.shutdown(wait=True)
                self.pool = self._pool(self.workers)

    def running(self) -> int:
        return len(self.tasks) + len(self.suspects)

    def wait(self, seconds: float) -> Iterable[tuple[Task, Outcome]]:
        if not self.tasks and self.suspects:
            self.alone = True
            self.submit(self.suspects.pop(0))
        done, _ = wait(self.tasks, timeout=seconds, return_when=FIRST_COMPLETED)
        broken: list[Task] = []
        for future in done:
            task = self.tasks.pop(future)
            try:
                outcome = future.result()
            except StoppedError:
                continue
            except BrokenProcessPool:
                broken.append(task)
                continue
            yield task, outcome
        if broken:
            yield from self._mend(broken)
        elif self.alone and not self.tasks:
            self.alone = bool(self.suspects)

    def _mend(self, broken: list[Task]) -> Iterable[tuple[Task, Outcome]]:
        """After a process has ended: a new pool, and whose fault it was."""
        broken += self.tasks.values()
        self.tasks.clear()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool = self._pool(self.workers)
        if self.alone:
            self.alone = bool(self.suspects)
            for task in broken:
                yield task, Failure(ENDED)
        else:
            self.suspects += broken

    def stop(self) -> None:
        self.event.set()
        self.suspects.clear()
        for future in list(self.tasks):
            if future.cancel():
                del self.tasks[future]

    def close(self) -> None:
        self.event.set()
        self.pool.shutdown(wait=True, cancel_futures=True)
        for name, value in self._saved.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
