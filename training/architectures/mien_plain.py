"""A plain network of 3x3 convolutions with batch norm at four resolutions.

A VGG network (Simonyan and Zisserman 2015) with global average pooling (Lin et al. 2014) instead of
large dense layers. It has no shortcuts and no depthwise layers: the converter folds every batch
norm into its convolution, and almost only convolutions are left. There are few channels at high
resolution, where batch norm and activation cost more than the convolution. The numbers of channels
are multiples of 16, the width of SIMD registers.
"""

from __future__ import annotations

import keras
from keras import layers

from ._head import pooled_softmax_head
from ._registry import register

STAGES = ((16,), (48, 64), (96, 128), (192, 256))
"""Channels of each convolution; the resolution halves per stage: 48, 24, 12, 6 pixels."""


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
    return keras.Model(pixels, pooled_softmax_head(x, labels, 0.4), name="mien_plain")
