"""The APIs, one package each. `discover` finds them. `nova_common` is not an API: those of Nova share it.
`empty_services` is for clouds with the setting ``catalog`` only.

A new API must provide:

- a package here whose ``__init__`` has ``APIS``, a tuple of `Api`: name, service and routes;
- a `Service` with ``name``, ``prefixes``, ``no_route_view``, ``resolve_cloud`` and ``render_error``, unless
  it adds routes to an existing one such as `COMPUTE`. Most services also set the checks and
  ``render_injected_error``, and those of OpenStack ``cors``.

If it keeps state, this belongs to:

- a module ``cloud/<name>.py`` and an attribute of `Cloud`, and if a reset returns to it, a field of
  `InitialState` (both in `cloud.cloud`);
- if fixtures can contain it, `cloud.seed`, a schema in ``documents``, `documents.fixture_files` and
  `documents.seed_builder`, and `documents.export`, which writes it back.

It must be named in docs/reference/routes.md and in the tests that list services, `tests.apis.test_apis` and
``whole_path`` of `tests.docs.test_tables`. If clients find it by the service catalog, it also needs an entry
in ``CATALOG`` of `keystone.tables`. `admin.openapi_emulated` describes it: its prefix, and the statuses of
its errors. The routes name their query parameters. If coverage counts its outcomes, its operations have
rows in `admin.operation_errors` and `admin.outcome_tables`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fake_nova.wire.context import Context
from fake_nova.wire.routing import Router
from fake_nova.wire.service import Api


@cache
def discover() -> tuple[Api[Context], ...]:
    """Return the ``APIS`` of all packages of APIs in this one, sorted by name."""
    packages = (module.name for module in iter_modules(__path__) if module.ispkg)
    folders = sorted(name for name in packages if name not in ("nova_common", "empty_services"))
    return tuple(api for folder in folders for api in import_module(f"{__name__}.{folder}").APIS)


@cache
def router(catalog: tuple[str, ...] = ()) -> Router:
    """Return the router of all APIs.

    Args:
        catalog: the value of the setting ``catalog``.
    """
    if not catalog:
        return Router(discover())
    from fake_nova.apis import empty_services  # noqa: PLC0415  # few clouds have these services

    return Router((*discover(), *empty_services.apis_of(catalog)))
