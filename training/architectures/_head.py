"""The last layers of the networks: logits and softmax, always in float32."""

from __future__ import annotations

from typing import Any

from keras import layers


def softmax_head(x: Any, labels: int, **dense: Any) -> Any:
    """Dense layer and softmax: features (n, k) -> probabilities (n, labels).

    Both layers use float32 under a mixed-precision policy too, since bfloat16 is not precise enough
    for probabilities.

    Args:
        x: a Keras tensor.
        labels: number of labels.
        dense: further arguments of the dense layer.
    """
    x = layers.Dense(labels, dtype="float32", **dense)(x)
    return layers.Softmax(dtype="float32", name="scores")(x)


def pooled_softmax_head(x: Any, labels: int, dropout: float) -> Any:
    """Global average pooling (Lin et al. 2014), dropout, dense layer and softmax.

    Feature maps (n, h, w, k) -> probabilities (n, labels).
    """
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(dropout)(x)
    return softmax_head(x, labels)
