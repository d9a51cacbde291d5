"""Translate a model of tf_keras, which is Keras 2, to Keras 3, layer by layer."""

from __future__ import annotations

import inspect
from typing import Any

from ..errors import UnsupportedError

WITHOUT_EFFECT = ("ActivityRegularization", "AlphaDropout", "GaussianDropout", "GaussianNoise")
"""Layers that do nothing at prediction, besides the random ones, whose names begin with Random."""
UNNEEDED = ("_initializer", "_regularizer", "_constraint")
"""Endings of arguments that matter only before and during training."""


def translate(model: Any) -> Any:
    """The Keras 3 model, without nested models, of a model of tf_keras; it has the same weights.

    Raises:
        UnsupportedError: it has layers that Keras 3 does not have, or no fixed graph of layers.
    """
    import keras

    _check_graph(model)
    pixels = [keras.Input(tensor.shape[1:], dtype=tensor.dtype.name) for tensor in model.inputs]
    layers = Translator()
    outputs = layers.run(model, pixels)
    copy = keras.Model(pixels, outputs)
    layers.copy_weights()
    return copy


class Translator:
    """Makes one layer of Keras 3 of each layer of Keras 2, and runs graphs of layers with them."""

    def __init__(self) -> None:
        self._pairs: dict[int, tuple[Any, Any]] = {}
        self._names: set[str] = set()

    def run(self, model: Any, inputs: list[Any]) -> list[Any]:
        """The outputs of the graph of `model` for these tensors."""
        import tensorflow as tf

        tensors: dict[int, Any] = dict(zip(map(id, model.inputs), inputs, strict=True))
        for depth in sorted(model._nodes_by_depth, reverse=True):
            for node in model._nodes_by_depth[depth]:
                if node.is_input:
                    continue
                given = [tensors[id(tensor)] for tensor in tf.nest.flatten(node.keras_inputs)]
                found = self._call(node.layer, given, node)
                names = tf.nest.flatten(node.outputs)
                tensors.update(zip(map(id, names), found, strict=True))
        return [tensors[id(tensor)] for tensor in model.outputs]

    def _call(self, layer: Any, given: list[Any], node: Any) -> list[Any]:
        if hasattr(layer, "_nodes_by_depth"):
            return self.run(layer, given)
        found = self._layer(layer)(given if _takes_a_list(node) else given[0])
        return list(found) if isinstance(found, list | tuple) else [found]

    def _layer(self, layer: Any) -> Any:
        if id(layer) not in self._pairs:
            self._pairs[id(layer)] = (layer, layer_for_keras3(layer, self._free_name(layer.name)))
        return self._pairs[id(layer)][1]

    def _free_name(self, name: str) -> str:
        # Keras 3 allows no slash in a name; nested models may use one name twice.
        stem = found = name.replace("/", "_")
        number = 1
        while found in self._names:
            found, number = f"{stem}_{number}", number + 1
        self._names.add(found)
        return found

    def copy_weights(self) -> None:
        """Give every new layer the weights of its old one."""
        for old, new in self._pairs.values():
            if new.weights:
                new.set_weights(old.get_weights())


def _check_graph(model: Any) -> None:
    if not getattr(model, "_is_graph_network", False):
        raise UnsupportedError(
            "the model is no graph of layers with a known input (a subclassed model, or a "
            "Sequential without input shape); build it with an Input layer and save it again"
        )


def _takes_a_list(node: Any) -> bool:
    return bool(node.call_args) and isinstance(node.call_args[0], list | tuple)


def layer_for_keras3(layer: Any, name: str) -> Any:
    """A layer of Keras 3, without weights, with the settings of one of Keras 2.

    Raises:
        UnsupportedError: Keras 3 has no such layer.
    """
    import keras

    kind = type(layer).__name__
    if kind.startswith("Random") or kind in WITHOUT_EFFECT:
        return keras.layers.Identity(name=name)
    found = getattr(keras.layers, kind, None)
    if found is None:
        raise UnsupportedError(
            f"layer {layer.name} is a {kind}, which Keras 3 does not have; build the model from "
            "Keras's own layers"
        )
    return found.from_config({**settings_for_keras3(kind, layer.get_config()), "name": name})


def settings_for_keras3(kind: str, config: dict[str, Any]) -> dict[str, Any]:
    """The settings of a layer of Keras 2 that Keras 3's layer of that class has, in float32."""
    known = _arguments(kind)
    found = {
        key: _nested(value)
        for key, value in config.items()
        if key in known and not key.endswith(UNNEEDED)
    }
    if kind == "BatchNormalization" and isinstance(found.get("axis"), list | tuple):
        found["axis"] = found["axis"][0]
    return found | {"dtype": "float32"}


def _nested(value: Any) -> Any:
    """The settings of the layer inside a wrapper such as TimeDistributed, else `value` itself."""
    import keras

    if isinstance(value, dict) and isinstance(value.get("config"), dict):
        kind = value.get("class_name", "")
        if hasattr(keras.layers, kind):
            config = settings_for_keras3(kind, value["config"])
            if "name" in value["config"]:
                config["name"] = value["config"]["name"]
            return {"module": "keras.layers", "class_name": kind, "config": config}
    return value


def _arguments(kind: str) -> set[str]:
    import keras

    layer = getattr(keras.layers, kind)
    return {
        name
        for one in layer.__mro__
        if one is not object
        for name in inspect.signature(one.__init__).parameters
    } - {"args", "kwargs", "self"}
