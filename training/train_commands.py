"""The commands train and distill of `python -m training`."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.inference.contract import MODEL_NAME

from .config import TARGETS, Settings
from .errors import TrainingError
from .option_files import find_model_file, read_votes
from .recipes import RECIPES

SETTINGS = (
    "targets",
    "labels",
    "epochs",
    "batch",
    "learning_rate",
    "patience",
    "balance",
    "keep",
    "seed",
    "precision",
    "soft_weight",
    "faces_repeat",
)
"""Options that override settings of the same name in the recipe."""


def run_train(options: argparse.Namespace) -> None:
    """Train a network and print the finished model files."""
    from . import architectures
    from .data.loading import read_data
    from .train.distributed import Hosts
    from .train.train import train

    if (options.hosts is None) != (options.host is None):
        raise TrainingError("--hosts and --host go together: all machines, and the index of this")
    if options.hosts and options.minutes:
        # Each machine would stop by its own clock, and the others would wait for it forever.
        raise TrainingError("--minutes is for one machine; with --hosts give --epochs")
    recipe = (
        RECIPES[options.recipe]
        if options.recipe
        else architectures.get(options.architecture).recipe
    )
    given = {name: getattr(options, name) for name in SETTINGS}
    chosen = {**recipe, **{name: value for name, value in given.items() if value is not None}}
    targets = chosen.get("targets", TARGETS[:1])
    if options.tag and len(targets) > 1:
        raise TrainingError("--tag is for one target; with two, each model's tag is its target")
    tag = options.tag or ("folders" if options.data.is_dir() else targets[0])
    name = f"{options.architecture}.{tag}"
    if not MODEL_NAME.fullmatch(name):
        raise TrainingError(
            f"{name!r} is not a valid model name: a tag consists of lower case letters, digits and "
            "underscores"
        )
    run = options.out or Path("runs") / (name if len(targets) == 1 else options.architecture)
    hosts = Hosts.parse(options.hosts, options.host) if options.hosts else None
    data = read_data(options.data)
    votes = read_votes(options, data)
    print(f"{options.data}: {len(data):,} images", flush=True)
    labels = chosen.get("labels")
    if labels and not options.labels and not set(labels) <= set(data.names):
        print(f"learning the data's labels: {', '.join(data.names)}", flush=True)
        chosen["labels"] = None
    settings = Settings(architecture=options.architecture, tag=tag, **chosen)
    folders = train(
        data,
        options.data,
        run,
        settings,
        votes,
        options.ferplus,
        resume=options.resume,
        minutes=options.minutes,
        hosts=hosts,
        soft_path=options.soft_labels,
        start_from=_initial_weight_files(options.start_from) if options.start_from else None,
        faces_path=options.faces,
    )
    for folder in folders:
        print(f"finished: {folder / 'model.h5'}")


def run_distill(options: argparse.Namespace) -> None:
    """Predict the training images with the teachers, if given, then train on the predictions."""
    from .data.faces_file import read_faces
    from .data.loading import data_fingerprint, read_data
    from .train.distillation import predict_with_teachers, write_soft_labels

    if options.teachers is None and options.soft_labels is None:
        raise TrainingError("distill needs --teachers NAME,NAME,... or --soft-labels FILE")
    if options.teachers is not None:
        options.soft_labels = options.soft_labels or Path("runs") / "soft_labels.npz"
        if options.soft_labels.exists():
            raise TrainingError(
                f"{options.soft_labels} exists already; give another --soft-labels, or omit "
                "--teachers to learn from this file"
            )
        data = read_data(options.data)
        checksum = data_fingerprint(options.data, data)["sha256"]
        files = [find_model_file(name) for name in options.teachers]
        faces = read_faces(options.faces, "train").images if options.faces else None
        soft = predict_with_teachers(
            files, data, checksum, options.soft_temperature, options.soft_shift, faces
        )
        write_soft_labels(options.soft_labels, soft)
        print(f"predictions of {len(files)} teachers: {options.soft_labels}", flush=True)
    run_train(options)


def _initial_weight_files(given: str) -> list[Path]:
    """The value of --start-from: the folder of a run, or model files."""
    if (Path(given) / "state.json").is_file():
        return [Path(given)]
    return [find_model_file(name) for name in given.split(",")]
