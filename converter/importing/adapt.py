"""Make of any classifier one that fits a contract: grey levels in, probabilities out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.inference.contract import CHANNELS, SIDES

from ..errors import ContractMismatch
from ..flatten import flatten
from .scale import Scale

COLOURS = ("grey", "rgb", "bgr")
RISING = ("relu", "elu", "selu", "softplus", "tanh", "leaky_relu")
"""Activations that keep the order of the outputs."""


@dataclass(slots=True)
class Adapted:
    """The model that fits a contract, and remarks on what was changed.

    Attributes:
        model: takes (n, height, width, channels) in 0..255, gives probabilities (n, labels).
        notes: sentences, without their full stop.
    """

    model: Any
    notes: list[str] = field(default_factory=list)


def adapt(
    model: Any,
    labels: list[str],
    scale: Scale,
    colour: str | None = None,
    output: str | None = None,
    size: tuple[int, int] | None = None,
) -> Adapted:
    """Put the scaling first and probabilities last.

    Args:
        model: a Keras 3 model with one input.
        labels: of the outputs, in their order; two for a model with one output: the label of 0
            and that of 1.
        scale: what the model was fed in training.
        colour: "grey" feeds the grey face to each of three channels, "bgr" feeds blue first;
            None: as the model's channels say.
        output: name or number of the output, for a model with several.
        size: (height, width), for a model that takes any size.

    Raises:
        ContractMismatch: the model has other inputs or outputs; says which are expected.
    """
    if len(model.inputs) != 1:
        raise ContractMismatch(
            f"the model has {len(model.inputs)} inputs "
            f"({', '.join(str(tuple(one.shape)) for one in model.inputs)}), expected one: the face"
        )
    adapted = Adapted(None)
    pixels, features = _input(model, scale, colour, size, adapted.notes)
    outputs = flatten(model, [features])
    chosen = _choose(model, outputs, labels, output, adapted.notes)
    adapted.model = _with_probabilities(pixels, chosen, labels, adapted.notes)
    return adapted


def _input(
    model: Any, scale: Scale, colour: str | None, size: tuple[int, int] | None, notes: list[str]
) -> tuple[Any, Any]:
    """(the new input, the tensor that the model is fed)."""
    import keras
    from keras import layers

    height, width, channels, flat = input_shape(tuple(model.inputs[0].shape), size)
    if colour not in (None, "grey") and channels != 3:
        raise ContractMismatch(f"--colour {colour} is for a model of 3 channels, it has {channels}")
    pixels = keras.Input((height, width, 1 if colour == "grey" else channels), name="pixels")
    x = pixels
    if colour == "grey" and channels == 3:
        x = layers.Concatenate(name="three_channels")([x, x, x])
        notes.append("the grey face is fed to each of the three channels")
    if colour == "bgr":
        x = _bgr(x)
        notes.append("the channels are fed in the order blue, green, red")
    if len(scale.factor) not in (1, channels):
        raise ContractMismatch(
            f"--scale {scale.name} is for {len(scale.factor)} channels, the model has {channels}"
        )
    x = scale.apply(x)
    if not scale.changes_nothing:
        notes.append(f"its first layer scales grey levels 0..255 as in its training ({scale.name})")
    return pixels, layers.Reshape((height * width * channels,), name="flat")(x) if flat else x


def _bgr(x: Any) -> Any:
    from keras import layers

    reverse = layers.Conv2D(3, 1, use_bias=False, name="blue_first")
    found = reverse(x)
    reverse.set_weights([np.eye(3, dtype=np.float32)[None, None, :, ::-1]])
    return found


def input_shape(
    shape: tuple[int | None, ...], size: tuple[int, int] | None = None
) -> tuple[int, int, int, bool]:
    """(height, width, channels, flat) of a model's input (n, ...); `flat`: the pixels in a row.

    Raises:
        ContractMismatch: it is no picture, or takes any size and `size` is None.
    """
    rest = shape[1:]
    if len(rest) == 1 and rest[0]:
        side = math.isqrt(rest[0])
        if side * side == rest[0] and side in SIDES:
            return side, side, 1, True
    if len(rest) == 3 and rest[2] in CHANNELS:
        height, width = size or (rest[0] or 0, rest[1] or 0)
        if (rest[0] or height) != height or (rest[1] or width) != width:
            raise ContractMismatch(
                f"--size is {height}x{width}, the model takes {rest[0]}x{rest[1]}"
            )
        if not height or not width:
            raise ContractMismatch(
                "the model takes pictures of any size; give the size that it was trained on as "
                "--size HEIGHTxWIDTH"
            )
        if height in SIDES and width in SIDES:
            return height, width, int(rest[2]), False
    if len(rest) == 3 and rest[0] in CHANNELS:
        raise ContractMismatch(
            f"the input is {shape}: the channels come first; expected (n, height, width, channels)"
        )
    raise ContractMismatch(
        f"the input is {shape}, expected a face: (n, height, width, 1 or 3), "
        f"{SIDES.start} to {SIDES.stop - 1} pixels a side"
    )


def _choose(
    model: Any, outputs: list[Any], labels: list[str], output: str | None, notes: list[str]
) -> Any:
    """The output with the expressions."""
    names = output_names(model)
    listed = ", ".join(
        f"{place} ({name}: {tensor.shape[-1]})"
        for place, (name, tensor) in enumerate(zip(names, outputs, strict=True))
    )
    if output is not None:
        place = names.index(output) if output in names else _number(output)
        if not 0 <= place < len(outputs):
            raise ContractMismatch(f"--output is {output!r}, the model's outputs are {listed}")
        return outputs[place]
    if len(outputs) == 1:
        return outputs[0]
    fitting = [place for place, one in enumerate(outputs) if one.shape[-1] == len(labels)]
    if len(fitting) != 1:
        raise ContractMismatch(
            f"the model has {len(outputs)} outputs; give that of the expressions as --output: "
            f"{listed}"
        )
    notes.append(f"of its {len(outputs)} outputs, {names[fitting[0]]} is used")
    return outputs[fitting[0]]


def output_names(model: Any) -> list[str]:
    """The names of a model's outputs, in their order."""
    return [str(tensor._keras_history.operation.name) for tensor in model.outputs]


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _with_probabilities(pixels: Any, scores: Any, labels: list[str], notes: list[str]) -> Any:
    """The model from `pixels` to probabilities; `scores` is what its copy gives."""
    import keras
    from keras import layers

    if len(scores.shape) != 2:
        if len(scores.shape) == 4 and tuple(scores.shape[1:3]) == (1, 1):
            scores = layers.Reshape((scores.shape[3],), name="row")(scores)
        else:
            raise ContractMismatch(f"the output is {tuple(scores.shape)}, expected (n, labels)")
    width = scores.shape[-1]
    last = _last_activation(scores)
    if width == 1:
        return keras.Model(pixels, _two_labels(scores, last, labels, notes))
    if width != len(labels):
        raise ContractMismatch(
            f"the model has {width} outputs, --labels {len(labels)} names "
            f"({', '.join(labels)}); give one for each output, in their order"
        )
    if last == "softmax":
        return keras.Model(pixels, scores)
    if last == "sigmoid":
        _activation_holder(scores).activation = keras.activations.linear
        notes.append("its outputs were separate sigmoids; they are now a softmax, same order")
    elif last == "linear":
        notes.append("its outputs were logits; a softmax follows them now")
    elif last in RISING:
        notes.append(f"its outputs went through {last}; a softmax follows them now, same order")
    else:
        raise ContractMismatch(f"the outputs go through {last}, expected softmax or sigmoid")
    return keras.Model(pixels, layers.Softmax(name="scores")(scores))


def _two_labels(scores: Any, last: str, labels: list[str], notes: list[str]) -> Any:
    """(1 - p, p) of one output p."""
    from keras import layers

    if last not in ("sigmoid", "linear"):
        raise ContractMismatch(
            f"the model has one output and it goes through {last}, expected a sigmoid: a softmax "
            "of one output is always 1"
        )
    if len(labels) != 2:
        raise ContractMismatch(
            f"the model has one output; give two labels, that of 0 and that of 1, not "
            f"{len(labels)} ({', '.join(labels)})"
        )
    if last == "linear":
        scores = layers.Activation("sigmoid", name="probability")(scores)
    both = layers.Dense(2, name="scores")
    found = both(scores)
    both.set_weights([np.array([[-1.0, 1.0]], np.float32), np.array([1.0, 0.0], np.float32)])
    notes.append(f"its one output is the probability of {labels[1]}; {labels[0]} has the rest")
    return found


def _activation_holder(tensor: Any) -> Any:
    """The layer that has given `tensor`, without those behind it that change no value."""
    layer = tensor._keras_history.operation
    while type(layer).__name__ in ("Flatten", "Reshape", "Dropout", "Identity"):
        layer = layer._inbound_nodes[0].input_tensors[0]._keras_history.operation
    return layer


def _last_activation(tensor: Any) -> str:
    """The name of the activation of the last layer."""
    layer = _activation_holder(tensor)
    if type(layer).__name__ == "Softmax":
        return "softmax"
    if type(layer).__name__ == "Activation" or hasattr(layer, "activation"):
        return str(layer.activation.__name__)
    return "linear"
