"""Three small convolutions for six labels, from a published tutorial that cleans the data first.

The 1 % of the images with the lowest entropy of grey levels is dropped (blank and damaged images),
and so is the label disgust, which is rare in FER2013. Conv 16 7x7 'same', average pooling; Conv 32
2x2, max pooling; Conv 8 2x2, max pooling; Dropout 0.3, Dense 100, softmax. RMSprop.

Author, year, activations, number of epochs and batch size of the tutorial are unknown. Our choice:
ReLU, the best of at most 60 epochs, batches of 32.
"""

from __future__ import annotations

import keras
from keras import layers

from ..recipes import TUTORIAL
from ._head import softmax_head
from ._registry import Published, register


@register(
    "blog_cnn_6",
    "Three small convolutions for six labels: 24,618 parameters, 3 MMAC.",
    recipe={
        **TUTORIAL,
        "optimizer": "rmsprop",
        "epochs": 60,
        "batch": 32,
        "patience": 15,
        "drop_low_entropy": 0.01,
        "labels": ("angry", "fear", "happy", "sad", "surprise", "neutral"),
    },
    published=Published(
        system="published tutorial: a CNN for six expressions on cleaned data",
        figure="near 50 %",
        split="unknown",
        note="Activations, epochs and batch size of the tutorial are unknown. Our choice: ReLU, "
        "the best of at most 60 epochs, batches of 32.",
    ),
)
def blog_cnn_6(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(16, 7, padding="same", activation="relu")(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Conv2D(32, 2, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(8, 2, activation="relu")(x)
    x = layers.MaxPooling2D()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(100, activation="relu")(x)
    return keras.Model(pixels, softmax_head(x, labels), name="blog_cnn_6")
