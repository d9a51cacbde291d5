"""Types of the command line options: convert text and reject invalid values."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable

from .config import TARGETS


def _number(
    expected: str, fits: Callable[[float], bool], read: Callable[[str], float] = float
) -> Callable[[str], float]:
    """A type for numbers for which `fits` is true; `expected` describes them in the message."""

    def parse(text: str) -> float:
        try:
            value = read(text)
        except ValueError:
            value = math.nan
        if not fits(value):  # every comparison with NaN is false
            raise argparse.ArgumentTypeError(f"{text!r} given, expected {expected}")
        return value

    return parse


def _digits(text: str) -> int:
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


fraction = _number("a number above 0, at most 1", lambda value: 0 < value <= 1)
balance = _number("a number from 0 to 1", lambda value: 0 <= value <= 1)
temperature = _number("a number from 0.1 to 100", lambda value: 0.1 <= value <= 100)
learning_rate = _number("a number above 0, at most 10", lambda value: 0 < value <= 10)
minutes = _number("a number of minutes above 0", lambda value: 0 < value < math.inf)
positive = _number("a whole number from 1", lambda value: value >= 1, _digits)
index = _number("a whole number from 0", lambda value: value >= 0, _digits)
seed = _number("a whole number from 0", lambda value: 0 <= value < 2**32, _digits)


def names(text: str) -> list[str]:
    """Names separated by commas."""
    return text.split(",")


def targets(text: str) -> tuple[str, ...]:
    """One target, or all of `TARGETS` in their order."""
    given = tuple(text.split(","))
    if given not in (TARGETS, *((name,) for name in TARGETS)):
        raise argparse.ArgumentTypeError(
            f"{text!r} given, expected {', '.join(TARGETS)} or {','.join(TARGETS)}"
        )
    return given


def labels(text: str) -> tuple[str, ...]:
    """Two or more different labels, separated by commas."""
    given = tuple(text.split(","))
    if len(given) < 2 or "" in given or len(set(given)) < len(given):
        raise argparse.ArgumentTypeError(
            f"{text!r} given, expected two or more different labels, e.g. happy,neutral"
        )
    return given
