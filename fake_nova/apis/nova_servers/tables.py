"""The rules of Nova's servers API, as far as images need it (from the source of Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.nova_common.validation import METADATA_OBJECT

_NAME: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 255}

_ROTATION: Final = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}


def _object(required: list[str], **properties: Any) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_BACKUP: Final = {"backup_type": {"type": "string"}, "rotation": _ROTATION}

#: Action -> the schema of its body.
ACTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    name: _object([name], **{name: _object(required, name=_NAME, **more, metadata=METADATA_OBJECT)})
    for name, required, more in (("createImage", ["name"], {}), ("createBackup", ["name", *_BACKUP], _BACKUP))
}

#: The vm_states in which Nova creates an image or a backup of a server.
SNAPSHOT_STATES = ("active", "stopped", "paused", "suspended")

#: The maximum number of characters of a metadata key in the image service.
MAX_METADATA_KEY_LENGTH = 255

#: The first minor version whose response has the image's id in its body instead of a Location header.
ID_IN_BODY_SINCE = 45

#: The first minor version without a quota of metadata.
NO_QUOTA_SINCE = 39

#: The first minor version that embeds the flavor instead of linking to it.
FLAVOR_EMBEDDED_SINCE = 47

#: The first minor version that shows the host name.
HOSTNAME_SINCE = 90

#: First minor version, field and value, in Nova's order. Each value is Nova's default.
FIELDS_BY_MICROVERSION: tuple[tuple[int, str, Any], ...] = (
    (9, "locked", False),
    (19, "description", None),
    (26, "tags", []),
    (63, "trusted_image_certificates", None),
    (73, "locked_reason", None),
)

#: The statuses in which a server has the field ``progress``, which is 0.
STATUSES_WITH_PROGRESS = ("ACTIVE", "BUILD")

#: First minor version -> the query parameters that a list knows since then. A next link repeats only these.
PARAMETERS_BY_MICROVERSION: Final[Mapping[int, tuple[str, ...]]] = {
    1: (
        *("access_ip_v4", "access_ip_v6", "all_tenants", "auto_disk_config", "availability_zone"),
        *("block_device_mapping", "changes-since", "config_drive", "created_at", "deleted", "description"),
        *("display_description", "display_name", "flavor", "host", "hostname", "image", "image_ref"),
        *("info_cache", "ip", "kernel_id", "key_name", "launch_index", "launched_at", "limit", "locked_by"),
        *("marker", "metadata", "name", "node", "pci_devices", "power_state", "progress", "project_id"),
        *("ramdisk_id", "reservation_id", "root_device_name", "security_groups", "services"),
        *("soft_deleted", "sort_dir", "sort_key", "status", "system_metadata", "task_state", "tenant_id"),
        *("terminated_at", "user_id", "uuid", "vm_state"),
    ),
    5: ("ip6",),
    26: ("not-tags", "not-tags-any", "tags", "tags-any"),
    66: ("changes-before",),
    73: ("locked",),
}

#: Fields of a server that must equal the query parameter of the same name, ignoring case. The parameter
#: ``name`` is a regular expression. Any other filter is ignored, as Nova does for callers who are no admins.
FILTER_FIELDS = ("status", "image")

#: The query parameters that have an effect on a list.
LIST_PARAMETERS = ("name", *FILTER_FIELDS, "all_tenants", "limit", "marker")
