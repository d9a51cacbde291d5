"""`python -m converter MODEL OUTDIR`: a Keras model becomes a verified TF.js bundle."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Before Keras is imported: only TensorFlow's graph can be converted, and its CPU kernels are what
# the bundle is compared with.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

from app.inference.errors import MienError

from .convert import QUANTIZATIONS, Report, convert
from .errors import ConverterError
from .verify import PREPROCESSING_LIMIT, PROBABILITY_LIMITS


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when the bundle stands, 1 with a sentence on stderr when not,
    130 when it was stopped."""
    parser = argparse.ArgumentParser(prog="python -m converter", description=__doc__)
    parser.add_argument("model", type=Path, help="Keras model, .h5 or .keras, beside contract.json")
    parser.add_argument("outdir", type=Path, help="folder of the bundle; index.json is beside it")
    parser.add_argument(
        "--quantize",
        choices=QUANTIZATIONS,
        default="float16",
        help="how weights are stored (default: %(default)s)",
    )
    options = parser.parse_args(arguments)
    try:
        report = convert(options.model, options.outdir, options.quantize, _say)
    except (ConverterError, MienError) as error:
        print(f"converter: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _stopped.clear()
        print("converter: stopped, nothing was written", file=sys.stderr)
        return 130
    _print(report, options.outdir, options.quantize)
    return 0


def _print(report: Report, outdir: Path, quantization: str) -> None:
    entry, measured = report.entry, report.verification
    for remark in report.remarks:
        print(f"note: {remark}")
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


def _say(line: str) -> None:
    """Say a step of the conversion, or end it here where a stop was asked for."""
    # TensorFlow's modules have bare `except:` around imports, which swallow an interrupt that
    # comes just then: what was asked for is done at the next step.
    if _stopped.is_set():
        raise KeyboardInterrupt
    print(line, flush=True)


def _stop(number: int, frame: Any) -> None:
    _stopped.set()
    raise KeyboardInterrupt


if __name__ == "__main__":
    # A termination request cleans up as Ctrl-C does.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    sys.exit(main())
