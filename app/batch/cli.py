"""The command: `python -m app.batch INPUT... --out FOLDER`.

Exit code 0: all files are done; 2: some could not be read (their rows say why); 1: the run could
not begin or did not end.
"""

from __future__ import annotations

import argparse
import platform
import re
import signal
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from ..inference.errors import MienError
from ..inference.model_store import ModelStore
from ..version import __version__
from .errors import BatchError, StoppedError
from .options import parser

DONE, NOT_DONE, SOME_FAILED = 0, 1, 2

PACKAGES = ("av", "keras", "numpy", "opencv-python-headless", "openvino", "pillow", "pyarrow")
"""The packages whose versions run.json holds."""


def main(argv: Sequence[str]) -> int:
    """Run the command; the exit code."""
    if argv and argv[0] == "report":
        from .report import main as report

        return report(argv[1:])
    made = parser()
    options = made.parse_args(argv)
    if options.end is not None and options.end <= options.start:
        made.error(f"--to is {options.end:g}; expected more than --from, {options.start:g}.")
    try:
        return _run(options)
    except StoppedError as error:
        print(error, file=sys.stderr)
    except (BatchError, MienError) as error:
        print(f"{error}", file=sys.stderr)
    return NOT_DONE


def _run(options: argparse.Namespace) -> int:
    if options.engine == "dask" and not options.scheduler:
        raise BatchError(
            "--engine dask needs --scheduler; expected for example tcp://10.0.0.5:8786."
        )
    if re.match(r"\w[\w+.]+:/", str(options.out)):
        raise BatchError(f"--out is {options.out}; expected a folder of this machine.")
    contract = ModelStore(options.models).classifier(options.model).contract
    try:
        from .baseline import read_baseline
        from .files import find_sources
        from .output import OutputFolder
        from .progress import Reporter, State
        from .run import Plan, Run
        from .tasks import Settings
    except ImportError as error:
        raise BatchError(
            f"{error}. The batch needs more packages than the site: "
            "pip install -r requirements-batch.txt"
        ) from None
    baseline = read_baseline(options.baseline, contract.labels)
    sources = find_sources(options.inputs)
    settings = Settings(
        str(options.models.resolve()), options.model, None if options.frames else options.every
    )
    about = _about(options, settings.every, contract.to_json(), options.inputs)
    output = OutputFolder(options.out, options.format, contract.labels)
    engine = _engine(options, settings, [source.name for source in sources])
    reporter = None
    stop = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    try:
        output.begin(about, options.resume)
        rest = [source for source in sources if not output.is_done(source.name)]
        annotated = options.out / "annotated" if options.annotate else None
        plan = Plan(settings.every, options.start, options.end, options.chunk, annotated, baseline)
        reporter = Reporter("none" if options.quiet else options.progress)
        pictures = sum(source.kind == "picture" for source in rest)
        reporter.begin(State(len(rest), pictures=pictures, unknown=len(rest) - pictures))
        _catch_interrupt(stop)
        ended_by: BatchError | None = None
        try:
            Run(rest, plan, contract, output, engine, reporter).go(stop.is_set)
        except BatchError as error:
            ended_by = error
        finally:
            engine.close()
        return _end(options, output, sources, about, reporter, ended_by)
    finally:
        engine.close()
        if reporter is not None:
            reporter.close()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)


def _end(
    options: argparse.Namespace,
    output: Any,
    sources: Sequence[Any],
    about: dict[str, Any],
    reporter: Any,
    error: BatchError | None,
) -> int:
    """Write the tables of the whole, say how it went."""
    records = [output.records[s.name] for s in sources if s.name in output.records]
    failed = sum(bool(record.get("error")) for record in records)
    complete = error is None and len(records) == len(sources)
    about |= {
        "ended": _now(),
        "complete": complete,
        "counts": {
            "files": len(sources),
            "done": len(records) - failed,
            "failed": failed,
            "rows": sum(record.get("rows") or 0 for record in records),
            "seconds_taken": round(time.monotonic() - about.pop("_clock"), 2),
        },
    }
    try:
        output.finish(about)
    except BatchError as unwritten:
        error = error or unwritten
    code = NOT_DONE if error else SOME_FAILED if failed else DONE
    reporter.end({"exit_code": code, "message": str(error) if error else None})
    if isinstance(error, StoppedError):
        raise StoppedError(
            f"Stopped: {len(records) - failed} of {len(sources)} files are done and kept in "
            f"{options.out}; go on with --resume."
        )
    if error:
        raise error
    if not options.quiet and options.progress != "json":
        rows = about["counts"]["rows"]
        print(
            f"{len(records) - failed} of {len(sources)} files are done, {rows} rows of faces are "
            f"in {options.out / 'faces'}"
            + (f"; {failed} files could not be read, see files.parquet." if failed else ".")
        )
    return code


def _engine(options: argparse.Namespace, settings: Any, names: Sequence[str]) -> Any:
    from .engines import InProcess, LocalProcesses

    if options.engine == "dask":
        from .engine_dask import DaskCluster

        return DaskCluster(settings, options.scheduler)
    if any(name.startswith("memory://") for name in names):
        return InProcess(settings)
    return LocalProcesses(settings, options.workers)


def _catch_interrupt(stop: threading.Event) -> None:
    """The first Ctrl-C ends the run cleanly, a second one at once."""
    if threading.current_thread() is not threading.main_thread():
        return

    def interrupted(*_: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    signal.signal(signal.SIGINT, interrupted)


def _about(
    options: argparse.Namespace, every: float | None, contract: dict[str, Any], inputs: list[str]
) -> dict[str, Any]:
    """What run.json says at the start."""
    versions = {"mien": __version__, "python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "kind": "mien-batch",
        "version": 1,
        "started": _now(),
        "ended": None,
        "complete": False,
        "versions": versions,
        "model": options.model,
        "contract": contract,
        "arguments": {
            "inputs": inputs,
            "model": options.model,
            "every": every,
            "from": options.start,
            "to": options.end,
            "format": options.format,
            "baseline": options.baseline,
            "annotate": options.annotate,
            "engine": options.engine,
            "workers": options.workers if options.engine == "local" else None,
            "chunk": options.chunk,
        },
        "counts": {},
        "_clock": time.monotonic(),
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
