"""A network with a head for each target, and each head as a model of its own."""

from __future__ import annotations

import keras


def with_heads(model: keras.Model, names: tuple[str, ...]) -> keras.Model:
    """`model` with a dense layer and softmax of its own for each of `names`.

    Args:
        model: an architecture's: its last two layers are Dense and Softmax.
        names: of the targets; of one alone, `model` is what it was.

    Returns:
        A model with an output (n, labels) for each name.
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
    """The model that gives the output `index` of `model` alone; shares its weights."""
    if len(model.outputs) == 1:
        return model
    return keras.Model(model.input, model.outputs[index], name=model.name)
