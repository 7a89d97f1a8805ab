"""For each operation with a table of outcomes, the calls of a client: one change, or two reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from fake_nova.apis import glance_images
from fake_nova.apis.admin.operation_errors import REFUSALS
from fake_nova.clients.in_process import WSGIApp, send_request
from fake_nova.wire.context import Context
from fake_nova.wire.service import Route

#: An image and a server of the fixture ``default``, which belong to its first project; and an active image.
IMAGE: Final = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"
OTHER_IMAGE: Final = "70a599e0-31e7-49b7-b260-868f441e862b"
SERVER: Final = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

#: The number of items in the pages of these clients.
LIMIT: Final = 10

_PROJECT: Final = "9c53a566cb3443ab910cf0daebca90c4"
_NEW_IMAGE: Final = "0d2f5a1e-7c55-4d0e-9d0a-5f5f1a2b3c4d"
_NEW: Final = {"id": _NEW_IMAGE, "name": "new", "disk_format": "raw", "container_format": "bare"}
_DATA: Final = ("Content-Type", "application/octet-stream")
_PATCH: Final = ("Content-Type", "application/openstack-images-v2.1-json-patch")
_PATCHES: Final = [{"op": "replace", "path": "/name", "value": "b"}]
_IDENTITY: Final = {
    "methods": ["password"],
    "password": {"user": {"name": "admin", "password": "admin-secret", "domain": {"id": "default"}}},
}
_SCOPE: Final = {"project": {"name": "admin", "domain": {"id": "default"}}}
_V2_LOGIN: Final = {
    "auth": {"passwordCredentials": {"username": "demo", "password": "demo-secret"}, "tenantName": "demo"}
}


class Client:
    """Sends requests to a cloud in this process, and follows the links of its lists."""

    def __init__(self, app: WSGIApp) -> None:
        self._app = app
        self.token = ""

    def send(self, method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> tuple[Any, Any]:
        """Send a request, and return the headers and the parsed body of its response; empty if it broke."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        own_headers = [("Content-Type", "application/json")] if content and not headers else list(headers)
        if self.token:
            own_headers.append(("X-Auth-Token", self.token))
        try:
            response = send_request(self._app, method, f"http://localhost{path}", own_headers, content)
            return dict(response.headers), json.loads(response.content or b"{}")
        except (OSError, ValueError):
            return {}, {}

    def log_in(self) -> None:
        """Get the token of an admin."""
        headers, _ = self.send(
            "POST", "/identity/v3/auth/tokens", {"auth": {"identity": _IDENTITY, "scope": _SCOPE}}
        )
        self.token = headers.get("X-Subject-Token", "")


Calls = Callable[[Client], None]


def _once(method: str, path: str, body: Any = None, *headers: tuple[str, str]) -> Calls:
    def call(client: Client) -> None:
        client.send(method, path, body, *headers)

    return call


def _get(path: str, *headers: tuple[str, str]) -> Calls:
    read = _once("GET", path, None, *headers)
    return _after(read, read)


def _after(first: Calls, second: Calls) -> Calls:
    def call(client: Client) -> None:
        first(client)
        second(client)

    return call


def _list(path: str, *headers: tuple[str, str]) -> Calls:
    """Return calls that read a list page by page, twice."""

    def call(client: Client) -> None:
        for _ in range(2):
            url = f"{path}?limit={LIMIT}"
            while url:
                _, document = client.send("GET", url, None, *headers)
                links = [value for key, value in document.items() if key.endswith("_links")]
                next_url = links[0][0]["href"] if links else document.get("next", "")
                if next_url.startswith("/v2/"):
                    next_url = f"/image{next_url}"
                address = urlsplit(next_url)
                url = f"{address.path}?{address.query}" if next_url else ""

    return call


def _as_admin(calls: Calls) -> Calls:
    return _after(Client.log_in, calls)


def _token(method: str) -> Calls:
    """Return calls that check a token of their own, after a log-in."""

    def call(client: Client) -> None:
        client.log_in()
        client.send(method, "/identity/v3/auth/tokens", None, ("X-Subject-Token", client.token))

    return call


_IMAGE_PATH: Final = f"/v2.1/images/{IMAGE}"
_SERVER_PATH: Final = f"/v2.1/servers/{SERVER}"
_JSON: Final = ("Content-Type", "application/json")
_TAGS_VERSION: Final = ("OpenStack-API-Version", "compute 2.26")
_NEW_VERSION: Final = ("OpenStack-API-Version", "compute 2.78")
_TAG_PATH: Final = f"{_SERVER_PATH}/tags/a"
_add_tag = _once("PUT", _TAG_PATH, None, _TAGS_VERSION)
_KEY: Final = {"keypair": {"name": "k", "public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42}}
_GLANCE: Final = "/image/v2/images"
_create = _once("POST", _GLANCE, _NEW)
_share = _after(_create, _once("POST", f"{_GLANCE}/{_NEW_IMAGE}/members", {"member": "ab"}))
_import_key = _once("POST", "/v2.1/os-keypairs", _KEY)
_MEMBER: Final = f"{_GLANCE}/{_NEW_IMAGE}/members/ab"
_upload = _once("PUT", f"{_GLANCE}/{_NEW_IMAGE}/file", b"data", _DATA)
_ACTIONS: Final = f"{_GLANCE}/{OTHER_IMAGE}/actions"
_deactivate = _as_admin(_once("POST", f"{_ACTIONS}/deactivate"))
_NEW_SERVER: Final = {"server": {"name": "new", "imageRef": OTHER_IMAGE, "flavorRef": "2"}}


def _show_first(path: str, key: str, id_key: str) -> Calls:
    """Return calls that list items and show the first one twice."""

    def call(client: Client) -> None:
        _, document = client.send("GET", path)
        for _ in range(2):
            client.send("GET", f"{path}/{document.get(key, [{}])[0].get(id_key, 'nope')}")

    return call


def _refused(route: Route[Context]) -> Calls:
    """Return calls to a route whose operation always fails."""
    path = route.path.format(namespace="a", name="b", image_id=OTHER_IMAGE)
    return _as_admin(_once(route.method, f"/image{path}"))


def _show_task(client: Client) -> None:
    """Create a task, and show it twice."""
    source = {"import_from": "http://images.example.com/a"}
    _, task = client.send("POST", "/image/v2/tasks", {"type": "import", "input": source})
    for _ in range(2):
        client.send("GET", f"/image/v2/tasks/{task.get('id')}")


#: Operation -> the calls of a client.
CALLS: Final[Mapping[str, Calls]] = {
    "images.list": _list("/v2.1/images"),
    "images.detail": _list("/v2.1/images/detail"),
    "images.show": _get(_IMAGE_PATH),
    "images.delete": _once("DELETE", _IMAGE_PATH),
    "metadata.list": _get(f"{_IMAGE_PATH}/metadata"),
    "metadata.create": _once("POST", f"{_IMAGE_PATH}/metadata", {"metadata": {"a": "b"}}),
    "metadata.replace": _once("PUT", f"{_IMAGE_PATH}/metadata", {"metadata": {"a": "b"}}),
    "metadata.show": _get(f"{_IMAGE_PATH}/metadata/image_type"),
    "metadata.update": _once("PUT", f"{_IMAGE_PATH}/metadata/a", {"meta": {"a": "b"}}),
    "metadata.delete": _once("DELETE", f"{_IMAGE_PATH}/metadata/image_type"),
    "servers.list": _list("/v2.1/servers"),
    "servers.detail": _list("/v2.1/servers/detail"),
    "servers.create": _once("POST", "/v2.1/servers", _NEW_SERVER),
    "servers.show": _get(_SERVER_PATH),
    "servers.update": _once("PUT", _SERVER_PATH, {"server": {"name": "b"}}),
    "servers.delete": _once("DELETE", _SERVER_PATH),
    "servers.action": _once("POST", f"{_SERVER_PATH}/action", {"os-stop": None}),
    "servers.metadata.list": _get(f"{_SERVER_PATH}/metadata"),
    "servers.metadata.create": _once("POST", f"{_SERVER_PATH}/metadata", {"metadata": {"a": "b"}}),
    "servers.metadata.replace": _once("PUT", f"{_SERVER_PATH}/metadata", {"metadata": {"a": "b"}}),
    "servers.metadata.show": _after(
        _once("PUT", f"{_SERVER_PATH}/metadata/a", {"meta": {"a": "b"}}), _get(f"{_SERVER_PATH}/metadata/a")
    ),
    "servers.metadata.update": _once("PUT", f"{_SERVER_PATH}/metadata/a", {"meta": {"a": "b"}}),
    "servers.metadata.delete": _after(
        _once("PATCH", f"/_admin/servers/{SERVER}", {"metadata": {"a": "b"}}),
        _once("DELETE", f"{_SERVER_PATH}/metadata/a"),
    ),
    "servers.ips.list": _get(f"{_SERVER_PATH}/ips"),
    "servers.ips.show": _get(f"{_SERVER_PATH}/ips/private"),
    "servers.tags.list": _get(f"{_SERVER_PATH}/tags", _TAGS_VERSION),
    "servers.tags.replace": _once("PUT", f"{_SERVER_PATH}/tags", {"tags": ["a"]}, _JSON, _TAGS_VERSION),
    "servers.tags.clear": _once("DELETE", f"{_SERVER_PATH}/tags", None, _TAGS_VERSION),
    "servers.tags.add": _add_tag,
    "servers.tags.show": _after(_add_tag, _get(_TAG_PATH, _TAGS_VERSION)),
    "servers.tags.delete": _after(_add_tag, _once("DELETE", _TAG_PATH, None, _TAGS_VERSION)),
    "servers.actions.list": _get(f"{_SERVER_PATH}/os-instance-actions"),
    "servers.actions.show": _show_first(
        f"{_SERVER_PATH}/os-instance-actions", "instanceActions", "request_id"
    ),
    "servers.ports.list": _get(f"{_SERVER_PATH}/os-interface"),
    "servers.ports.show": _show_first(f"{_SERVER_PATH}/os-interface", "interfaceAttachments", "port_id"),
    "servers.security_groups.list": _get(f"{_SERVER_PATH}/os-security-groups"),
    "servers.password.show": _get(f"{_SERVER_PATH}/os-server-password"),
    "servers.topology.show": _get(f"{_SERVER_PATH}/topology", _NEW_VERSION),
    "servers.volumes.list": _get(f"{_SERVER_PATH}/os-volume_attachments"),
    "flavors.list": _list("/v2.1/flavors"),
    "flavors.detail": _list("/v2.1/flavors/detail"),
    "flavors.show": _get("/v2.1/flavors/1"),
    "flavors.specs.list": _get("/v2.1/flavors/1/os-extra_specs"),
    "keypairs.list": _list("/v2.1/os-keypairs", _NEW_VERSION),
    "keypairs.create": _import_key,
    "keypairs.show": _after(_import_key, _get("/v2.1/os-keypairs/k")),
    "keypairs.delete": _after(_import_key, _once("DELETE", "/v2.1/os-keypairs/k")),
    "zones.list": _get("/v2.1/os-availability-zone"),
    "zones.detail": _as_admin(_get("/v2.1/os-availability-zone/detail")),
    "limits.show": _get("/v2.1/limits"),
    "quotas.show": _as_admin(_get(f"/v2.1/os-quota-sets/{_PROJECT}")),
    "quotas.defaults": _as_admin(_get(f"/v2.1/os-quota-sets/{_PROJECT}/defaults")),
    "extensions.list": _get("/v2.1/extensions"),
    "extensions.show": _get("/v2.1/extensions/os-keypairs"),
    "glance.versions": _get("/image/"),
    "glance.schemas.image": _get("/image/v2/schemas/image"),
    "glance.schemas.images": _get("/image/v2/schemas/images"),
    "glance.info.import": _get("/image/v2/info/import"),
    "glance.info.stores": _get("/image/v2/info/stores"),
    "glance.info.usage": _get("/image/v2/info/usage"),
    "glance.info.stores.detail": _as_admin(_get("/image/v2/info/stores/detail")),
    "glance.metadefs.namespaces.list": _as_admin(_get("/image/v2/metadefs/namespaces")),
    "glance.metadefs.resource_types.list": _as_admin(_get("/image/v2/metadefs/resource_types")),
    **{route.operation: _refused(route) for route in glance_images.ROUTES if route.operation in REFUSALS},
    "glance.images.list": _list(_GLANCE),
    "glance.images.create": _create,
    "glance.images.show": _get(f"{_GLANCE}/{IMAGE}"),
    "glance.images.update": _once("PATCH", f"{_GLANCE}/{IMAGE}", _PATCHES, _PATCH),
    "glance.images.delete": _once("DELETE", f"{_GLANCE}/{IMAGE}"),
    "glance.images.deactivate": _deactivate,
    "glance.images.reactivate": _after(_deactivate, _once("POST", f"{_ACTIONS}/reactivate")),
    "glance.images.tasks": _get(f"{_GLANCE}/{IMAGE}/tasks"),
    "glance.data.upload": _after(_create, _upload),
    "glance.data.stage": _after(_create, _once("PUT", f"{_GLANCE}/{_NEW_IMAGE}/stage", b"data", _DATA)),
    "glance.data.download": _after(_after(_create, _upload), _get(f"{_GLANCE}/{_NEW_IMAGE}/file")),
    "glance.data.import": _after(
        _after(_create, _once("PUT", f"{_GLANCE}/{_NEW_IMAGE}/stage", b"data", _DATA)),
        _once("POST", f"{_GLANCE}/{_NEW_IMAGE}/import", {"method": {"name": "glance-direct"}}),
    ),
    "glance.locations.list": _as_admin(_get(f"{_GLANCE}/{IMAGE}/locations")),
    "glance.tags.add": _once("PUT", f"{_GLANCE}/{IMAGE}/tags/a"),
    "glance.tags.remove": _after(
        _once("PUT", f"{_GLANCE}/{IMAGE}/tags/a"), _once("DELETE", f"{_GLANCE}/{IMAGE}/tags/a")
    ),
    "glance.members.list": _after(_share, _get(f"{_GLANCE}/{_NEW_IMAGE}/members")),
    "glance.members.create": _share,
    "glance.members.show": _after(_share, _get(_MEMBER)),
    "glance.members.update": _after(_share, _as_admin(_once("PUT", _MEMBER, {"status": "accepted"}))),
    "glance.members.delete": _after(_share, _once("DELETE", _MEMBER)),
    "glance.tasks.list": _as_admin(_list("/image/v2/tasks")),
    "glance.tasks.show": _as_admin(_show_task),
    "tokens.issue": _after(Client.log_in, Client.log_in),
    "tokens.validate": _token("GET"),
    "tokens.check": _token("HEAD"),
    "tokens.revoke": _token("DELETE"),
    "catalog.show": _as_admin(_get("/identity/v3/auth/catalog")),
    "auth.projects": _as_admin(_get("/identity/v3/auth/projects")),
    "identity.versions": _get("/identity/"),
    "identity.version": _get("/identity/v3"),
    "identity.v2.tokens": _once("POST", "/identity/v2.0/tokens", _V2_LOGIN),
}
