"""One folder an API. Its ``__init__`` is its route table; a new folder is mounted without another change."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fake_nova.wire.routing import Router
from fake_nova.wire.service import Api


@cache
def discover() -> tuple[Api, ...]:
    """Return what every folder here has in ``APIS``."""
    folders = sorted(module.name for module in iter_modules(__path__) if module.ispkg)
    return tuple(api for folder in folders for api in import_module(f"{__name__}.{folder}").APIS)


@cache
def routes() -> Router:
    """Return the routes of all APIs."""
    return Router(discover())
