"""The discovery of APIs, and the routing of paths."""

from __future__ import annotations

import pytest

from fake_nova.apis import discover, router
from fake_nova.wire.context import Context
from fake_nova.wire.service import ANY, Route, Service

P = "0a-9f"


def test_every_folder_defines_its_apis() -> None:
    assert {api.name for api in discover()} == {
        "admin",
        "glance_images",
        "healthcheck",
        "keystone",
        "nova_availability_zones",
        "nova_extensions",
        "nova_flavors",
        "nova_images",
        "nova_infrastructure",
        "nova_keypairs",
        "nova_limits",
        "nova_networks",
        "nova_quota_sets",
        "nova_removed",
        "nova_restricted",
        "nova_servers",
        "nova_tenant_usage",
        "nova_versions",
    }


def test_operation_names_are_unique_in_a_service_except_for_slashes_and_versions() -> None:
    paths: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for api in discover():
        for route in api.routes:
            endpoint = route.method, route.path.rstrip("/")
            paths.setdefault((api.service.name, route.operation), set()).add(endpoint)
    shared_names = {name: endpoints for name, endpoints in paths.items() if len(endpoints) > 1}
    assert shared_names == {("versions", "versions.show"): {("*", "/v2"), ("*", "/v2.1")}}


@pytest.mark.parametrize(
    ("method", "path", "operation", "parts", "project"),
    [
        ("GET", "/v2.1/images", "images.list", {}, ""),
        ("GET", f"/v2/{P}/images", "images.list", {}, P),
        ("GET", "/v2.1/images/detail", "images.detail", {}, ""),
        ("DELETE", "/v2.1/images/detail", "images.delete", {"image_id": "detail"}, ""),
        ("GET", "/v2.1/images/Detail", "images.show", {"image_id": "Detail"}, ""),
        ("PUT", f"/v2.1/{P}/images/i/metadata/k", "metadata.update", {"image_id": "i", "key": "k"}, P),
        ("GET", f"/v2.1/{P}/", "versions.show", {}, P),
        ("PATCH", "/", "versions.list", {}, ""),
        ("GET", "/v2", "versions.show", {}, ""),
        ("GET", "/identity", "identity.versions", {}, ""),
        ("GET", "/image/v2/images", "glance.images.list", {}, ""),
        ("PUT", "/image/v2.9/images/i/tags/t", "glance.tags.add", {"image_id": "i", "tag": "t"}, ""),
        ("POST", "/image/v2", "glance.root", {}, ""),
        ("GET", "/_admin", "admin.index", {}, ""),
        ("GET", "/_admin/", "admin.page", {}, ""),
        ("GET", "/_admin/page/main.js", "admin.page.file", {"name": "main.js"}, ""),
        ("GET", "/_admin/images/generate", "admin.images.show", {"image_id": "generate"}, ""),
    ],
)
def test_a_path_is_routed_to_its_operation(
    method: str, path: str, operation: str, parts: dict[str, str], project: str
) -> None:
    match = router().match(method, path)
    assert match.route is not None
    assert (match.route.operation, match.path_params, match.project_in_url) == (operation, parts, project)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v2.1/images/"),
        ("GET", "/v2.1/images/detail/"),
        ("GET", f"/v2.1/{P}"),
        ("GET", "/v2.1/not-a-project/images"),
        ("HEAD", "/v2.1/images"),
        ("POST", "/v2.1/images"),
        ("DELETE", "/v2.1/images/i/metadata"),
        ("GET", "/v2.0"),
        ("GET", "/v3/images"),
        ("GET", "/images"),
        ("GET", "/image/v2/images/"),
        ("HEAD", "/image/v2/images"),
        ("GET", "/image/v3/images"),
    ],
)
def test_a_path_without_a_route_is_not_routed(method: str, path: str) -> None:
    assert router().match(method, path).route is None


@pytest.mark.parametrize(
    ("service", "route"),
    [
        pytest.param(api.service, route, id=f"{api.name} {route.method} {route.path or 'itself'}")
        for api in discover()
        for route in api.routes
    ],
)
def test_every_route_is_reached_by_its_own_method_and_path(
    service: Service[Context], route: Route[Context]
) -> None:
    prefix = f"/{service.prefixes[0]}" if service.prefixes and service.prefixes[0] else ""
    project = "" if service.is_project_segment is None else f"/{P}"
    path = route.path.replace("{", "").replace("}", "")
    match = router().match("PATCH" if route.method == ANY else route.method, f"{prefix}{project}{path}")
    assert (match.service.name, match.route) == (service.name, route)
