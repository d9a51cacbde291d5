"""What a model costs: multiply-accumulates of one face."""

from __future__ import annotations

from typing import Any

import numpy as np


def multiply_accumulates(model: Any) -> int:
    """Multiply-accumulates of the convolutions and dense layers for one picture.

    Args:
        model: a functional Keras model whose output shapes are known.

    Counted from each layer's kernel: a kernel is used once at every output position. Batch norms,
    activations and pooling are left out, as is usual in the field.
    """
    total = 0
    for layer in model.layers:
        kernels = [w for w in layer.weights if "kernel" in w.name]
        if not kernels:
            continue
        positions = int(np.prod(layer.output.shape[1:-1], initial=1))
        total += sum(positions * int(np.prod(kernel.shape)) for kernel in kernels)
    return total
