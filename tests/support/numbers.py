"""Compare computed results, whose last digits differ from processor to processor."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest


def assert_close(found: Any, expected: Any, tolerance: float = 1e-6) -> None:
    """`found` is `expected` (JSON, a sequence, a dataclass); floats may differ by `tolerance`."""
    if dataclasses.is_dataclass(expected) and not isinstance(expected, type):
        assert type(found) is type(expected)
        found, expected = dataclasses.asdict(found), dataclasses.asdict(expected)
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_close(found[key], value, tolerance)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, tolerance)
    elif isinstance(expected, float) or isinstance(found, float):
        assert found == pytest.approx(expected, rel=0, abs=tolerance)
    else:
        assert found == expected
