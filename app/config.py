"""Every setting, once: its name, its default, what it takes, and one sentence.

A setting is read from the environment variable of its name; what is given to `create_app` wins.
PORT, WEB_CONCURRENCY and KERAS_BACKEND are no settings of the application: gunicorn reads the
first two (gunicorn.conf.py), Keras the third.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

APP = Path(__file__).parent
log = logging.getLogger(__name__)
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class ConfigError(Exception):
    """A setting has a value it cannot have; the message names it and says what is expected."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `read` turns the environment's text (or a given value) into a value, raising
    ValueError where it cannot; `expected` is the sentence's end then, which does not show the
    value if it is `secret`."""

    name: str
    default: Any
    about: str
    expected: str
    read: Callable[[Any], Any]
    secret: bool = False


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool | float):
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return read


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
        if not math.isfinite(number) or not low <= number <= high:
            raise ValueError
        return number

    return read


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError


def _text(value: Any) -> str:
    text = str(value).strip()
    if not text:
        raise ValueError
    return text


def _folder(value: Any) -> Path:
    path = Path(_text(value))
    if not path.is_dir():
        raise ValueError
    return path


def _origins(value: Any) -> str:
    origins = str(value).replace(",", " ").split()
    if not isinstance(value, str) or not all(o == "*" or ORIGIN.fullmatch(o) for o in origins):
        raise ValueError
    return " ".join(origins)


def _limit(value: Any) -> str:
    text = str(value).strip()
    if text:
        from limits import parse_many

        parse_many(text)
    return text


def _redis_url(value: Any) -> str:
    text = str(value).strip()
    if text and not text.startswith(("redis://", "rediss://", "redis+unix://")):
        raise ValueError
    return text


SWITCH = "1 or 0 (or true, false, yes, no, on, off)"

SETTINGS = (
    Setting(
        "MIEN_MODEL",
        "mien_small.ferplus",
        "The model that is used unless a request asks for another one.",
        "the name of a folder in MIEN_MODELS",
        _text,
    ),
    Setting(
        "MIEN_MODELS",
        APP / "models",
        "The folder of the models, each in a folder of its name.",
        "an existing folder",
        _folder,
    ),
    Setting(
        "MIEN_MAX_BYTES",
        12 * 1024 * 1024,
        "The most bytes a photo may have.",
        "a whole number of bytes, 1024 to 1073741824",
        _whole(1024, 1 << 30),
    ),
    Setting(
        "MIEN_MAX_PHOTOS",
        8,
        "The most photos that one request may have.",
        "a whole number, 1 to 100",
        _whole(1, 100),
    ),
    Setting(
        "MIEN_MAX_FORM_BYTES",
        24 * 1024 * 1024,
        "The most bytes that all photos of a request may have together; each waits in memory.",
        "a whole number of bytes, 1024 to 1073741824",
        _whole(1024, 1 << 30),
    ),
    Setting(
        "MIEN_MAX_MEGAPIXELS",
        50.0,
        "The most megapixels of a photo, where `MIEN_DECODE_BYTES` allows them in its format.",
        "a number, 0.01 to 1000",
        _number(0.01, 1000),
    ),
    Setting(
        "MIEN_DECODE_BYTES",
        190_000_000,
        "The most memory that decoding takes, of all photos that are decoded at once.",
        "a whole number of bytes, 50000000 to 1099511627776",
        _whole(50_000_000, 1 << 40),
    ),
    Setting(
        "MIEN_MAX_FACES",
        64,
        "The most faces that are recognised in a photo, the largest ones.",
        "a whole number, 1 to 1000",
        _whole(1, 1000),
    ),
    Setting(
        "MIEN_CONCURRENCY",
        2,
        "How many photos each process recognises at once; those beyond are answered with 503.",
        "a whole number, 1 to 256",
        _whole(1, 256),
    ),
    Setting(
        "MIEN_CORS_ORIGINS",
        "",
        "Whose pages may run `mien.js` from here and read the API's answers (CORS): origins or *.",
        "origins such as https://example.org, parted by spaces or commas, or *, or nothing",
        _origins,
    ),
    Setting(
        "MIEN_INTAKE_BYTES",
        48 * 1024 * 1024,
        "How many bytes of uploads each process holds at once; more are answered with 503.",
        "a whole number of bytes, 1048576 to 1099511627776",
        _whole(1 << 20, 1 << 40),
    ),
    Setting(
        "MIEN_STALL_SECONDS",
        20.0,
        "After how many seconds without a byte an upload is given up.",
        "a number of seconds, 0.1 to 600",
        _number(0.1, 600),
    ),
    Setting(
        "MIEN_UPLOAD_SECONDS",
        300.0,
        "After how many seconds in all an upload is given up, though bytes still come.",
        "a number of seconds, 0.1 to 86400",
        _number(0.1, 86400),
    ),
    Setting(
        "MIEN_PRELOAD",
        True,
        "Whether the model is loaded as the server starts; if not, with the first photo.",
        SWITCH,
        _truth,
    ),
    Setting(
        "MIEN_RATE_LIMIT",
        "60/minute",
        "How many photos one client may send in a time; nothing for no limit.",
        "a limit such as 60/minute or 5/second;500/hour, or nothing",
        _limit,
    ),
    Setting(
        "MIEN_REDIS_URL",
        "",
        "The Redis that counts for the rate limit; without one each process counts for itself.",
        "a URL that begins with redis://, rediss:// or redis+unix://, or nothing",
        _redis_url,
        secret=True,
    ),
    Setting(
        "MIEN_PROXIES",
        0,
        "How many proxies stand before the server; they are believed on address and scheme.",
        "a whole number, 0 to 10",
        _whole(0, 10),
    ),
    Setting(
        "MIEN_HTTPS",
        False,
        "Whether visitors who come by HTTP are sent on to HTTPS; not so `/api/v1/health`.",
        SWITCH,
        _truth,
    ),
    Setting(
        "MIEN_HSTS",
        0,
        "For how many seconds browsers shall use HTTPS only, from each visit on; 0 does not ask.",
        "a whole number of seconds, 0 to 63072000",
        _whole(0, 63072000),
    ),
    Setting(
        "MIEN_METRICS",
        False,
        "Whether `/metrics` has figures for Prometheus; everybody can read them there.",
        SWITCH,
        _truth,
    ),
)


def load(environment: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every setting: from `given`, else from `environment`, else its default.

    What else is in `given` (Flask's own settings) is kept as it is. A variable of the environment
    that begins with MIEN_ and is no setting is named in the log: it may be another program's.

    Raises:
        ConfigError: a value cannot be read, or a name in `given` begins with MIEN_ and is no
            setting.
    """
    known = sorted(setting.name for setting in SETTINGS)
    for name in [*environment, *given]:
        if not name.startswith("MIEN_") or name in known:
            continue
        sentence = f"{name} is not a setting; the settings are {', '.join(known)}."
        if name in given:
            raise ConfigError(sentence)
        log.warning(sentence)
    config = dict(given)
    for setting in SETTINGS:
        value = given.get(setting.name, environment.get(setting.name, setting.default))
        try:
            config[setting.name] = setting.read(value)
        except (ValueError, TypeError):
            said = repr(str(value) if isinstance(value, Path) else value)
            if setting.secret:
                said = "something else than it can be"
            raise ConfigError(f"{setting.name} is {said}; expected {setting.expected}.") from None
    return config
