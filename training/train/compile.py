"""Build the network of a run and compile it with loss and optimizer."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from .. import architectures
from ..config import Settings
from .fused_layers import with_fused_layers
from .heads import with_heads
from .targets import Target


def compiled_model(
    architecture: architectures.Architecture,
    labels: int,
    settings: Settings,
    targets: list[Target],
    steps: int,
    weights: list[np.ndarray] | None = None,
) -> keras.Model:
    """The network in the form in which it is trained.

    Args:
        architecture: the network.
        labels: number of labels.
        settings: the run's settings.
        targets: one head is built for each.
        steps: batches per epoch.
        weights: initial weights; random ones if None.
    """
    keras.mixed_precision.set_dtype_policy(settings.precision)
    model = with_fused_layers(with_heads(architecture.build(labels), settings.targets))
    keras.mixed_precision.set_dtype_policy("float32")
    if weights is not None:
        model.set_weights(weights)
    model.compile(
        optimizer=make_optimizer(settings, steps),
        loss=[
            keras.losses.CategoricalCrossentropy(label_smoothing=target.smoothing)
            for target in targets
        ],
        # The mean loss, so that the same learning rate suits one target and two.
        loss_weights=[1 / len(targets)] * len(targets),
        # On a CPU, XLA's convolutions are four times slower than TensorFlow's (EXPERIMENTS.md).
        jit_compile=keras.backend.backend() == "jax",
    )
    model.optimizer.build(model.trainable_variables)
    return model


def make_optimizer(settings: Settings, steps: int) -> keras.optimizers.Optimizer:
    """The optimizer of `settings`, with its learning rate schedule; `steps` batches per epoch."""
    rate: Any = settings.learning_rate
    if settings.schedule == "cosine":
        warmup = int(settings.warmup_epochs * steps)
        rate = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=settings.learning_rate / 10,
            warmup_target=settings.learning_rate,
            warmup_steps=warmup,
            decay_steps=max(1, settings.epochs * steps - warmup),
            alpha=1e-3,
        )
    common: dict[str, Any] = {
        "weight_decay": settings.weight_decay or None,
        "global_clipnorm": settings.clip,
        "use_ema": settings.average is not None,
    }
    if settings.average is not None:
        # The averaged weights never replace the trained ones; they are only evaluated and saved.
        common.update(ema_momentum=settings.average, ema_overwrite_frequency=None)
    optimizer: keras.optimizers.Optimizer
    if settings.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(
            rate, momentum=settings.momentum, nesterov=settings.momentum > 0, **common
        )
    elif settings.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate, **common)
    else:
        optimizer = keras.optimizers.RMSprop(rate, **common)
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer
