"""Convert a Keras model to a verified TF.js bundle: `python -m converter MODEL OUTDIR`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Set before Keras is imported: only a TensorFlow graph can be converted, and the bundle is compared
# with TensorFlow's CPU kernels.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from app.inference.errors import MienError

from .convert import QUANTIZATIONS, Conversion, convert
from .errors import ConverterError
from .verify import PREPROCESSING_LIMIT, PROBABILITY_LIMITS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    0: the bundle was written; 1: an error, printed as one sentence on stderr; 130: interrupted.
    """
    parser = argparse.ArgumentParser(
        prog="python -m converter", description="Convert a Keras model to a verified TF.js bundle."
    )
    parser.add_argument(
        "model", type=Path, help="Keras model, .h5 or .keras, beside its contract.json"
    )
    parser.add_argument(
        "outdir", type=Path, help="folder of the bundle; index.json is written beside it"
    )
    parser.add_argument(
        "--quantize",
        choices=QUANTIZATIONS,
        default="float16",
        help="storage of the weights (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        result = convert(options.model, options.outdir, options.quantize, _log)
    except (ConverterError, MienError) as error:
        print(f"converter: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _stopped.clear()
        print("converter: stopped, nothing was written", file=sys.stderr)
        return 130
    _print(result, options.outdir, options.quantize)
    return 0


def _print(result: Conversion, outdir: Path, quantization: str) -> None:
    entry, measured = result.entry, result.verification
    for note in result.notes:
        print(f"note: {note}")
    print(f"faces compared            {measured.faces}")
    print(
        f"preprocessing difference  {measured.preprocessing:.2g} grey levels "
        f"(limit {PREPROCESSING_LIMIT:g})"
    )
    print(
        f"probability difference    {measured.probability:.2g} "
        f"(limit {PROBABILITY_LIMITS[quantization]:g})"
    )
    print(f"quantisation              {entry['quantization']}")
    print(f"size                      {entry['bytes']} bytes, {entry['gzip_bytes']} gzipped")
    print(f"{entry['model']} is in {outdir}")


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
