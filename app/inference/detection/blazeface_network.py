"""Run BlazeFace 256 with OpenVINO, from the files that the browser reads it from.

They are a TensorFlow.js graph model in the npm package @vladmandic/human; the build copies
them to static/dist/. It consists of six kinds of operations, which are rebuilt here one by one, so
that neither TensorFlow nor a converted copy of the file is needed.
"""

from __future__ import annotations

import base64
import json
import threading
from pathlib import Path
from typing import Any

import numpy as np

from ..classifier import COMPILE_PROPERTIES
from ..errors import ModelFileError

OUTPUTS = tuple(
    f"StatefulPartitionedCall/functional_1/conv2d_{n}/BiasAdd" for n in (33, 35, 34, 36)
)
"""Logits and values of the 16-pixel grid, then of the 32-pixel one: the last convolutions."""

NETWORK = Path(__file__).parents[3] / "static" / "dist" / "blazeface.json"
"""The network's file, which the build puts beside the scripts of the pages."""


class BlazeFaceNetwork:
    """The network, loaded from its file when first needed. Thread-safe.

    Args:
        path: of blazeface.json; blazeface.bin is beside it.
    """

    def __init__(self, path: Path = NETWORK) -> None:
        self.path = path
        self._compiled: Any = None
        self._lock = threading.Lock()
        # An inference request holds the network's buffers; only one thread at a time may use it.
        # This list has as many as were ever in use at once.
        self._idle: list[Any] = []

    def run(self, picture: np.ndarray) -> list[np.ndarray]:
        """The network's outputs.

        Args:
            picture: (H, W, 3) uint8, RGB; its sides are multiples of 32.

        Returns:
            Logits and values of the 16-pixel grid and of the 32-pixel grid, as of
            `blazeface_decoder.decode`.

        Raises:
            ModelFileError: the file is missing or damaged.
        """
        values = picture.astype(np.float32) / np.float32(127.5) - np.float32(1)
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._load().create_infer_request()
        found = request.infer([values.transpose(2, 0, 1)[None]])
        outputs = [np.array(found[port]) for port in range(len(OUTPUTS))]
        self._idle.append(request)
        return outputs

    def _load(self) -> Any:
        with self._lock:
            if self._compiled is None:
                import openvino

                properties = {**COMPILE_PROPERTIES, "PERFORMANCE_HINT": "LATENCY"}
                graph = read_graph(self.path)
                self._compiled = openvino.Core().compile_model(graph, "CPU", properties)
            return self._compiled


def read_graph(path: Path) -> Any:
    """The `openvino.Model` of a TensorFlow.js graph model that has BlazeFace's kinds of operations.

    Its input is (1, 3, H, W) float32 of any height and width; its outputs are `OUTPUTS`, as
    (1, h, w, channels).

    Raises:
        ModelFileError: the file is missing or damaged, or has other operations.
    """
    try:
        bundle = json.loads(path.read_text("utf-8"))
        weights = _read_weights(path.parent, bundle["weightsManifest"])
        return _build(bundle["modelTopology"]["node"], weights)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{error.filename}: no such file; expected the network of the face detector, which "
            f'"npm run build" puts there'
        ) from None
    except (KeyError, ValueError, RuntimeError) as error:
        raise ModelFileError(f"{path}: OpenVINO cannot run this network: {error!r}") from error


def _read_weights(folder: Path, manifest: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Name -> values of the weights in a bundle's files."""
    weights = {}
    for group in manifest:
        data = b"".join((folder / name).read_bytes() for name in group["paths"])
        start = 0
        for spec in group["weights"]:
            values = np.frombuffer(data, spec["dtype"], int(np.prod(spec["shape"])), start)
            weights[spec["name"]] = values.reshape(spec["shape"])
            start += values.nbytes
    return weights


def _build(nodes: list[dict[str, Any]], weights: dict[str, np.ndarray]) -> Any:
    import openvino
    from openvino import opset13 as ops

    size = openvino.PartialShape([1, 3, -1, -1])
    source = ops.parameter(size, np.float32, name="input")
    made: dict[str, Any] = {}
    for node in nodes:
        name, kind, inputs = node["name"], node["op"], node.get("input", [])
        if kind == "Placeholder":
            made[name] = source
        elif kind in _OPERATIONS:
            constants = [weights[one] for one in inputs if one in weights]
            tensors = [made[one] for one in inputs if one not in weights]
            made[name] = _OPERATIONS[kind](ops, tensors, constants, node.get("attr", {}))
        elif kind not in _UNUSED:
            raise ValueError(f"the operation {kind} ({name}) is not one of BlazeFace's")
    last = ops.constant(np.array([0, 2, 3, 1]))
    outputs = [ops.transpose(made[name], last) for name in OUTPUTS]
    return openvino.Model(outputs, [source], "blazeface")


def _strides(attributes: dict[str, Any]) -> list[int]:
    return [int(stride) for stride in attributes["strides"]["list"]["i"]][1:3]


def _padding(attributes: dict[str, Any]) -> str:
    text = base64.b64decode(attributes["padding"]["s"]).decode()
    return {"SAME": "same_upper", "VALID": "valid"}[text]


def _convolution(ops: Any, tensors: list, constants: list, attributes: dict[str, Any]) -> Any:
    kernel, bias = constants
    kernel = ops.constant(np.ascontiguousarray(kernel.transpose(3, 2, 0, 1)))
    result = ops.convolution(
        tensors[0], kernel, _strides(attributes), [0, 0], [0, 0], [1, 1], _padding(attributes)
    )
    result = ops.add(result, ops.constant(bias.reshape(1, -1, 1, 1).copy()))
    fused = [base64.b64decode(name).decode() for name in attributes["fused_ops"]["list"]["s"]]
    if fused not in (["BiasAdd"], ["BiasAdd", "Relu"]):
        raise ValueError(f"a convolution with {fused} is not one of BlazeFace's")
    return ops.relu(result) if "Relu" in fused else result


def _depthwise(ops: Any, tensors: list, constants: list, attributes: dict[str, Any]) -> Any:
    kernel = np.ascontiguousarray(constants[0].transpose(2, 3, 0, 1)[:, :, None])
    return ops.group_convolution(
        tensors[0], ops.constant(kernel), _strides(attributes), [0, 0], [0, 0], [1, 1],
        _padding(attributes),
    )  # fmt: skip


def _max_pool(ops: Any, tensors: list, constants: list, attributes: dict[str, Any]) -> Any:
    kernel = [int(side) for side in attributes["ksize"]["list"]["i"]][1:3]
    pooled = ops.max_pool(
        tensors[0], _strides(attributes), [1, 1], [0, 0], [0, 0], kernel,
        auto_pad=_padding(attributes),
    )  # fmt: skip
    return pooled.output(0)


def _pad(ops: Any, tensors: list, constants: list, attributes: dict[str, Any]) -> Any:
    before, after = (ops.constant(side.copy()) for side in constants[0][[0, 3, 1, 2]].T)
    return ops.pad(tensors[0], before, after, "constant", ops.constant(np.float32(0)))


_OPERATIONS: dict[str, Any] = {
    "_FusedConv2D": _convolution,
    "DepthwiseConv2dNative": _depthwise,
    "AddV2": lambda ops, tensors, constants, attributes: ops.add(*tensors),
    "Relu": lambda ops, tensors, constants, attributes: ops.relu(tensors[0]),
    "MaxPool": _max_pool,
    "Pad": _pad,
}

_UNUSED = ("Const", "Reshape", "Identity")
"""Operations that bring the outputs into the shape of a 256 x 256 picture's."""
