"""The application's settings: name, default, allowed values and a sentence of help.

A setting is read from the environment variable of its name; a value given to `create_app` takes
precedence. PORT and WEB_CONCURRENCY are settings of gunicorn (gunicorn.conf.py), KERAS_BACKEND is a
setting of Keras.
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
    """A setting has a value that is not allowed; the message says what is expected."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        name: of the environment variable.
        default: the value without that variable.
        about: the sentence of help in docs/settings.md.
        expected: the allowed values, as the end of an error sentence.
        read: converts the variable's text or a given value; ValueError or TypeError: not allowed.
        secret: whether an error sentence must not show the value.
    """

    name: str
    default: Any
    about: str
    expected: str
    read: Callable[[Any], Any]
    secret: bool = False


def _integer(low: int, high: int) -> Callable[[Any], int]:
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


def _boolean(value: Any) -> bool:
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
        "The default model, used where a request names none.",
        "the name of a folder in MIEN_MODELS",
        _text,
    ),
    Setting(
        "MIEN_MODELS",
        APP / "models",
        "The folder of the models; each has a folder of its name.",
        "an existing folder",
        _folder,
    ),
    Setting(
        "MIEN_MAX_BYTES",
        12 * 1024 * 1024,
        "Maximum size of a photo file in bytes.",
        "a whole number of bytes, 1024 to 1073741824",
        _integer(1024, 1 << 30),
    ),
    Setting(
        "MIEN_MAX_PHOTOS",
        8,
        "Maximum number of photos per request.",
        "a whole number, 1 to 100",
        _integer(1, 100),
    ),
    Setting(
        "MIEN_MAX_FORM_BYTES",
        24 * 1024 * 1024,
        "Maximum size in bytes of all photos of a request together; they are held in memory.",
        "a whole number of bytes, 1024 to 1073741824",
        _integer(1024, 1 << 30),
    ),
    Setting(
        "MIEN_MAX_MEGAPIXELS",
        52.0,
        "Maximum megapixels of a photo; `MIEN_DECODE_BYTES` may allow fewer in some formats.",
        "a number, 0.01 to 1000",
        _number(0.01, 1000),
    ),
    Setting(
        "MIEN_DECODE_BYTES",
        190_000_000,
        "Maximum memory in bytes for decoding, for all photos that a process decodes at once.",
        "a whole number of bytes, 50000000 to 1099511627776",
        _integer(50_000_000, 1 << 40),
    ),
    Setting(
        "MIEN_MAX_FACES",
        64,
        "Maximum number of faces recognised per photo; the largest faces are taken.",
        "a whole number, 1 to 1000",
        _integer(1, 1000),
    ),
    Setting(
        "MIEN_CONCURRENCY",
        2,
        "Number of photos that a process recognises at once; further requests wait.",
        "a whole number, 1 to 256",
        _integer(1, 256),
    ),
    Setting(
        "MIEN_CORS_ORIGINS",
        "",
        "Origins whose pages may import `mien.js` and read the API's answers (CORS), or *.",
        "origins such as https://example.org, separated by spaces or commas, or *, or nothing",
        _origins,
    ),
    Setting(
        "MIEN_INTAKE_BYTES",
        48 * 1024 * 1024,
        "Maximum bytes of uploads that a process holds at once; further uploads get status 503.",
        "a whole number of bytes, 1048576 to 1099511627776",
        _integer(1 << 20, 1 << 40),
    ),
    Setting(
        "MIEN_STALL_SECONDS",
        20.0,
        "Seconds without a byte after which an upload (status 408) or an answer is ended.",
        "a number of seconds, 0.1 to 600",
        _number(0.1, 600),
    ),
    Setting(
        "MIEN_UPLOAD_SECONDS",
        300.0,
        "Seconds in total after which an upload is ended with status 408.",
        "a number of seconds, 0.1 to 86400",
        _number(0.1, 86400),
    ),
    Setting(
        "MIEN_WAIT_SECONDS",
        10.0,
        "Seconds that a photo waits for its turn before it gets status 503.",
        "a number of seconds, 0.1 to 600",
        _number(0.1, 600),
    ),
    Setting(
        "MIEN_PRELOAD",
        True,
        "Whether the model is loaded when the server starts; otherwise with the first photo.",
        SWITCH,
        _boolean,
    ),
    Setting(
        "MIEN_RATE_LIMIT",
        "60/minute",
        "Maximum number of photos per client and period; empty for no limit.",
        "a limit such as 60/minute or 5/second;500/hour, or nothing",
        _limit,
    ),
    Setting(
        "MIEN_REDIS_URL",
        "",
        "Redis server that counts for the rate limit; without it each process counts alone.",
        "a URL that begins with redis://, rediss:// or redis+unix://, or nothing",
        _redis_url,
        secret=True,
    ),
    Setting(
        "MIEN_PROXIES",
        0,
        "Number of trusted reverse proxies (X-Forwarded-For, -Proto).",
        "a whole number, 0 to 10",
        _integer(0, 10),
    ),
    Setting(
        "MIEN_HTTPS",
        False,
        "Whether HTTP requests are redirected to HTTPS, except `/api/v1/health`.",
        SWITCH,
        _boolean,
    ),
    Setting(
        "MIEN_HSTS",
        0,
        "Seconds for which browsers may use HTTPS only (HSTS); 0 to send no such header.",
        "a whole number of seconds, 0 to 63072000",
        _integer(0, 63072000),
    ),
    Setting(
        "MIEN_METRICS",
        False,
        "Whether `/metrics` serves Prometheus metrics; everybody can read them.",
        SWITCH,
        _boolean,
    ),
)


def load(environment: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every setting: from `given`, else from `environment`, else its default.

    Other names in `given` (Flask's own settings) are kept unchanged. An environment variable that
    begins with MIEN_ but is no setting is only logged, because it may belong to another program.

    Raises:
        ConfigError: a value is not allowed, or a name in `given` begins with MIEN_ but is no
            setting.
    """
    setting_names = sorted(setting.name for setting in SETTINGS)
    for name in [*environment, *given]:
        if not name.startswith("MIEN_") or name in setting_names:
            continue
        sentence = f"{name} is not a setting; the settings are {', '.join(setting_names)}."
        if name in given:
            raise ConfigError(sentence)
        log.warning(sentence)
    config = dict(given)
    for setting in SETTINGS:
        value = given.get(setting.name, environment.get(setting.name, setting.default))
        try:
            config[setting.name] = setting.read(value)
        except (ValueError, TypeError):
            shown = repr(str(value) if isinstance(value, Path) else value)
            if setting.secret:
                shown = "not valid"
            raise ConfigError(f"{setting.name} is {shown}; expected {setting.expected}.") from None
    return config
