"""The exceptions of a batch.

MienError
├── BatchError        ends the run with one sentence and exit code 1
│   └── StoppedError  the user stopped it
└── FileError         one file has no result; the run goes on
"""

from __future__ import annotations

from ..inference.errors import MienError


class BatchError(MienError):
    """The run cannot begin, or cannot go on. What is done is kept."""


class StoppedError(BatchError):
    """The user stopped the run (Ctrl-C). What is done is kept."""


class FileError(MienError):
    """A file cannot be read; the message says why and becomes its row."""
