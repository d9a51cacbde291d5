"""Write model files as other people publish them; called only in the converter's worker process.

Each function writes one into a folder and returns its path. All take faces of 24x24 grey pixels and
have three outputs, unless their names say otherwise.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

SIZE = 24


def brightness_kernel(width: int) -> list[np.ndarray]:
    """Weights of Dense((24 * 24), width): the first output rises with the upper half of the face,
    the second with the lower half, the others with the left and right halves."""
    kernel = np.zeros((SIZE, SIZE, width), np.float32)
    kernel[: SIZE // 2, :, 0] = kernel[SIZE // 2 :, :, 1 % width] = 40 / SIZE**2
    for output in range(2, width):
        kernel[:, : SIZE // 2, output] = 40 / SIZE**2
    return [kernel.reshape(SIZE * SIZE, width), np.linspace(0.3, -0.3, width, dtype=np.float32)]


def _simple(backend: Any, outputs: int = 3, activation: str = "softmax") -> Any:
    """Flatten and Dense, for pixels in 0..1, as a Sequential of keras or tf_keras."""
    layers = backend.layers
    model = backend.Sequential(
        [
            layers.Input((SIZE, SIZE, 1)),
            layers.Flatten(),
            layers.Dense(outputs, activation=activation, name="predictions"),
        ]
    )
    model.layers[-1].set_weights(brightness_kernel(outputs))
    return model


def simple(folder: Path, name: str = "model.h5", **options: Any) -> Path:
    """A whole model of Keras 3; `name` may have any ending, `options` as of `_simple`."""
    import keras

    ending = ".keras" if name.endswith(".keras") else ".h5"
    _simple(keras, **options).save(folder / f"made{ending}")
    return (folder / f"made{ending}").rename(folder / name)


def brightness(folder: Path) -> Path:
    """A model for pixels in 0..1 whose first label is for bright faces and whose second for dark
    ones; of pixels in 0..255 it says that all are bright."""
    import keras

    model = _simple(keras)
    kernel = np.zeros((SIZE * SIZE, 3), np.float32)
    kernel[:, 0] = 30 / SIZE**2
    model.layers[-1].set_weights([kernel, np.array([-10, 0, -3], np.float32)])
    model.save(folder / "model.h5")
    return folder / "model.h5"


def _keras2(kind: str) -> Any:
    """Models of Keras 2 that Keras 3 cannot load, by what they have."""
    import tf_keras
    from tf_keras import layers

    bodies = {
        "depthwise": [layers.DepthwiseConv2D(3, padding="same"), layers.Flatten()],
        "rotation": [layers.RandomRotation(0.1), layers.Conv2D(4, 3, strides=3), layers.Flatten()],
        "lstm": [layers.Reshape((SIZE, SIZE)), layers.LSTM(8)],
        "wrapped": [
            layers.Reshape((SIZE, SIZE)),
            layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
            layers.TimeDistributed(layers.Dense(4, activation="relu")),
            layers.Flatten(),
        ],
        "batch_norm": [
            layers.SeparableConv2D(4, 3, use_bias=False),
            layers.BatchNormalization(),
            layers.GaussianNoise(0.1),
            layers.ReLU(),
            layers.GlobalAveragePooling2D(),
        ],
    }
    base = tf_keras.Sequential([layers.Input((SIZE, SIZE, 1)), *bodies[kind]], name="base")
    model = tf_keras.Sequential(
        [base, tf_keras.Sequential([layers.Dense(3, activation="softmax")], name="top")]
    )
    model.build((None, SIZE, SIZE, 1))
    random = np.random.default_rng(3)
    for weight in model.weights:
        if "float" in weight.dtype.name:
            weight.assign(random.normal(0, 0.4, weight.shape))
            if "variance" in weight.name:
                weight.assign(np.abs(weight.numpy()))
    return model


def keras2(folder: Path, kind: str, name: str = "model.h5") -> tuple[Path, np.ndarray]:
    """A model of Keras 2, and what it predicts of `probe()`; without ending: a SavedModel."""
    model = _keras2(kind)
    model.save(folder / name)
    return folder / name, np.asarray(model.predict_on_batch(probe()))


def probe() -> np.ndarray:
    """(5, 24, 24, 1) float32 in 0..1."""
    return np.random.default_rng(5).random((5, SIZE, SIZE, 1), np.float32)


def old_sequential(folder: Path) -> tuple[Path, np.ndarray]:
    """A Sequential as Keras 2.2 wrote it: its configuration is a list, without an InputLayer."""
    import tf_keras

    model = _simple(tf_keras)
    path = folder / "model.hdf5"
    model.save(path, save_format="h5")
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = [one for one in config["config"]["layers"] if one["class_name"] != "InputLayer"]
        layers[0]["config"]["batch_input_shape"] = [None, SIZE, SIZE, 1]
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers})
        file.attrs["keras_version"] = file["model_weights"].attrs["keras_version"] = "2.2.0"
    return path, np.asarray(model.predict_on_batch(probe()))


def weights_alone(folder: Path, keras_version: int, architecture: str = "model.json") -> Path:
    """A file of weights and its layers as JSON, of Keras 2 or 3."""
    import keras
    import tf_keras

    model = _simple(keras if keras_version == 3 else tf_keras)
    name = "model.weights.h5" if keras_version == 3 else "model.h5"
    model.save_weights(folder / name)
    (folder / architecture).write_text(model.to_json(), encoding="utf-8")
    return folder / name


def two_outputs(folder: Path) -> Path:
    """A model with an output for the expression (3) and one for the age (1)."""
    import keras

    pixels = keras.Input((SIZE, SIZE, 1))
    x = keras.layers.Flatten()(pixels)
    expression = keras.layers.Dense(3, activation="softmax", name="expression")
    outputs = [keras.layers.Dense(1, name="age")(x), expression(x)]
    expression.set_weights(brightness_kernel(3))
    keras.Model(pixels, outputs).save(folder / "model.h5")
    return folder / "model.h5"


def colour(folder: Path) -> Path:
    """A model of three channels of any size; its outputs are the means of its channels."""
    import keras

    pixels = keras.Input((None, None, 3))
    x = keras.layers.GlobalAveragePooling2D()(pixels)
    layer = keras.layers.Dense(3, activation="softmax")
    model = keras.Model(pixels, layer(x))
    layer.set_weights([9 * np.eye(3, dtype=np.float32), np.zeros(3, np.float32)])
    model.save(folder / "model.h5")
    return folder / "model.h5"


def transfer(folder: Path) -> Path:
    """Transfer learning: a nested model with batch norms, a head in half precision."""
    import keras
    from keras import layers

    base_input = keras.Input((SIZE, SIZE, 1))
    x = layers.Conv2D(6, 3, strides=2, use_bias=False)(base_input)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, use_bias=False)(x)
    base = keras.Model(base_input, layers.ReLU()(layers.BatchNormalization()(x)), name="base")
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            base,
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ]
    )
    random = np.random.default_rng(7)
    for weight in model.weights:
        if len(weight.shape) == 1 and "float" in weight.dtype:
            weight.assign(random.uniform(0.4, 1.4, weight.shape))
    model.layers[-1].set_weights(
        [12 * random.standard_normal((6, 3)).astype(np.float32), np.zeros(3, np.float32)]
    )
    model.save(folder / "model.h5")
    return folder / "model.h5"


def lambda_of_keras2(folder: Path, marker: str) -> Path:
    """A model of Keras 2 with Python code that makes the file `marker` when it is run."""
    import tf_keras
    from tf_keras import layers

    code = f"lambda x: (open({marker!r}, 'w').close(), x)[1]"
    model = tf_keras.Sequential(
        [layers.Input((SIZE, SIZE, 1)), layers.Lambda(eval(code)), layers.Flatten()]
    )
    model.save(folder / "model.h5")
    Path(marker).unlink(missing_ok=True)
    return folder / "model.h5"


def read(path: Path, architecture: Path | None = None) -> tuple[str, np.ndarray]:
    """(who could read the file, what the model predicts of `probe()`)."""
    from converter.importing.read import read_model
    from converter.importing.source import identify

    model, reader = read_model(identify(path, architecture))
    return reader, np.asarray(model.predict_on_batch(probe()))


def predict(path: Path, faces: np.ndarray) -> np.ndarray:
    """What an imported model predicts, from its file."""
    from app.inference.classifier import load_keras_model

    return np.asarray(load_keras_model(path).predict_on_batch(faces))


def adapted(path: Path, scale: str, labels: list[str], faces: np.ndarray) -> np.ndarray:
    """What the model in `path`, adapted to a contract, predicts of faces in 0..255."""
    from converter.importing.adapt import adapt
    from converter.importing.read import read_model
    from converter.importing.scale import read_scale
    from converter.importing.source import identify

    model, _reader = read_model(identify(path))
    # Saved and loaded again, as on the server.
    saved = path.with_name("adapted.h5")
    adapt(model, labels, read_scale(scale)).model.save(saved)
    return original(saved, faces)


def original(path: Path, faces: np.ndarray) -> np.ndarray:
    """What the model in `path` predicts as it is."""
    import keras

    return np.asarray(keras.saving.load_model(path, compile=False).predict_on_batch(faces))


def write_folders(folder: Path) -> None:
    """Pictures in folders of labels: bright ones are happy, dark ones sad."""
    import cv2

    random = np.random.default_rng(2)
    for split in ("train", "validation"):
        for label, grey in (("happy", 220), ("sad", 30), ("other", 5)):
            (folder / split / label).mkdir(parents=True)
            for number in range(3):
                picture = random.integers(grey, grey + 20, (48, 48)).astype(np.uint8)
                cv2.imwrite(str(folder / split / label / f"{number}.png"), picture)
