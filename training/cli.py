"""The command line parser of `python -m training`: commands and options."""

from __future__ import annotations

import argparse
from pathlib import Path

from .argument_types import (
    balance,
    fraction,
    index,
    labels,
    learning_rate,
    minutes,
    names,
    positive,
    seed,
    targets,
    temperature,
)
from .recipes import RECIPES

DESCRIPTION = "Train and evaluate networks, and explore their training data."
DATA_HELP = "fer2013.csv, also .gz .zip .xz; or a folder with a folder of images for each label"
MODELS = Path(__file__).parent.parent / "app" / "models"


def parser() -> argparse.ArgumentParser:
    """The parser of all commands. The parsed options have `command`, the name of the command."""
    parser = argparse.ArgumentParser(prog="python -m training", description=DESCRIPTION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    train = commands.add_parser("train", help="train an architecture")
    _training_options(train)
    train.add_argument(
        "--soft-labels", type=Path, help="file of soft labels, to resume a distilled run"
    )
    train.set_defaults(soft_labels=None, soft_weight=None)

    distill = commands.add_parser(
        "distill", help="train an architecture on the predictions of other models (distillation)"
    )
    _training_options(distill)
    distill.add_argument(
        "--teachers",
        type=names,
        help="NAME,NAME,...: models, runs or model files; each teaches the target it learned",
    )
    distill.add_argument(
        "--soft-labels",
        type=Path,
        help="file of the teachers' predictions: written if --teachers is given (default "
        "runs/soft_labels.npz), otherwise read",
    )
    distill.add_argument(
        "--soft-weight",
        type=fraction,
        default=0.5,
        help="fraction of the target that the teachers' predictions make up (default 0.5)",
    )
    distill.add_argument(
        "--soft-temperature",
        type=temperature,
        default=2.0,
        help="temperature of the teachers' predictions (default 2)",
    )
    distill.add_argument(
        "--soft-shift",
        type=int,
        choices=range(9),
        metavar="PIXELS",
        default=0,
        help="average the teachers over views of each image shifted by 1..8 pixels, too; it "
        "takes three times as long (default 0: the image and its mirror image)",
    )

    evaluate = commands.add_parser("evaluate", help="evaluate a model on a split of the data")
    evaluate.add_argument(
        "--model", required=True, help="name of a model, run folder, or model file"
    )
    evaluate.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    evaluate.add_argument("--split", required=True, choices=("train", "validation", "test"))
    evaluate.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")

    interpolate = commands.add_parser(
        "interpolate",
        help="make a run whose weights lie between those of a finished run and those of a model",
    )
    interpolate.add_argument("run_folder", type=Path, metavar="RUN")
    interpolate.add_argument(
        "--model",
        required=True,
        help="a model of the same architecture: its name or file",
    )
    interpolate.add_argument(
        "--share", required=True, type=fraction, help="fraction of the model in each weight"
    )
    interpolate.add_argument("--out", required=True, type=Path, help="a new run folder")

    promote = commands.add_parser(
        "promote", help="copy a finished run to app/models and write its card"
    )
    promote.add_argument("run_folder", type=Path, metavar="RUN")
    promote.add_argument("name", metavar="NAME", help="architecture.tag")
    promote.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    promote.add_argument("--ferplus", type=Path, help="FER+'s votes, to fit the unsure score")
    _calibration_options(promote)
    promote.add_argument("--models", type=Path, default=MODELS, help="default app/models")
    promote.add_argument("--replace", action="store_true", help="replace a model of that name")

    calibrate = commands.add_parser(
        "calibrate", help="fit the calibration of a promoted model again and update its card"
    )
    calibrate.add_argument("name", metavar="NAME", help="a model in app/models")
    calibrate.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    calibrate.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    _calibration_options(calibrate)
    calibrate.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    card = commands.add_parser("card", help="measure a promoted model again and update its card")
    card.add_argument("name", metavar="NAME", help="a model in app/models")
    card.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    card.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    card.add_argument(
        "--quick", action="store_true", help="leave out the accuracy on changed images"
    )
    card.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    groups = commands.add_parser(
        "groups", help="measure a promoted model on people at rest and smiling, by group"
    )
    groups.add_argument("name", metavar="NAME", help="a model in app/models")
    groups.add_argument(
        "--people",
        required=True,
        type=Path,
        metavar="FILE.csv",
        help="file,person,label,age,gender,ethnicity; photos are in photos/ beside it",
    )
    groups.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    report = commands.add_parser("report", help="write the report of a model, one HTML page")
    report.add_argument("--model", required=True, metavar="NAME", help="a model in app/models")
    report.add_argument("--out", type=Path, help="the HTML file (default runs/reports/NAME.html)")
    report.add_argument("--models", type=Path, default=MODELS, help="default app/models")

    export = commands.add_parser(
        "export-folders", help="write FER2013's images into folders: SPLIT/LABEL/ROW.png"
    )
    export.add_argument("--data", required=True, type=Path, help="fer2013.csv, also .gz .zip .xz")
    export.add_argument(
        "--out", required=True, type=Path, help="a new folder, not in the repository"
    )

    baselines = commands.add_parser(
        "baselines", help="measure KNN, SVM and softmax regression on pixels and on PCA"
    )
    baselines.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    baselines.add_argument(
        "--labels", type=labels, help="use only these labels, e.g. happy,neutral"
    )
    baselines.add_argument("--seed", type=seed, default=0, help="default 0")
    baselines.add_argument("--json", action="store_true", help="print one JSON object per line")

    explore = commands.add_parser(
        "explore", help="write a page with statistics, plots and images of the data"
    )
    explore.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    explore.add_argument("--out", required=True, type=Path, help="a new folder")

    return parser


def _calibration_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--aim",
        choices=("accuracy", "recall"),
        default="accuracy",
        help="what the biases of the calibration are for: the accuracy as it was learned "
        "(default: no bias), or the largest mean recall over labels that costs at most 1.5 points "
        "of accuracy",
    )
    command.add_argument(
        "--faces",
        type=Path,
        metavar="FILE.npz",
        help="labelled faces of other kinds, to calibrate on as well: arrays image (n, side, side) "
        "uint8, label (FER2013's numbers), split and source",
    )


def _training_options(train: argparse.ArgumentParser) -> None:
    train.add_argument("architecture", help="name of the architecture, e.g. mien_plain")
    train.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    train.add_argument("--out", type=Path, help="run folder (default runs/ARCHITECTURE.TAG)")
    train.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        help="a named set of settings; other options override it (default: the architecture's own "
        "recipe, else plain)",
    )
    train.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    train.add_argument(
        "--targets",
        type=targets,
        help="labels to learn: fer2013 (default), ferplus, or fer2013,ferplus (two models)",
    )
    train.add_argument(
        "--faces",
        type=Path,
        metavar="FILE.npz",
        help="learn from labelled faces of other kinds as well; the file is that of `calibrate`",
    )
    train.add_argument(
        "--faces-repeat",
        type=positive,
        help="how many times in an epoch each of them is shown (default: the recipe's, else 1)",
    )
    train.add_argument(
        "--labels",
        type=labels,
        help="learn only these, e.g. happy,neutral (default: the recipe's, else all labels)",
    )
    train.add_argument(
        "--tag", help="second part of the model's name (default: the target, or folders)"
    )
    train.add_argument("--epochs", type=positive, help="default: the recipe's, else 50")
    train.add_argument("--batch", type=positive, help="default: the recipe's, else 128")
    train.add_argument(
        "--learning-rate", type=learning_rate, help="default: the recipe's, else 0.1"
    )
    train.add_argument(
        "--patience",
        type=positive,
        help="stop after so many epochs without improvement (default: the recipe's, else 20)",
    )
    train.add_argument(
        "--balance",
        type=balance,
        help="class balancing of FER2013's labels, from 0 (none, the default) to 1 (all labels "
        "have the same weight)",
    )
    train.add_argument(
        "--keep",
        choices=("best", "last"),
        help="epoch whose weights are kept: the best on the validation images, or the last "
        "(default: the recipe's, else best)",
    )
    train.add_argument("--seed", type=seed, help="default 0")
    train.add_argument(
        "--precision",
        choices=("float32", "mixed_bfloat16"),
        help="mixed_bfloat16 is faster on processors with bf16 (default float32)",
    )
    train.add_argument(
        "--minutes", type=minutes, help="maximum training time; the current epoch is finished"
    )
    train.add_argument(
        "--hosts",
        type=names,
        help="HOST:PORT,HOST,...: train on several machines with KERAS_BACKEND=jax; give the same "
        "command on each, except for --host",
    )
    train.add_argument(
        "--host",
        type=index,
        help="index of this machine in --hosts, from 0; the first writes files",
    )
    train.add_argument(
        "--start-from",
        metavar="RUN|MODEL,...",
        help="initial weights: the final weights of a run with the same architecture and targets, "
        "or of one model for each target (the trunk is the first model's)",
    )
    train.add_argument("--resume", action="store_true", help="continue an interrupted run")
