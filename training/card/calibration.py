"""Fit the calibration of a model, measure it, and describe it in the card."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from app.inference.classifier import ExpressionClassifier, apply_calibration
from app.inference.contract import Calibration, ModelContract

from ..data.dataset import LABELS, Dataset
from ..data.faces_file import Faces
from ..data.fer2013 import ferplus_majority, require_votes
from ..errors import RunError
from ..measure.calibrate import fit_temperature, fit_unsure_below
from ..measure.evaluate import predict_images, to_model_labels
from ..measure.logit_adjustment import (
    LabelledPredictions,
    accuracy_and_recall,
    fit_bias,
    label_shares,
)
from ..measure.metrics import accuracy_of, expected_calibration_error
from ..run_folder import write_json
from ..train.targets import vote_distribution
from .card import with_faces
from .measurements import measurements, read_card, rounded


@dataclass(frozen=True, slots=True)
class CalibrationData:
    """What a calibration is fitted and measured on.

    Attributes:
        data: images with a train and a validation split.
        votes: FER+'s votes, `read_ferplus`; None without. A model of the target ferplus needs them.
        faces: validation faces of other kinds; None without.
        faces_name: name of their file, for the card.
    """

    data: Dataset
    votes: np.ndarray | None = None
    faces: Faces | None = None
    faces_name: str = ""


def calibrated(
    path: Path, given: CalibrationData, target: str, aim: str
) -> tuple[Calibration, dict[str, Any]]:
    """Fit the calibration on the even validation images and measure it on the odd ones.

    Only images with a label of the model count. With faces of other kinds, the biases are fitted
    on both kinds, which count the same, and the score below which a face is "unsure" is the higher
    of the two.

    Args:
        path: the model file, beside its contract.json.
        given: what to fit on.
        target: what the model learned, one of `config.TARGETS`.
        aim: what the biases are for, one of `logit_adjustment.AIMS`.

    Returns:
        The calibration, and what the card says about it.

    Raises:
        RunError: the target is ferplus and there are no votes, or the model's labels are not those
            of the faces.
    """
    data, votes = given.data, given.votes
    classifier = ExpressionClassifier(path)
    names = classifier.contract.labels
    validation = data.split("validation").only(names)
    own = predict_images(classifier, validation.images)
    even = np.arange(len(validation)) % 2 == 0
    require_votes(votes, target)
    judge = validation.labels
    if votes is not None:
        judge = to_model_labels(ferplus_majority(votes[validation.rows]), names)
    labelled = judge >= 0
    # Bias and temperature are fitted on the labels that the model learned, the unsure score on
    # FER+.
    learned = judge if target == "ferplus" else validation.labels
    fit, test = even & (learned >= 0), ~even & (learned >= 0)
    fitted_on, others = [LabelledPredictions(own[fit], learned[fit])], None
    if given.faces is not None:
        if names != LABELS:
            raise RunError(
                f"the model's labels are {', '.join(names)}; those of the faces are "
                f"{', '.join(LABELS)}"
            )
        others = LabelledPredictions(
            predict_images(classifier, given.faces.images), given.faces.labels
        )
        fitted_on.append(_part(others, 0))
    bias = fit_bias(fitted_on, _shares(data.split("train").only(names), votes, target), aim)
    # The temperature is fitted after the bias.
    biased = apply_calibration(own, Calibration(bias, 1.0, 0.0))
    temperature = round(fit_temperature(biased[fit], learned[fit]), 4)
    calibration = Calibration(bias, temperature, 0.0)
    scaled = apply_calibration(own, calibration)
    unsure_below = fit_unsure_below(scaled[even & labelled], judge[even & labelled])
    if others is not None:
        half = _part(others, 0)
        scores = apply_calibration(half.probabilities, calibration)
        unsure_below = max(unsure_below, fit_unsure_below(scores, half.labels))
    calibration = replace(calibration, unsure_below=round(unsure_below, 3))
    odd = ~even & labelled
    sure = odd & (scaled.max(axis=1) >= calibration.unsure_below)
    right = scaled.argmax(axis=1) == judge
    title = data.title("validation").removeprefix("FER2013 ")
    labels = "FER2013's own labels" if data.source == "FER2013" else "the folders' labels"
    tested = LabelledPredictions(own[test], learned[test])
    before, after = (accuracy_and_recall(tested, b) for b in (np.zeros(len(names)), np.array(bias)))
    facts = {
        "aim": aim,
        "bias": list(bias),
        "fitted_on": f"even rows of {title} (n = {int(even.sum())})",
        "measured_on": f"odd rows of {title} (n = {int((~even).sum())})",
        "mean_recall_before": before[1],
        "mean_recall": after[1],
        "temperature": temperature,
        "ece_judged_by": "FER+ majority" if target == "ferplus" else labels,
        "ece_before": expected_calibration_error(own[test], learned[test]),
        "ece_after": expected_calibration_error(scaled[test], learned[test]),
        "unsure_below": calibration.unsure_below,
        "sure_judged_by": labels if votes is None else "FER+ majority",
        "share_sure": float(sure.sum() / odd.sum()),
        "sure_is_right": float(right[sure].mean()) if sure.any() else None,
    }
    if given.faces is not None and others is not None:
        facts["faces"] = {
            "name": given.faces_name,
            "fitted_on": f"even rows of its validation faces (n = {len(others.labels[::2])})",
            "measured_on": f"odd rows of its validation faces (n = {len(others.labels[1::2])})",
            "kinds": _of_each_kind(_part(others, 1), given.faces.sources[1::2], calibration),
        }
    return calibration, facts


def calibrate_again(folder: Path, given: CalibrationData, aim: str) -> Path:
    """Fit the calibration of a promoted model again, measure the model and update its card.

    The bundle for the browser holds the contract too: convert the model again afterwards.

    Args:
        folder: app/models/NAME.
        given: what to fit and measure on.
        aim: one of `logit_adjustment.AIMS`.

    Returns:
        Path of the card.

    Raises:
        RunError: `folder` has no card, or the card belongs to another model file; or as
            `calibrated`.
    """
    card, model = read_card(folder)
    target = card["target"]
    contract = ModelContract.read(folder / "contract.json")
    # Measured in a temporary folder, so that an interruption leaves the model as it was.
    with tempfile.TemporaryDirectory(prefix="mien-calibrate-") as work:
        copy = Path(work) / model.name
        shutil.copyfile(model, copy)
        write_json(copy.with_name("contract.json"), contract.to_json())
        calibration, facts = calibrated(copy, given, target, aim)
        contract = replace(contract, calibration=calibration)
        write_json(copy.with_name("contract.json"), contract.to_json())
        measured = measurements(copy, given.data, given.votes, target)
    write_json(folder / "contract.json", contract.to_json())
    path = folder / "card.json"
    if "data" in card:
        card["data"]["chosen_on"] = with_faces(card["data"]["chosen_on"], facts)
    write_json(path, {**card, "calibration": rounded(facts), **measured})
    return path


def _part(faces: LabelledPredictions, remainder: int) -> LabelledPredictions:
    """Half of the faces: the even ones (0) or the odd ones (1)."""
    return LabelledPredictions(faces.probabilities[remainder::2], faces.labels[remainder::2])


def _shares(training: Dataset, votes: np.ndarray | None, target: str) -> np.ndarray:
    """Fraction of each label in what a model of `target` learned."""
    if target == "ferplus" and votes is not None:
        return label_shares(*vote_distribution(votes[training.rows]))
    return label_shares(np.eye(len(training.names))[training.labels])


def _of_each_kind(
    faces: LabelledPredictions, sources: np.ndarray, calibration: Calibration
) -> dict[str, dict[str, Any]]:
    """For each kind of image: accuracy, mean recall, ECE, fraction and accuracy of sure faces."""
    scores = apply_calibration(faces.probabilities, calibration)
    metrics = {}
    for source in sorted(set(sources.tolist())):
        rows = sources == source
        labels, kind = faces.labels[rows], scores[rows]
        right = kind.argmax(axis=1) == labels
        sure = kind.max(axis=1) >= calibration.unsure_below
        chosen = LabelledPredictions(faces.probabilities[rows], labels)
        metrics[source] = {
            **accuracy_of(int(right.sum()), len(labels)),
            "mean_recall": accuracy_and_recall(chosen, np.array(calibration.bias))[1],
            "ece": expected_calibration_error(kind, labels),
            "share_sure": float(sure.mean()),
            "sure_is_right": float(right[sure].mean()) if sure.any() else None,
        }
    return metrics
