"""The graph of a Keras model's layers, and a copy of the model without some of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class LayerGraph:
    """The calls of a functional model's layers.

    Attributes:
        nodes: Keras's nodes; each is one call of a layer.
    """

    def __init__(self, model: Any) -> None:
        self.nodes = [node for level in model._nodes_by_depth.values() for node in level]
        self._calls = Counter(node.operation.name for node in self.nodes)
        self._readers = Counter(
            parent.operation.name for node in self.nodes for parent in node.parent_nodes
        )

    def is_called_once(self, layer: Any) -> bool:
        """Whether `layer` has a single place in the graph."""
        return self._calls[layer.name] == 1

    def is_read_once(self, layer: Any) -> bool:
        """Whether `layer` has a single place and a single layer reads its output."""
        return self.is_called_once(layer) and self._readers[layer.name] == 1


def functional(model: Any) -> Any:
    """`model` as a functional model, also if it is a Sequential; shares the layers."""
    import keras

    return keras.Model(model.inputs, model.outputs)


def clone_without(
    model: Any,
    removed: Mapping[str, Callable[[Any], Any]],
    config: Callable[[Any], dict[str, Any]],
    weights: Callable[[Any], list[np.ndarray]],
) -> Any:
    """Copy a functional model without some layers.

    Args:
        model: the functional model.
        removed: name of a layer to remove -> function from the layer's input to the tensor that
            takes the place of its output.
        config: gives the configuration of the copy of a layer.
        weights: gives the weights of the copy of a layer.
    """
    import keras

    def call(layer: Any, *inputs: Any, **options: Any) -> Any:
        replacement = removed.get(layer.name)
        return replacement(inputs[0]) if replacement else layer(*inputs, **options)

    copy = keras.models.clone_model(
        model,
        clone_function=lambda layer: type(layer).from_config(config(layer)),
        call_function=call,
    )
    for layer in model.layers:
        if layer.name not in removed:
            copy.get_layer(layer.name).set_weights(weights(layer))
    return copy
