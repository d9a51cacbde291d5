"""Mien's flagship: eleven 3x3 convolutions, those of equal width with a shortcut round them.

The shortcut ends before the batch norm, so that x + conv(x) is one convolution whose kernel has
the identity added (DiracNets, Zagoruyko and Komodakis 2017): the network trains as if it had
shortcuts, and the converter makes a plain one of it, in the manner of RepVGG (Ding et al. 2021).
Most of the arithmetic stands at the two smaller sizes, where batch norm and activation cost least.
"""

from __future__ import annotations

import keras
from keras import layers

from ._ending import pooled_scores
from ._registry import register

STAGES = ((16,), (48, 48, 48), (96, 96, 96, 96), (192, 192, 192))
"""Channels of each convolution; the picture is halved between stages: 48, 24, 12, 6 pixels."""


@register(
    "mien_small",
    "Eleven 3x3 convolutions with batch norm and foldable shortcuts: 1.17 M parameters, 100 MMAC.",
)
def mien_small(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    for stage, channels in enumerate(STAGES):
        if stage:
            x = layers.MaxPooling2D()(x)
        for filters in channels:
            y = layers.Conv2D(
                filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
            )(x)
            if x.shape[-1] == filters:
                y = layers.Add()([x, y])
            y = layers.BatchNormalization()(y)
            x = layers.ReLU()(y)
    return keras.Model(pixels, pooled_scores(x, labels, 0.4), name="mien_small")
