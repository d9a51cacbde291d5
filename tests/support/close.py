"""Comparison of values that hold computed numbers."""

import dataclasses

import pytest


def assert_close(found, expected, tolerance=1e-6):
    """That two values (JSON, sequences, dataclasses) are equal, floats within `tolerance`."""
    if dataclasses.is_dataclass(expected):
        assert type(found) is type(expected)
        found, expected = dataclasses.asdict(found), dataclasses.asdict(expected)
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_close(found[key], expected[key], tolerance)
    elif isinstance(expected, list | tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_close(one, other, tolerance)
    elif isinstance(expected, float) or isinstance(found, float):
        assert found == pytest.approx(expected, rel=0, abs=tolerance)
    else:
        assert found == expected
