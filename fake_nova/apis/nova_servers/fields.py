"""The values of the fields of a server, each as a function of the server and of the response's scene."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha224
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_servers.image_properties import known_properties, wants_disk_config
from fake_nova.cloud.servers import Address, Server
from fake_nova.images import timestamps

#: The value of a field that a server lacks.
ABSENT: Final = object()

#: The first minor version that embeds the flavor instead of linking to it.
_FLAVOR_EMBEDDED_SINCE: Final = 47
_DELETE_ON_TERMINATION_SINCE: Final = 3
_IMAGE_PROPERTIES_SINCE: Final = 98

#: The statuses with progress, and those with a fault (Nova 34.0.0's nova.api.openstack.compute.views).
_STATUSES_WITH_PROGRESS: Final = ("ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING")
_STATUSES_WITH_FAULT: Final = ("ERROR", "DELETED")

#: The maximum number of characters of a host name.
_MAX_HOSTNAME_CHARS: Final = 63


class Scene(NamedTuple):
    """What a rendered server depends on, besides the server.

    Attributes:
        link_builder: builds its links.
        minor: the minor version of the request.
        is_admin: whether the caller is an admin.
        image_properties: the properties of its image when it was created.
        user_id: the id of its user, or "".
        is_brief: whether addresses have no type and no MAC, as in a PUT or a rebuild below 2.75.
    """

    link_builder: LinkBuilder
    minor: int
    is_admin: bool
    image_properties: Mapping[str, str]
    user_id: str
    is_brief: bool = False


def _bookmark(scene: Scene, collection: str, resource_id: str) -> list[dict[str, str]]:
    return scene.link_builder.resource_links(collection, resource_id)[1:]


def empty_list(_: Server, __: Scene) -> list[Any]:
    """Return an empty list."""
    return []


def access_ip_v4(server: Server, _: Scene) -> str:
    """Return the address that the client gave, or ""."""
    return server.access_ip_v4


def access_ip_v6(server: Server, _: Scene) -> str:
    """Return the address that the client gave, or ""."""
    return server.access_ip_v6


def _address(address: Address, is_brief: bool) -> dict[str, Any]:
    document = {"version": address.version, "addr": address.address}
    if is_brief:
        return document
    kind = "floating" if address.is_floating else "fixed"
    return {**document, "OS-EXT-IPS:type": kind, "OS-EXT-IPS-MAC:mac_addr": address.mac}


def addresses(server: Server, scene: Scene) -> dict[str, Any]:
    """Return the addresses by network, the fixed ones first."""
    return {
        network: [
            _address(each, scene.is_brief) for each in sorted(entries, key=lambda each: each.is_floating)
        ]
        for network, entries in server.shown_addresses.items()
    }


def creation_time(server: Server, _: Scene) -> str:
    """Return the time of creation."""
    return timestamps.isoformat_seconds(server.created_at)


def update_time(server: Server, _: Scene) -> str:
    """Return the time of the last change."""
    return timestamps.isoformat_seconds(server.updated_at)


def flavor(server: Server, scene: Scene) -> dict[str, Any]:
    """Return the flavor: a link to it, or all of it."""
    own_flavor = server.flavor
    if scene.minor < _FLAVOR_EMBEDDED_SINCE:
        return {"id": own_flavor.id, "links": _bookmark(scene, "flavors", own_flavor.id)}
    return {
        "vcpus": own_flavor.vcpus,
        "ram": own_flavor.ram,
        "disk": own_flavor.disk,
        "ephemeral": own_flavor.ephemeral,
        "swap": own_flavor.swap,
        "original_name": own_flavor.name,
        "extra_specs": dict(sorted(own_flavor.extra_specs.items())),
    }


def host_id(server: Server, _: Scene) -> str:
    """Return the digest of project and host; "" without a host."""
    return "" if server.host is None else sha224(f"{server.owner}{server.host}".encode()).hexdigest()


def server_id(server: Server, _: Scene) -> str:
    """Return the id."""
    return server.id


def image(server: Server, scene: Scene) -> Any:
    """Return the image with its link; "" if a volume holds the server's disk."""
    if server.image is None:
        return ""
    reference = {"id": server.image, "links": _bookmark(scene, "images", server.image)}
    if scene.minor >= _IMAGE_PROPERTIES_SINCE:
        return {**reference, "properties": known_properties(scene.image_properties)}
    return reference


def links(server: Server, scene: Scene) -> list[dict[str, str]]:
    """Return the links."""
    return scene.link_builder.resource_links("servers", server.id)


def metadata(server: Server, _: Scene) -> dict[str, str]:
    """Return the metadata."""
    return dict(server.metadata)


def name(server: Server, _: Scene) -> str:
    """Return the display name."""
    return server.name


def status(server: Server, _: Scene) -> str:
    """Return the status."""
    return "DELETED" if server.is_deleted else server.status


def tenant_id(server: Server, _: Scene) -> str:
    """Return the id of the project."""
    return server.owner


def user_id(_: Server, scene: Scene) -> str:
    """Return the id of the user."""
    return scene.user_id


def disk_config(server: Server, scene: Scene) -> str:
    """Return AUTO or MANUAL, which the image decides if nobody else did."""
    return server.disk_config or disk_config_of(scene.image_properties)


def disk_config_of(image_properties: Mapping[str, str]) -> str:
    """Return the disk config that an image decides on."""
    return "AUTO" if wants_disk_config(image_properties) else "MANUAL"


def fault(server: Server, scene: Scene) -> Any:
    """Return the fault; only an admin sees the details of a failure of the service."""
    own_fault = server.fault
    if own_fault is None or status(server, scene) not in _STATUSES_WITH_FAULT:
        return ABSENT
    moment = own_fault.created_at or server.updated_at
    document: dict[str, Any] = {
        "code": own_fault.code,
        "created": timestamps.isoformat_seconds(moment),
        "message": own_fault.message,
    }
    if own_fault.details is not None and (scene.is_admin or own_fault.code != 500):
        document["details"] = own_fault.details
    return document


def progress(server: Server, scene: Scene) -> Any:
    """Return 0 in the statuses that have a progress."""
    return 0 if status(server, scene) in _STATUSES_WITH_PROGRESS else ABSENT


def availability_zone(server: Server, _: Scene) -> str:
    """Return the zone of the host, or ""."""
    return server.availability_zone


def pinned_zone(server: Server, _: Scene) -> str | None:
    """Return the zone that a client chose, or None."""
    return server.pinned_zone


def config_drive(server: Server, _: Scene) -> str:
    """Return "True" or ""."""
    return server.config_drive


def key_name(server: Server, _: Scene) -> str | None:
    """Return the name of the key pair, or None."""
    return server.key_name


def launched_at(server: Server, _: Scene) -> str | None:
    """Return when the server last booted, on a new disk or host, with microseconds and without Z, or None."""
    return None if server.launched_at is None else timestamps.isoformat_microseconds(server.launched_at)


def terminated_at(server: Server, _: Scene) -> str | None:
    """Return when the server was deleted, with microseconds and without Z, or None."""
    return None if server.terminated_at is None else timestamps.isoformat_microseconds(server.terminated_at)


def security_groups(server: Server, _: Scene) -> Any:
    """Return the security groups; a server without ports has no such field."""
    groups = server.security_groups if server.has_ports else ()
    return [{"name": each} for each in groups] or ABSENT


def host(server: Server, _: Scene) -> str | None:
    """Return the host, or None."""
    return server.host


def instance_name(server: Server, _: Scene) -> str:
    """Return the name of the server on its host."""
    return server.instance_name or f"instance-{server.id[:8]}"


def hostname(server: Server, _: Scene) -> str:
    """Return the host name."""
    return hostname_of(server)


def hostname_of(server: Server) -> str:
    """Return the host name: the one that the client gave, or the display name, cleaned (nova.utils)."""
    if server.hostname:
        return server.hostname
    text = server.name.encode("latin-1", "ignore").decode("latin-1")[:_MAX_HOSTNAME_CHARS]
    text = re.sub(r"[^\w.-]+", "", re.sub(r"[ _.]", "-", text)).lower().strip(".-")
    return text or f"server-{server.id}"[:_MAX_HOSTNAME_CHARS]


def kernel_id(server: Server, scene: Scene) -> str:
    """Return the id of the kernel, or ""."""
    return own_or_of_image(server.kernel_id, "kernel_id", scene.image_properties)


def ramdisk_id(server: Server, scene: Scene) -> str:
    """Return the id of the RAM disk, or ""."""
    return own_or_of_image(server.ramdisk_id, "ramdisk_id", scene.image_properties)


def own_or_of_image(own_value: str | None, key: str, image_properties: Mapping[str, str]) -> str:
    """Return a value of a server; without one, that of its image, or ""."""
    return image_properties.get(key, "") if own_value is None else own_value


def launch_index(server: Server, _: Scene) -> int:
    """Return the number among the servers of one request."""
    return server.launch_index


def trusted_certificates(server: Server, _: Scene) -> list[str] | None:
    """Return the ids of the certificates that the image may be signed with, or None."""
    certificates = server.trusted_image_certificates
    return None if certificates is None else list(certificates)


def scheduler_hints(server: Server, _: Scene) -> dict[str, list[str]]:
    """Return the hints of the request, each with a list of values."""
    return {name: list(values) for name, values in server.scheduler_hints.items()}


def reservation_id(server: Server, _: Scene) -> str:
    """Return the id that the servers of one request share."""
    return reservation_id_of(server)


def reservation_id_of(server: Server) -> str:
    """Return the id that the servers of one request share."""
    return server.reservation_id or f"r-{server.id[:8]}"


def root_device_name(server: Server, _: Scene) -> str | None:
    """Return the name of the root device, or None."""
    return server.root_device_name


def user_data(server: Server, _: Scene) -> str | None:
    """Return the data that the client gave the server, or None."""
    return server.user_data


def task_state(server: Server, _: Scene) -> str | None:
    """Return the task_state, or None."""
    return server.task_state


def vm_state(server: Server, _: Scene) -> str:
    """Return the vm_state."""
    return server.vm_state


def power_state(server: Server, _: Scene) -> int:
    """Return the power state."""
    return server.power_state


def volumes(server: Server, scene: Scene) -> list[dict[str, Any]]:
    """Return the attached volumes."""
    if scene.minor < _DELETE_ON_TERMINATION_SINCE:
        return [{"id": volume.id} for volume in server.volumes]
    return [volume._asdict() for volume in server.volumes]


def locked(server: Server, _: Scene) -> bool:
    """Return whether the server is locked."""
    return server.locked_by is not None


def host_status(server: Server, _: Scene) -> str:
    """Return UP; "" without a host."""
    return "" if server.host is None else "UP"


def description(server: Server, _: Scene) -> str | None:
    """Return the description, or None."""
    return server.description


def tags(server: Server, _: Scene) -> list[str]:
    """Return the tags."""
    return list(server.tags)


def locked_reason(server: Server, _: Scene) -> str | None:
    """Return why the server is locked, or None."""
    return server.locked_reason
