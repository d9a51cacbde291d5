"""Register architectures by name. An architecture builds an untrained Keras model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Published:
    """The publication that an architecture reproduces; part of the model's card.

    Attributes:
        system: the name or description of the system.
        figure: the published accuracy, as stated there.
        split: the images that the accuracy was measured on.
        note: differences to the publication, and what it does not say.
        year: year of publication; None if unknown.
        url: address of the publication; None if unknown.
    """

    system: str
    figure: str
    split: str
    note: str
    year: int | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without unknown fields."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True)
class Architecture:
    """A registered network.

    Attributes:
        name: the argument of `python -m training train`.
        summary: one sentence with the number of parameters and MMAC.
        build: builds the untrained model for a number of labels: (n, height, width, channels)
            float32 in 0..255 -> (n, labels) softmax probabilities. It uses only `keras.layers` and
            `keras.ops`, so that it works with every Keras backend.
        height: height of the input in pixels.
        width: width of the input in pixels.
        channels: 1 for grey, 3 for RGB.
        recipe: default settings of a run, as fields of `Settings`.
        published: the publication that it reproduces; None for Mien's own networks.
    """

    name: str
    summary: str
    build: Callable[[int], keras.Model]
    height: int = 48
    width: int = 48
    channels: int = 1
    recipe: dict[str, Any] = field(default_factory=dict)
    published: Published | None = None


_ARCHITECTURES: dict[str, Architecture] = {}


def register(
    name: str,
    summary: str,
    *,
    height: int = 48,
    width: int = 48,
    channels: int = 1,
    recipe: dict[str, Any] | None = None,
    published: Published | None = None,
) -> Callable[[Callable[[int], keras.Model]], Callable[[int], keras.Model]]:
    """Decorator: register a function that builds a network for a number of labels.

    The arguments are those of `Architecture`.
    """

    def add(build: Callable[[int], keras.Model]) -> Callable[[int], keras.Model]:
        if name in _ARCHITECTURES:
            raise ValueError(f"two architectures are named {name}")
        _ARCHITECTURES[name] = Architecture(
            name, summary, build, height, width, channels, recipe or {}, published
        )
        return build

    return add


def names() -> list[str]:
    """Sorted names of all architectures."""
    return sorted(_ARCHITECTURES)


def get(name: str) -> Architecture:
    """The architecture `name`.

    Raises:
        TrainingError: there is no such architecture; the message lists the names.
    """
    try:
        return _ARCHITECTURES[name]
    except KeyError:
        raise TrainingError(f"no architecture {name!r}; there are {', '.join(names())}") from None
