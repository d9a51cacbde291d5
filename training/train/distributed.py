"""Training on several machines at once: each takes its share of every batch (data parallel).

By Keras's distribution over JAX: every machine holds the whole network, computes with its share
of the batch, and the gradients and the statistics of batch norm are those of the whole batch, so
that the loss is that of one machine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

import keras
import numpy as np

from ..errors import TrainingError

ADDRESS = re.compile(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:\d{1,5})?")
PORT = re.compile(r":\d{1,5}$")


@contextmanager
def alone() -> Iterator[None]:
    """Within it, what Keras makes is this machine's own. Saving makes an optimizer, for one, which
    the other machines would otherwise be asked for."""
    together = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(together)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The machines of a run.

    Attributes:
        addresses: HOST[:PORT] of every machine, in the same order on each; the first with the
            port at which the others find it. None where this machine trains alone.
        index: which of them this is, from 0. The first one writes the run folder.
    """

    addresses: tuple[str, ...] = ()
    index: int = 0

    @classmethod
    def of(cls, addresses: list[str], index: int) -> Hosts:
        """The machines of `addresses`.

        Raises:
            TrainingError: Keras does not run on JAX, an address is none, the first has no port,
                or there is no machine of that number.
        """
        backend = keras.backend.backend()
        if backend != "jax":
            raise TrainingError(
                f"--hosts needs Keras on JAX, this is {backend}: set KERAS_BACKEND=jax"
            )
        for address in addresses:
            if not ADDRESS.fullmatch(address):
                raise TrainingError(f"--hosts: {address!r} given, expected HOST or HOST:PORT")
        if len(addresses) < 2 or not PORT.search(addresses[0]):
            raise TrainingError(
                "--hosts needs two machines or more, the first with a port: HOST:PORT,HOST,..."
            )
        if not 0 <= index < len(addresses):
            raise TrainingError(
                f"--host is {index}, expected 0 to {len(addresses) - 1}: which of --hosts this is"
            )
        return cls(tuple(addresses), index)

    @property
    def count(self) -> int:
        """How many machines there are."""
        return max(1, len(self.addresses))

    @property
    def writes(self) -> bool:
        """Whether this machine writes files and says what happens."""
        return self.index == 0

    def connect(self) -> None:
        """Wait for the other machines and connect with them, before Keras computes anything.

        Raises:
            TrainingError: they did not come together.
        """
        if self.count == 1:
            return
        try:
            keras.distribution.initialize(",".join(self.addresses), self.count, self.index)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            raise TrainingError(
                f"the machines of --hosts did not come together: {reason}"
            ) from None

    def scope(self) -> AbstractContextManager[object]:
        """Within it, models are built on, and trained by, all machines."""
        if self.count == 1:
            return nullcontext()
        devices = keras.distribution.list_devices()
        scope: AbstractContextManager[object] = keras.distribution.DataParallel(
            devices=devices, auto_shard_dataset=False
        ).scope()
        return scope

    def batches(self, pictures: int, batch: int) -> int:
        """Batches an epoch: every picture once, but for a last batch of fewer pictures than there
        are machines, which is left out."""
        return math.ceil((pictures - (self.count - 1)) / batch)

    def share(self, rows: np.ndarray) -> slice:
        """The part of a batch that this machine computes: equal parts, in the order of the
        machines; the few that cannot be shared out evenly are left out of the batch."""
        each = len(rows) // self.count
        return slice(self.index * each, (self.index + 1) * each)
