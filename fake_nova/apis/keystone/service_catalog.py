"""The service catalog: which services a cloud has, in which regions, and at which URLs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, NamedTuple

from fake_nova.apis.keystone.tables import ADDED_ENTRIES, CATALOG, INTERFACES, CatalogEntry
from fake_nova.cloud.roles import stable_id
from fake_nova.settings import Settings
from fake_nova.support.endpoints import OWN_PATHS
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import service_path

#: The part of a URL in whose place the catalog of a token has the id of its project.
PROJECT_ID: Final = "%(project_id)s"


class Endpoint(NamedTuple):
    """One URL of a service.

    Attributes:
        id: its id.
        service: the service.
        interface: one of `INTERFACES`.
        region: the region.
        url: the URL, maybe with `PROJECT_ID` in it.
    """

    id: str
    service: CatalogEntry
    interface: str
    region: str
    url: str

    def url_for(self, project_id: str | None) -> str | None:
        """Return the URL for a token of a project; None if it needs a project, and the token has none."""
        if PROJECT_ID not in self.url:
            return self.url
        return None if project_id is None else self.url.replace(PROJECT_ID, project_id)


def services(settings: Settings) -> list[CatalogEntry]:
    """Return the services of a cloud."""
    return [*CATALOG, *(ADDED_ENTRIES[type] for type in dict.fromkeys(settings.catalog))]


def regions(settings: Settings) -> list[str]:
    """Return the regions of a cloud, each once."""
    return list(dict.fromkeys(settings.region))


def endpoints_of(context: Context, service: CatalogEntry) -> Iterator[Endpoint]:
    """Yield the endpoints of a service, region by region."""
    url = context.request.origin + _path(context, service)
    first, *_ = names = regions(context.cloud.settings)
    for region in names:
        for interface in INTERFACES:
            id = _endpoint_id(service.type, interface, "" if region == first else region)
            yield Endpoint(id, service, interface, region, url)


@lru_cache(maxsize=1024)  # every log-in shows them all; a hash takes 3 µs
def _endpoint_id(service_type: str, interface: str, region: str) -> str:
    """Return the id of an endpoint; *region* is "" for the first one."""
    return stable_id("endpoint", *filter(None, (service_type, interface, region)))


def version_2_url(context: Context, service: CatalogEntry, project_id: str) -> str:
    """Return the URL of a service in the catalog of Keystone's API v2.0, which is in it itself."""
    path = _path(context, service)
    if service.type == "identity":
        path = f"{service_path(context, 'identity')}/v2.0"
    return context.request.origin + path.replace(PROJECT_ID, project_id)


def _path(context: Context, service: CatalogEntry) -> str:
    """Return the path of a service's URLs."""
    own_path = OWN_PATHS.get(service.type)
    if own_path is None:
        return service.path
    path = service_path(context, service.type) + service.path.removeprefix(own_path)
    settings = context.cloud.settings
    if service.type == "compute" and settings.compute_project_id:
        return f"{path}/{PROJECT_ID}"
    if service.type == "image" and settings.image_version_in_url:
        return f"{path}/v2"
    return path
