"""Fold shortcuts around a linear convolution into its kernel: x + conv(x) = conv'(x).

conv' has 1 added at the centre of the kernel, between equal input and output channels (DiracNets,
Zagoruyko and Komodakis 2017; RepVGG, Ding et al. 2021). This saves the browser an addition over all
channels, and the activation can be fused with the convolution.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import numpy as np

from .layer_graph import LayerGraph, clone_without, functional


def fold_shortcuts(model: Any) -> Any:
    """A copy of `model` without the additions of such shortcuts; `model` itself if it has none.

    The copy predicts the same, except for rounding.
    """
    network = functional(model)
    pairs = _foldable_additions(network)
    if not pairs:
        return model
    convolutions = {name for name, _ in pairs.values()}

    def weights(layer: Any) -> list[np.ndarray]:
        values: list[np.ndarray] = layer.get_weights()
        if layer.name in convolutions:
            values[0] = _with_identity(values[0])
        return values

    # The input of an addition is the list of its summands.
    removed = {name: itemgetter(index) for name, (_, index) in pairs.items()}
    return clone_without(network, removed, lambda layer: layer.get_config(), weights)


def _foldable_additions(model: Any) -> dict[str, tuple[str, int]]:
    """Name of an addition -> name of the convolution inside the shortcut, and which of the two
    summands is its output.

    Only the addition reads the convolution's output, and both have a single place in the graph.
    """
    graph = LayerGraph(model)
    pairs = {}
    for node in graph.nodes:
        addition = node.operation
        if type(addition).__name__ != "Add" or len(node.input_tensors) != 2:
            continue
        for index, summand in enumerate(node.input_tensors):
            layer, position = summand._keras_history.operation, summand._keras_history.node_index
            if not _keeps_shape(layer) or not graph.is_called_once(addition):
                continue
            input_tensor = layer._inbound_nodes[position].input_tensors[0]
            if graph.is_read_once(layer) and input_tensor is node.input_tensors[1 - index]:
                pairs[addition.name] = (layer.name, index)
                break
    return pairs


def _keeps_shape(layer: Any) -> bool:
    """Whether `layer` is a linear convolution to whose kernel the identity can be added."""
    return (
        type(layer).__name__ == "Conv2D"
        and layer.activation.__name__ == "linear"
        and layer.padding == "same"
        and layer.groups == 1
        and tuple(layer.strides) == tuple(layer.dilation_rate) == (1, 1)
        and all(side % 2 == 1 for side in layer.kernel_size)
        and layer.kernel.shape[-1] == layer.kernel.shape[-2]
        and layer.data_format == "channels_last"
    )


def _with_identity(kernel: np.ndarray) -> np.ndarray:
    """The kernel of x + conv(x) for a kernel (h, w, channels, channels)."""
    changed = kernel.copy()
    height, width, channels, _ = kernel.shape
    every = np.arange(channels)
    changed[height // 2, width // 2, every, every] += 1
    return changed
