"""The command line of the converter: its three commands and their options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from .convert import QUANTIZATIONS
from .importing.adapt import COLOURS
from .importing.scale import EXPECTED

ROOT = Path(__file__).parents[1]
COMMANDS = ("import", "inspect")
MARGIN = 0.02
"""That of Haar boxes: FER2013's pictures are such boxes."""


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; `command` is "convert", "import" or "inspect"."""
    given = list(arguments)
    command = given.pop(0) if given[:1] and given[0] in COMMANDS else "convert"
    parser = {"import": _import, "inspect": _inspect, "convert": _convert}[command]()
    options = parser.parse_args(_with_joined_scale(given))
    options.command = command
    return options


def _with_joined_scale(arguments: list[str]) -> list[str]:
    """`--scale -1..1` as `--scale=-1..1`: argparse takes a value with a dash for an option."""
    found = list(arguments)
    for option in ("--scale", "--margin"):
        while option in found[:-1]:
            place = found.index(option)
            found[place : place + 2] = [f"{option}={found[place + 1]}"]
    return found


def _convert() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m converter",
        description="Convert a Keras model to a verified TF.js bundle. Other commands, each with "
        "--help: python -m converter inspect MODEL, python -m converter import MODEL NAME.",
    )
    parser.add_argument(
        "model", type=Path, help="Keras model, .h5 or .keras, beside its contract.json"
    )
    parser.add_argument(
        "outdir",
        type=Path,
        help="folder of the bundle, of the model's name; index.json is written beside it",
    )
    _conversion_options(parser)
    return parser


def _inspect() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m converter inspect",
        description="Say what a model file is, what is missing, and the command to run next.",
    )
    _model_argument(parser)
    return parser


def _import() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m converter import",
        description="Make a trained Keras model a model of the site: with the scaling first, "
        "contract, card and bundle.",
    )
    _model_argument(parser)
    parser.add_argument("name", metavar="NAME", help="architecture.tag, a new name")
    parser.add_argument(
        "--labels",
        required=True,
        type=lambda text: [label.strip() for label in text.split(",")],
        help="the labels of the outputs, in their order, separated by commas; for a model with "
        "one output the label of 0 and that of 1",
    )
    parser.add_argument(
        "--scale",
        required=True,
        help=f"what the model was fed in training: {EXPECTED}; MEAN and STD are those of pixels in "
        "0..255, or in 0..1 where all are below 3; standardize: each face has mean 0 and "
        "deviation 1",
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=MARGIN,
        help="what is added on each side of the face box, as a fraction of its longer side "
        "(default %(default)s: faces cut as in FER2013)",
    )
    parser.add_argument(
        "--colour",
        choices=COLOURS,
        help="for a model of three channels: grey feeds the grey face to each, bgr feeds blue "
        "first as OpenCV does (default: rgb)",
    )
    parser.add_argument("--output", help="name or number of the output, for a model with several")
    parser.add_argument(
        "--size", type=_size, metavar="HEIGHTxWIDTH", help="for a model that takes any size"
    )
    parser.add_argument(
        "--data", type=Path, help="measure on the validation split of a folder or fer2013.csv"
    )
    parser.add_argument("--replace", action="store_true", help="replace a model of that name")
    parser.add_argument(
        "--models", type=Path, default=ROOT / "app" / "models", help="default app/models"
    )
    parser.add_argument(
        "--bundles", type=Path, default=ROOT / "static" / "models", help="default static/models"
    )
    _conversion_options(parser)
    return parser


def _model_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model", type=Path, help="trained Keras model: .h5, .hdf5, .keras or a SavedModel folder"
    )
    parser.add_argument(
        "--architecture",
        type=Path,
        metavar="FILE.json",
        help="the layers, for a file of weights alone (default: the .json beside it)",
    )


def _conversion_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--quantize",
        choices=QUANTIZATIONS,
        help="storage of the weights (default: float16, or none where float16 changes the "
        "predictions too much)",
    )
    parser.add_argument(
        "--allow-saturated",
        action="store_true",
        help="convert a model that gives one answer to every face, too",
    )


def _size(text: str) -> tuple[int, int]:
    sides = re.fullmatch(r"(\d+)(?:[x,](\d+))?", text.strip().lower())
    if not sides:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected HEIGHTxWIDTH, such as 48x48")
    height = int(sides[1])
    return height, int(sides[2] or height)
