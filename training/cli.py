"""What `python -m training` can be told: its commands and their options."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from pathlib import Path

from .config import RECIPES, TARGETS

DESCRIPTION = "Train networks, measure them, and look at the data they learn from."
DATA_HELP = "fer2013.csv, also .gz .zip .xz; or a folder of pictures in folders of labels"
MODELS = Path(__file__).parent.parent / "app" / "models"


def parser() -> argparse.ArgumentParser:
    """Of all commands; what it reads has `command`, the name of one."""
    parser = argparse.ArgumentParser(prog="python -m training", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    train = commands.add_parser("train", help="train an architecture on FER2013")
    _training_options(train)
    train.add_argument(
        "--soft-labels", type=Path, help="with --resume of a distilled run: its file"
    )
    train.set_defaults(soft_labels=None, soft_weight=None)

    distill = commands.add_parser(
        "distill", help="train an architecture on what larger networks say of the pictures"
    )
    _training_options(distill)
    distill.add_argument(
        "--teachers",
        type=lambda text: text.split(","),
        help="NAME,NAME,...: models, runs or model files; each teaches what it learned",
    )
    distill.add_argument(
        "--soft-labels",
        type=Path,
        help="file of what they say: written where --teachers are given (default "
        "runs/soft_labels.npz), read where not",
    )
    distill.add_argument(
        "--soft-weight", type=_share, default=0.5, help="share of the target, 0..1 (default 0.5)"
    )
    distill.add_argument(
        "--soft-temperature", type=_temperature, default=2.0, help="of the teachers (default 2)"
    )
    distill.add_argument(
        "--soft-shift",
        type=int,
        choices=range(9),
        metavar="PIXELS",
        default=0,
        help="teachers see each picture also moved by 1..8 pixels, three times as many views "
        "(default 0: it and its mirror image)",
    )

    evaluate = commands.add_parser("evaluate", help="measure a model on a split of the data")
    evaluate.add_argument("--model", required=True, help="a model's name, a run, or a model file")
    evaluate.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    evaluate.add_argument("--split", required=True, choices=("train", "validation", "test"))
    evaluate.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")

    promote = commands.add_parser("promote", help="put a finished run into app/models, with a card")
    promote.add_argument("run_folder", type=Path, metavar="RUN")
    promote.add_argument("name", metavar="NAME", help="architecture.tag")
    promote.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    promote.add_argument("--ferplus", type=Path, help="fer2013new.csv: fits the unsure score")
    promote.add_argument("--models", type=Path, default=MODELS, help="default app/models")
    promote.add_argument("--replace", action="store_true", help="replace a model of that name")

    card = commands.add_parser("card", help="measure a promoted model again, write its card anew")
    card.add_argument("name", metavar="NAME", help="a model in app/models")
    card.add_argument("--data", required=True, type=Path, help="fer2013.csv, also compressed")
    card.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    card.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    report = commands.add_parser("report", help="write what a card says as one HTML page")
    report.add_argument("--model", required=True, metavar="NAME", help="a model in app/models")
    report.add_argument("--out", type=Path, help="the page (default runs/reports/NAME.html)")
    report.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    export = commands.add_parser(
        "export-folders", help="write FER2013's pictures into folders: SPLIT/LABEL/ROW.png"
    )
    export.add_argument("--data", required=True, type=Path, help="fer2013.csv, also .gz .zip .xz")
    export.add_argument("--out", required=True, type=Path, help="a new folder, for your own disk")

    baselines = commands.add_parser(
        "baselines", help="KNN, SVM and softmax regression on pixels and on PCA: a table"
    )
    baselines.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    baselines.add_argument("--labels", type=_labels, help="these alone, e.g. happy,neutral")
    baselines.add_argument("--seed", type=_seed, default=0, help="default 0")
    baselines.add_argument("--json", action="store_true", help="print a JSON object a line")

    explore = commands.add_parser(
        "explore", help="what is in the data: a page of plots and pictures, for your own disk"
    )
    explore.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    explore.add_argument("--out", required=True, type=Path, help="a new folder")

    return parser


def _training_options(train: argparse.ArgumentParser) -> None:
    train.add_argument("architecture", help="its name, e.g. mien_plain")
    train.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    train.add_argument("--out", type=Path, help="run folder (default runs/ARCHITECTURE.TAG)")
    train.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        help="settings by name; options typed beside it go before it (default: the "
        "architecture's own, else plain)",
    )
    train.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    train.add_argument(
        "--targets",
        type=_targets,
        help="what is learned: fer2013 (default), ferplus, or fer2013,ferplus: a model of each",
    )
    train.add_argument(
        "--labels",
        type=_labels,
        help="learn these alone, e.g. happy,neutral (default: the recipe's, else all of the data)",
    )
    train.add_argument(
        "--tag", help="second half of the model's name (default: its target, or folders)"
    )
    train.add_argument("--epochs", type=_positive, help="default: the recipe's, else 50")
    train.add_argument("--batch", type=_positive, help="default: the recipe's, else 128")
    train.add_argument("--learning-rate", type=_rate, help="default: the recipe's, else 0.1")
    train.add_argument(
        "--patience",
        type=_positive,
        help="stop after this many epochs without a better one (default: the recipe's, else 20)",
    )
    train.add_argument(
        "--balance",
        type=_balance,
        help="how much more pictures of FER2013's rare labels count, 0 (not, the default) to 1 "
        "(all labels the same)",
    )
    train.add_argument(
        "--keep",
        choices=("best", "last"),
        help="which epoch the model is of: the best on the validation pictures, or the "
        "last, so that no epoch is chosen by them (default: the recipe's, else best)",
    )
    train.add_argument("--seed", type=_seed, help="default 0")
    train.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        help="mixed_bfloat16 is faster where the processor has bf16 (default float32)",
    )
    train.add_argument(
        "--minutes", type=_minutes, help="train no longer than this; the epoch begun is finished"
    )
    train.add_argument(
        "--hosts",
        type=lambda text: text.split(","),
        help="HOST:PORT,HOST,...: train on several machines at once, with KERAS_BACKEND=jax; the "
        "same command on each, but for --host",
    )
    train.add_argument(
        "--host", type=_index, help="which of --hosts this machine is, from 0; the first writes"
    )
    train.add_argument(
        "--start-from",
        metavar="RUN|MODEL,...",
        help="begin with the weights at the end of a run of the same architecture and targets, or "
        "with those of models, one for each target; the trunk is the first's",
    )
    train.add_argument("--resume", action="store_true", help="go on with a run that was cut off")


def _number(
    expected: str, fits: Callable[[float], bool], read: Callable[[str], float] = float
) -> Callable[[str], float]:
    """Reads a number that `fits`; says what is `expected` where it does not."""

    def parse(text: str) -> float:
        try:
            value = read(text)
        except ValueError:
            value = math.nan
        if not fits(value):  # nothing is true of nan
            raise argparse.ArgumentTypeError(f"{text!r} given, expected {expected}")
        return value

    return parse


def _whole(text: str) -> int:
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


_share = _number("a number above 0, at most 1", lambda value: 0 < value <= 1)
_balance = _number("a number from 0 to 1", lambda value: 0 <= value <= 1)
_temperature = _number("a number from 0.1 to 100", lambda value: 0.1 <= value <= 100)
_rate = _number("a number above 0, at most 10", lambda value: 0 < value <= 10)
_minutes = _number("a number of minutes above 0", lambda value: 0 < value < math.inf)
_positive = _number("a whole number from 1", lambda value: value >= 1, _whole)
_index = _number("a whole number from 0", lambda value: value >= 0, _whole)
_seed = _number("a whole number from 0", lambda value: 0 <= value < 2**32, _whole)


def _targets(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if names not in (TARGETS, *((name,) for name in TARGETS)):
        raise argparse.ArgumentTypeError(
            f"{text!r} given, expected {', '.join(TARGETS)} or {','.join(TARGETS)}"
        )
    return names


def _labels(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if len(names) < 2 or "" in names or len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(
            f"{text!r} given, expected two or more different labels, e.g. happy,neutral"
        )
    return names
