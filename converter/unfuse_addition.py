"""Undo fusions of a convolution with an addition that is not a bias.

TensorFlow's graph optimiser fuses conv(x) + y into one `_FusedConv2D`, also if y is a tensor of the
same shape, as in a residual block whose shortcut is a 1x1 convolution. TF.js accepts only a bias,
one number per channel.
"""

from __future__ import annotations

import base64
from typing import Any

CONVOLUTION_ATTRIBUTES = (
    "T",
    "strides",
    "padding",
    "explicit_paddings",
    "data_format",
    "dilations",
)


def unfuse_additions(model: dict[str, Any]) -> None:
    """Split such convolutions of a model.json into convolution, addition and activation, in place.

    The last of the new nodes has the name of the fused one, so that other nodes do not change.
    """
    biases = {
        weight["name"]
        for group in model["weightsManifest"]
        for weight in group["weights"]
        if len(weight["shape"]) == 1
    }
    nodes: list[dict[str, Any]] = []
    for node in model["modelTopology"]["node"]:
        fused = node["op"] == "_FusedConv2D" and _operations(node)[:1] == ["BiasAdd"]
        nodes += [node] if not fused or node["input"][2] in biases else _unfused(node)
    model["modelTopology"]["node"] = nodes


def _operations(node: dict[str, Any]) -> list[str]:
    """The operations that are fused with the convolution, e.g. BiasAdd and Relu."""
    texts = node["attr"]["fused_ops"]["list"].get("s", [])
    return [base64.b64decode(text).decode("ascii") for text in texts]


def _unfused(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that replace a `_FusedConv2D`."""
    image, kernel, summand = node["input"][:3]
    name, attributes = node["name"], node["attr"]
    kept = {key: attributes[key] for key in CONVOLUTION_ATTRIBUTES if key in attributes}
    dtype = {"T": attributes["T"]}
    nodes = [
        {"name": f"{name}/convolution", "op": "Conv2D", "input": [image, kernel], "attr": kept},
        {
            "name": f"{name}/sum",
            "op": "AddV2",
            "input": [f"{name}/convolution", summand],
            "attr": dtype,
        },
    ]
    nodes += [
        {"name": f"{name}/{activation}", "op": activation, "input": [f"{name}/sum"], "attr": dtype}
        for activation in _operations(node)[1:]
    ]
    nodes[-1]["name"] = name
    return nodes
