"""`python -m training COMMAND`: train, distill, evaluate, promote, card, report, baselines,
explore, export-folders."""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app.inference.classifier import import_keras
from app.inference.contract import MODEL_NAME
from app.inference.errors import MienError, ModelFileError, UnknownModelError
from app.inference.models import MODEL_FILES, ModelStore
from app.inference.pickles import pickle_in, refusal

from .errors import TrainingError
from .settings import RECIPES, TARGETS, Settings

DATA_HELP = "fer2013.csv, also .gz .zip .xz; or a folder of pictures in folders of labels"
MODELS = Path(__file__).parent.parent / "app" / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; a user's error is one sentence on stderr and 1."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras warns against .h5, which is what the house means.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = _parser().parse_args(arguments)
    try:
        if options.run in (_train, _evaluate, _promote):
            import_keras()
        options.run(options)
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    train = commands.add_parser("train", help="train an architecture on FER2013")
    _training_options(train)
    train.add_argument(
        "--soft-labels", type=Path, help="with --resume of a distilled run: its file"
    )
    train.set_defaults(run=_train, soft_labels=None, soft_weight=None)

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
    distill.set_defaults(run=_distill)

    evaluate = commands.add_parser("evaluate", help="measure a model on a split of the data")
    evaluate.add_argument("--model", required=True, help="a model's name, a run, or a model file")
    evaluate.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    evaluate.add_argument("--split", required=True, choices=("train", "validation", "test"))
    evaluate.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    evaluate.set_defaults(run=_evaluate)

    promote = commands.add_parser("promote", help="put a finished run into app/models, with a card")
    promote.add_argument("run_folder", type=Path, metavar="RUN")
    promote.add_argument("name", metavar="NAME", help="architecture.tag")
    promote.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    promote.add_argument("--ferplus", type=Path, help="fer2013new.csv: fits the unsure score")
    promote.add_argument("--models", type=Path, default=MODELS, help="default app/models")
    promote.add_argument("--replace", action="store_true", help="replace a model of that name")
    promote.set_defaults(run=_promote)

    card = commands.add_parser("card", help="measure a promoted model again, write its card anew")
    card.add_argument("name", metavar="NAME", help="a model in app/models")
    card.add_argument("--data", required=True, type=Path, help="fer2013.csv, also compressed")
    card.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    card.add_argument("--models", type=Path, default=MODELS, help="default app/models")
    card.set_defaults(run=_card)

    report = commands.add_parser("report", help="write what a card says as one HTML page")
    report.add_argument("--model", required=True, metavar="NAME", help="a model in app/models")
    report.add_argument("--out", type=Path, help="the page (default runs/reports/NAME.html)")
    report.add_argument("--models", type=Path, default=MODELS, help="default app/models")
    report.set_defaults(run=_report)

    export = commands.add_parser(
        "export-folders", help="write FER2013's pictures into folders: SPLIT/LABEL/ROW.png"
    )
    export.add_argument("--data", required=True, type=Path, help="fer2013.csv, also .gz .zip .xz")
    export.add_argument("--out", required=True, type=Path, help="a new folder, for your own disk")
    export.set_defaults(run=_export_folders)

    baselines = commands.add_parser(
        "baselines", help="KNN, SVM and softmax regression on pixels and on PCA: a table"
    )
    baselines.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    baselines.add_argument("--labels", type=_labels, help="these alone, e.g. happy,neutral")
    baselines.add_argument("--seed", type=_seed, default=0, help="default 0")
    baselines.add_argument("--json", action="store_true", help="print a JSON object a line")
    baselines.set_defaults(run=_baselines)

    explore = commands.add_parser(
        "explore", help="what is in the data: a page of plots and pictures, for your own disk"
    )
    explore.add_argument("--data", required=True, type=Path, help=DATA_HELP)
    explore.add_argument("--out", required=True, type=Path, help="a new folder")
    explore.set_defaults(run=_explore)

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
    train.add_argument("--resume", action="store_true", help="go on with a run that was cut off")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a number above 0, at most 1")
    return value


def _temperature(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a number from 0.1 to 100")
    return value


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a whole number from 1")
    return int(text)


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 10:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a number above 0, at most 10")
    return value


def _index(text: str) -> int:
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a whole number from 0")
    return int(text)


def _minutes(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a number of minutes above 0")
    return value


def _seed(text: str) -> int:
    if not text.isdigit() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a whole number from 0")
    return int(text)


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


def _train(options: argparse.Namespace) -> None:
    from . import architectures
    from .data import read_data
    from .fer2013 import read_ferplus
    from .fit import train
    from .hosts import Hosts

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
    )
    for folder in folders:
        print(f"finished: {folder / 'model.h5'}")


def _distill(options: argparse.Namespace) -> None:
    from .data import origin_of_data, read_data
    from .soft_labels import ask_teachers, write_soft_labels

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
        soft = ask_teachers(files, data, checksum, options.soft_temperature)
        write_soft_labels(options.soft_labels, soft)
        print(f"asked {len(files)} teachers: {options.soft_labels}", flush=True)
    _train(options)


def _evaluate(options: argparse.Namespace) -> None:
    from .data import read_data
    from .evaluate import as_text, measure_model
    from .fer2013 import read_ferplus

    path = _model_file(options.model)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    found = measure_model(path, read_data(options.data), options.split, votes)
    print(json.dumps(found, indent=2) if options.json else as_text(found))


def _promote(options: argparse.Namespace) -> None:
    from .data import read_data
    from .fer2013 import read_ferplus
    from .promote import promote

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
    from .cards import measure_again
    from .data import read_data
    from .fer2013 import read_ferplus

    path = ModelStore(options.models).find(options.name)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    print(f"measured: {measure_again(path.parent, read_data(options.data), votes)}")


def _report(options: argparse.Namespace) -> None:
    from .report import write_report

    path = ModelStore(options.models).find(options.model)
    out = options.out or Path("runs") / "reports" / f"{options.model}.html"
    write_report(path.parent, out)
    print(f"written: {out}")


def _export_folders(options: argparse.Namespace) -> None:
    from .fer2013 import read_fer2013
    from .folders import check_place, export_folders

    check_place(options.out)
    for line in export_folders(read_fer2013(options.data), options.out):
        print(line)


def _baselines(options: argparse.Namespace) -> None:
    from .baselines import as_line, compare
    from .data import read_data

    data = read_data(options.data)
    if options.labels:
        data = data.only(options.labels)
    if not options.json:
        n = len(data.split("validation"))
        print(f"{', '.join(data.names)}; measured on {data.title('validation')}, n = {n:,}\n")
    for row in compare(data, options.seed):
        print(json.dumps(row) if options.json else as_line(row), flush=True)


def _explore(options: argparse.Namespace) -> None:
    from .data import read_data
    from .explore import explore
    from .folders import check_place

    check_place(options.out)
    print(f"open {explore(read_data(options.data), options.data.name, options.out)}")


def _model_file(given: str) -> Path:
    """A model file, a folder that holds one, or the name of one in app/models."""
    folders = (Path(given), MODELS / given)
    for path in (Path(given), *(folder / name for folder in folders for name in MODEL_FILES)):
        if path.is_file():
            pickle = pickle_in(path)
            if pickle:
                raise ModelFileError(
                    f"{refusal(path, pickle)}; expected a Keras model, .h5 or .keras"
                )
            return path
    known = sorted(path.parent.name for path in MODELS.glob("*/model.h5"))
    raise UnknownModelError(
        f"no model {given!r}: expected a model file, a run folder, "
        f"or one of {', '.join(known) or 'app/models, which is empty'}"
    )


if __name__ == "__main__":
    sys.exit(main())
