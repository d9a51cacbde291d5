"""Notice a model that gives one answer to everything: most often its input is scaled otherwise.

Some of the golden faces are cut so that hardly a face is left in them; a model that works gives
them other answers.
"""

from __future__ import annotations

import numpy as np

SURE = 0.97
"""Mean of the best probability from which one label for all faces is called saturated."""
ALIKE = 0.1
"""Largest change of a probability between faces up to which a model is said not to see them."""


def one_answer(probabilities: np.ndarray, labels: tuple[str, ...]) -> str:
    """What is wrong with probabilities (faces, labels) that are the same for all faces; "" if they
    are not.

    The sentence has no full stop.
    """
    best = probabilities.argmax(axis=1)
    if len(set(best.tolist())) != 1:
        return ""
    label, score = labels[int(best[0])], float(probabilities.max(axis=1).mean())
    if score < SURE and float(np.ptp(probabilities, axis=0).max()) > ALIKE:
        return ""
    return f"the model answers {label}, with a score of {score:.2f}, for each of the test faces"


def is_saturated(probabilities: np.ndarray) -> bool:
    """Whether all faces get one label, with a score near 1."""
    best = probabilities.argmax(axis=1)
    return len(set(best.tolist())) == 1 and float(probabilities.max(axis=1).mean()) >= SURE
