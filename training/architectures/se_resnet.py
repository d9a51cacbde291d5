"""A residual network with squeeze-and-excitation, used as a teacher.

Pre-activation residual blocks (He et al. 2016). Squeeze-and-excitation scales the channels of each
block's second convolution (Hu et al. 2018). The design differs from `mien_small` on purpose:
teachers that make different errors form a better ensemble.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from ._head import pooled_softmax_head
from ._registry import register

STAGES = ((48, 1), (112, 2), (224, 2))
"""Channels and number of residual blocks of each stage, at 24, 12 and 6 pixels."""


@register(
    "se_resnet",
    "Five residual blocks with squeeze-and-excitation: 2.07 M parameters, 133 MMAC.",
)
def se_resnet(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    x = _convolution(x, 24)
    for filters, blocks in STAGES:
        x = layers.MaxPooling2D()(x)
        for _ in range(blocks):
            x = _block(x, filters)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(pixels, pooled_softmax_head(x, labels, 0.4), name="se_resnet")


def _convolution(x: Any, filters: int, size: int = 3) -> Any:
    return layers.Conv2D(
        filters, size, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)


def _block(x: Any, filters: int) -> Any:
    """A residual block; the shortcut is a 1x1 convolution if the number of channels changes."""
    y = layers.ReLU()(layers.BatchNormalization()(x))
    shortcut = x if x.shape[-1] == filters else _convolution(y, filters, 1)
    y = _convolution(y, filters)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = _convolution(y, filters)
    scale = layers.GlobalAveragePooling2D(keepdims=True)(y)
    scale = layers.Dense(filters // 8, activation="relu")(scale)
    scale = layers.Dense(filters, activation="sigmoid")(scale)
    return layers.Add()([shortcut, layers.Multiply()([y, scale])])
