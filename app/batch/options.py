"""The command's options."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from ..config import SETTINGS
from .progress import KINDS


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = argparse.ArgumentParser(
        prog="python -m app.batch",
        description="Recognise the faces of pictures and videos and write them into one table. "
        "`python -m app.batch report FOLDER` makes a page of the results.",
    )
    made.add_argument("inputs", nargs="+", metavar="INPUT",
                      help="files, folders, patterns, URLs (s3://...), or @LIST: a file with one "
                           "of these a line")  # fmt: skip
    made.add_argument("--out", required=True, type=Path, metavar="FOLDER",
                      help="where the results go: a new or empty folder")  # fmt: skip
    made.add_argument("--resume", action="store_true",
                      help="go on with the run in FOLDER: what is done is skipped")  # fmt: skip
    made.add_argument("--format", choices=("parquet", "csv", "jsonl"), default="parquet")
    made.add_argument("--model", default=_default("MIEN_MODEL"), help="default: %(default)s")
    made.add_argument("--models", type=Path, default=Path(_default("MIEN_MODELS")),
                      metavar="FOLDER", help="the folder of the models")  # fmt: skip
    sampling = made.add_mutually_exclusive_group()
    sampling.add_argument("--every", type=_seconds, default=0.1, metavar="SECONDS",
                          help="time between two samples of a video (default: 0.1)")  # fmt: skip
    sampling.add_argument("--frames", choices=("all",), help="every frame of a video")
    made.add_argument("--from", type=_seconds_or_0, default=0.0, dest="start", metavar="SECONDS",
                      help="begin each video here")  # fmt: skip
    made.add_argument("--to", type=_seconds, dest="end", metavar="SECONDS",
                      help="end each video here")  # fmt: skip
    made.add_argument("--baseline", metavar="auto|FILE",
                      help="compare each person in a video with the own resting face, or everyone "
                           "with the one in FILE (JSON)")  # fmt: skip
    made.add_argument("--annotate", action="store_true",
                      help="also write each picture and video with its faces drawn in")  # fmt: skip
    made.add_argument("--engine", choices=("local", "dask"), default="local")
    made.add_argument("--workers", type=_count, default=os.cpu_count() or 1, metavar="N",
                      help="processes of the local engine (default: one a core)")  # fmt: skip
    made.add_argument("--scheduler", metavar="ADDRESS", help="of the Dask scheduler: tcp://...")
    made.add_argument("--chunk", type=_seconds_or_0, default=300.0, metavar="SECONDS",
                      help="long videos are split into parts of this length; 0: never")  # fmt: skip
    made.add_argument("--progress", choices=KINDS, default="bar",
                      help="bar, json (a line for each step, to stdout) or none")  # fmt: skip
    made.add_argument("--quiet", action="store_true", help="say nothing but errors")
    return made


def _default(name: str) -> Any:
    """A setting's value: of the environment, else its default."""
    setting = next(setting for setting in SETTINGS if setting.name == name)
    return os.environ.get(name) or setting.default


def _number(text: str, least: float, expected: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} given, expected {expected}")
    return value


def _seconds(text: str) -> float:
    return _number(text, 0.001, "a number of seconds above 0")


def _seconds_or_0(text: str) -> float:
    return _number(text, 0.0, "a number of seconds, 0 or more")


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} given, expected a whole number, 1 to 1024")
    return int(text)
