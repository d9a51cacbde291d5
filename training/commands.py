"""The commands of `python -m training`; each takes the parsed options and prints its result."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.inference.contract import MODEL_NAME
from app.inference.errors import ModelFileError, UnknownModelError
from app.inference.model_store import MODEL_FILES, ModelStore
from app.inference.pickle_check import pickle_in, refusal

from . import cli
from .config import TARGETS, Settings
from .errors import TrainingError
from .recipes import RECIPES

if TYPE_CHECKING:
    import numpy as np

    from .card.calibration import CalibrationData


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


def _train(options: argparse.Namespace) -> None:
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
    votes = _votes(options)
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


def _calibration_data(options: argparse.Namespace) -> CalibrationData:
    from .card.calibration import CalibrationData
    from .data.faces_file import read_faces
    from .data.loading import read_data

    votes = _votes(options)
    faces = read_faces(options.faces, "validation") if options.faces else None
    return CalibrationData(
        read_data(options.data), votes, faces, options.faces.name if options.faces else ""
    )


def _votes(options: argparse.Namespace) -> np.ndarray | None:
    """FER+'s votes from --ferplus; None without that option."""
    from .data.fer2013 import read_ferplus

    return read_ferplus(options.ferplus) if options.ferplus else None


def _initial_weight_files(given: str) -> list[Path]:
    """The value of --start-from: the folder of a run, or model files."""
    if (Path(given) / "state.json").is_file():
        return [Path(given)]
    return [_model_file(name) for name in given.split(",")]


def _distill(options: argparse.Namespace) -> None:
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
        files = [_model_file(name) for name in options.teachers]
        faces = read_faces(options.faces, "train").images if options.faces else None
        soft = predict_with_teachers(
            files, data, checksum, options.soft_temperature, options.soft_shift, faces
        )
        write_soft_labels(options.soft_labels, soft)
        print(f"predictions of {len(files)} teachers: {options.soft_labels}", flush=True)
    _train(options)


def _evaluate(options: argparse.Namespace) -> None:
    from .data.loading import read_data
    from .measure.evaluate import measure_model
    from .measure.evaluation_text import format_evaluation

    path = _model_file(options.model)
    votes = _votes(options)
    result = measure_model(path, read_data(options.data), options.split, votes)
    print(json.dumps(result, indent=2) if options.json else format_evaluation(result))


def _promote(options: argparse.Namespace) -> None:
    from .card.promote import promote

    target = promote(
        options.run_folder,
        options.name,
        options.models,
        _calibration_data(options),
        aim=options.aim,
        replace_existing=options.replace,
    )
    print(
        f"promoted: {target}\nnext: python -m converter {target / 'model.h5'} "
        f"static/models/{options.name}"
    )


def _calibrate(options: argparse.Namespace) -> None:
    from .card.calibration import calibrate_again

    path = ModelStore(options.models).find(options.name)
    card = calibrate_again(path.parent, _calibration_data(options), options.aim)
    print(
        f"calibrated: {card.with_name('contract.json')}\nmeasured: {card}\nnext: python -m "
        f"converter {path} static/models/{options.name}"
    )


def _card(options: argparse.Namespace) -> None:
    from .card.measurements import update_card
    from .data.loading import read_data

    path = ModelStore(options.models).find(options.name)
    votes = _votes(options)
    print(f"measured: {update_card(path.parent, read_data(options.data), votes)}")


def _report(options: argparse.Namespace) -> None:
    from .card.report import write_report

    path = ModelStore(options.models).find(options.model)
    out = options.out or Path("runs") / "reports" / f"{options.model}.html"
    write_report(path.parent, out)
    print(f"written: {out}")


def _export_folders(options: argparse.Namespace) -> None:
    from .data.fer2013 import read_fer2013
    from .data.folders import check_output_folder, export_folders

    check_output_folder(options.out)
    for line in export_folders(read_fer2013(options.data), options.out):
        print(line)


def _baselines(options: argparse.Namespace) -> None:
    from .data.loading import read_data
    from .measure.baselines import compare, format_row

    data = read_data(options.data)
    if options.labels:
        data = data.only(options.labels)
    if not options.json:
        n = len(data.split("validation"))
        print(f"{', '.join(data.names)}; measured on {data.title('validation')}, n = {n:,}\n")
    for row in compare(data, options.seed):
        print(json.dumps(row) if options.json else format_row(row), flush=True)


def _explore(options: argparse.Namespace) -> None:
    from .data.folders import check_output_folder
    from .data.loading import read_data
    from .explore.statistics import explore

    check_output_folder(options.out)
    print(f"open {explore(read_data(options.data), options.data.name, options.out)}")


def _model_file(given: str) -> Path:
    """Find a model file by its path, its folder, or its name in app/models."""
    folders = (Path(given), cli.MODELS / given)
    for path in (Path(given), *(folder / name for folder in folders for name in MODEL_FILES)):
        if path.is_file():
            pickle = pickle_in(path)
            if pickle:
                raise ModelFileError(
                    f"{refusal(path, pickle)}; expected a Keras model, .h5 or .keras"
                )
            return path
    known = sorted(path.parent.name for path in cli.MODELS.glob("*/model.h5"))
    raise UnknownModelError(
        f"no model {given!r}: expected a model file, a run folder, "
        f"or one of {', '.join(known) or 'app/models, which is empty'}"
    )


COMMANDS = {
    "train": _train,
    "distill": _distill,
    "evaluate": _evaluate,
    "promote": _promote,
    "calibrate": _calibrate,
    "card": _card,
    "report": _report,
    "export-folders": _export_folders,
    "baselines": _baselines,
    "explore": _explore,
}
"""Name of a command -> its function."""
