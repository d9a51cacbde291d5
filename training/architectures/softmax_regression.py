"""Softmax regression on pixels for two labels, happy and neutral, from a published tutorial.

The tutorial reads the folders `smile/` (happy) and `neutral/`, converts each image to grey, resizes
and flattens it, and fits softmax regression by gradient descent on the cross-entropy. It also has
SVM and KNN on the same vectors (here: `python -m training baselines --labels happy,neutral`).
Author, year, images, accuracy, learning rate and image size of the tutorial are unknown. Our
choice: 48 pixels, a rate of 0.003 and batches of 128. With a rate of 0.01 the loss oscillates,
since the pixels are not centred. The data are FER2013's labels happy and neutral.
"""

from __future__ import annotations

import keras
from keras import layers

from ..recipes import TUTORIAL
from ._head import softmax_head
from ._registry import Published, register


@register(
    "softmax_regression",
    "Softmax regression on 2,304 pixels: 4,610 parameters, one multiplication per pixel and label.",
    recipe={
        **TUTORIAL,
        "optimizer": "sgd",
        "momentum": 0.0,
        "learning_rate": 0.003,
        "epochs": 300,
        "batch": 128,
        "patience": 60,
        "labels": ("happy", "neutral"),
    },
    published=Published(
        system="published tutorial: smiling or neutral by softmax regression",
        figure="unknown",
        split="its own pictures, in the folders smile/ and neutral/",
        note="Images, image size and learning rate of the tutorial are unknown. Here it learns "
        "FER2013's labels happy and neutral, at 48 x 48 pixels.",
    ),
)
def softmax_regression(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Flatten()(x)
    ending = softmax_head(x, labels, kernel_initializer="zeros")
    return keras.Model(pixels, ending, name="softmax_regression")
