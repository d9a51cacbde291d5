"""`python -m training COMMAND`: train, distill, evaluate, promote, card, report, baselines,
explore, export-folders."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.inference.classifier import import_keras
from app.inference.contract import MODEL_NAME
from app.inference.errors import MienError, ModelFileError, UnknownModelError
from app.inference.model_store import MODEL_FILES, ModelStore
from app.inference.pickle_check import pickle_in, refusal

from . import cli
from .config import RECIPES, TARGETS, Settings
from .errors import TrainingError


def main(given: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; a user's error is one sentence on stderr and 1."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras warns against .h5, which is what the house means.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = cli.parser().parse_args(given)
    try:
        if options.command in ("train", "evaluate", "promote"):
            import_keras()
        COMMANDS[options.command](options)
    except MienError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # A full disk, a folder that may not be written to: what was finished before is whole.
        where = f"{error.filename}: " if error.filename else ""
        print(f"error: {where}{error.strerror or error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; go on with --resume", file=sys.stderr)
        return 130
    return 0


def _train(options: argparse.Namespace) -> None:
    from . import architectures
    from .data.fer2013 import read_ferplus
    from .data.loading import read_data
    from .train.distributed import Hosts
    from .train.train import train

    if (options.hosts is None) != (options.host is None):
        raise TrainingError("--hosts and --host go together: all machines, and which this one is")
    if options.hosts and options.minutes:
        # Each would stop by its own clock, and the others would wait for it for ever.
        raise TrainingError("--minutes is for one machine; with --hosts give --epochs")
    own = architectures.get(options.architecture).recipe
    typed = {
        name: getattr(options, name)
        for name in (
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
        )
        if getattr(options, name) is not None
    }
    chosen = {**(RECIPES[options.recipe] if options.recipe else own), **typed}
    targets = chosen.get("targets", TARGETS[:1])
    if options.tag and len(targets) > 1:
        raise TrainingError("--tag is for one target; of two, each is the tag of its model")
    tag = options.tag or ("folders" if options.data.is_dir() else targets[0])
    name = f"{options.architecture}.{tag}"
    if not MODEL_NAME.fullmatch(name):
        raise TrainingError(
            f"{name!r} is no model's name: a tag is of lower case letters, digits and underscores"
        )
    run = options.out or Path("runs") / (name if len(targets) == 1 else options.architecture)
    hosts = Hosts.of(options.hosts, options.host) if options.hosts else None
    data = read_data(options.data)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    print(f"{options.data}: {len(data):,} pictures", flush=True)
    wanted = chosen.get("labels")
    if wanted and not options.labels and not set(wanted) <= set(data.names):
        print(f"learning the data's labels, {', '.join(data.names)}", flush=True)
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
        start_from=_start(options.start_from) if options.start_from else None,
    )
    for folder in folders:
        print(f"finished: {folder / 'model.h5'}")


def _start(given: str) -> list[Path]:
    """The folder of a run, or the files of the models that `given` names."""
    if (Path(given) / "state.json").is_file():
        return [Path(given)]
    return [_model_file(name) for name in given.split(",")]


def _distill(options: argparse.Namespace) -> None:
    from .data.loading import origin_of_data, read_data
    from .train.distillation import ask_teachers, write_soft_labels

    if options.teachers is None and options.soft_labels is None:
        raise TrainingError("distill needs --teachers NAME,NAME,... or --soft-labels FILE")
    if options.teachers is not None:
        options.soft_labels = options.soft_labels or Path("runs") / "soft_labels.npz"
        if options.soft_labels.exists():
            raise TrainingError(
                f"{options.soft_labels} exists already; give another --soft-labels, or leave out "
                "--teachers to learn from it"
            )
        data = read_data(options.data)
        checksum = origin_of_data(options.data, data)["sha256"]
        files = [_model_file(name) for name in options.teachers]
        soft = ask_teachers(files, data, checksum, options.soft_temperature, options.soft_shift)
        write_soft_labels(options.soft_labels, soft)
        print(f"asked {len(files)} teachers: {options.soft_labels}", flush=True)
    _train(options)


def _evaluate(options: argparse.Namespace) -> None:
    from .data.fer2013 import read_ferplus
    from .data.loading import read_data
    from .measure.evaluate import as_text, measure_model

    path = _model_file(options.model)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    found = measure_model(path, read_data(options.data), options.split, votes)
    print(json.dumps(found, indent=2) if options.json else as_text(found))


def _promote(options: argparse.Namespace) -> None:
    from .card.promote import promote
    from .data.fer2013 import read_ferplus
    from .data.loading import read_data

    votes = read_ferplus(options.ferplus) if options.ferplus else None
    data = read_data(options.data)
    target = promote(
        options.run_folder,
        options.name,
        options.models,
        data,
        votes,
        replace_existing=options.replace,
    )
    print(
        f"promoted: {target}\nnext: python -m converter {target / 'model.h5'} "
        f"static/models/{options.name}"
    )


def _card(options: argparse.Namespace) -> None:
    from .card.measurements import measure_again
    from .data.fer2013 import read_ferplus
    from .data.loading import read_data

    path = ModelStore(options.models).find(options.name)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    print(f"measured: {measure_again(path.parent, read_data(options.data), votes)}")


def _report(options: argparse.Namespace) -> None:
    from .card.report import write_report

    path = ModelStore(options.models).find(options.model)
    out = options.out or Path("runs") / "reports" / f"{options.model}.html"
    write_report(path.parent, out)
    print(f"written: {out}")


def _export_folders(options: argparse.Namespace) -> None:
    from .data.fer2013 import read_fer2013
    from .data.folders import check_place, export_folders

    check_place(options.out)
    for line in export_folders(read_fer2013(options.data), options.out):
        print(line)


def _baselines(options: argparse.Namespace) -> None:
    from .data.loading import read_data
    from .measure.baselines import as_line, compare

    data = read_data(options.data)
    if options.labels:
        data = data.only(options.labels)
    if not options.json:
        n = len(data.split("validation"))
        print(f"{', '.join(data.names)}; measured on {data.title('validation')}, n = {n:,}\n")
    for row in compare(data, options.seed):
        print(json.dumps(row) if options.json else as_line(row), flush=True)


def _explore(options: argparse.Namespace) -> None:
    from .data.folders import check_place
    from .data.loading import read_data
    from .explore.statistics import explore

    check_place(options.out)
    print(f"open {explore(read_data(options.data), options.data.name, options.out)}")


def _model_file(given: str) -> Path:
    """A model file, a folder that holds one, or the name of one in app/models."""
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
    "card": _card,
    "report": _report,
    "export-folders": _export_folders,
    "baselines": _baselines,
    "explore": _explore,
}


if __name__ == "__main__":
    sys.exit(main())
