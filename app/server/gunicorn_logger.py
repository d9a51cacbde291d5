"""gunicorn's logger, which gunicorn.conf.py names: one form for all that is logged."""

from __future__ import annotations

import logging
import sys
from typing import Any

from gunicorn.glogging import Logger

from .logs import JsonFormatter


class GunicornLogger(Logger):
    """gunicorn's logger, its messages and the application's in JSON on stdout."""

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
