"""The logger class of gunicorn (gunicorn.conf.py): every message as a JSON line on stdout."""

from __future__ import annotations

import logging
import sys
from typing import Any

from gunicorn.glogging import Logger

from .logs import JsonFormatter


class GunicornLogger(Logger):
    """Write the messages of gunicorn and of the application as JSON lines to stdout."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        if cfg.errorlog == "-":
            for handler in self.error_log.handlers:
                if isinstance(handler, logging.StreamHandler):
                    handler.setStream(sys.stdout)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter())
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(JsonFormatter())
        logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
        logging.getLogger("app").setLevel(self.loglevel)
