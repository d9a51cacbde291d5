"""Every registered architecture keeps its contract, and every shipped model still fits its own."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from app.inference.classifier import load_keras_model
from app.inference.contract import ModelContract
from training import architectures
from training.config import Settings
from training.data.dataset import LABELS
from training.measure.macs import multiply_accumulates

from ...support.training import settings_of

MODELS = sorted((Path(__file__).parents[3] / "app" / "models").glob("*/model.h5"))


@pytest.fixture(scope="module", params=architectures.names())
def built(request):
    """(architecture, its untrained model for the labels of its recipe)."""
    architecture = architectures.get(request.param)
    return architecture, architecture.build(len(architecture.recipe.get("labels", LABELS)))


def test_the_summary_states_parameters_and_macs(built):
    architecture, model = built
    count, macs = model.count_params(), multiply_accumulates(model)
    parameters = f"{count / 1e6:.2f} M" if count >= 1e5 else f"{count:,}"
    assert f"{parameters} parameters" in architecture.summary
    assert macs < 1e6 or f"{macs / 1e6:.0f} MMAC" in architecture.summary


def test_grey_levels_in_and_probabilities_out(built):
    architecture, model = built
    shape = (architecture.height, architecture.width, architecture.channels)
    assert model.input_shape == (None, *shape)
    images = np.random.default_rng(0).uniform(0, 255, (2, *shape)).astype(np.float32)
    probabilities = np.asarray(model.predict_on_batch(images))
    assert probabilities.shape == (2, model.output_shape[-1])
    assert probabilities.sum(axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert probabilities.min() >= 0


def test_the_model_scales_its_input_ends_in_softmax_and_changes_no_image_at_random(built):
    _, model = built
    first, *_, last = model.layers[1:]
    assert type(first) is keras.layers.Rescaling
    assert type(last) is keras.layers.Softmax
    # Random changes of the images belong to the recipe's augmentation, not to the model.
    assert not [layer for layer in model.layers if type(layer).__name__.startswith("Random")]


@pytest.mark.parametrize("name", architectures.names())
def test_settings_survive_json(name):
    settings = settings_of(name)
    assert Settings.from_json(json.loads(json.dumps(settings.to_json()))) == settings


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_weights_of_a_shipped_model_fit_its_architecture(path):
    contract = ModelContract.read(path.parent / "contract.json")
    model = architectures.get(contract.model.split(".")[0]).build(len(contract.labels))
    model.load_weights(path)
    shape = (4, *model.input_shape[1:])
    images = np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32)
    expected = load_keras_model(path).predict_on_batch(images)
    assert model.predict_on_batch(images) == pytest.approx(expected, abs=1e-6)
