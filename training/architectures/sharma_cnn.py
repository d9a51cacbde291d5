"""Five convolutions of 16 channels and three dense layers, after a published tutorial (Sharma).

Conv 16 3x3, 16 5x5, 16 3x3 with max pooling, 16 3x3, 16 3x3, each 'same' with ReLU, batch norm
and dropout 0.2; Flatten, Dropout 0.4, Dense 256, 128, softmax. Before them the tutorial has
Rescaling 1/255, RandomContrast 0.2 and horizontal RandomFlip. The last two change pictures in
training only, so they stand in the recipe as augmentation (same ranges), not in the model.

Recipe: Adam 1e-3; early stop on the validation loss (patience 10, min_delta 1e-4, best weights
kept); the rate is halved after 3 epochs without a lower loss, not below 1e-7; 20 % of the
pictures taken off, 40 % of those for validation, seed 121. The tutorial's batch size is not known
to us: 32 is Keras's default. Its year is not either. The tutorial splits all it has; we split
FER2013's Training alone, so that PublicTest stays unseen: 22,967 to learn from, 2,297 for
validation, 3,445 for its own test.
"""

from __future__ import annotations

import keras
from keras import layers

from ..augment import Augmentation
from ..config import TUTORIAL, Plateau, Split
from ._ending import scores
from ._registry import Published, register

CONVOLUTIONS = ((3, False), (5, False), (3, True), (3, False), (3, False))
"""Side of each kernel, and whether max pooling follows."""


@register(
    "sharma_cnn",
    "Five convolutions of 16 channels, three dense layers: 2.41 M parameters, 25 MMAC.",
    recipe={
        **TUTORIAL,
        "epochs": 60,
        "batch": 32,
        "precision": "mixed_bfloat16",
        "augmentation": Augmentation(
            rotation=0, shift=0, scale=0, contrast=0.2, brightness=0, erase=0
        ),
        "monitor": "loss",
        "min_delta": 1e-4,
        "patience": 10,
        "plateau": Plateau(patience=3, factor=0.5, least=1e-7),
        "split": Split(off=0.2, validation=0.4, seed=121),
    },
    published=Published(
        system="published tutorial: Sharma's CNN, beside KNN and PCA",
        figure="none of the CNN known to us; 30.08 % of its KNN with k = 169",
        split="its own: 60 % of 20 % of its pictures",
        note="Split off from FER2013's Training alone, so that PublicTest stays unseen. Its batch "
        "size is not known to us: 32 is ours. Contrast and flip are changed outside the model.",
    ),
)
def sharma_cnn(labels: int) -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, labels) softmax probabilities."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    for side, pooled in CONVOLUTIONS:
        x = layers.Conv2D(16, side, padding="same", activation="relu")(x)
        x = layers.BatchNormalization()(x)
        if pooled:
            x = layers.MaxPooling2D()(x)
        x = layers.Dropout(0.2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.4)(x)
    x = layers.Dense(256, activation="relu")(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(pixels, scores(x, labels), name="sharma_cnn")
