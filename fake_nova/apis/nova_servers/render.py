"""Servers as Nova writes them: pure functions."""

from __future__ import annotations

from hashlib import sha224
from typing import Any

from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_servers import tables
from fake_nova.cloud.servers import POWER_STATES, VM_STATES, Server
from fake_nova.images import timestamps


def serialize_summary(server: Server, link_builder: LinkBuilder) -> dict[str, Any]:
    """Return a server with id, name and links."""
    return {"id": server.id, "name": server.name, "links": link_builder.resource_links("servers", server.id)}


def serialize_detail(
    server: Server, link_builder: LinkBuilder, minor: int, user_id: str, task: str | None
) -> dict[str, Any]:
    """Return a server with all its fields, in Nova's order.

    Args:
        server: the server as it is stored.
        link_builder: builds its links.
        minor: the minor version of the request.
        user_id: the id of its user, or "".
        task: its task_state, or None.
    """
    status = server.status
    progress = {"progress": 0} if status in tables.STATUSES_WITH_PROGRESS else {}
    return {
        "id": server.id,
        "name": server.name,
        "status": status,
        "tenant_id": server.owner,
        "user_id": user_id,
        "metadata": dict(server.metadata),
        "hostId": _host_id(server),
        "image": _image_reference(server, link_builder),
        "flavor": _serialize_flavor(server, link_builder, minor),
        "created": timestamps.isoformat_seconds(server.created_at),
        "updated": timestamps.isoformat_seconds(server.updated_at),
        "addresses": _serialize_addresses(server),
        "accessIPv4": "",
        "accessIPv6": "",
        "links": link_builder.resource_links("servers", server.id),
        "OS-DCF:diskConfig": "AUTO",
        **progress,
        "OS-EXT-AZ:availability_zone": "nova",
        "config_drive": "",
        "key_name": server.key_name,
        "OS-SRV-USG:launched_at": _launched_at(server),
        "OS-SRV-USG:terminated_at": None,
        "security_groups": [{"name": "default"}],
        "OS-EXT-STS:task_state": task,
        "OS-EXT-STS:vm_state": VM_STATES[status],
        "OS-EXT-STS:power_state": POWER_STATES.get(status, 0),
        "os-extended-volumes:volumes_attached": [],
        **_later_fields(server, minor),
    }


def _host_id(server: Server) -> str:
    """Return the digest of a server's host; "" if it is still being built."""
    if server.status == "BUILD":
        return ""
    return sha224(f"{server.owner}host".encode()).hexdigest()


def _launched_at(server: Server) -> str | None:
    """Return the time of a server's launch; None if it is still being built."""
    if server.status == "BUILD":
        return None
    return server.created_at.replace(tzinfo=None).isoformat(timespec="microseconds")


def _later_fields(server: Server, minor: int) -> dict[str, Any]:
    """Return the fields of a server that microversions up to 2.*minor* added."""
    rows = tables.FIELDS_BY_MICROVERSION
    fields = {name: value for first_minor, name, value in rows if minor >= first_minor}
    if minor >= tables.HOSTNAME_SINCE:
        fields["OS-EXT-SRV-ATTR:hostname"] = hostname(server)
    return fields


def _image_reference(server: Server, link_builder: LinkBuilder) -> Any:
    """Return the server's image with its bookmark link; "" for a server without an image."""
    if server.image is None:
        return ""
    return {"id": server.image, "links": _bookmark_links(link_builder, "images", server.image)}


def _serialize_flavor(server: Server, link_builder: LinkBuilder, minor: int) -> dict[str, Any]:
    flavor = server.flavor
    if minor < tables.FLAVOR_EMBEDDED_SINCE:
        return {"id": flavor.id, "links": _bookmark_links(link_builder, "flavors", flavor.id)}
    size = {"vcpus": flavor.vcpus, "ram": flavor.ram, "disk": flavor.disk, "ephemeral": 0, "swap": 0}
    return {**size, "original_name": flavor.name, "extra_specs": {}}


def _serialize_addresses(server: Server) -> dict[str, Any]:
    if server.address is None:
        return {}
    version = 6 if ":" in server.address else 4
    address = {"version": version, "addr": server.address}
    extension = {"OS-EXT-IPS:type": "fixed", "OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:00:00:01"}
    return {"private": [{**address, **extension}]}


def _bookmark_links(link_builder: LinkBuilder, collection: str, resource_id: str) -> list[dict[str, str]]:
    links = link_builder.resource_links(collection, resource_id)
    return [link for link in links if link["rel"] == "bookmark"]


def hostname(server: Server) -> str:
    """Return a server's host name: its name in lower case, with ``-`` for each invalid character."""
    label = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in server.name.lower())
    return label.strip("-.") or f"server-{server.id}"
