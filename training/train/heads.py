"""Build a network with one head for each target, and extract each head as a model."""

from __future__ import annotations

import keras


def with_heads(model: keras.Model, names: tuple[str, ...]) -> keras.Model:
    """Give `model` a separate Dense and Softmax layer for each name.

    Args:
        model: a network of an architecture; its last two layers are Dense and Softmax.
        names: names of the targets.

    Returns:
        A model with one output (n, labels) for each name; `model` itself for a single name.

    Raises:
        ValueError: the network does not end in Dense and Softmax.
    """
    if len(names) == 1:
        return model
    softmax, dense = model.layers[-1], model.layers[-2]
    if not (isinstance(softmax, keras.layers.Softmax) and isinstance(dense, keras.layers.Dense)):
        raise ValueError(f"{model.name} does not end in Dense and Softmax")
    outputs = []
    for name in names:
        head = dense.__class__.from_config({**dense.get_config(), "name": f"logits_{name}"})
        end = softmax.__class__.from_config({**softmax.get_config(), "name": f"scores_{name}"})
        outputs.append(end(head(dense.input)))
    return keras.Model(model.input, outputs, name=model.name)


def head_of(model: keras.Model, index: int) -> keras.Model:
    """A model with only the output `index` of `model`; it shares the weights."""
    if len(model.outputs) == 1:
        return model
    return keras.Model(model.input, model.outputs[index], name=model.name)
