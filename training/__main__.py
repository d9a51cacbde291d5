"""`python -m training COMMAND`: train, evaluate, promote, card, report."""

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
from app.inference.errors import MienError, UnknownModelError
from app.inference.models import ModelStore

from .errors import TrainingError
from .settings import RECIPES, TARGETS, Settings

MODELS = Path(__file__).parent.parent / "app" / "models"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code; a user's error is one sentence on stderr and 1."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras warns against .h5, which is what the house means.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = _parser().parse_args(arguments)
    try:
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
    train.add_argument("architecture", help="its name, e.g. mien_plain")
    train.add_argument("--data", required=True, type=Path, help="fer2013.csv, also .gz .zip .xz")
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
    train.add_argument("--tag", help="second half of the model's name (default: its target)")
    train.add_argument("--epochs", type=_positive, help="default 50")
    train.add_argument("--batch", type=_positive, help="default 128")
    train.add_argument("--learning-rate", type=_rate, help="default 0.1")
    train.add_argument(
        "--patience",
        type=_positive,
        help="stop after this many epochs without a better one (default 20)",
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
    train.add_argument("--resume", action="store_true", help="go on with a run that was cut off")
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure a model on a split of FER2013")
    evaluate.add_argument("--model", required=True, help="a model's name, a run, or a model file")
    evaluate.add_argument("--data", required=True, type=Path, help="fer2013.csv, also compressed")
    evaluate.add_argument("--split", required=True, choices=("train", "validation", "test"))
    evaluate.add_argument("--ferplus", type=Path, help="fer2013new.csv, FER+'s votes")
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of tables")
    evaluate.set_defaults(run=_evaluate)

    promote = commands.add_parser("promote", help="put a finished run into app/models, with a card")
    promote.add_argument("run_folder", type=Path, metavar="RUN")
    promote.add_argument("name", metavar="NAME", help="architecture.tag")
    promote.add_argument("--data", required=True, type=Path, help="fer2013.csv, also compressed")
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

    return parser


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


def _train(options: argparse.Namespace) -> None:
    from . import architectures
    from .fer2013 import read_fer2013, read_ferplus
    from .fit import train

    own = architectures.get(options.architecture).recipe
    typed = {
        name: getattr(options, name)
        for name in (
            "targets",
            "epochs",
            "batch",
            "learning_rate",
            "patience",
            "seed",
            "precision",
        )
        if getattr(options, name) is not None
    }
    chosen = {**(RECIPES[options.recipe] if options.recipe else own), **typed}
    targets = chosen.get("targets", TARGETS[:1])
    if options.tag and len(targets) > 1:
        raise TrainingError("--tag is for one target; of two, each is the tag of its model")
    tag = options.tag or targets[0]
    settings = Settings(architecture=options.architecture, tag=tag, **chosen)
    name = f"{options.architecture}.{tag}"
    if not MODEL_NAME.fullmatch(name):
        raise TrainingError(
            f"{name!r} is no model's name: a tag is of lower case letters, digits and underscores"
        )
    run = options.out or Path("runs") / (name if len(targets) == 1 else options.architecture)
    data = read_fer2013(options.data)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    print(f"{options.data}: {len(data):,} pictures", flush=True)
    folders = train(
        data,
        options.data,
        run,
        settings,
        votes,
        options.ferplus,
        resume=options.resume,
        minutes=options.minutes,
    )
    for folder in folders:
        print(f"finished: {folder / 'model.h5'}")


def _evaluate(options: argparse.Namespace) -> None:
    from .evaluate import as_text, measure_model
    from .fer2013 import read_fer2013, read_ferplus

    path = _model_file(options.model)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    found = measure_model(path, read_fer2013(options.data), options.split, votes)
    print(json.dumps(found, indent=2) if options.json else as_text(found))


def _promote(options: argparse.Namespace) -> None:
    from .fer2013 import read_fer2013, read_ferplus
    from .promote import promote

    votes = read_ferplus(options.ferplus) if options.ferplus else None
    data = read_fer2013(options.data)
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
    from .fer2013 import read_fer2013, read_ferplus

    path = ModelStore(options.models).find(options.name)
    votes = read_ferplus(options.ferplus) if options.ferplus else None
    print(f"measured: {measure_again(path.parent, read_fer2013(options.data), votes)}")


def _report(options: argparse.Namespace) -> None:
    from .report import write_report

    path = ModelStore(options.models).find(options.model)
    out = options.out or Path("runs") / "reports" / f"{options.model}.html"
    write_report(path.parent, out)
    print(f"written: {out}")


def _model_file(given: str) -> Path:
    """A model file, a folder that holds model.h5, or the name of one in app/models."""
    for path in (Path(given), Path(given) / "model.h5", MODELS / given / "model.h5"):
        if path.is_file():
            return path
    known = sorted(path.parent.name for path in MODELS.glob("*/model.h5"))
    raise UnknownModelError(
        f"no model {given!r}: expected a model file, a run folder, "
        f"or one of {', '.join(known) or 'app/models, which is empty'}"
    )


if __name__ == "__main__":
    sys.exit(main())
