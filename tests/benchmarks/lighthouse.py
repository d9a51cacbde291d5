"""Serves the app and has Lighthouse look at its pages: `make lighthouse`, which gets Lighthouse
first, or

python -m tests.benchmarks.lighthouse FOLDER [--runs N] [PAGE ...]

FOLDER is where npm installed Lighthouse. See lighthouse.mjs for what is printed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ..support.browser import find_chromium, serve


def main(folder: str, *rest: str) -> int:
    """Lighthouse's exit status: 0 where every score is at least 95."""
    script = Path(__file__).with_suffix(".mjs")
    with tempfile.TemporaryDirectory() as name, serve(Path(name)) as server:
        command = ["node", str(script), find_chromium(), folder, server.url, *rest]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
