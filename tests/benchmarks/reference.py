"""Convert an untrained plain network of 75 million multiply-accumulates to a bundle.

It is the unit to which the models' times are compared: the cost of convolutions on this machine.

    KERAS_BACKEND=tensorflow python -m tests.benchmarks.reference FOLDER

FOLDER must not exist; the bundle is FOLDER/bundle.
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
from keras import layers

from app.inference.contract import Calibration, CropSpec, InputSpec, ModelContract
from converter.__main__ import main as convert
from training.architectures._head import pooled_softmax_head
from training.data.dataset import LABELS
from training.measure.macs import multiply_accumulates
from training.run_folder import write_json

STAGES = ((28, 28), (60, 60), (128, 124))
"""Channels of 3x3 convolutions with batch norm and ReLU; the picture is halved between stages."""


def plain() -> keras.Model:
    """(n, 48, 48, 1) float32 in 0..255 -> (n, 7); a VGG network (Simonyan and Zisserman 2014)."""
    pixels = keras.Input((48, 48, 1), name="pixels")
    x = layers.Rescaling(1 / 255)(pixels)
    for stage, channels in enumerate(STAGES):
        if stage:
            x = layers.MaxPooling2D()(x)
        for filters in channels:
            x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(pixels, pooled_softmax_head(x, len(LABELS), 0.0), name="reference")


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    model = plain()
    cost = multiply_accumulates(model)
    if not 74e6 < cost < 76e6:
        raise SystemExit(f"the reference has {cost / 1e6:.1f} MMAC, expected 75")
    model.save(folder / "model.h5")
    contract = ModelContract(
        "reference.plain",
        LABELS,
        InputSpec(48, 48, 1),
        CropSpec(0.0),
        Calibration((0.0,) * len(LABELS), 1.0, 0.0),
    )
    write_json(folder / "contract.json", contract.to_json())
    return convert([str(folder / "model.h5"), str(folder / "bundle")])


if __name__ == "__main__":
    sys.exit(main())
