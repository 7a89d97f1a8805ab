"""The services that have only empty lists: their versions, their collections and their errors.

The paths are those that openstacksdk, openstackclient and osc-placement ask for. The keys of the lists are
those of Neutron, Cinder, Swift and Placement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

JsonObject = dict[str, Any]


class Collection(NamedTuple):
    """A list.

    Attributes:
        path: its path after the root of the version; ``{…}`` matches one segment.
        key: the key of the list in the response.
    """

    path: str
    key: str


def _collections(*names: str) -> tuple[Collection, ...]:
    """Return collections whose key is their path with underscores."""
    return tuple(Collection(f"/{name}", name.replace("-", "_")) for name in names)


def _detailed(*names: str) -> tuple[Collection, ...]:
    """Return collections of Cinder, which have a path for details."""
    return tuple(Collection(f"/{name}{end}", name) for name in names for end in ("", "/detail"))


def _neutron_versions(url: str) -> JsonObject:
    link = {"rel": "self", "href": f"{url}/v2.0/"}
    return {"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]}


def _cinder_versions(url: str) -> JsonObject:
    media_type = "application/vnd.openstack.volume+json;version=3"
    version = {
        "id": "v3.0",
        "status": "CURRENT",
        "version": "3.71",
        "min_version": "3.0",
        "updated": "2023-08-31T00:00:00Z",
        "links": [
            {"rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/"},
            {"rel": "self", "href": f"{url}/v3/"},
        ],
        "media-types": [{"base": "application/json", "type": media_type}],
    }
    return {"versions": [version]}


def _swift_info(_: str) -> JsonObject:
    return {"swift": {"version": "2.37.0", "account_listing_limit": 10000, "container_listing_limit": 10000}}


def _placement_versions(_: str) -> JsonObject:
    version = {"id": "v1.0", "status": "CURRENT", "min_version": "1.0", "max_version": "1.39"}
    return {"versions": [{**version, "links": [{"rel": "self", "href": ""}]}]}


def _neutron_error(message: str, _: str) -> JsonObject:
    return {"NeutronError": {"type": "HTTPNotFound", "message": message, "detail": ""}}


def _cinder_error(message: str, _: str) -> JsonObject:
    return {"itemNotFound": {"code": 404, "message": message}}


def _placement_error(message: str, request_id: str) -> JsonObject:
    detail = f"{message}\n\n   "
    return {"errors": [{"status": 404, "title": "Not Found", "detail": detail, "request_id": request_id}]}


class EmptyService(NamedTuple):
    """A service.

    Attributes:
        version_paths: the paths that show the versions, after the path of the service.
        versions_status: the status of the response at the first of these paths.
        serialize_versions: returns the versions, or what the service has in their place, for its URL.
        root: the path that the paths of its collections follow, after that of the service.
        collections: its lists.
        serialize_error: returns the body of a 404 for a message and the id of the request; None for Swift's
            page.
    """

    version_paths: tuple[str, ...]
    versions_status: int
    serialize_versions: Callable[[str], JsonObject]
    root: str
    collections: tuple[Collection, ...]
    serialize_error: Callable[[str, str], JsonObject] | None


#: Type of a service in the catalog -> the service.
SERVICES: Final[Mapping[str, EmptyService]] = {
    "network": EmptyService(
        version_paths=("", "/"),
        versions_status=200,
        serialize_versions=_neutron_versions,
        root="/v2.0",
        collections=(
            *_collections("networks", "subnets", "ports", "routers", "floatingips", "subnetpools"),
            *_collections("security-groups", "security-group-rules", "address-groups", "address-scopes"),
            *_collections(
                "agents", "availability_zones", "extensions", "network-ip-availabilities", "trunks"
            ),
            *_collections("rbac-policies", "segments"),
            Collection("/qos/policies", "policies"),
        ),
        serialize_error=_neutron_error,
    ),
    "volumev3": EmptyService(
        version_paths=("", "/", "/v3", "/v3/"),
        versions_status=300,
        serialize_versions=_cinder_versions,
        root="/v3/{project_id}",
        collections=(
            *_detailed("volumes", "snapshots", "backups", "attachments", "groups", "group_snapshots"),
            Collection("/types", "volume_types"),
            Collection("/qos-specs", "qos_specs"),
            Collection("/group_types", "group_types"),
            Collection("/os-services", "services"),
            Collection("/os-availability-zone", "availabilityZoneInfo"),
            Collection("/volume-transfers/detail", "transfers"),
            Collection("/os-volume-transfer/detail", "transfers"),
        ),
        serialize_error=_cinder_error,
    ),
    "object-store": EmptyService(
        version_paths=("/info",),
        versions_status=200,
        serialize_versions=_swift_info,
        root="/v1/{account}",
        collections=(Collection("", ""),),
        serialize_error=None,
    ),
    "placement": EmptyService(
        version_paths=("", "/"),
        versions_status=200,
        serialize_versions=_placement_versions,
        root="",
        collections=_collections("resource_providers", "resource_classes", "traits"),
        serialize_error=_placement_error,
    ),
}
