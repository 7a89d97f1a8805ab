"""The query parameters of a list of servers, and their JSON Schemas by microversion.

From Nova 34.0.0's nova.api.openstack.compute.schemas.servers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fake_nova.apis.nova_common.validation import LIMIT, REGEX, TEXT, TIME, each_value

#: Parameters that only select by a field of a joined table, which Nova refuses.
JOINED_PARAMETERS: Final = (
    *("block_device_mapping", "services", "metadata", "system_metadata", "info_cache", "security_groups"),
    "pci_devices",
)

#: The keys that a list can be sorted by.
SORT_KEYS: Final = (
    *("access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive", "created_at"),
    *("display_description", "display_name", "host", "hostname", "image_ref", "instance_type_id"),
    *("kernel_id", "key_name", "launch_index", "launched_at", "locked_by", "node", "power_state", "progress"),
    *("project_id", "ramdisk_id", "root_device_name", "task_state", "terminated_at", "updated_at", "user_id"),
    *("uuid", "vm_state"),
)

#: The keys that are valid below 2.75, but have no effect. ``locked`` has one since 2.73.
IGNORED_SORT_KEYS: Final = (
    *("architecture", "cell_name", "cleaned", "default_ephemeral_device", "default_swap_device", "deleted"),
    *("deleted_at", "disable_terminate", "ephemeral_gb", "ephemeral_key_uuid", "id", "key_data"),
    *("launched_on", "locked", "memory_mb", "os_type", "reservation_id", "root_gb", "shutdown_terminate"),
    *("user_data", "vcpus", "vm_mode"),
)

_LOCKED: Final = "locked"

#: The first minor versions with another schema.
_TAGS_SINCE: Final = 26
_CHANGES_BEFORE_SINCE: Final = 66
LOCKED_SINCE: Final = 73
STRICT_SINCE: Final = 75

_TEXT_PARAMETERS: Final = (
    *("user_id", "project_id", "tenant_id", "launch_index", "image_ref", "image", "vm_state", "task_state"),
    *("host", "uuid", "sort_dir", "all_tenants", "soft_deleted", "deleted", "status", *JOINED_PARAMETERS),
    "marker",
)
_REGEX_PARAMETERS: Final = (
    *("kernel_id", "ramdisk_id", "hostname", "key_name", "power_state", "node", "flavor", "reservation_id"),
    *("launched_at", "terminated_at", "availability_zone", "name", "display_name", "description"),
    *("display_description", "locked_by", "root_device_name", "config_drive", "access_ip_v4"),
    *("access_ip_v6", "auto_disk_config", "progress", "ip", "ip6", "created_at"),
)
TAG_PARAMETERS: Final = ("tags", "tags-any", "not-tags", "not-tags-any")


def valid_sort_keys(minor: int) -> tuple[str, ...]:
    """Return the keys that a minor version accepts."""
    if minor < LOCKED_SINCE:
        return (*SORT_KEYS, *IGNORED_SORT_KEYS)
    ignored_keys = tuple(key for key in IGNORED_SORT_KEYS if key != _LOCKED and minor < STRICT_SINCE)
    return (_LOCKED, *SORT_KEYS, *ignored_keys)


def ignored_sort_keys(minor: int) -> tuple[str, ...]:
    """Return the keys that have no effect at a minor version."""
    return tuple(key for key in IGNORED_SORT_KEYS if key != _LOCKED or minor < LOCKED_SINCE)


@cache
def list_schema(minor: int) -> Mapping[str, Any]:
    """Return the schema of the query of a list at a minor version."""
    properties = {
        **dict.fromkeys(_TEXT_PARAMETERS, TEXT),
        **dict.fromkeys(_REGEX_PARAMETERS, REGEX),
        "sort_key": each_value({"type": "string", "enum": list(valid_sort_keys(minor))}),
        "changes-since": TIME,
        "limit": LIMIT,
    }
    if minor >= _TAGS_SINCE:
        properties |= dict.fromkeys(TAG_PARAMETERS, REGEX)
    if minor >= _CHANGES_BEFORE_SINCE:
        properties["changes-before"] = TIME
    if minor >= LOCKED_SINCE:
        properties[_LOCKED] = TEXT
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": minor < STRICT_SINCE,
        "patternProperties": {"^_": TEXT},
    }


#: First minor version -> the filters that callers who are no admins may use since then.
_COMMON_FILTERS: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("reservation_id", "name", "status", "image", "flavor", "ip", "changes-since", "all_tenants"),
    5: ("ip6",),
    _TAGS_SINCE: TAG_PARAMETERS,
    _CHANGES_BEFORE_SINCE: ("changes-before",),
    LOCKED_SINCE: (_LOCKED,),
    83: (
        *("availability_zone", "config_drive", "key_name", "created_at", "launched_at", "terminated_at"),
        *("power_state", "task_state", "vm_state", "progress", "user_id"),
    ),
    90: ("hostname",),
}


@cache
def common_filters(minor: int) -> frozenset[str]:
    """Return the filters that callers who are no admins may use at a minor version."""
    return frozenset(name for since, names in _COMMON_FILTERS.items() if since <= minor for name in names)


#: All query parameters that have an effect on a list at the latest version, for the documentation.
LIST_PARAMETERS: Final = tuple(sorted({*list_schema(STRICT_SINCE)["properties"]} - {*JOINED_PARAMETERS}))
