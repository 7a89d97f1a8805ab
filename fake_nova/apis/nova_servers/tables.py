"""The fields of servers in Nova's order, and who sees them from which microversion on (measured)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_servers import fields
from fake_nova.apis.nova_servers.fields import Scene
from fake_nova.cloud.servers import Server


class Audience(NamedTuple):
    """Who sees a field, and where.

    Attributes:
        admins: whether admins see it.
        others: whether others see it.
        shows: whether a single server has it.
        lists: whether the servers of a list have it.
    """

    admins: bool = True
    others: bool = True
    shows: bool = True
    lists: bool = True


ALL: Final = Audience()
ADMINS: Final = Audience(others=False)
OTHERS: Final = Audience(admins=False)
SHOWS: Final = Audience(lists=False)
LISTS: Final = Audience(shows=False)
ADMINS_IN_SHOWS: Final = Audience(others=False, lists=False)
ADMINS_IN_LISTS: Final = Audience(others=False, shows=False)


class Field(NamedTuple):
    """One field of a server.

    Attributes:
        name: its name.
        read: returns its value, or `fields.ABSENT` if the server lacks it.
        since: the first minor version that has it.
        audience: who sees it, and where.
    """

    name: str
    read: Callable[[Server, Scene], Any]
    since: int = 1
    audience: Audience = ALL


#: The last field of what PUT and rebuild show below 2.75, together with those of `BRIEF_EXTRAS`.
LAST_BRIEF_FIELD: Final = "progress"
BRIEF_EXTRAS: Final = (
    *("locked", "description", "tags", "trusted_image_certificates", "server_groups", "locked_reason"),
)

_EXTENDED: Final = "OS-EXT-SRV-ATTR"

#: The user data that admins see, but in the response to a rebuild, which has another field for it.
ADMIN_USER_DATA: Final = f"{_EXTENDED}:user_data"

FIELDS: Final = (
    Field("accessIPv4", fields.access_ip_v4),
    Field("accessIPv6", fields.access_ip_v6),
    Field("addresses", fields.addresses),
    Field("created", fields.creation_time),
    Field("flavor", fields.flavor),
    Field("hostId", fields.host_id),
    Field("id", fields.server_id),
    Field("image", fields.image),
    Field("links", fields.links),
    Field("metadata", fields.metadata),
    Field("name", fields.name),
    Field("status", fields.status),
    Field("tenant_id", fields.tenant_id),
    Field("user_id", fields.user_id),
    Field("updated", fields.update_time),
    Field("OS-DCF:diskConfig", fields.disk_config),
    Field("fault", fields.fault),
    Field("progress", fields.progress),
    Field("OS-EXT-AZ:availability_zone", fields.availability_zone),
    Field("config_drive", fields.config_drive),
    Field("key_name", fields.key_name),
    Field("OS-SRV-USG:launched_at", fields.launched_at),
    Field("OS-SRV-USG:terminated_at", fields.terminated_at),
    Field("security_groups", fields.security_groups, audience=SHOWS),
    Field(f"{_EXTENDED}:host", fields.host, audience=ADMINS),
    Field(f"{_EXTENDED}:instance_name", fields.instance_name, audience=ADMINS),
    Field(f"{_EXTENDED}:hypervisor_hostname", fields.host, audience=ADMINS),
    Field(f"{_EXTENDED}:hostname", fields.hostname, 3, ADMINS),
    Field(f"{_EXTENDED}:kernel_id", fields.kernel_id, 3, ADMINS),
    Field(f"{_EXTENDED}:launch_index", fields.launch_index, 3, ADMINS),
    Field(f"{_EXTENDED}:ramdisk_id", fields.ramdisk_id, 3, ADMINS),
    Field(f"{_EXTENDED}:reservation_id", fields.reservation_id, 3, ADMINS),
    Field(f"{_EXTENDED}:root_device_name", fields.root_device_name, 3, ADMINS),
    Field(ADMIN_USER_DATA, fields.user_data, 3, ADMINS),
    Field("OS-EXT-STS:task_state", fields.task_state),
    Field("OS-EXT-STS:vm_state", fields.vm_state),
    Field("OS-EXT-STS:power_state", fields.power_state),
    Field("os-extended-volumes:volumes_attached", fields.volumes),
    Field("locked", fields.locked, 9),
    Field("host_status", fields.host_status, 16, ADMINS_IN_SHOWS),
    Field("description", fields.description, 19),
    Field("tags", fields.tags, 26),
    Field("trusted_image_certificates", fields.trusted_certificates, 63),
    Field("server_groups", fields.empty_list, 71, SHOWS),
    Field("locked_reason", fields.locked_reason, 73),
    Field(f"{_EXTENDED}:hostname", fields.hostname, 90, OTHERS),
    Field("pinned_availability_zone", fields.pinned_zone, 96),
    Field("scheduler_hints", fields.scheduler_hints, 100),
    Field("host_status", fields.host_status, 16, ADMINS_IN_LISTS),
    Field("security_groups", fields.security_groups, audience=LISTS),
)


@lru_cache(maxsize=1024)
def visible_fields(minor: int, is_admin: bool, is_list: bool, is_brief: bool) -> tuple[Field, ...]:
    """Return the fields that a caller sees, in order.

    Args:
        minor: the minor version of the request.
        is_admin: whether the caller is an admin.
        is_list: whether the server is one of a list.
        is_brief: whether it is the server that a PUT or a rebuild shows below 2.75.
    """
    names = [field.name for field in FIELDS]
    brief_names = {*names[: names.index(LAST_BRIEF_FIELD) + 1], *BRIEF_EXTRAS}
    return tuple(
        field
        for field in FIELDS
        if field.since <= minor
        and (field.audience.admins if is_admin else field.audience.others)
        and (field.audience.lists if is_list else field.audience.shows)
        and (not is_brief or field.name in brief_names)
    )
