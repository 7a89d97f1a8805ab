"""The APIs, one package each. A package's ``__init__`` lists its routes; `discover` mounts every package."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fake_nova.wire.routing import Router
from fake_nova.wire.service import Api


@cache
def discover() -> tuple[Api, ...]:
    """Return the ``APIS`` of all packages in this one, sorted by name."""
    folders = sorted(module.name for module in iter_modules(__path__) if module.ispkg)
    return tuple(api for folder in folders for api in import_module(f"{__name__}.{folder}").APIS)


@cache
def routes() -> Router:
    """Return the routes of all APIs."""
    return Router(discover())
