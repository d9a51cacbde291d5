"""The commands of `python -m training`; each takes the parsed options and prints its result."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.inference.model_store import ModelStore

from .option_files import find_model_file, read_votes
from .train_commands import run_distill, run_train

if TYPE_CHECKING:
    from .card.calibration import CalibrationData


def _calibration_data(options: argparse.Namespace) -> CalibrationData:
    from .card.calibration import CalibrationData
    from .data.faces_file import read_faces
    from .data.loading import read_data

    data = read_data(options.data)
    votes = read_votes(options, data)
    faces = read_faces(options.faces, "validation") if options.faces else None
    return CalibrationData(data, votes, faces, options.faces.name if options.faces else "")


def _evaluate(options: argparse.Namespace) -> None:
    from .data.loading import read_data
    from .measure.evaluate import measure_model
    from .measure.evaluation_text import format_evaluation

    path = find_model_file(options.model)
    data = read_data(options.data)
    result = measure_model(path, data, options.split, read_votes(options, data))
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
    data = read_data(options.data)
    votes = read_votes(options, data)
    card = update_card(path.parent, data, votes, changed_images=not options.quick)
    print(f"measured: {card}")


def _groups(options: argparse.Namespace) -> None:
    from .card.measurements import update_groups
    from .measure.evaluation_text import format_groups

    path = ModelStore(options.models).find(options.name)
    print(format_groups(update_groups(path.parent, options.people)))
    print(f"measured: {path.parent / 'card.json'}")


def _interpolate(options: argparse.Namespace) -> None:
    from .train.interpolation import interpolate

    model = find_model_file(options.model)
    out = interpolate(options.run_folder, model, options.share, options.out)
    print(f"interpolated: {out / 'model.h5'}")


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


COMMANDS = {
    "train": run_train,
    "distill": run_distill,
    "evaluate": _evaluate,
    "interpolate": _interpolate,
    "promote": _promote,
    "calibrate": _calibrate,
    "card": _card,
    "groups": _groups,
    "report": _report,
    "export-folders": _export_folders,
    "baselines": _baselines,
    "explore": _explore,
}
"""Name of a command -> its function."""
