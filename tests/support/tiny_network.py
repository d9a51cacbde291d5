"""Register `tiny`, a network that the tests can train in a second."""

from __future__ import annotations

import keras
from keras import layers

from training.architectures import register


@register("tiny", "One convolution with batch norm and dropout, for tests: 7,015 parameters.")
def tiny(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    x = layers.Conv2D(8, 5, strides=4, use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Flatten()(layers.Dropout(0.3)(x))
    x = layers.Dense(labels, dtype="float32")(x)
    return keras.Model(pixels, layers.Softmax(dtype="float32", name="scores")(x), name="tiny")
