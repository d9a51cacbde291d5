"""Five convolutions of 16 channels and three dense layers, from a published tutorial (Sharma).

Conv 16 3x3, 16 5x5, 16 3x3 with max pooling, 16 3x3, 16 3x3, each 'same' with ReLU, batch norm
and dropout 0.2; Flatten, Dropout 0.4, Dense 256, 128, softmax. Before them the tutorial has
Rescaling 1/255, RandomContrast 0.2 and horizontal RandomFlip. The last two change images in
training only, so here they are augmentation in the recipe (with the same ranges), not layers.

Recipe: Adam 1e-3; early stopping on the validation loss (patience 10, min_delta 1e-4, best weights
kept); the learning rate is halved after 3 epochs without a lower loss, to no less than 1e-7; 20 %
of the images are split off, 40 % of them for validation, seed 121. Batch size and year of the
tutorial are unknown; 32 is Keras's default. The tutorial splits all of its images. Here only
FER2013's Training is split, so that PublicTest stays unseen: 22,967 images for training, 2,297 for
validation, 3,445 for testing.
"""

from __future__ import annotations

import keras
from keras import layers

from ..augment import Augmentation
from ..config import Plateau, Split
from ..recipes import TUTORIAL
from ._head import softmax_head
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
        system="published tutorial: Sharma's CNN, KNN and PCA",
        figure="unknown for the CNN; 30.08 % for its KNN with k = 169",
        split="its own: 60 % of 20 % of its pictures",
        note="Here only FER2013's Training is split, so that PublicTest stays unseen. The batch "
        "size is unknown; we use 32. Contrast and flip are augmentation, not layers of the model.",
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
    return keras.Model(pixels, softmax_head(x, labels), name="sharma_cnn")
