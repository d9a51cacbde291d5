"""Copy a Keras 3 model without nested models: their layers take their places in one graph.

So batch norms inside a nested model (transfer learning from MobileNetV2 or EfficientNet) are folded
like all others.
"""

from __future__ import annotations

from typing import Any


def without_nesting(model: Any) -> Any:
    """A copy of `model` without nested models; `model` itself if it has none."""
    import keras

    if not any(_graph_of(layer) is not None for layer in model.layers):
        return model
    inputs = [keras.Input(tensor.shape[1:], name=tensor.name) for tensor in model.inputs]
    return keras.Model(inputs, flatten(model, inputs))


def flatten(model: Any, inputs: list[Any]) -> list[Any]:
    """Call copies of the layers of `model`, and of the models nested in it, on Keras tensors.

    Args:
        model: a functional or sequential model.
        inputs: as many Keras tensors as the model has inputs, of the same shapes.

    Returns:
        The outputs. Every copied layer computes in float32 and has the weights of its original.
    """
    copies = Copies()
    outputs = copies.run(_graph_of(model), inputs)
    copies.copy_weights()
    return outputs


class Copies:
    """Copies each layer once, under a name that no other copy has."""

    def __init__(self) -> None:
        self._pairs: dict[int, tuple[Any, Any]] = {}
        self._names: set[str] = set()

    def run(self, graph: Any, inputs: Any) -> list[Any]:
        """The outputs of a graph of layers, with every layer replaced by its copy."""
        import keras

        outputs = graph._run_through_graph(inputs, operation_fn=self._copy)
        return list(keras.tree.flatten(outputs))

    def _copy(self, operation: Any) -> Any:
        import keras

        graph = _graph_of(operation)
        if graph is not None:
            return lambda inputs, **_: _one(self.run(graph, inputs))
        if not isinstance(operation, keras.Layer):
            return operation  # a function of keras.ops
        if id(operation) not in self._pairs:
            config = operation.get_config() | {"dtype": "float32"}
            config["name"] = self._free_name(operation.name)
            self._pairs[id(operation)] = (operation, type(operation).from_config(config))
        return self._pairs[id(operation)][1]

    def _free_name(self, name: str) -> str:
        found, number = name, 1
        while found in self._names:
            found, number = f"{name}_{number}", number + 1
        self._names.add(found)
        return found

    def copy_weights(self) -> None:
        """Give every copy the weights of its original."""
        for old, new in self._pairs.values():
            if new.weights:
                new.set_weights(old.get_weights())


def _graph_of(layer: Any) -> Any:
    """The graph of layers of a functional or sequential model; None for other layers."""
    import keras

    if isinstance(layer, keras.Sequential):
        return layer._functional
    return layer if isinstance(layer, keras.Model) and hasattr(layer, "_nodes_by_depth") else None


def _one(outputs: list[Any]) -> Any:
    return outputs[0] if len(outputs) == 1 else outputs
