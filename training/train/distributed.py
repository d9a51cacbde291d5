"""Data-parallel training on several machines, with Keras's distribution on JAX.

Every machine holds the whole network and computes one shard of each batch. Gradients and batch norm
statistics are those of the whole batch, so the loss equals that of training on one machine.
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
def without_distribution() -> Iterator[None]:
    """Context in which Keras's variables belong to this machine only.

    Saving a model, for example, creates an optimizer; the other machines do not take part in it.
    """
    distribution = keras.distribution.distribution()
    keras.distribution.set_distribution(None)
    try:
        yield
    finally:
        keras.distribution.set_distribution(distribution)


@dataclass(frozen=True, slots=True)
class Hosts:
    """The machines of a run.

    Attributes:
        addresses: HOST[:PORT] of every machine, in the same order on all of them; the first has
            the port that the others connect to. Empty if this machine trains alone.
        index: index of this machine in `addresses`, from 0. The first one writes the run folder.
    """

    addresses: tuple[str, ...] = ()
    index: int = 0

    @classmethod
    def parse(cls, addresses: list[str], index: int) -> Hosts:
        """Check and parse the options --hosts and --host.

        Raises:
            TrainingError: Keras does not run on JAX, an address is invalid, the first one has no
                port, or `index` is out of range.
        """
        backend = keras.backend.backend()
        if backend != "jax":
            raise TrainingError(
                f"--hosts needs Keras on JAX, but Keras runs on {backend}: set KERAS_BACKEND=jax"
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
                f"--host is {index}, expected 0 to {len(addresses) - 1}: the index in --hosts"
            )
        return cls(tuple(addresses), index)

    @property
    def count(self) -> int:
        """Number of machines, at least 1."""
        return max(1, len(self.addresses))

    @property
    def writes(self) -> bool:
        """Whether this machine writes files and prints progress."""
        return self.index == 0

    def connect(self) -> None:
        """Connect with the other machines; to be called before Keras computes anything.

        Raises:
            TrainingError: the connection failed.
        """
        if self.count == 1:
            return
        try:
            keras.distribution.initialize(",".join(self.addresses), self.count, self.index)
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[0]
            raise TrainingError(f"the machines of --hosts could not connect: {reason}") from None

    def scope(self) -> AbstractContextManager[object]:
        """Context in which models are built on, and trained by, all machines."""
        if self.count == 1:
            return nullcontext()
        devices = keras.distribution.list_devices()
        scope: AbstractContextManager[object] = keras.distribution.DataParallel(
            devices=devices, auto_shard_dataset=False
        ).scope()
        return scope

    def steps_per_epoch(self, images: int, batch: int) -> int:
        """Number of batches per epoch. A last batch with fewer images than machines is dropped."""
        return math.ceil((images - (self.count - 1)) / batch)

    def shard(self, rows: np.ndarray) -> slice:
        """The slice of a batch that this machine computes.

        All shards have the same size, in the order of the machines; images left over are dropped.
        """
        each = len(rows) // self.count
        return slice(self.index * each, (self.index + 1) * each)
