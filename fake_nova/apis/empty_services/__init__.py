"""Services of the catalog that have only empty lists, for clouds with the setting ``catalog``.

They keep no state, so clients that only look whether there is a network or a volume find none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from fake_nova.apis.empty_services import views
from fake_nova.apis.empty_services.tables import SERVICES, EmptyService
from fake_nova.support.endpoints import ADDED_PATHS
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.service import Api, Route, Service


def _routes(type: str, service: EmptyService) -> Iterator[Route[Context]]:
    show_versions = partial(views.versions, service=service)
    for path in service.version_paths:
        yield Route("GET", path, show_versions, f"{type}.versions")
    for collection in service.collections:
        view = views.empty_account
        operation = f"{type}.account"
        if collection.key:
            view = partial(views.empty_list, key=collection.key)
            operation = f"{type}.{collection.key}.list"
        yield Route("GET", service.root + collection.path, view, operation)


def _api(type: str) -> Api[Context]:
    service = SERVICES[type]
    emulated_service = Service(
        name=type,
        prefixes=(ADDED_PATHS[type].removeprefix("/"),),
        resolve_cloud=checks.resolve_by_token,
        early_checks=(checks.require_ready, checks.limit_body_size),
        route_checks=(views.authenticate,),
        no_route_view=partial(views.not_found, service=service),
        render_error=lambda _, __: None,
        response_headers=views.response_headers,
        lenient_routing=True,
    )
    return Api(type, emulated_service, tuple(_routes(type, service)))


def apis_of(catalog: Iterable[str]) -> list[Api[Context]]:
    """Return the APIs of services.

    Args:
        catalog: the types of the services, keys of `SERVICES`.
    """
    return [_api(type) for type in dict.fromkeys(catalog)]
