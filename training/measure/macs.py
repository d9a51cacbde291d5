"""Count the multiply-accumulate operations (MACs) of a model."""

from __future__ import annotations

from typing import Any

import numpy as np


def multiply_accumulates(model: Any) -> int:
    """Number of MACs of the convolutions and dense layers for one image.

    Each kernel is applied once at every output position. Batch norm, activations and pooling are
    not counted, as is usual in the field.

    Args:
        model: a functional Keras model whose output shapes are known.
    """
    total = 0
    for layer in model.layers:
        kernels = [w for w in layer.weights if "kernel" in w.name]
        if not kernels:
            continue
        positions = int(np.prod(layer.output.shape[1:-1], initial=1))
        total += sum(positions * int(np.prod(kernel.shape)) for kernel in kernels)
    return total
