"""Run run_bundle.mjs in node and parse its answers."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from .errors import ToolError, UnsupportedError, VerificationError

RUN_BUNDLE = Path(__file__).with_name("run_bundle.mjs")
OLDEST_NODE = 20
TIMEOUT = 180.0
"""Maximum time of one run of node in seconds; it usually takes about one."""
KERNEL = re.compile(r"Kernel '(\w+)' not registered")


def check_tools() -> None:
    """Check that node and the npm packages are installed and not too old.

    Raises:
        ToolError: the message says what to install.
    """
    version = _start(["--version"]).stdout.strip()
    number = re.match(r"v(\d+)\.", version)
    if not number or int(number[1]) < OLDEST_NODE:
        raise ToolError(f"node {version} is too old; the converter needs {OLDEST_NODE} or newer")
    _parse_answer(_start([str(RUN_BUNDLE), "--check"]))


def run_bundle(request: dict[str, Any]) -> dict[str, str]:
    """Send `request` to run_bundle.mjs and return its answer; the file describes both.

    Raises:
        VerificationError: the bundle or preprocess.js fails, or node does not answer.
        UnsupportedError: TF.js's wasm backend lacks an operation.
        ToolError: npm packages are missing.
    """
    return _parse_answer(_start([str(RUN_BUNDLE)], json.dumps(request)))


def _start(arguments: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            ["node", *arguments], input=text, capture_output=True, text=True, timeout=TIMEOUT
        )
    except FileNotFoundError:
        raise ToolError(
            f"node is not installed or not on the PATH; the converter needs {OLDEST_NODE} or "
            "newer to run the bundle"
        ) from None
    except OSError as error:
        raise ToolError(f"node cannot be started: {error.strerror}") from None
    except subprocess.TimeoutExpired:
        raise VerificationError(f"node did not answer within {TIMEOUT:g} s") from None


def _parse_answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    lines = done.stdout.strip().splitlines()
    try:
        answer: dict[str, Any] = json.loads(lines[-1])
    except (IndexError, ValueError):
        errors = done.stderr.strip().splitlines()
        raise VerificationError(
            f"node ended with code {done.returncode}: {errors[-1] if errors else 'no answer'}"
        ) from None
    error = answer.get("error")
    if not error:
        return answer
    kind, message = error["kind"], error["message"].strip().splitlines()[0]
    if kind == "packages":
        raise ToolError(f"TF.js cannot be loaded in node ({message}); run npm ci")
    if kernel := KERNEL.search(message):
        raise UnsupportedError(
            f"TF.js's wasm backend has no {kernel[1]} operation, which the model uses"
        )
    failures = {"preprocess": "preprocess.js fails", "load": "TF.js cannot load the bundle"}
    raise VerificationError(f"{failures.get(kind, 'the bundle fails in TF.js')}: {message}")
