"""The rules of Nova's images API (Nova 34.0.0 before Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from fake_nova.images.status import ImageStatus

#: Glance's status -> Nova's. A status that is missing is UNKNOWN.
NOVA_STATUS: Final[Mapping[ImageStatus, str]] = {
    ImageStatus.ACTIVE: "ACTIVE",
    ImageStatus.QUEUED: "SAVING",
    ImageStatus.SAVING: "SAVING",
    ImageStatus.DELETED: "DELETED",
    ImageStatus.PENDING_DELETE: "DELETED",
    ImageStatus.KILLED: "ERROR",
}

#: Glance's status -> percent. A status that is missing is at 0.
PROGRESS: Final[Mapping[ImageStatus, int]] = {
    ImageStatus.QUEUED: 25,
    ImageStatus.SAVING: 50,
    ImageStatus.ACTIVE: 100,
}

#: Query parameter -> the filter of the image service that it becomes, the property- ones before their prefix
#: is taken off. A parameter that is missing, and does not begin with ``property-``, is ignored.
GLANCE_FILTERS: Final[Mapping[str, str]] = {
    "name": "name",
    "status": "status",
    "changes-since": "changes-since",
    "server": "property-instance_uuid",
    "type": "property-image_type",
    "minRam": "min_ram",
    "minDisk": "min_disk",
}

#: The characters that Nova strips from the front of a ``property-KEY``: the prefix's letters, not the prefix.
#: So ``property-os_distro`` asks for ``s_distro``, and finds nothing.
PROPERTY_PREFIX = "property-"

#: Parameters of a list beside the filters; a next link repeats these, the filters, and no others.
PAGE_PARAMETERS = ("limit", "marker", "offset", "page_size")

_POSITIVE_INTEGER: Final[Mapping[str, Any]] = {
    "items": {"type": "string", "pattern": "^[0-9]*$", "minimum": 1, "minLength": 1}
}

#: What the parameters of a list must be; those that are missing here may be anything.
LIST_SCHEMA: Final[Mapping[str, Any]] = {
    "properties": {"limit": _POSITIVE_INTEGER, "page_size": _POSITIVE_INTEGER, "offset": _POSITIVE_INTEGER}
}

#: Parameters of the image service that the proxy's own take the place of, where ``property-`` reaches them.
OVERRULED_FILTERS = ("limit",)

#: What the image service says of a query that is not UTF-8 once it got there (Glance 33.0.0).
NOT_UTF8_MESSAGE = (
    "Error decoding your request. Either the URL or the request body contained characters that could not be "
    "decoded by Glance"
)

_METADATA: Final[Mapping[str, Any]] = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}


def _only(name: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of an object with one property, which is required."""
    return {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}


#: Body of POST and PUT on all metadata.
METADATA_SCHEMA: Final = _only("metadata", _METADATA)

#: Body of PUT on one key.
META_SCHEMA: Final = _only("meta", {**_METADATA, "minProperties": 1, "maxProperties": 1})

#: Properties that hold JSON, which Nova shows parsed.
JSON_PROPERTIES = ("mappings", "block_device_mapping")

#: Values of auto_disk_config, lower-cased and trimmed, that make diskConfig AUTO; all others make it MANUAL
#: (oslo.utils' bool_from_string; True, False, no, "" and garbage were measured).
TRUE_STRINGS = frozenset(("1", "t", "true", "on", "y", "yes"))


class KeyRule(Enum):
    """What becomes of a metadata key that is the name of something of the image service's own."""

    IGNORE = "the answer is 200 and nothing is stored"
    REFUSE = "the answer is 403"
    REFUSE_UNLESS_EMPTY = "the answer is 403, but for an empty value 200 and nothing is stored"


#: Metadata key -> what becomes of it. A key that is missing is stored. Where the real service fails with a
#: 500 (size, tags, protected, self, location, locations, virtual_size), this one refuses.
KEY_RULES: Final[Mapping[str, KeyRule]] = {
    **dict.fromkeys(("name", "id", "owner", "visibility", "min_ram", "min_disk", "checksum"), KeyRule.IGNORE),
    **dict.fromkeys(("disk_format", "container_format", "os_hidden", "stores"), KeyRule.IGNORE),
    **dict.fromkeys(("os_hash_algo", "os_hash_value"), KeyRule.IGNORE),
    "location": KeyRule.REFUSE_UNLESS_EMPTY,
    **dict.fromkeys(("status", "created_at", "updated_at", "deleted", "deleted_at"), KeyRule.REFUSE),
    **dict.fromkeys(("file", "schema", "direct_url", "self", "locations"), KeyRule.REFUSE),
    **dict.fromkeys(("size", "virtual_size", "tags", "protected"), KeyRule.REFUSE),
}

#: Metadata keys that begin so are the image service's own, and refused.
RESERVED_PREFIX = "os_glance_"

#: Properties that Nova does not send on where their value says that there is none: they stay as they are.
OPTIONAL_PROPERTIES = ("kernel_id", "ramdisk_id")
