"""The architectures that reproduce a publication are as published."""

import keras
import pytest

from training import architectures

from ...support.training import settings_of

PUBLISHED = [name for name in architectures.names() if architectures.get(name).published]


def layers_of(name, labels=7):
    return architectures.get(name).build(labels).layers


def test_some_architectures_are_published():
    assert PUBLISHED


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_reproduction_states_the_publication_and_uses_its_plain_recipe(name):
    architecture = architectures.get(name)
    settings = settings_of(name)
    assert settings.average is None
    assert settings.label_smoothing == 0
    assert settings.schedule == "constant"
    assert architecture.published.figure
    assert architecture.published.note


def test_vgg_rgb_has_the_published_number_of_parameters():
    model = architectures.get("vgg_rgb").build(7)
    assert model.count_params() == 1_328_743
    assert model.input_shape == (None, 48, 48, 3)


def test_convolutions_and_poolings_are_as_published():
    def shapes_of(name):
        shapes = []
        for layer in layers_of(name):
            if isinstance(layer, keras.layers.Conv2D):
                shapes.append((layer.filters, layer.kernel_size[0]))
            elif "Pooling" in type(layer).__name__:
                shapes.append((type(layer).__name__[:3], layer.pool_size[0]))
        return shapes

    assert shapes_of("sharma_cnn") == [(16, 3), (16, 5), (16, 3), ("Max", 2), (16, 3), (16, 3)]
    assert shapes_of("kammakatla_cnn") == [
        *((64, 5), ("Max", 5), (64, 3), (64, 3), ("Ave", 3), (128, 3), (128, 3), ("Ave", 3)),
    ]
    assert shapes_of("blog_cnn_6") == [
        *((16, 7), ("Ave", 2), (32, 2), ("Max", 2), (8, 2), ("Max", 2)),
    ]
    dense = [layer.units for layer in layers_of("softmax_regression", 2) if hasattr(layer, "units")]
    assert dense == [2]
