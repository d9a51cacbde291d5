"""The pages of the site, found in its routes: what tests all pages also tests a new one."""

from __future__ import annotations

from functools import cache

from flask import Flask

from app import create_app

from .requests import path_of


def html_pages(app: Flask) -> list[str]:
    """The paths of all GET routes that answer with HTML; `FILLED` fills the variable parts."""
    client = app.test_client()
    paths = sorted({path_of(rule) for rule, methods in routes_of(app).items() if "GET" in methods})
    return [path for path in paths if client.get(path).mimetype == "text/html"]


def routes_of(app: Flask) -> dict[str, set[str]]:
    """The rule of each route -> its methods, without those that Flask adds."""
    found: dict[str, set[str]] = {}
    for rule in app.url_map.iter_rules():
        found.setdefault(rule.rule, set()).update((rule.methods or set()) - {"HEAD", "OPTIONS"})
    return found


@cache
def _site() -> Flask:
    return create_app({"MIEN_RATE_LIMIT": ""})


@cache
def all_pages() -> tuple[str, ...]:
    """The pages of the application with its default settings."""
    return tuple(html_pages(_site()))


def routes() -> dict[str, set[str]]:
    """The routes of the application with its default settings."""
    return routes_of(_site())
