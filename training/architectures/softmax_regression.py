"""Smiling or neutral: softmax regression on the pixels, after a published tutorial.

The tutorial reads the folders `smile/` and `neutral/`, makes each picture grey, resizes it,
flattens it to one vector, and fits softmax regression by gradient descent on cross-entropy; SVM
and KNN on the same vectors stand beside it (`python -m training baselines --labels
happy,neutral`). Its author, year, pictures and figure are not known to us, nor its learning rate
and its size of picture: 48 pixels a side, a rate of 0.003 and batches of 128 are ours (at 0.01 the
loss swings: the pixels are not centred). From FER2013 the labels happy and neutral are taken.
"""

from __future__ import annotations

import keras
from keras import layers

from ..config import TUTORIAL
from ._ending import scores
from ._registry import Published, register


@register(
    "softmax_regression",
    "Softmax regression on 2,304 pixels: 4,610 parameters, one multiplication a pixel and label.",
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
        figure="none known to us",
        split="its own pictures, in the folders smile/ and neutral/",
        note="Its pictures, their size and its learning rate are not known to us: here it learns "
        "FER2013's happy and neutral, 48 pixels a side.",
    ),
)
def softmax_regression(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Flatten()(x)
    ending = scores(x, labels, kernel_initializer="zeros")
    return keras.Model(pixels, ending, name="softmax_regression")
