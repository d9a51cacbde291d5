"""A VGG-like network for 48x48x3 images, from a published tutorial that reads image folders.

Four pairs of 3x3 convolutions of 32, 64, 128 and 256 channels, each with batch norm, after each
pair max pooling and dropout 0.2; two dense layers of 64 with batch norm and dropout; softmax.
1,328,743 parameters, including batch norm's moving means and variances. Adam, 70 epochs, batches of
16. The input has three channels, as in the tutorial; FER2013's grey level is repeated over them.

Author, year, activation and the last two dropouts of the tutorial are unknown. Our choice: ReLU
before batch norm, and 0.5.
"""

from __future__ import annotations

import keras
from keras import layers

from ..recipes import TUTORIAL
from ._head import softmax_head
from ._registry import Published, register

STAGES = (32, 64, 128, 256)
"""Channels of each pair of convolutions; the resolution halves after each: 48, 24, 12, 6, 3."""


@register(
    "vgg_rgb",
    "Eight 3x3 convolutions with batch norm on RGB: 1.33 M parameters, 119 MMAC.",
    channels=3,
    recipe={**TUTORIAL, "epochs": 70, "batch": 16, "precision": "mixed_bfloat16"},
    published=Published(
        system="published tutorial: a VGG-like network on image folders",
        figure="58 %",
        split="3,589 pictures",
        note="Activation and the last two dropouts of the tutorial are unknown. Our choice: ReLU "
        "and 0.5. FER2013's grey level is repeated over three channels.",
    ),
)
def vgg_rgb(labels: int) -> keras.Model:
    """(n, 48, 48, 3) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 3), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    for filters in STAGES:
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
            x = layers.BatchNormalization()(x)
        x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(64, activation="relu")(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(0.5)(x)
    return keras.Model(pixels, softmax_head(x, labels), name="vgg_rgb")
