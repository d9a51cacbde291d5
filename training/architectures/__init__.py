"""The networks by name: one file a family, each registers what it has with `@register`.

Every file here whose name does not begin with an underscore is imported: a new network is one new
file and nothing else.
"""

from importlib import import_module
from pkgutil import iter_modules

from ._registry import Architecture, Published, get, names, register


def discover() -> None:
    """Import the files of this folder, so that they register what they have."""
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            import_module(f"{__name__}.{module.name}")


discover()

__all__ = ["Architecture", "Published", "discover", "get", "names", "register"]
