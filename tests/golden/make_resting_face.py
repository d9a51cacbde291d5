"""Write resting_face.json: observed scores, and what a resting face makes of others.

python -m tests.golden.make_resting_face

Read by tests/inference/test_resting_face.py and tests/js/inference/resting-face.test.mjs: both must
compute the same.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.resting_face import RestingFace

LABELS = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
PEOPLE = {
    # name: (log-probabilities at rest, before they are made to sum to 1; how much they vary)
    "neutral at rest": ((-7.0, -6.5, -8.0, -6.4, -6.1, -7.5, 0.0), 0.1),
    "sad at rest": ((-3.0, -5.0, -4.0, -7.0, 0.5, -6.0, 0.0), 0.6),
    "one label that is never seen": ((-4.0, -99.0, -5.0, -3.0, -4.0, -6.0, 0.0), 0.0),
}


def cases() -> dict[str, Any]:
    """For each of `PEOPLE` the observed scores, the resting face, and others compared with it."""
    random = np.random.default_rng(1)
    found = {}
    for name, (middle, spread) in PEOPLE.items():
        observed = _scores(np.array(middle) + random.normal(0, spread, (9, len(LABELS))))
        others = _scores(np.array(middle) + np.vstack([np.zeros(7), 3 * np.eye(7)]))
        face = RestingFace.of(observed)
        found[name] = {
            "observed": observed.tolist(),
            "rest": face.rest.tolist(),
            "spread": face.spread.tolist(),
            "scores": others.tolist(),
            "change": face.change(others).tolist(),
            "adjusted": face.adjusted(others, LABELS).tolist(),
        }
    return {"labels": LABELS, "cases": found}


def _scores(logarithms: np.ndarray) -> np.ndarray:
    powers = np.exp(logarithms)
    return powers / powers.sum(axis=1, keepdims=True)


if __name__ == "__main__":
    path = Path(__file__).with_name("resting_face.json")
    path.write_text(json.dumps(cases(), indent=1) + "\n", encoding="utf-8")
