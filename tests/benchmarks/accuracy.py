"""Compare the accuracy of the models and of `@vladmandic/human`'s network on the same images.

    python -m tests.benchmarks.accuracy --data fer2013.csv [--ferplus fer2013new.csv]

Each network gets FER2013's validation images as they are, without a face detector. The table has
accuracy, macro F1 and the recall of each label, by FER2013's labels and, with FER+'s votes, by
their majority.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from app.inference.model_store import ModelStore
from training.data.dataset import LABELS
from training.data.fer2013 import ferplus_majority, read_fer2013, read_ferplus
from training.measure.evaluate import predict_scores
from training.measure.metrics import measure

ROOT = Path(__file__).parents[2]


def of_human(images: np.ndarray) -> np.ndarray:
    """Probabilities (n, 7) of human's network for images (n, 48, 48) uint8."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(images.tobytes())
        file.flush()
        node = ["node", "tests/benchmarks/accuracy.mjs", file.name]
        done = subprocess.run(node, cwd=ROOT, capture_output=True, text=True, check=True)
    return np.array(json.loads(done.stdout), np.float64)


def table(title: str, labels: np.ndarray, scores: dict[str, np.ndarray]) -> None:
    """Print a row for each network, measured on the images whose label is not -1."""
    known = labels >= 0
    print(f"\n{title} (n = {int(known.sum()):,})")
    print(f"{'':24}{'accuracy':>9}{'macro-F1':>10}" + "".join(f"{name:>10}" for name in LABELS))
    for name, probabilities in scores.items():
        found = measure(probabilities[known], labels[known], LABELS)
        recalls = "".join(f"{found['per_label'][label]['recall']:>10.3f}" for label in LABELS)
        print(f"{name:24}{found['accuracy']:>9.1%}{found['macro_f1']:>10.3f}{recalls}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--ferplus", type=Path)
    given = parser.parse_args()
    validation = read_fer2013(given.data).split("validation")
    store = ModelStore(ROOT / "app" / "models")
    classifiers = {name: store.classifier(name) for name in store.names()}
    scores = {
        name: predict_scores(classifier, validation.images)
        for name, classifier in classifiers.items()
        if classifier.contract.labels == LABELS
    }
    scores["@vladmandic/human"] = of_human(validation.images)
    table("FER2013's own labels", validation.labels, scores)
    if given.ferplus:
        votes = read_ferplus(given.ferplus)[validation.rows]
        table("FER+'s majority", ferplus_majority(votes), scores)


if __name__ == "__main__":
    main()
