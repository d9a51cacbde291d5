"""Fold batch norms into the convolutions before them, so that the browser does not compute them.

TensorFlow's graph optimiser folds only some of them (after plain convolutions without bias). After
depthwise convolutions it leaves a multiplication and an addition, which cost the browser 23-70 % of
the time. At prediction, a batch norm is y = (x - mean) * scale + beta with scale = gamma /
sqrt(variance + epsilon); hence kernel' = kernel * scale and bias' = (bias - mean) * scale + beta.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .layer_graph import LayerGraph, clone_without, functional

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Dense")


def fold_batch_norms(model: Any) -> Any:
    """A copy of `model` without the batch norms that directly follow a convolution; `model` itself
    if it has none.

    The copy predicts the same, except for rounding.
    """
    network = functional(model)
    pairs = _foldable_batch_norms(network)
    if not pairs:
        return model

    def config(layer: Any) -> dict[str, Any]:
        values: dict[str, Any] = layer.get_config()
        return values | {"use_bias": True} if layer.name in pairs else values

    def weights(layer: Any) -> list[np.ndarray]:
        values: list[np.ndarray] = layer.get_weights()
        return _folded_weights(layer, pairs[layer.name]) if layer.name in pairs else values

    removed = {norm.name: lambda tensor: tensor for norm in pairs.values()}
    return clone_without(network, removed, config, weights)


def _foldable_batch_norms(model: Any) -> dict[str, Any]:
    """Name of a convolution -> the batch norm that can be folded into it.

    Only the batch norm reads the convolution's output, and both have a single place in the graph.
    """
    graph = LayerGraph(model)
    pairs = {}
    for node in graph.nodes:
        norm, parents = node.operation, [parent.operation for parent in node.parent_nodes]
        if type(norm).__name__ != "BatchNormalization" or len(parents) != 1:
            continue
        layer = parents[0]
        single = graph.is_called_once(norm) and graph.is_read_once(layer)
        if single and _is_linear_convolution(layer) and _is_over_channels(norm, layer):
            pairs[layer.name] = norm
    return pairs


def _is_linear_convolution(layer: Any) -> bool:
    return type(layer).__name__ in CONVOLUTIONS and layer.activation.__name__ == "linear"


def _is_over_channels(norm: Any, layer: Any) -> bool:
    last = norm.axis in (-1, len(layer.output.shape) - 1)
    return last and getattr(layer, "data_format", "channels_last") == "channels_last"


def _folded_weights(layer: Any, norm: Any) -> list[np.ndarray]:
    """The convolution's weights with the batch norm folded in: [kernel, ..., bias]."""
    mean = _values(norm.moving_mean)
    gamma = _values(norm.gamma) if norm.scale else np.ones_like(mean)
    beta = _values(norm.beta) if norm.center else np.zeros_like(mean)
    scale = gamma / np.sqrt(_values(norm.moving_variance) + norm.epsilon)
    *kernels, last = [
        np.asarray(weight, np.float64)
        for weight in layer.get_weights()[: 2 if _has_two_kernels(layer) else 1]
    ]
    # A depthwise kernel is (h, w, channels, multiplier); its outputs are the last two axes.
    shape = last.shape[-2:] if type(layer).__name__ == "DepthwiseConv2D" else (-1,)
    bias = _values(layer.bias) if layer.use_bias else np.zeros_like(mean)
    weights = [*kernels, last * scale.reshape(shape), (bias - mean) * scale + beta]
    return [weight.astype(np.float32) for weight in weights]


def _has_two_kernels(layer: Any) -> bool:
    # A separable convolution has a depthwise kernel and a pointwise one, which gives the outputs.
    return type(layer).__name__ == "SeparableConv2D"


def _values(variable: Any) -> np.ndarray:
    return np.asarray(variable.numpy(), np.float64)
