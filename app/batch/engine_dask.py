"""Does tasks on an existing Dask cluster.

Results come back to this process, which writes them: the workers need no common folder for them. A
worker that ends loses only the tasks it was at; the scheduler gives them to another one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from typing import Any

from .errors import BatchError, FileError, StoppedError
from .tasks import Failure, Outcome, Settings, Task

CONNECT_S = 10
"""How long a scheduler may take to answer, in seconds."""

RETRIES = 2
"""How often a task is tried again that ended with an error of the cluster."""

WORKERS_S = 5
"""How often the number of workers is asked for, in seconds."""


def _check() -> str:
    """Runs on a worker: what it needs is there."""
    import av  # noqa: F401

    from .. import version

    return version.__version__


def _run(settings: Settings, task: Task) -> Outcome:
    from .analyser import run_task

    return run_task(settings, task)


class DaskCluster:
    """Does tasks on an existing Dask cluster.

    Args:
        settings: of the run.
        address: of the scheduler, such as tcp://10.0.0.5:8786.

    Raises:
        BatchError: no scheduler answers, it has no workers, or they cannot import Mien.
    """

    def __init__(self, settings: Settings, address: str) -> None:
        import distributed

        self.settings = settings
        self.address = address
        # What distributed logs of lost connections comes as sentences from here.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self.client: Any = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise BatchError(
                f"No Dask scheduler answers at {address} within {CONNECT_S} seconds "
                f"({type(error).__name__}); expected an address such as tcp://10.0.0.5:8786."
            ) from None
        self.done = distributed.as_completed(loop=self.client.loop)
        self.tasks: dict[Any, Task] = {}
        self._threads = 0
        self._asked = 0.0
        self._check_workers()

    def _check_workers(self) -> None:
        from .. import version

        end = time.monotonic() + CONNECT_S
        while not self._count():
            if time.monotonic() > end:
                self.close()
                raise BatchError(
                    f"The Dask scheduler at {self.address} has no workers; expected at least one."
                )
            time.sleep(0.2)
        try:
            found = self.client.submit(_check, pure=False).result(timeout=60)
        except Exception as error:
            self.close()
            raise BatchError(
                "A Dask worker cannot run Mien "
                f"({type(error).__name__}: {' '.join(str(error).split())[:200]}); expected the "
                "same version of Mien and requirements-batch.txt on all workers."
            ) from None
        if found != version.__version__:
            self.close()
            raise BatchError(
                f"A Dask worker has Mien {found}; expected {version.__version__}, as here."
            )

    def _count(self) -> int:
        """The threads of all workers."""
        now = time.monotonic()
        if not self._threads or now - self._asked > WORKERS_S:
            self._threads = sum(self.client.nthreads().values())
            self._asked = now
        return self._threads

    def slots(self) -> int:
        # Two for each thread, so that a worker has its next task when one ends.
        return max(2, 2 * self._count())

    def submit(self, task: Task) -> None:
        future = self.client.submit(_run, self.settings, task, pure=False, retries=RETRIES)
        self.tasks[future] = task
        self.done.add(future)

    def running(self) -> int:
        return len(self.tasks)

    def wait(self, seconds: float) -> Iterable[tuple[Task, Outcome]]:
        import distributed

        if self.client.status not in ("running", "connecting"):
            raise BatchError(
                f"The connection to the Dask scheduler at {self.address} was lost. "
                "Go on with --resume."
            )
        try:
            first = self.done.next_batch(block=False) or self._next(seconds)
        except StopIteration:
            return
        for future in first:
            task = self.tasks.pop(future, None)
            if task is None:
                continue
            try:
                outcome = future.result(timeout=60)
            except StoppedError:
                continue
            except distributed.KilledWorker:
                outcome = Failure(
                    "The worker that read this file ended, several times; "
                    "the file may be damaged or need more memory than a worker has."
                )
            except FileError as error:
                outcome = Failure(str(error))
            except Exception as error:
                text = " ".join(str(error).split())[:200]
                outcome = Failure(f"A Dask worker failed: {type(error).__name__}: {text}.")
            yield task, outcome

    def _next(self, seconds: float) -> list[Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = self.done.next_batch(block=False)
            if found:
                return list(found)
            time.sleep(0.02)
        return []

    def stop(self) -> None:
        self.client.cancel(list(self.tasks), force=True)
        self.tasks.clear()

    def close(self) -> None:
        self.client.close(timeout=5)
