"""Faults for the converter's tests; each is a context in which the converter runs."""

from __future__ import annotations

import errno
import json
import math
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

import converter
from converter import node, verify
from converter.verify import crop_box

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _between(change: Any) -> AbstractContextManager[Any]:
    """Apply `change(bundle)` between conversion and verification."""
    original = verify.verify

    def changed(bundle: Path, *rest: Any) -> Any:
        change(bundle)
        return original(bundle, *rest)

    return mock.patch("converter.verify.verify", changed)


def tampered_weights() -> AbstractContextManager[Any]:
    """The largest convolution kernel has the opposite sign."""
    return _between(lambda bundle: _change_largest(bundle, lambda weights: -weights))


def nan_weights() -> AbstractContextManager[Any]:
    """The largest convolution kernel is NaN."""
    return _between(lambda bundle: _change_largest(bundle, lambda weights: weights * np.nan))


def _change_largest(bundle: Path, change: Any) -> None:
    (group,) = json.loads((bundle / "model.json").read_text())["weightsManifest"]
    shard = bundle / group["paths"][0]
    # One unquantised shard: the weights follow each other, four bytes per number.
    sizes = [math.prod(weight["shape"]) for weight in group["weights"]]
    largest = int(np.argmax(sizes))
    assert group["weights"][largest]["dtype"] == "float32"
    values = np.fromfile(shard, np.float32)
    assert values.size == sum(sizes)
    here = slice(sum(sizes[:largest]), sum(sizes[: largest + 1]))
    values[here] = change(values[here])
    values.tofile(shard)


def short_shard() -> AbstractContextManager[Any]:
    """The shard is truncated in the middle."""

    def change(bundle: Path) -> None:
        shard = next(bundle.glob("*.bin"))
        shard.write_bytes(shard.read_bytes()[: shard.stat().st_size // 2])

    return _between(change)


def shifted_crop() -> AbstractContextManager[Any]:
    """Python's crop is a hundredth of a pixel further right than JavaScript's."""

    def shifted(box: Any, crop: Any) -> Any:
        right = crop_box(box, crop)
        return type(right)(right.x + 0.01, right.y, right.width, right.height)

    return mock.patch("converter.verify.crop_box", shifted)


def no_faces() -> AbstractContextManager[Any]:
    """The file of golden faces is missing."""
    return mock.patch("converter.verify.FACES", Path("nowhere") / "faces.json")


def interrupted() -> AbstractContextManager[Any]:
    """Ctrl-C is pressed while the bundle is verified."""
    return mock.patch("converter.verify.verify", side_effect=KeyboardInterrupt)


def full_at_saved_model() -> AbstractContextManager[Any]:
    """The disk is full, with TensorFlow's error, which is not an OSError."""
    import tensorflow as tf

    error = tf.errors.ResourceExhaustedError(None, None, "variables: No space left on device")
    return mock.patch.object(tf.saved_model, "save", side_effect=error)


def full_at_shards() -> AbstractContextManager[Any]:
    """The disk is full when the first half of the shard is written."""
    from tensorflowjs import write_weights

    def half(*_: Any, **__: Any) -> None:
        raise FULL

    return mock.patch.object(write_weights, "write_weights", half)


def full_at_index() -> AbstractContextManager[Any]:
    """The disk is full after the bundle and before index.json is written."""
    original = Path.write_text

    def write_text(self: Path, text: str, **options: Any) -> int:
        if self.name == "index.json":
            original(self, text[:10], **options)
            raise FULL
        return original(self, text, **options)

    return mock.patch.object(Path, "write_text", write_text)


def unwritable() -> AbstractContextManager[Any]:
    """The parent folder is not writable. (Mocked, since root can write everywhere.)"""
    error = PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return mock.patch("converter.publish.tempfile.mkdtemp", side_effect=error)


def node_missing(empty: str) -> AbstractContextManager[Any]:
    """No node on the PATH."""
    return mock.patch.dict(os.environ, PATH=empty)


@contextmanager
def node_old(folder: str) -> Iterator[None]:
    """A node version of 2018 is first on the PATH."""
    program = Path(folder) / "node"
    program.write_text("#!/bin/sh\necho v10.24.1\n", encoding="utf-8")
    program.chmod(0o755)
    with mock.patch.dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}"):
        yield


@contextmanager
def packages_missing(folder: str) -> Iterator[None]:
    """run_bundle.mjs is in a folder without node_modules above it."""
    copy = Path(folder) / "run_bundle.mjs"
    shutil.copy(Path(converter.__file__).with_name("run_bundle.mjs"), copy)
    with mock.patch.object(node, "RUN_BUNDLE", copy):
        yield


def coarse_float16() -> AbstractContextManager[Any]:
    """float16 is allowed hardly any difference, as for a model that it changes too much."""
    return mock.patch.dict(verify.PROBABILITY_LIMITS, float16=1e-9)


def server_fails() -> AbstractContextManager[Any]:
    """The server's process ends with an error, as where OpenVINO lacks an operation."""
    return mock.patch(
        "converter.importing.serving.PROGRAM", "import sys; sys.exit('error: no such operation')"
    )
