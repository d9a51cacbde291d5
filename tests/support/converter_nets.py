"""Small networks for the converter's tests; imported only in the worker process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

LABELS = ["angry", "happy", "sad"]
SIZE = 24
CONTRACT = {
    "contract_version": 2,
    "model": "small.test",
    "labels": LABELS,
    "input": {"height": SIZE, "width": SIZE, "channels": 1},
    "crop": {"margin": 0.02},
    "calibration": {"bias": [0.0] * len(LABELS), "temperature": 1.0, "unsure_below": 0.4},
}


def write(folder: Path, model: keras.Model, name: str, fields: dict[str, Any]) -> Path:
    """Save `model` with random weights in all layers, and its contract with `fields` replaced."""
    random = np.random.default_rng(7)
    for weight in model.weights:
        # The initial values of batch norms (0 and 1) would hide a wrong fold.
        if len(weight.shape) == 1 and "float" in weight.dtype:
            weight.assign(random.uniform(0.4, 1.4, weight.shape))
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / name)
    (folder / "contract.json").write_text(json.dumps(CONTRACT | fields), encoding="utf-8")
    return folder / name


def plain(x: Any) -> Any:
    """Convolutions with and without bias, each with its batch norm, and pooling."""
    x = layers.Conv2D(8, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(12, 3, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization(scale=False)(x))
    return layers.Conv2D(12, 3, strides=2, padding="same", activation="relu")(x)


def residual(x: Any) -> Any:
    """Shortcuts, and the separable and depthwise layers that small networks are made of."""
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(x)
    x = shortcut = layers.ReLU(max_value=6)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.SeparableConv2D(8, 3, padding="same")(x)
    x = layers.BatchNormalization(center=False)(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))


def shortcuts(x: Any) -> Any:
    """Shortcuts round one convolution, in either order and with bias (folded); and round one with
    an activation and round one whose output is read elsewhere (not folded)."""
    x = layers.ReLU()(layers.Conv2D(8, 3, strides=2, padding="same")(x))
    y = layers.Add()([x, layers.Conv2D(8, 3, padding="same", use_bias=False)(x)])
    x = layers.ReLU()(layers.BatchNormalization()(y))
    x = layers.ReLU()(layers.Add()([layers.Conv2D(8, (1, 5), padding="same")(x), x]))
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same", activation="relu")(x)])
    y = layers.Conv2D(8, 3, padding="same")(x)
    return layers.ReLU()(layers.Multiply()([layers.Add()([x, y]), y]))


def projection(x: Any) -> Any:
    """Residual blocks whose shortcut is a 1x1 convolution; with and without an activation."""
    y = layers.Conv2D(8, 3, padding="same", activation="relu")(x)
    x = layers.Add()([layers.Conv2D(8, 1, use_bias=False)(x), y])
    y = layers.Conv2D(12, 3, padding="same", activation="relu")(x)
    return layers.ReLU()(layers.Add()([layers.Conv2D(12, 1, use_bias=False)(x), y]))


def before_activation(x: Any) -> Any:
    """A batch norm that cannot be folded, since no convolution directly precedes it."""
    x = layers.Conv2D(8, 3, padding="same")(x)
    return layers.Add()([x, layers.ReLU()(layers.BatchNormalization()(x))])


def odd(x: Any) -> Any:
    """Batch norms in other places: behind a dense layer (folded), behind a layer that is used
    twice or has an activation (not folded)."""
    twice = layers.Conv2D(8, 3, padding="same")
    x = layers.BatchNormalization()(layers.Conv2D(8, 3, strides=2, activation="relu")(x))
    x = layers.BatchNormalization()(twice(twice(x)))
    return layers.ReLU()(layers.BatchNormalization()(layers.Dense(8)(x)))


def sequential() -> keras.Model:
    """A network like the others, as a Sequential."""
    body = [
        *(layers.Rescaling(1 / 127.5, offset=-1), layers.Conv2D(8, 3, use_bias=False)),
        *(layers.BatchNormalization(), layers.ReLU(), layers.DepthwiseConv2D(3)),
        *(layers.BatchNormalization(), layers.ReLU(), layers.GlobalAveragePooling2D()),
    ]
    return keras.Sequential(
        [keras.Input((SIZE, SIZE, 1)), *body, layers.Dense(len(LABELS), activation="softmax")]
    )


def grouped(x: Any) -> Any:
    """A grouped convolution, which TF.js does not support."""
    return layers.Conv2D(8, 3, groups=4)(plain(x))


def bicubic(x: Any) -> Any:
    """ResizeBicubic: TF.js's converter does not know it."""
    return layers.UpSampling2D(2, interpolation="bicubic")(plain(x))


def einsum(x: Any) -> Any:
    """Einsum: TF.js's converter knows it, its wasm backend does not."""
    return layers.EinsumDense("bhwc,cd->bhwd", (None, None, 8))(plain(x))


def lambda_layer(x: Any) -> Any:
    """Python code inside the model file."""
    return layers.Lambda(lambda y: y * 2)(plain(x))


@keras.saving.register_keras_serializable(package="elsewhere")
class Doubled(layers.Layer):
    """A custom layer, unknown to the converter."""

    def call(self, inputs: Any) -> Any:
        return inputs * 2


def custom(x: Any) -> Any:
    """A network with a custom layer."""
    return Doubled()(plain(x))


def build(body: Any = plain, channels: int = 1, size: Any = SIZE, **options: Any) -> keras.Model:
    """The network around `body`; options: outputs (its width), last (its activation), batch,
    flat (False: no pooling, four axes), twice (two inputs)."""
    if body is sequential:
        return sequential()
    pixels = keras.Input((size, size, channels), batch_size=options.get("batch"), name="pixels")
    x = body(layers.Rescaling(1 / 127.5, offset=-1)(pixels))
    if options.get("flat", True):
        x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(options.get("outputs", len(LABELS)))(x)
    x = layers.Activation(options.get("last", "softmax"))(x)
    return keras.Model([pixels, keras.Input((1,))] if options.get("twice") else pixels, x)
