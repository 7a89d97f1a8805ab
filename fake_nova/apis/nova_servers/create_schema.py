"""The JSON Schema of a request to create servers (Nova 34.0.0)."""

from __future__ import annotations

from functools import cache
from typing import Final

from fake_nova.apis.nova_common.validation import METADATA_OBJECT
from fake_nova.apis.nova_servers import schemas
from fake_nova.apis.nova_servers.schemas import TEXT, Schema

_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_UUID_OR_NULL: Final[Schema] = {"type": ["string", "null"], "format": "uuid"}
_COUNT: Final[Schema] = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 1, "minLength": 1}
_TAG: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[^,/]*$"}
_IMAGE: Final[Schema] = {"oneOf": [_UUID, {"type": "string", "maxLength": 0}]}
_FLAVOR: Final[Schema] = {"type": ["string", "integer"], "minLength": 1}

#: The first minor versions with a change of the schema.
_TAGGED_DEVICES_SINCE: Final = 42
_NETWORKS_NEEDED_SINCE: Final = 37
_TAGS_SINCE: Final = 52
_NO_PERSONALITY_SINCE: Final = 57
_CERTIFICATES_SINCE: Final = 63
_HOST_SINCE: Final = 74
_HOSTNAME_SINCE: Final = 90


def _networks(minor: int) -> Schema:
    properties: dict[str, Schema] = {"fixed_ip": TEXT, "port": _UUID_OR_NULL, "uuid": TEXT}
    if minor >= _TAGGED_DEVICES_SINCE:
        properties["tag"] = _TAG
    networks = {"type": "array", "items": schemas.record([], **properties)}
    if minor < _NETWORKS_NEEDED_SINCE:
        return networks
    return {"oneOf": [networks, {"type": "string", "enum": ["none", "auto"]}]}


_UUIDS: Final[Schema] = {"oneOf": [{"type": "array", "items": _UUID}, _UUID]}

_HINTS: Final[Schema] = {
    "type": "object",
    "properties": {"group": _UUIDS, "different_host": _UUIDS},
    "additionalProperties": True,
}


@cache
def schema(minor: int, is_legacy: bool) -> Schema:
    """Return the schema of the whole body.

    Args:
        minor: the minor version of the request.
        is_legacy: whether it went to /v2.
    """
    required = ["name", "flavorRef", *(["networks"] if minor >= _NETWORKS_NEEDED_SINCE else [])]
    return {
        "type": "object",
        "properties": {
            "server": schemas.record(required, **_properties(minor, is_legacy)),
            "os:scheduler_hints": _HINTS,
            "OS-SCH-HNT:scheduler_hints": _HINTS,
        },
        "required": ["server"],
        "additionalProperties": False,
    }


def _properties(minor: int, is_legacy: bool) -> dict[str, Schema]:
    """Return the schema of each parameter."""
    name = schemas.LENIENT_NAME if is_legacy else schemas.NAME
    properties: dict[str, Schema] = {
        "name": name,
        "imageRef": _IMAGE,
        "flavorRef": _FLAVOR,
        "adminPass": TEXT,
        "metadata": METADATA_OBJECT,
        "networks": _networks(minor),
        "OS-DCF:diskConfig": schemas.DISK_CONFIG,
        "accessIPv4": schemas.ADDRESS_V4,
        "accessIPv6": schemas.ADDRESS_V6,
        "availability_zone": name,
        "block_device_mapping": {"type": "array", "items": {"type": "object"}},
        "block_device_mapping_v2": {"type": "array", "items": {"type": "object"}},
        "config_drive": schemas.BOOLEAN,
        "key_name": name,
        "min_count": _COUNT,
        "max_count": _COUNT,
        "return_reservation_id": schemas.BOOLEAN,
        "security_groups": {"type": "array", "items": schemas.record([], name=name)},
        "user_data": {"type": "string", "maxLength": 65_535},
    }
    if minor < _NO_PERSONALITY_SINCE:
        properties["personality"] = {"type": "array"}
    rows: tuple[tuple[int, dict[str, Schema]], ...] = (
        (schemas.DESCRIPTION_SINCE, {"description": schemas.DESCRIPTION}),
        (_TAGS_SINCE, {"tags": {"type": "array", "items": _TAG, "maxItems": 50}}),
        (_CERTIFICATES_SINCE, {"trusted_image_certificates": {"type": ["array", "null"]}}),
        (_HOST_SINCE, {"host": TEXT, "hypervisor_hostname": TEXT}),
        (_HOSTNAME_SINCE, {"hostname": {"type": "string", "minLength": 1, "maxLength": 255}}),
    )
    for since, more_properties in rows:
        if minor >= since:
            properties |= more_properties
    return properties
