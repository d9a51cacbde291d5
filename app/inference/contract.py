"""The contract of a model: its input, its labels and its calibration.

Training writes it once; the server, the converter and the browser read it.

`contract.json` is in the folder of `model.h5`; the converter carries the same object into the
TF.js bundle (`userDefinedMetadata.contract` of model.json). Twin of
static/js/inference/contract.js.
Every field is required, an unknown field is an error, and nothing has a default:

    {
      "contract_version": 2,
      "model": "mien_small.ferplus",
      "labels": ["angry", "disgust", ...],
      "input": {"height": 48, "width": 48, "channels": 1},
      "crop": {"margin": 0.02},
      "calibration": {"bias": [0.1, 0.7, ...], "temperature": 1.0, "unsure_below": 0.4}
    }

`input`     size of the model's input; 1 channel is luma grey, 3 is RGB; float32 in 0..255.
`crop`      `margin` is added on each side of the face box, as a fraction of the box's longer side.
`calibration`  turns the model's probabilities p into scores, softmax((log p + bias) / temperature).
            `bias` has a number for each label. It corrects for labels that are more frequent in
            the training data than in use (logit adjustment, Menon et al. 2021). The temperature
            makes scores agree with how often they are right (Guo et al. 2017, "On Calibration of
            Modern Neural Networks"). A face whose best score is below `unsure_below` is "unsure".

A contract of version 1 has no `bias`; it is read as one whose biases are 0.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from .errors import ContractError

CONTRACT_VERSION = 2
READABLE_VERSIONS = (1, 2)
CALIBRATION_FIELDS = ("bias", "temperature", "unsure_below")
MODEL_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
SIDES = range(8, 1025)
"""Pixels that the input may be high or wide."""
CHANNELS = (1, 3)
# The least and the greatest value of each number.
MARGIN = (-0.4, 2.0)
BIAS = (-20.0, 20.0)
TEMPERATURE = (0.01, 100.0)
UNSURE_BELOW = (0.0, 1.0)


def _within(bounds: tuple[float, float]) -> dict[str, float]:
    """The keywords of JSON Schema for these bounds."""
    return {"minimum": bounds[0], "maximum": bounds[1]}


Side = Annotated[int, {"minimum": SIDES.start, "maximum": SIDES.stop - 1}]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """Size of the model's input: `height` x `width` pixels, `channels` 1 (grey) or 3 (RGB)."""

    height: Side
    width: Side
    channels: Annotated[int, {"enum": list(CHANNELS)}]


@dataclass(frozen=True, slots=True)
class CropSpec:
    """`margin`: what is added on each side of the box, as a fraction of its longer side."""

    margin: Annotated[float, _within(MARGIN)]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How probabilities become scores.

    Attributes:
        bias: for each label, what is added to the logarithm of its probability.
        temperature: above 0; what the sums are divided by before the softmax.
        unsure_below: 0..1, the score under which a face is "unsure".
    """

    bias: tuple[Annotated[float, _within(BIAS)], ...]
    temperature: Annotated[float, _within(TEMPERATURE)]
    unsure_below: Annotated[float, _within(UNSURE_BELOW)]


@dataclass(frozen=True, slots=True)
class ModelContract:
    """One model's contract; see the module's docstring for the meaning of each field."""

    model: Annotated[str, {"pattern": f"^{MODEL_NAME.pattern}$"}]
    labels: Annotated[tuple[str, ...], {"minItems": 2, "uniqueItems": True}]
    input: InputSpec
    crop: CropSpec
    calibration: Calibration
    contract_version: Annotated[int, {"const": CONTRACT_VERSION}] = CONTRACT_VERSION

    @classmethod
    def from_json(cls, data: Any, where: str = "contract") -> ModelContract:
        """The contract in `data` (parsed JSON); `where` names it in errors.

        Raises:
            ContractError: a field is missing, unknown, of the wrong type or out of range.
        """
        top = _fields(
            data, where, ("contract_version", "model", "labels", "input", "crop", "calibration")
        )
        version = top["contract_version"]
        if version not in READABLE_VERSIONS or isinstance(version, bool):
            raise ContractError(
                f"{where}: contract_version is {version!r}, "
                f"this version of Mien reads {' and '.join(map(str, READABLE_VERSIONS))}"
            )
        model = top["model"]
        if not isinstance(model, str) or not MODEL_NAME.fullmatch(model):
            raise ContractError(
                f"{where}: model is {model!r}, expected architecture.tag "
                "in lower case letters, digits and underscores"
            )
        labels = top["labels"]
        if (
            not isinstance(labels, list)
            or len(labels) < 2
            or not all(isinstance(label, str) and label for label in labels)
            or len(set(labels)) != len(labels)
        ):
            raise ContractError(
                f"{where}: labels is {labels!r}, expected a list of 2 or more different names"
            )
        size = _fields(top["input"], f"{where}: input", ("height", "width", "channels"))
        crop = _fields(top["crop"], f"{where}: crop", ("margin",))
        parts = ("temperature", "unsure_below") if version == 1 else CALIBRATION_FIELDS
        calibration = _fields(top["calibration"], f"{where}: calibration", parts)
        bias = calibration.get("bias", [0.0] * len(labels))
        if not isinstance(bias, list) or len(bias) != len(labels):
            raise ContractError(
                f"{where}: calibration.bias is {bias!r}, expected a list of {len(labels)} numbers, "
                "one for each label"
            )
        return cls(
            model=model,
            labels=tuple(labels),
            input=InputSpec(
                height=_integer(size["height"], f"{where}: input.height", SIDES),
                width=_integer(size["width"], f"{where}: input.width", SIDES),
                channels=_integer(size["channels"], f"{where}: input.channels", CHANNELS),
            ),
            crop=CropSpec(margin=_number(crop["margin"], f"{where}: crop.margin", *MARGIN)),
            calibration=Calibration(
                bias=tuple(
                    _number(one, f"{where}: calibration.bias[{place}]", *BIAS)
                    for place, one in enumerate(bias)
                ),
                temperature=_number(
                    calibration["temperature"], f"{where}: calibration.temperature", *TEMPERATURE
                ),
                unsure_below=_number(
                    calibration["unsure_below"], f"{where}: calibration.unsure_below", *UNSURE_BELOW
                ),
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """The contract as a JSON object, every field written out."""
        data = asdict(self)
        version = data.pop("contract_version")
        data["calibration"]["bias"] = list(self.calibration.bias)
        return {"contract_version": version, **data, "labels": list(self.labels)}

    @classmethod
    def read(cls, path: Path) -> ModelContract:
        """The contract in the file at `path`.

        Raises:
            ContractError: there is no such file, it is not JSON, or not a contract.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ContractError(
                f"{path}: no such file; every model needs a contract.json in its folder"
            ) from None
        except (ValueError, OSError) as error:
            raise ContractError(f"{path}: cannot be read as JSON: {error}") from None
        return cls.from_json(data, str(path))

    def check_output_width(self, width: int) -> None:
        """Refuse a model whose number of outputs is not the number of labels.

        Raises:
            ContractError: `width` is not the number of labels.
        """
        if width != len(self.labels):
            raise ContractError(
                f"{self.model}: the model has {width} outputs, "
                f"its contract {len(self.labels)} labels"
            )

    def check_input_shape(self, shape: tuple[int | None, ...]) -> None:
        """Refuse a model whose input shape, without the batch axis, is not the contract's.

        Raises:
            ContractError: `shape` is not (height, width, channels).
        """
        expected = (self.input.height, self.input.width, self.input.channels)
        if tuple(shape) != expected:
            raise ContractError(
                f"{self.model}: the model takes {tuple(shape)}, its contract says {expected}"
            )


def _fields(data: Any, where: str, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ContractError(f"{where}: {data!r} given, expected an object with {', '.join(names)}")
    missing = [name for name in names if name not in data]
    unknown = [name for name in data if name not in names]
    if missing or unknown:
        raise ContractError(
            f"{where}: "
            + "; ".join(
                [f"missing field {name}" for name in missing]
                + [f"unknown field {name}" for name in unknown]
            )
        )
    return data


def _integer(value: Any, where: str, allowed: range | tuple[int, ...]) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
        said = (
            f"{allowed.start}..{allowed.stop - 1}"
            if isinstance(allowed, range)
            else " or ".join(map(str, allowed))
        )
        raise ContractError(f"{where} is {value!r}, expected a whole number, {said}")
    return value


def _number(value: Any, where: str, low: float, high: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or not low <= value <= high
    ):
        raise ContractError(f"{where} is {value!r}, expected a number, {low}..{high}")
    return float(value)
