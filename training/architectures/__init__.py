"""The networks by name: one file a family, each registers what it has with `@register`."""

from . import mien_plain  # noqa: F401  (imported for what it registers)
from ._registry import Architecture, get, names, register

__all__ = ["Architecture", "get", "names", "register"]
