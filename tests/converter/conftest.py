"""Fixtures: the worker process with TensorFlow, and a model that several tests convert."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ..support import converter_worker

InWorker = Callable[..., Any]


@pytest.fixture(scope="session")
def in_worker() -> Iterator[InWorker]:
    """Call a function of tests/support/converter_worker.py in the process with TensorFlow."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=converter_worker.start) as pool:
        yield lambda function, *args, **options: pool.submit(
            partial(function, *args, **options)
        ).result(timeout=300)


@pytest.fixture(scope="session")
def convert(in_worker: InWorker) -> Callable[..., converter_worker.Outcome]:
    """`convert(model, outdir, *options, fault=...)`: the outcome of the command line.

    The networks have random weights, and some give one answer to every face.
    """
    return lambda *arguments, **faults: in_worker(
        converter_worker.run, [*map(str, arguments), "--allow-saturated"], **faults
    )


@pytest.fixture(scope="session")
def plain_h5(in_worker: InWorker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small valid model, .h5, beside its contract."""
    return in_worker(converter_worker.make, tmp_path_factory.mktemp("plain"))
