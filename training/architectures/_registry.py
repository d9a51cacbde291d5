"""Name -> architecture. An architecture is a function that builds an untrained Keras model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Architecture:
    """A registered network.

    Attributes:
        name: what `python -m training train` is given.
        summary: one sentence, with its source.
        build: makes the untrained model: (n, height, width, channels) float32 in 0..255 ->
            (n, `labels`) softmax probabilities. Only `keras.layers` and `keras.ops`, so that
            it runs on every Keras backend.
        height, width, channels: the input it wants.
        recipe: settings it is trained with where nothing else is asked for; `Settings`' fields.
    """

    name: str
    summary: str
    build: Callable[[int], keras.Model]
    height: int = 48
    width: int = 48
    channels: int = 1
    recipe: dict[str, Any] = field(default_factory=dict)


_ARCHITECTURES: dict[str, Architecture] = {}


def register(
    name: str,
    summary: str,
    *,
    height: int = 48,
    width: int = 48,
    channels: int = 1,
    recipe: dict[str, Any] | None = None,
) -> Callable[[Callable[[int], keras.Model]], Callable[[int], keras.Model]]:
    """Decorator: make a builder known under `name`. Its one argument is the number of labels."""

    def add(build: Callable[[int], keras.Model]) -> Callable[[int], keras.Model]:
        if name in _ARCHITECTURES:
            raise ValueError(f"two architectures are named {name}")
        _ARCHITECTURES[name] = Architecture(
            name, summary, build, height, width, channels, recipe or {}
        )
        return build

    return add


def names() -> list[str]:
    """Names of all architectures, sorted."""
    return sorted(_ARCHITECTURES)


def get(name: str) -> Architecture:
    """The architecture of that name.

    Raises:
        TrainingError: there is none; the message lists what there is.
    """
    try:
        return _ARCHITECTURES[name]
    except KeyError:
        raise TrainingError(f"no architecture {name!r}; there are {', '.join(names())}") from None
