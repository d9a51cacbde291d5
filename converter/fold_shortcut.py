"""Shortcuts round one linear convolution folded into its kernel: x + conv(x) = conv'(x).

conv' has one more at the middle of the kernel where input and output channel are the same
(DiracNets, Zagoruyko and Komodakis 2017; RepVGG, Ding et al. 2021). The browser is spared an
addition over all channels and, since the activation then follows the convolution directly, a
second pass for that.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np


def fold_shortcuts(model: Any) -> Any:
    """A copy of `model` without the additions that such shortcuts end in; predicts the same but
    for rounding. `model` itself where there is none."""
    import keras

    functional = keras.Model(model.inputs, model.outputs)
    pairs = _pairs(functional)
    if not pairs:
        return model
    convolutions = set(pairs.values())

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        if layer.name in pairs:
            # An addition's one argument is the list of what it adds.
            return inputs[0][pairs[layer.name][1]]
        return layer(*inputs, **options)

    folded = keras.models.clone_model(
        functional,
        clone_function=lambda layer: type(layer).from_config(layer.get_config()),
        call_function=call,
    )
    names = {name for name, _ in convolutions}
    for layer in functional.layers:
        weights = layer.get_weights()
        if layer.name in names:
            weights[0] = _with_identity(weights[0])
        if layer.name not in pairs:
            folded.get_layer(layer.name).set_weights(weights)
    return folded


def _pairs(model: Any) -> dict[str, tuple[str, int]]:
    """Name of an addition -> the convolution the shortcut goes round, and which of the two things
    that are added is its output.

    Nothing else reads the convolution's output, and both stand at one place in the graph.
    """
    nodes = [node for level in model._nodes_by_depth.values() for node in level]
    places = Counter(node.operation.name for node in nodes)
    readers = Counter(parent.operation.name for node in nodes for parent in node.parent_nodes)
    pairs = {}
    for node in nodes:
        if type(node.operation).__name__ != "Add" or len(node.input_tensors) != 2:
            continue
        for index, added in enumerate(node.input_tensors):
            layer, position = added._keras_history.operation, added._keras_history.node_index
            if not _keeps_shape(layer) or places[node.operation.name] != 1:
                continue
            source = layer._inbound_nodes[position].input_tensors[0]
            other = node.input_tensors[1 - index]
            if places[layer.name] == readers[layer.name] == 1 and source is other:
                pairs[node.operation.name] = (layer.name, index)
                break
    return pairs


def _keeps_shape(layer: Any) -> bool:
    """Whether it is a linear convolution into whose kernel the identity can be put."""
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
    """(h, w, channels, channels) kernel -> the kernel of x + conv(x)."""
    changed = kernel.copy()
    height, width, channels, _ = kernel.shape
    every = np.arange(channels)
    changed[height // 2, width // 2, every, every] += 1
    return changed
