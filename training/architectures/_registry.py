"""Name -> architecture. An architecture is a function that builds an untrained Keras model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import TrainingError

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True, slots=True)
class Published:
    """What was published of the system an architecture re-makes; goes into the model's card.

    Attributes:
        system: what it is, in words.
        figure: the accuracy it states, as it states it.
        split: of which pictures.
        note: what is different here, and what its text leaves open.
        year: None where we do not know it.
        url: where it can be read; None where we do not know it.
    """

    system: str
    figure: str
    split: str
    note: str
    year: int | None = None
    url: str | None = None

    def to_json(self) -> dict[str, Any]:
        """As a JSON object, without what is not known."""
        return {key: value for key, value in asdict(self).items() if value is not None}


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
        published: of the system it re-makes; None where it is our own.
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
    """Decorator: make a builder known under `name`. Its one argument is the number of labels."""

    def add(build: Callable[[int], keras.Model]) -> Callable[[int], keras.Model]:
        if name in _ARCHITECTURES:
            raise ValueError(f"two architectures are named {name}")
        _ARCHITECTURES[name] = Architecture(
            name, summary, build, height, width, channels, recipe or {}, published
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
