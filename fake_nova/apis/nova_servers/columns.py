"""The columns of the table of servers, which lists filter and sort by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from fake_nova.apis.nova_servers import fields
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.cloud.servers import Server

Column = Callable[[Server, Lookups], Any]

_LOCK_NUMBERS: Final = {"owner": 1, "admin": 2}


def _of_image(own_value: str | None, key: str, server: Server, lookups: Lookups) -> str:
    return fields.own_or_of_image(own_value, key, lookups.image_properties_of(server))


#: Name of a column -> its value, None for NULL.
COLUMNS: Final[Mapping[str, Column]] = {
    "access_ip_v4": lambda server, _: server.access_ip_v4 or None,
    "access_ip_v6": lambda server, _: server.access_ip_v6 or None,
    "auto_disk_config": lambda server, lookups: int(lookups.disk_config_of(server) == "AUTO"),
    "availability_zone": lambda server, _: server.availability_zone or None,
    "config_drive": lambda server, _: server.config_drive,
    "created_at": lambda server, _: server.created_at,
    "display_description": lambda server, _: server.description,
    "display_name": lambda server, _: server.name,
    "host": lambda server, _: server.host,
    "hostname": lambda server, _: fields.hostname_of(server),
    "image_ref": lambda server, _: server.image or "",
    "instance_type_id": lambda server, lookups: lookups.flavor_number_of(server),
    "kernel_id": lambda server, lookups: _of_image(server.kernel_id, "kernel_id", server, lookups),
    "key_name": lambda server, _: server.key_name,
    "launch_index": lambda server, _: server.launch_index,
    "launched_at": lambda server, _: server.launched_at,
    "locked": lambda server, _: int(server.locked_by is not None),
    "locked_by": lambda server, _: server.locked_by,
    "node": lambda server, _: server.host,
    "power_state": lambda server, _: server.power_state,
    "progress": lambda _, __: 0,
    "project_id": lambda server, _: server.owner,
    "ramdisk_id": lambda server, lookups: _of_image(server.ramdisk_id, "ramdisk_id", server, lookups),
    "reservation_id": lambda server, _: fields.reservation_id_of(server),
    "root_device_name": lambda server, _: server.root_device_name,
    "task_state": lambda server, _: server.task_state,
    "terminated_at": lambda server, _: server.terminated_at,
    "updated_at": lambda server, _: server.updated_at,
    "user_id": lambda server, lookups: lookups.user_id_of(server),
    "uuid": lambda server, _: server.id,
    "vm_state": lambda server, _: server.vm_state,
}


#: What NULL sorts as: before every value.
NULL: Final = (False,)


def sort_value(server: Server, name: str, lookups: Lookups) -> Any:
    """Return the value that MariaDB or SQLite sorts a column by. NULL comes first."""
    value = COLUMNS[name](server, lookups)
    if name == "locked_by":
        value = _LOCK_NUMBERS.get(value)  # the column is an ENUM
    if value is None:
        return NULL
    return True, lookups.order_key(value) if isinstance(value, str) else value


def column_text(value: Any) -> str | None:
    """Return a column's value as the text that the database searches with a pattern; None for NULL."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return None if value is None else str(value)
