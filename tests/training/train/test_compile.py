"""The optimizer that a recipe asks for."""

import pytest

from training.train.compile import make_optimizer

from ...support.training import settings_of


@pytest.mark.parametrize(
    ("name", "kind", "rate"),
    [
        ("vgg_rgb", "Adam", 1e-3),
        ("blog_cnn_6", "RMSprop", 1e-3),
        ("softmax_regression", "SGD", 3e-3),
    ],
)
def test_the_optimizer_of_a_recipe(name, kind, rate):
    optimizer = make_optimizer(settings_of(name), 10)
    assert type(optimizer).__name__ == kind
    assert float(optimizer.learning_rate) == pytest.approx(rate)
    assert not optimizer.use_ema
    assert not optimizer.weight_decay
    assert getattr(optimizer, "momentum", 0) == 0
