"""Serve the app and measure all its pages with Lighthouse.

    python -m tests.benchmarks.lighthouse FOLDER [--runs N] [PAGE ...]

FOLDER is where npm installed Lighthouse; `make lighthouse` does this and runs the benchmark.
Without a PAGE, every page is measured. lighthouse.mjs describes the output.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from ..support.browser import find_chromium, serve
from ..support.pages import all_pages


def main(folder: str, *rest: str) -> int:
    """Run Lighthouse; its exit code is 0 if every score is at least 95."""
    script = Path(__file__).with_suffix(".mjs")
    pages = () if any(one.startswith("/") for one in rest) else all_pages()
    with tempfile.TemporaryDirectory() as name, serve(Path(name)) as server:
        command = ["node", str(script), find_chromium(), folder, server.url, *rest, *pages]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
