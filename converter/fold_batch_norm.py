"""Batch norms folded into the convolutions before them, so that the browser never computes them.

TensorFlow's graph optimiser folds some of them (plain convolutions without bias); behind
depthwise convolutions it leaves a multiplication and an addition, which cost the browser 23-70 %.
At prediction a batch norm is y = (x - mean) * scale + beta with scale = gamma / sqrt(variance +
epsilon), hence kernel' = kernel * scale and bias' = (bias - mean) * scale + beta.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense")


def fold_batch_norms(model: Any) -> Any:
    """A copy of `model` without the batch norms that follow a convolution directly; predicts
    the same but for rounding. `model` itself where there is none."""
    import keras

    # A Sequential, too, seen as the functional model that it is.
    functional = keras.Model(model.inputs, model.outputs)
    pairs = _pairs(functional)
    if not pairs:
        return model
    norms = {norm.name for norm in pairs.values()}

    def copy(layer: Any) -> Any:
        config = layer.get_config()
        if layer.name in pairs:
            config["use_bias"] = True
        return type(layer).from_config(config)

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        return inputs[0] if layer.name in norms else layer(*inputs, **options)

    folded = keras.models.clone_model(functional, clone_function=copy, call_function=call)
    for layer in functional.layers:
        if layer.name in pairs:
            folded.get_layer(layer.name).set_weights(_folded_weights(layer, pairs[layer.name]))
        elif layer.name not in norms:
            folded.get_layer(layer.name).set_weights(layer.get_weights())
    return folded


def _pairs(model: Any) -> dict[str, Any]:
    """Name of a convolution -> the batch norm that can be folded into it.

    Both stand at one place in the graph, nothing is between them and nothing else reads the
    convolution's output.
    """
    nodes = [node for level in model._nodes_by_depth.values() for node in level]
    places = Counter(node.operation.name for node in nodes)
    readers = Counter(parent.operation.name for node in nodes for parent in node.parent_nodes)
    pairs = {}
    for node in nodes:
        norm, parents = node.operation, [parent.operation for parent in node.parent_nodes]
        if type(norm).__name__ != "BatchNormalization" or len(parents) != 1:
            continue
        layer = parents[0]
        alone = places[norm.name] == places[layer.name] == readers[layer.name] == 1
        if alone and _is_linear_convolution(layer) and _is_over_channels(norm, layer):
            pairs[layer.name] = norm
    return pairs


def _is_linear_convolution(layer: Any) -> bool:
    return type(layer).__name__ in CONVOLUTIONS and layer.activation.__name__ == "linear"


def _is_over_channels(norm: Any, layer: Any) -> bool:
    last = norm.axis in (-1, len(layer.output.shape) - 1)
    return last and getattr(layer, "data_format", "channels_last") == "channels_last"


def _folded_weights(layer: Any, norm: Any) -> list[np.ndarray]:
    """The convolution's weights with the batch norm in them: [kernel, ..., bias]."""
    mean = _values(norm.moving_mean)
    gamma = _values(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = _values(norm.beta) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(_values(norm.moving_variance) + norm.epsilon)
    *kernels, last = [
        np.asarray(weight, np.float64) for weight in layer.get_weights()[: 2 if _two(layer) else 1]
    ]
    # A depthwise kernel is (h, w, channels, multiplier): its outputs are the last two axes.
    shape = last.shape[-2:] if type(layer).__name__ == "DepthwiseConv2D" else (-1,)
    bias = _values(layer.bias) if layer.use_bias else np.zeros_like(mean)
    weights = [*kernels, last * scale.reshape(shape), (bias - mean) * scale + beta]
    return [weight.astype(np.float32) for weight in weights]


def _two(layer: Any) -> bool:
    # A separable convolution has a depthwise and a pointwise kernel; the outputs are the latter's.
    return type(layer).__name__ == "SeparableConv2D"


def _values(variable: Any) -> np.ndarray:
    return np.asarray(variable.numpy(), np.float64)
