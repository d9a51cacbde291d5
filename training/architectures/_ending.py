"""How every network here ends: logits and softmax in float32, whatever the rest computes in."""

from __future__ import annotations

from typing import Any

from keras import layers


def scores(x: Any, labels: int, **dense: Any) -> Any:
    """Features (n, k) -> (n, labels) softmax probabilities.

    Both layers stay in float32 under a mixed-precision policy: 8 bits of mantissa are too few for
    probabilities.

    Args:
        x: a Keras tensor.
        labels: how many there are.
        dense: further arguments of the dense layer.
    """
    x = layers.Dense(labels, dtype="float32", **dense)(x)
    return layers.Softmax(dtype="float32", name="scores")(x)


def pooled_scores(x: Any, labels: int, dropout: float) -> Any:
    """Feature maps (n, h, w, k) -> (n, labels) softmax probabilities, by their mean over the
    picture (global average pooling, Lin et al. 2014)."""
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return scores(x, labels)
