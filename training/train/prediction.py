"""Predict with a Keras model of one or more heads during training."""

from __future__ import annotations

import keras
import numpy as np


def to_model_input(images: np.ndarray, shape: tuple[int | None, ...]) -> np.ndarray:
    """Convert grey images (n, h, w) in 0..255 to a model's input (n, h, w, channels) float32.

    The grey level is repeated over the channels; `shape` is the model's input shape, of which
    the last element is used.
    """
    return np.repeat(images[..., None].astype(np.float32, copy=False), shape[-1] or 1, axis=3)


def predict_heads(model: keras.Model, images: np.ndarray, batch: int = 256) -> list[np.ndarray]:
    """Predict grey images (n, h, w) in 0..255; one (n, labels) float32 array for each output."""
    parts = []
    for start in range(0, len(images), batch):
        chunk = to_model_input(images[start : start + batch], model.input_shape)
        outputs = model.predict_on_batch(chunk)
        parts.append(outputs if isinstance(outputs, list) else [outputs])
    return [
        np.concatenate([np.asarray(part) for part in output]) for output in zip(*parts, strict=True)
    ]
