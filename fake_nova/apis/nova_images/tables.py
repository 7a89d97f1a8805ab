"""The rules of Nova's images API (Nova 34.0.0 in front of Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from fake_nova.apis.nova_common.validation import METADATA_OBJECT

#: Query parameter -> the image service's filter, before Nova strips ``property-``. Any other parameter is
#: ignored, unless it begins with ``property-``.
GLANCE_FILTER_BY_PARAMETER: Final[Mapping[str, str]] = {
    "name": "name",
    "status": "status",
    "changes-since": "changes-since",
    "server": "property-instance_uuid",
    "type": "property-image_type",
    "minRam": "min_ram",
    "minDisk": "min_disk",
}

#: Nova 34.0.0 strips the letters of this prefix, not the prefix. So ``property-os_distro`` asks for
#: ``s_distro`` and finds nothing.
PROPERTY_PREFIX = "property-"

#: The parameters of a list besides the filters. A next link repeats only these and the filters.
PAGE_PARAMETERS = ("limit", "marker", "offset", "page_size")

#: All parameters of a list, besides those that begin with ``property-``.
LIST_PARAMETERS: Final = (*GLANCE_FILTER_BY_PARAMETER, *PAGE_PARAMETERS)

_POSITIVE_INTEGER: Final = {"items": {"type": "string", "pattern": "^[0-9]*$", "minimum": 1, "minLength": 1}}

#: The schema of a list's parameters. Any other parameter may have any value.
LIST_SCHEMA: Final = {"properties": dict.fromkeys(("limit", "page_size", "offset"), _POSITIVE_INTEGER)}

#: Parameters of the image service that Nova sets itself; a ``property-`` filter of such a name has no effect.
OVERRULED_FILTERS = ("limit",)


def _only(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an object with exactly the property *name*."""
    return {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}


#: The body of a POST or PUT of all metadata.
METADATA_SCHEMA: Final = _only("metadata", METADATA_OBJECT)

#: The body of a PUT of one key.
META_SCHEMA: Final = _only("meta", {**METADATA_OBJECT, "minProperties": 1, "maxProperties": 1})

#: Properties whose JSON Nova parses in its responses.
JSON_PROPERTIES = ("mappings", "block_device_mapping")

#: Values of ``auto_disk_config``, in lower case and stripped, for which ``diskConfig`` is AUTO. For any other
#: value it is MANUAL (oslo.utils' bool_from_string; True, False, no, "" and garbage were measured).
TRUE_STRINGS = frozenset(("1", "t", "true", "on", "y", "yes"))


class KeyRule(Enum):
    """How to handle a metadata key that has the name of a field of the image service."""

    IGNORE = "respond 200 and store nothing"
    REFUSE = "respond 403"


#: Keys that Nova takes for arguments of its own, which therefore never reach the image service (Nova 34.0.0,
#: source of nova.image.glance). With blanks around them they do.
NOVA_KEYS: Final = frozenset(("location", "image_id", "remove_props"))

#: Metadata key -> how to handle it. Any other key is stored. The real service responds 500 for size, tags,
#: protected, self, image_id, locations and virtual_size; the emulator responds 403.
KEY_RULES: Final[Mapping[str, KeyRule]] = {
    **dict.fromkeys(("name", "id", "owner", "visibility", "min_ram", "min_disk", "checksum"), KeyRule.IGNORE),
    **dict.fromkeys(("disk_format", "container_format", "os_hidden", "stores"), KeyRule.IGNORE),
    **dict.fromkeys(("os_hash_algo", "os_hash_value", "context"), KeyRule.IGNORE),
    **dict.fromkeys(("status", "created_at", "updated_at", "deleted", "deleted_at"), KeyRule.REFUSE),
    **dict.fromkeys(("file", "schema", "direct_url", "self", "location", "locations"), KeyRule.REFUSE),
    "image_id": KeyRule.REFUSE,
    **dict.fromkeys(("size", "virtual_size", "tags", "protected"), KeyRule.REFUSE),
}

#: Metadata keys with this prefix belong to the image service, which responds 403.
RESERVED_PREFIX = "os_glance"

#: Properties that Nova does not send to the image service if they are empty or "none", so they do not change.
OPTIONAL_PROPERTIES = ("kernel_id", "ramdisk_id")
