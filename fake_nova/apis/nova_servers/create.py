"""The view that creates servers."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import uuid4

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.flavors import may_use
from fake_nova.apis.nova_common.policies import MEMBER, require
from fake_nova.apis.nova_common.requests import is_legacy, json_response, minor_version
from fake_nova.apis.nova_common.validation import check_body, check_storable
from fake_nova.apis.nova_servers import boot_images, create_schema, instance_actions
from fake_nova.apis.nova_servers.destinations import Destination, read_destination
from fake_nova.apis.nova_servers.effects import random_password
from fake_nova.apis.nova_servers.exclusion import exclusive
from fake_nova.apis.nova_servers.fields import disk_config_of
from fake_nova.apis.nova_servers.quotas import QuotaRow, quota_error
from fake_nova.cloud import server_states as states
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.server_actions import CREATE
from fake_nova.cloud.servers import Server
from fake_nova.images.model import Image
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor version in which a server without a description has none; before, it is the name.
_NO_DESCRIPTION_SINCE: Final = 19

#: The largest number of servers that one request creates.
_MAX_COUNT: Final = 1000

_TRUE_VALUES: Final = (True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")


class _Order(NamedTuple):
    """What a request asks for.

    Attributes:
        params: the parameters.
        flavor: the flavor.
        image: the image; None if a volume holds the disk.
        server_count: the number of servers.
        destination: the zone and the host.
    """

    params: Mapping[str, Any]
    flavor: Flavor
    image: Image | None
    server_count: int
    destination: Destination


@exclusive
def create(context: Context) -> Response:
    """Create one server or several; each goes through its states by the default plan."""
    minor = minor_version(context)
    check_body(context.json_body, create_schema.schema(minor, is_legacy(context)), is_legacy(context))
    check_storable(context.json_body)
    params = context.json_body["server"]
    require(context, "servers:create", MEMBER, context.caller.project_id)
    order = _check(context, params)
    reservation_id = f"r-{secrets.token_hex(4)}"
    servers = [_build(context, order, number, reservation_id) for number in range(order.server_count)]
    context.cloud.servers.add(*servers)
    for server in servers:
        context.cloud.server_lifecycle.begin(server, "boot")
        instance_actions.record(context, server.id, CREATE)
    if params.get("return_reservation_id") in _TRUE_VALUES:
        return json_response(context, 202, {"reservation_id": reservation_id})
    return _response(context, servers[0], params)


def _response(context: Context, server: Server, params: Mapping[str, Any]) -> Response:
    link_builder = links.link_builder(context)
    resource_links = link_builder.resource_links("servers", server.id)
    groups = params.get("security_groups") or [{"name": "default"}]
    body = {
        "id": server.id,
        "links": resource_links,
        "OS-DCF:diskConfig": server.disk_config,
        "security_groups": [{"name": group.get("name")} for group in groups],
        "adminPass": params.get("adminPass") or random_password(),
    }
    return json_response(context, 202, {"server": body}, ("Location", resource_links[0]["href"]))


def _check(context: Context, params: Mapping[str, Any]) -> _Order:
    """Check the parameters against the cloud, in Nova's order.

    Raises:
        NovaError: 400 or 403.
    """
    destination = read_destination(context, params)
    if {"host", "hypervisor_hostname"} & params.keys() and not context.caller.is_admin:
        rule = "compute:servers:create:requested_destination"
        raise NovaError(403, f"Policy doesn't allow {rule} to be performed.")
    has_volume = bool(params.get("block_device_mapping_v2") or params.get("block_device_mapping"))
    image_id = params.get("imageRef")
    if not image_id and not has_volume:
        raise NovaError(400, "Missing imageRef attribute")
    flavor = _flavor_of(context, params["flavorRef"])
    counts = _counts(params)
    if params.get("hostname") and counts.maximum > 1:
        raise NovaError(400, "Unable to allocate a single hostname to multiple instances")
    image = None
    if image_id:
        image = boot_images.find_image(context, image_id)
        if image is None:
            raise NovaError(400, "Can not find requested image")
        boot_images.check_image(image, flavor)
    if flavor.disk == 0 and not has_volume and not context.caller.is_admin:
        raise NovaError(403, "Only volume-backed servers are allowed for flavors with zero disk.")
    _check_mappings(context, params)
    _check_key(context, params)
    _check_metadata_quota(context, params)
    return _Order(params, flavor, image, _affordable_count(context, flavor, counts), destination)


def _flavor_of(context: Context, reference: str | int) -> Flavor:
    """Return the flavor that a request names, also by a URL, or with blanks around the id."""
    flavor_id = str(reference).rpartition("/")[2].strip()
    for flavor in context.cloud.compute.flavors:
        if flavor.id == flavor_id and may_use(context, flavor):
            return flavor
    raise NovaError(400, f"Flavor {str(reference).rpartition('/')[2]} could not be found.")


class _Counts(NamedTuple):
    """How many servers a request wants at least and at most."""

    minimum: int
    maximum: int

    def __str__(self) -> str:
        return str(self.minimum) if self.minimum == self.maximum else f"{self.minimum}-{self.maximum}"


def _counts(params: Mapping[str, Any]) -> _Counts:
    minimum = _whole_number(params.get("min_count", 1))
    maximum = _whole_number(params.get("max_count", minimum))
    if minimum > maximum:
        raise NovaError(400, "min_count must be <= max_count")
    return _Counts(minimum, maximum)


def _whole_number(value: str | float) -> int:
    """Return the number that digits, an integer, or a float such as 1.0 stand for."""
    return query_string.parse_int(value) if isinstance(value, str) else int(value)


def _check_mappings(context: Context, params: Mapping[str, Any]) -> None:
    """Check that the images of block devices exist."""
    for mapping in params.get("block_device_mapping_v2", ()):
        image_id = mapping.get("uuid")
        is_image = mapping.get("source_type") == "image" and image_id != params.get("imageRef")
        if is_image and boot_images.find_image(context, str(image_id)) is None:
            raise NovaError(400, f"Block Device Mapping is Invalid: failed to get image {image_id}.")


def _check_key(context: Context, params: Mapping[str, Any]) -> None:
    name = params.get("key_name")
    user_id = _user_id(context)
    if name is not None and context.cloud.keypairs.get(user_id, name) is None:
        raise NovaError(400, "Invalid key_name provided.")


def _user_id(context: Context) -> str:
    if context.token is not None:
        return context.token.user.id
    user = context.cloud.default_user
    return "" if user is None else user.id


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
    zone, host = order.destination
    return Server(
        id=str(uuid4()),
        name=display_name,
        owner=context.caller.project_id or "",
        user_id=_user_id(context),
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
        disk_config=params.get("OS-DCF:diskConfig") or disk_config_of(properties),
        config_drive="True" if params.get("config_drive") in _TRUE_VALUES else "",
        user_data=params.get("user_data"),
        hostname=re.sub("[^a-zA-Z0-9-]", "-", params.get("hostname", "")),
        reservation_id=reservation_id,
        access_ip_v4=params.get("accessIPv4", ""),
        access_ip_v6=params.get("accessIPv6", ""),
    )
