"""Mien's first own network: plain 3x3 convolutions with batch norm, four sizes of picture.

In the manner of Simonyan and Zisserman 2015 (VGG), global average pooling instead of its large
dense layers (Lin et al. 2014). No shortcuts, no depthwise layers: every batch norm folds into its
convolution when the model is converted, and what is left is little else than convolutions. Few
channels where the picture is large, where batch norm and activation cost more than arithmetic;
multiples of 16, the width of a processor's SIMD blocks.
"""

from __future__ import annotations

import keras
from keras import layers

from ._ending import pooled_scores
from ._registry import register

STAGES = ((16,), (48, 64), (96, 128), (192, 256))
"""Channels of each convolution; the picture is halved between stages: 48, 24, 12, 6 pixels."""


@register("mien_plain", "Seven 3x3 convolutions with batch norm: 0.87 M parameters, 68 MMAC.")
def mien_plain(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    for stage, channels in enumerate(STAGES):
        if stage:
            x = layers.MaxPooling2D()(x)
        for filters in channels:
            x = layers.Conv2D(
                filters, 3, padding="same", use_bias=False, kernel_initializer="he_normal"
            )(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
    return keras.Model(pixels, pooled_scores(x, labels, 0.4), name="mien_plain")
