"""Five convolutions and two wide dense layers: Kammakatla, "Face Expression Recognition using
Keras and CNN's", a tutorial of 2020.

Conv 64 5x5, max pooling 5x5 of stride 2; Conv 64 3x3 twice, average pooling 3x3 of stride 2;
Conv 128 3x3 twice, average pooling again; Dense 1024 with dropout 0.2 twice; softmax. No padding,
ReLU. Adam at its default rate, batches of 256, trained on Training and measured on PublicTest. No
epoch is selected by a validation split; the last weights are kept.

The tutorial trains 30 epochs of 256 steps, 7,680 steps in all; one pass through the data has 113
steps. Here an epoch is one pass: 68 epochs have 7,684 steps.
"""

from __future__ import annotations

import keras
from keras import layers

from ..recipes import TUTORIAL
from ._head import softmax_head
from ._registry import Published, register


@register(
    "kammakatla_cnn",
    "Five convolutions, two dense layers of 1,024: 1.49 M parameters, 29 MMAC.",
    recipe={
        **TUTORIAL,
        "epochs": 68,
        "batch": 256,
        "patience": 68,
        "keep": "last",
        "precision": "mixed_bfloat16",
    },
    published=Published(
        system='Kammakatla, "Face Expression Recognition using Keras and CNN\'s"',
        figure="nearly 90 % on its training pictures; none for PublicTest",
        split="FER2013 Training",
        note="Its 30 epochs have 7,680 steps of 256 pictures. Here an epoch is one pass through "
        "the data: 68 epochs.",
        year=2020,
        url="https://github.com/BharatKammakatla/Facial-Expression-Detection",
    ),
)
def kammakatla_cnn(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(64, 5, activation="relu")(x)
    x = layers.MaxPooling2D(5, strides=2)(x)
    for filters in (64, 128):
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.Conv2D(filters, 3, activation="relu")(x)
        x = layers.AveragePooling2D(3, strides=2)(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(1024, activation="relu")(x)
        x = layers.Dropout(0.2)(x)
    return keras.Model(pixels, softmax_head(x, labels), name="kammakatla_cnn")
