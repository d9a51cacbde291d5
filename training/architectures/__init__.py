"""Registry of the network architectures: each file registers its networks with `@register`.

All files in this folder are imported, except those whose name begins with an underscore. To add a
network, add one file.
"""

from importlib import import_module
from pkgutil import iter_modules

from ._registry import Architecture, Published, get, names, register


def discover() -> None:
    """Import the files of this folder, so that they register their networks."""
    for module in iter_modules(__path__):
        if not module.name.startswith("_"):
            import_module(f"{__name__}.{module.name}")


discover()

__all__ = ["Architecture", "Published", "discover", "get", "names", "register"]
