"""The version of Mien, the same as in pyproject.toml and package.json."""

__version__ = "0.1.0"
