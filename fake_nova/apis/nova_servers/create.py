"""The view that creates servers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from ipaddress import IPv6Address
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.flavors import may_use
from fake_nova.apis.nova_common.policies import MEMBER, require
from fake_nova.apis.nova_common.requests import is_legacy, json_response, minor_version
from fake_nova.apis.nova_common.validation import TRUE_VALUES, check_body, check_storable, whole_number
from fake_nova.apis.nova_servers import (
    block_devices,
    boot_images,
    create_schema,
    destinations,
    instance_actions,
    keypairs,
)
from fake_nova.apis.nova_servers.effects import random_password
from fake_nova.apis.nova_servers.exclusion import exclusive
from fake_nova.apis.nova_servers.fields import disk_config_of
from fake_nova.apis.nova_servers.quotas import QuotaRow, quota_error
from fake_nova.cloud import server_states as states
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.server_actions import CREATE
from fake_nova.cloud.servers import Server, hints_of
from fake_nova.images.model import Image
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor version in which a server without a description has none; before, it is the name.
_NO_DESCRIPTION_SINCE: Final = 19

#: Parameters that may have characters that the database cannot store.
_NOT_STORED: Final = ("adminPass", "flavorRef")

#: The largest number of servers that one request creates.
_MAX_COUNT: Final = 1000


class _Order(NamedTuple):
    """What a request asks for.

    Attributes:
        params: the parameters.
        flavor: the flavor.
        image: the image; None if a volume holds the disk.
        server_count: the number of servers.
    """

    params: Mapping[str, Any]
    flavor: Flavor
    image: Image | None
    server_count: int


@exclusive
def create(context: Context) -> Response:
    """Create one server or several; each goes through its states by the default plan."""
    minor = minor_version(context)
    check_body(context.json_body, create_schema.schema(minor, is_legacy(context)), is_legacy(context))
    params = context.json_body["server"]
    check_storable({name: value for name, value in params.items() if name not in _NOT_STORED})
    counts = _counts(params)
    require(context, "servers:create", MEMBER, context.caller.project_id)
    order = _check(context, params, counts)
    reservation_id = f"r-{secrets.token_hex(4)}"
    servers = [_build(context, order, number, reservation_id) for number in range(order.server_count)]
    context.cloud.servers.add(*servers)
    for server in servers:
        context.cloud.server_lifecycle.begin(server, "boot")
        instance_actions.record(context, server.id, CREATE)
    if params.get("return_reservation_id") in TRUE_VALUES:
        return json_response(context, 202, {"reservation_id": reservation_id})
    return _response(context, servers[0], params)


def _group_names(params: Mapping[str, Any]) -> list[str]:
    return [group.get("name") for group in params.get("security_groups", [{"name": "default"}])]


def _response(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    link_builder = links.link_builder(context)
    resource_links = link_builder.resource_links("servers", server.id)
    body = {
        "id": server.id,
        "links": resource_links,
        "OS-DCF:diskConfig": server.disk_config,
        "security_groups": [{"name": name} for name in _group_names(params)],
        "adminPass": params.get("adminPass") or random_password(),
    }
    return json_response(context, 202, {"server": body}, ("Location", resource_links[0]["href"]))


def _check(context: Context, params: Mapping[str, Any], counts: _Counts) -> _Order:
    """Check the parameters against the cloud, in Nova's order.

    Raises:
        NovaError: 400 or 403.
    """
    zone = destinations.parse_zone(params)
    destinations.check_policies(context, params, zone)
    block_devices.check_formats(params)
    if not params.get("imageRef") and not block_devices.devices_of(params):
        raise NovaError(400, "Missing imageRef attribute")
    destinations.check_networks(params)
    flavor = _flavor_of(context, params["flavorRef"])
    if counts.maximum > 1:
        _check_many(params)
    if zone.name and zone.host is None:
        destinations.check_zone(context, zone.name)
    image = _image_of(context, params)
    keypairs.check_key(context, params)
    if image is not None:
        boot_images.check_properties(image)
    block_devices.check_together(params, counts.maximum)
    _check_metadata_quota(context, params)
    if image is not None:
        _check_image(context, image, flavor, params)
    _check_group(context)
    destinations.check_host(context, params)
    server_count = _affordable_count(context, flavor, counts)
    block_devices.check_devices(context, params, flavor)
    return _Order(params, flavor, image if params.get("imageRef") else None, server_count)


def _check_many(params: Mapping[str, Any]) -> None:
    destinations.check_networks_of_many(params)
    if params.get("hostname"):
        raise NovaError(400, "Unable to allocate a single hostname to multiple instances")


def _image_of(context: Context, params: Mapping[str, Any]) -> Image | None:
    """Return the image whose data the servers get, perhaps by a new volume, or None."""
    if params.get("imageRef"):
        image = boot_images.find_image(context, params["imageRef"])
        if image is None:
            raise NovaError(400, "Can not find requested image")
        return image
    if params.get("trusted_image_certificates"):
        raise NovaError(400, "Image certificate validation is not supported when booting from volume")
    root = block_devices.root_volume_of(params)
    if root is None or root.get("source_type") != "image":
        return None
    image = boot_images.find_image(context, root["uuid"])
    if image is None:
        raise NovaError(400, f"Block Device Mapping is Invalid: failed to get image {root['uuid']}.")
    return image


def _check_image(context: Context, image: Image, flavor: Flavor, params: Mapping[str, Any]) -> None:
    boot_images.check_status_and_memory(image, flavor, params.get("imageRef") or None)
    root = block_devices.root_volume_of(params)
    if root is not None:
        boot_images.check_volume(image, int(root.get("volume_size") or 0))
        return
    boot_images.check_disk(image, flavor)
    if flavor.disk == 0 and not context.caller.is_admin:
        raise NovaError(403, "Only volume-backed servers are allowed for flavors with zero disk.")


def _check_group(context: Context) -> None:
    """Refuse a hint that names a group of servers: there are none."""
    hints = _hints(context)
    if hints.get("group"):
        raise NovaError(400, f"Instance group {hints['group']} could not be found.")


def _hints(context: Context) -> Mapping[str, Any]:
    """Return the scheduler hints of a request."""
    body = context.json_body
    hints: Mapping[str, Any] = body.get("os:scheduler_hints", body.get("OS-SCH-HNT:scheduler_hints", {}))
    return hints


def _flavor_of(context: Context, reference: str | int) -> Flavor:
    """Return the flavor that a request names by its id, also behind a URL (nova.api.openstack.common)."""
    try:
        flavor_id = urlsplit(str(reference)).path.rpartition("/")[2]
    except ValueError:
        flavor_id = str(reference)
    for flavor in context.cloud.compute.flavors:
        if context.cloud.database.are_equal(flavor.id, flavor_id) and may_use(context, flavor):
            return flavor
    raise NovaError(400, f"Flavor {flavor_id} could not be found.")


class _Counts(NamedTuple):
    """How many servers a request wants at least and at most."""

    minimum: int
    maximum: int

    def __str__(self) -> str:
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum}-{self.maximum}"


def _counts(params: Mapping[str, Any]) -> _Counts:
    minimum = whole_number(params.get("min_count", 1))
    maximum = whole_number(params.get("max_count", minimum))
    if minimum > maximum:
        raise NovaError(400, "min_count must be <= max_count")
    return _Counts(minimum, maximum)


def _check_metadata_quota(context: Context, params: Mapping[str, Any]) -> None:
    limit = context.cloud.quotas_of(context.caller.project_id).metadata_items
    if limit is not None and 0 <= limit < len(params.get("metadata", {})):
        raise NovaError(403, f"Maximum number of metadata items exceeds {limit}")


def _affordable_count(context: Context, flavor: Flavor, counts: _Counts) -> int:
    """Return how many servers the quotas of instances, cores and memory leave room for.

    Raises:
        NovaError: 403 if these are fewer than the request wants at least.
    """
    cloud = context.cloud
    quotas = cloud.quotas_of(context.caller.project_id)
    usage = cloud.servers.state.usage_of(context.caller.project_id or "")
    rows = (
        QuotaRow("cores", flavor.vcpus, usage.cores, quotas.cores),
        QuotaRow("instances", 1, usage.instances, quotas.instances),
        QuotaRow("ram", flavor.ram, usage.ram, quotas.ram),
    )
    affordable_count = min(row.affordable_count(counts.maximum) for row in rows)
    if affordable_count < counts.maximum and quotas.instances < 0:
        affordable_count = 0  # Nova takes the -1 for what is left, and does not try fewer servers
    if counts.minimum > affordable_count:
        raise quota_error(
            (row, str(counts) if row.name == "instances" else str(row.need * counts.maximum))
            for row in rows
            if row.affordable_count(counts.maximum) < counts.maximum
        )
    if affordable_count > _MAX_COUNT:
        raise NovaError(403, f"Quota exceeded for instances: Requested {counts}")
    return affordable_count


def _build(context: Context, order: _Order, number: int, reservation_id: str) -> Server:
    """Return a new server, in its first state."""
    params, image = order.params, order.image
    now = context.cloud.clock.now()
    name = params["name"].strip()
    display_name = name if order.server_count == 1 else f"{name}-{number + 1}"
    description = params.get("description")
    if minor_version(context) < _NO_DESCRIPTION_SINCE:
        description = display_name
    properties = {} if image is None else image.properties
    zone, host = destinations.destination_of(context, params)
    server_id = str(uuid4())
    addresses = destinations.addresses_of(params, server_id)
    return Server(
        id=server_id,
        name=display_name,
        owner=context.caller.project_id or "",
        user_id=keypairs.caller_id(context),
        created_at=now,
        updated_at=now,
        vm_state=states.VM_BUILDING,
        task_state="scheduling",
        power_state=0,
        image=None if image is None else image.id,
        image_properties=properties,
        flavor=order.flavor,
        metadata=params.get("metadata", {}),
        tags=tuple(params.get("tags", ())),
        description=description,
        key_name=params.get("key_name"),
        host=None,
        availability_zone=zone or "",
        pinned_zone=zone,
        requested_host=host,
        addresses=addresses,
        security_groups=tuple(_group_names(params)) if addresses else (),
        disk_config=params.get("OS-DCF:diskConfig") or disk_config_of(properties),
        config_drive="True" if params.get("config_drive") in TRUE_VALUES else "",
        user_data=params.get("user_data"),
        hostname=re.sub("[^a-zA-Z0-9-]", "-", params.get("hostname", "")),
        reservation_id=reservation_id,
        launch_index=number,
        access_ip_v4=params.get("accessIPv4", ""),
        **_converted_fields(context, params),
    )


def _converted_fields(context: Context, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a server that are stored in another form than a request has them."""
    access_ip_v6 = params.get("accessIPv6", "")
    if access_ip_v6:
        access_ip_v6 = IPv6Address(access_ip_v6).compressed
    certificates = tuple(params.get("trusted_image_certificates") or ()) or None
    hints = {name: hint for name, hint in _hints(context).items() if not name.startswith("_nova")}
    return {
        "access_ip_v6": access_ip_v6,
        "trusted_image_certificates": certificates,
        "scheduler_hints": hints_of(hints),
    }
