"""A person's resting face: the numbers that the browser computes too, and what they mean."""

import json
from pathlib import Path

import numpy as np
import pytest

from app.inference.resting_face import LEAST_SPREAD, RestingFace, log_odds

from ..golden.make_resting_face import LABELS, cases

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "resting_face.json").read_text(encoding="utf-8")
)
NEUTRAL, HAPPY = LABELS.index("neutral"), LABELS.index("happy")


def scores(**given: float) -> np.ndarray:
    """Scores of these labels; the others share the rest equally."""
    others = [label for label in LABELS if label not in given]
    left = (1 - sum(given.values())) / len(others)
    return np.array([given.get(label, left) for label in LABELS])


def test_the_golden_file_is_up_to_date():
    fresh = cases()
    assert fresh["labels"] == GOLDEN["labels"]
    assert list(fresh["cases"]) == list(GOLDEN["cases"])
    for name, case in fresh["cases"].items():
        for key, values in case.items():
            assert np.array(values) == pytest.approx(np.array(GOLDEN["cases"][name][key]), abs=1e-6)


def test_a_faint_smile_of_a_neutral_face_is_happy():
    rest = RestingFace.of(np.array([scores(neutral=0.99, happy=0.002)] * 5))
    faint = scores(neutral=0.97, happy=0.02)
    assert faint.argmax() == NEUTRAL
    assert rest.adjusted(faint, LABELS).argmax() == HAPPY
    assert rest.change(faint)[HAPPY] > 3


def test_the_rest_itself_is_neutral_whatever_it_looks_like():
    sad = scores(sad=0.8, neutral=0.15)
    rest = RestingFace.of(np.array([sad] * 5))
    assert rest.adjusted(sad, LABELS).argmax() == NEUTRAL
    assert rest.adjusted(sad, LABELS)[NEUTRAL] > 0.9
    assert rest.change(sad) == pytest.approx(np.zeros(len(LABELS)), abs=1e-9)


def test_a_face_that_varies_needs_a_larger_change():
    varied = np.array([scores(neutral=1 - 6 * p, happy=p) for p in (0.002, 0.01, 0.05)])
    steady = np.array([scores(neutral=0.94, happy=0.01)] * 3)
    smile = scores(neutral=0.85, happy=0.09)
    assert RestingFace.of(steady).change(smile)[HAPPY] > 3
    assert 0 < RestingFace.of(varied).change(smile)[HAPPY] < 3
    assert RestingFace.of(steady).spread.min() >= LEAST_SPREAD


def test_adjusted_scores_sum_to_one_for_any_shape():
    rest = RestingFace.of(np.array([scores(neutral=0.9)] * 3))
    batch = np.random.default_rng(2).dirichlet(np.ones(len(LABELS)), (4, 5))
    assert rest.adjusted(batch, LABELS).shape == batch.shape
    assert rest.adjusted(batch, LABELS).sum(-1) == pytest.approx(np.ones((4, 5)), abs=1e-9)


def test_zero_and_one_have_finite_log_odds():
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


def test_what_cannot_be_used_is_refused():
    with pytest.raises(ValueError, match="no scores"):
        RestingFace.of(np.empty((0, 7)))
    rest = RestingFace(np.zeros(2), np.ones(2))
    with pytest.raises(ValueError, match=r"happy, sad\. A resting face needs the label neutral"):
        rest.adjusted(np.array([0.5, 0.5]), ["happy", "sad"])
