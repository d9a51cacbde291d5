"""Mien's own networks: 3x3 convolutions, with a shortcut if input and output width agree.

The shortcut ends before the batch norm. Therefore x + conv(x) equals one convolution with the
identity added to its kernel (DiracNets, Zagoruyko and Komodakis 2017). The network trains like a
residual network, and the converter turns it into a plain one, as in RepVGG (Ding et al. 2021). Most
of the arithmetic is at the two lower resolutions, where batch norm and activation cost least.
"""

from __future__ import annotations

import keras
from keras import layers

from ._head import pooled_softmax_head
from ._registry import register

SMALL = ((16,), (48, 48, 48), (96, 96, 96, 96), (192, 192, 192))
"""Channels of each convolution; the resolution halves per stage: 48, 24, 12, 6 pixels."""
TINY = ((8,), (24, 24), (48, 48, 48, 48), (104, 104, 104))


@register(
    "mien_small",
    "Eleven 3x3 convolutions with batch norm and foldable shortcuts: 1.17 M parameters, 100 MMAC.",
)
def mien_small(labels: int) -> keras.Model:
    """Mien's default; (n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    return _network("mien_small", SMALL, labels, dropout=0.4)


@register(
    "mien_tiny",
    "Ten 3x3 convolutions with batch norm and foldable shortcuts: 0.32 M parameters, 23 MMAC.",
)
def mien_tiny(labels: int) -> keras.Model:
    """For slow devices; (n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    return _network("mien_tiny", TINY, labels, dropout=0.2)


def _network(
    name: str, stages: tuple[tuple[int, ...], ...], labels: int, *, dropout: float
) -> keras.Model:
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
    for stage, channels in enumerate(stages):
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
    return keras.Model(pixels, pooled_softmax_head(x, labels, dropout), name=name)
