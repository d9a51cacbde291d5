"""The networks by name: one file a family, each registers what it has with `@register`.

Every file here whose name does not begin with an underscore is imported: a new network is one new
file and nothing else.
"""

from importlib import import_module
from pkgutil import iter_modules

from ._registry import Architecture, get, names, register

for _module in iter_modules(__path__):
    if not _module.name.startswith("_"):
        import_module(f"{__name__}.{_module.name}")

__all__ = ["Architecture", "get", "names", "register"]
