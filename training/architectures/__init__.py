"""The networks by name: one file a family, each registers what it has with `@register`."""

from . import mien_plain, mien_small  # noqa: F401  (imported for what they register)
from ._registry import Architecture, get, names, register

__all__ = ["Architecture", "get", "names", "register"]
