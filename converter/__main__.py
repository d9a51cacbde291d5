"""The converter's commands: `python -m converter MODEL OUTDIR`, `... import`, `... inspect`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

# Set before Keras is imported: only a TensorFlow graph can be converted, and the bundle is compared
# with TensorFlow's CPU kernels.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from app.inference.errors import MienError

from .cli import parse
from .convert import Conversion, convert
from .errors import ConverterError
from .importing.import_model import Request, import_model
from .importing.inspect_model import inspect_model
from .importing.scale import read_scale
from .verify import LABEL_LIMITS, PREPROCESSING_LIMIT, PROBABILITY_LIMITS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    0: the bundle was written; 1: an error, printed as one sentence on stderr; 130: interrupted.
    """
    # Keras warns about the .h5 format, which is used on purpose.
    logging.getLogger("absl").setLevel(logging.ERROR)
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        {"convert": _convert, "import": _import, "inspect": _inspect}[options.command](options)
    except (ConverterError, MienError) as error:
        print(f"converter: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _stopped.clear()
        print("converter: stopped, nothing was written", file=sys.stderr)
        return 130
    return 0


def _convert(options: argparse.Namespace) -> None:
    result = convert(
        options.model,
        options.outdir,
        options.quantize,
        _log,
        allow_saturated=options.allow_saturated,
    )
    _print(result)
    print(f"{result.entry['model']} is in {options.outdir}")


def _inspect(options: argparse.Namespace) -> None:
    for line in inspect_model(options.model, options.architecture):
        print(line)


def _import(options: argparse.Namespace) -> None:
    request = Request(
        path=options.model,
        name=options.name,
        labels=options.labels,
        scale=read_scale(options.scale),
        margin=options.margin,
        models=options.models,
        bundles=options.bundles,
        architecture=options.architecture,
        colour=options.colour,
        output=options.output,
        size=options.size,
        quantization=options.quantize,
        data=options.data,
        replace=options.replace,
        allow_saturated=options.allow_saturated,
    )
    result = import_model(request, _log)
    for note in result.notes:
        print(f"note: {note}")
    _print(result.conversion)
    print(f"{request.name} is in {result.folder} and {result.bundle}; see /models/{request.name}")


def _print(result: Conversion) -> None:
    entry, measured, kind = result.entry, result.verification, result.quantization
    for note in result.notes:
        print(f"note: {note}")
    print(f"faces compared            {measured.faces}")
    print(
        f"preprocessing difference  {measured.preprocessing:.2g} grey levels "
        f"(limit {PREPROCESSING_LIMIT:g})"
    )
    limit = f" (limit {PROBABILITY_LIMITS[kind]:g})" if kind in PROBABILITY_LIMITS else ""
    print(f"probability difference    {measured.probability:.2g}{limit}")
    if kind in LABEL_LIMITS:
        print(
            f"same label as Keras       {measured.same_label:.0%} of {measured.inputs} test faces "
            f"(limit {LABEL_LIMITS[kind]:.0%})"
        )
    print(f"quantisation              {entry['quantization']}")
    print(f"size                      {entry['bytes']} bytes, {entry['gzip_bytes']} gzipped")


_stopped = threading.Event()


def _log(line: str) -> None:
    """Print a step of the conversion, or interrupt it if a signal was received."""
    # TensorFlow has bare `except:` clauses around imports, which swallow a KeyboardInterrupt. In
    # that case the conversion stops at the next step.
    if _stopped.is_set():
        raise KeyboardInterrupt
    print(line, flush=True)


def _stop(number: int, frame: Any) -> None:
    _stopped.set()
    raise KeyboardInterrupt


if __name__ == "__main__":
    # SIGTERM cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    sys.exit(main())
