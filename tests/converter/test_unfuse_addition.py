"""A convolution that is fused with an addition becomes nodes that TF.js can run."""

from __future__ import annotations

import base64
from copy import deepcopy
from itertools import pairwise
from typing import Any

import pytest

from converter.unfuse_addition import unfuse_additions


def fused(bias: str, *operations: str) -> dict[str, Any]:
    """The content of a model.json with one `_FusedConv2D`."""
    names = [base64.b64encode(name.encode()).decode() for name in ("BiasAdd", *operations)]
    node = {
        "name": "block",
        "op": "_FusedConv2D",
        "input": ["x", "kernel", bias],
        "attr": {
            "T": {"type": "DT_FLOAT"},
            "padding": {"s": "U0FNRQ=="},
            "strides": {"list": {"i": ["1", "1", "1", "1"]}},
            "num_args": {"i": "1"},
            "fused_ops": {"list": {"s": names}},
        },
    }
    weights = [{"name": "kernel", "shape": [1, 1, 4, 8]}, {"name": "bias", "shape": [8]}]
    return {"modelTopology": {"node": [node]}, "weightsManifest": [{"weights": weights}]}


def test_a_bias_stays_fused():
    model = fused("bias", "Relu")
    before = deepcopy(model)
    unfuse_additions(model)
    assert model == before


@pytest.mark.parametrize("activation", [(), ("Relu",)])
def test_an_addition_is_split_off(activation):
    model = fused("y", *activation)
    unfuse_additions(model)
    nodes = model["modelTopology"]["node"]
    assert [node["op"] for node in nodes] == ["Conv2D", "AddV2", *activation]
    # A chain from the image to the node that others read by its old name.
    assert nodes[-1]["name"] == "block"
    assert nodes[0]["input"] == ["x", "kernel"]
    assert nodes[1]["input"] == [nodes[0]["name"], "y"]
    for previous, node in pairwise(nodes[1:]):
        assert node["input"] == [previous["name"]]
    assert set(nodes[0]["attr"]) == {"T", "padding", "strides"}
