"""Compare computed results, whose last digits differ from processor to processor."""

from __future__ import annotations

from typing import Any

import pytest


def assert_close(found: Any, expected: Any, tolerance: float = 1e-6) -> None:
    """`found` is `expected`, a value as JSON holds it; floats may differ by `tolerance`."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert_close(found[key], value, tolerance)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, tolerance)
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=0, abs=tolerance)
    else:
        assert found == expected
