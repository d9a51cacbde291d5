"""`python -m app.batch INPUT... --out FOLDER` and `python -m app.batch report FOLDER`."""

from __future__ import annotations

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
