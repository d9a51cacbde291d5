"""Measure the time of every model for one face: Keras on the server, TF.js on WebAssembly.

    python -m tests.benchmarks.models [--rounds 60]

The table has a row for each model: parameters, multiply-accumulates, bytes of the server's file and
of the bundle, median milliseconds, and their ratio to the site's default model in the same run,
which depends much less on the machine. The last row is a plain network of 75 million
multiply-accumulates (reference.py) in TF.js, a unit for the cost of a network that is independent
of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from app.config import SETTINGS
from app.inference.model_store import ModelStore

ROOT = Path(__file__).parents[2]
DEFAULT = next(str(setting.default) for setting in SETTINGS if setting.name == "MIEN_MODEL")


def keras_times(store: ModelStore, rounds: int) -> dict[str, float]:
    """Median milliseconds of each model for one face; each round runs every model once."""
    random = np.random.default_rng(1)
    faces = {}
    for name in store.names():
        size = store.classifier(name).contract.input
        shape = (1, size.height, size.width, size.channels)
        faces[name] = random.uniform(0, 255, shape).astype(np.float32)
    spent: dict[str, list[float]] = {name: [] for name in faces}
    for round_ in range(-5, rounds):
        for name, face in faces.items():
            started = time.perf_counter()
            store.classifier(name).predict(face)
            if round_ >= 0:
                spent[name].append(1000 * (time.perf_counter() - started))
    return {name: statistics.median(times) for name, times in spent.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    rounds = parser.parse_args().rounds
    store = ModelStore(ROOT / "app" / "models")
    keras = keras_times(store, rounds)
    with tempfile.TemporaryDirectory() as folder:
        reference = Path(folder) / "reference"
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.reference", str(reference)],
            cwd=ROOT, env={**os.environ, "KERAS_BACKEND": "tensorflow"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )  # fmt: skip
        node = ["node", "tests/benchmarks/models.mjs", "--rounds", str(rounds)]
        node += ["--reference", str(reference / "bundle" / "model.json")]
        done = subprocess.run(node, cwd=ROOT, capture_output=True, text=True, check=True)
    tfjs = json.loads(done.stdout)
    index = json.loads((ROOT / "static" / "models" / "index.json").read_text())["models"]
    bundles = {entry["model"]: entry for entry in index}
    print(f"{'':28}{'parameters':>11}{'MMAC':>7}{'.h5':>11}{'bundle':>10}{'gzip':>10}"
          f"{'Keras ms':>10}{'ratio':>7}{'TF.js ms':>10}{'ratio':>7}")  # fmt: skip
    for name, keras_ms in keras.items():
        card, bundle = store.card(name) or {}, bundles[name]
        print(
            f"{name:28}{card['parameters']:>11,}{card['multiply_accumulates'] / 1e6:>7.1f}"
            f"{card['bytes']:>11,}{bundle['bytes']:>10,}{bundle['gzip_bytes']:>10,}"
            f"{keras_ms:>10.2f}{keras_ms / keras[DEFAULT]:>7.2f}"
            f"{tfjs[name]:>10.2f}{tfjs[name] / tfjs[DEFAULT]:>7.2f}"
        )
    plain = tfjs["reference"]
    print(f"{'reference (plain)':<35}{75.0:>11.1f}{plain:>55.2f}{plain / tfjs[DEFAULT]:>7.2f}")


if __name__ == "__main__":
    main()
