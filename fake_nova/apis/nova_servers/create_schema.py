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
_IMAGE: Final[Schema] = {"oneOf": [_UUID, {"type": "string", "maxLength": 0}]}
_FLAVOR: Final[Schema] = {"type": ["string", "integer"], "minLength": 1}

#: The first minor versions with a change of the schema. Tags of devices came with 2.32; those of volumes left
#: with 2.33, those of networks with 2.37, and both came back with 2.42.
_DEVICE_TAGS_SINCE: Final = 32
_NO_TAGS_OF_VOLUMES_SINCE: Final = 33
_NETWORKS_NEEDED_SINCE: Final = 37
_DEVICE_TAGS_AGAIN_SINCE: Final = 42
_TAGS_SINCE: Final = 52
_NO_PERSONALITY_SINCE: Final = 57
_CERTIFICATES_SINCE: Final = 63
_VOLUME_TYPES_SINCE: Final = 67
_HOST_SINCE: Final = 74


def _text(max_length: int, **keywords: object) -> Schema:
    return {"type": "string", **keywords, "maxLength": max_length}


def _networks(minor: int) -> Schema:
    properties: dict[str, Schema] = {"fixed_ip": schemas.ADDRESS, "port": _UUID_OR_NULL, "uuid": TEXT}
    if minor >= _NETWORKS_NEEDED_SINCE:
        properties["uuid"] = _UUID
    if _DEVICE_TAGS_SINCE <= minor < _NETWORKS_NEEDED_SINCE or minor >= _DEVICE_TAGS_AGAIN_SINCE:
        properties["tag"] = schemas.TAG
    networks = {"type": "array", "items": schemas.record([], **properties)}
    if minor < _NETWORKS_NEEDED_SINCE:
        return networks
    return {"oneOf": [networks, {"type": "string", "enum": ["none", "auto"]}]}


_LEGACY_DEVICE: Final[dict[str, Schema]] = {
    "virtual_name": _text(255),
    "volume_id": _UUID,
    "snapshot_id": _UUID,
    "volume_size": {
        "type": ["integer", "string"],
        "pattern": "^[0-9]+$",
        "minimum": 1,
        "maximum": 0x7FFFFFFF,
    },
    "device_name": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9._/-]*$"},
    "delete_on_termination": schemas.BOOLEAN,
    "no_device": schemas.ANYTHING,
    "connection_info": _text(16_777_215),
}

_DEVICE: Final[dict[str, Schema]] = {
    **_LEGACY_DEVICE,
    "source_type": {"type": "string", "enum": ["volume", "image", "snapshot", "blank"]},
    "uuid": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9._-]*$"},
    "image_id": _UUID,
    "destination_type": {"type": "string", "enum": ["local", "volume"]},
    "guest_format": _text(255),
    "device_type": _text(255),
    "disk_bus": _text(255),
    "boot_index": {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$"},
}


def _devices(minor: int) -> Schema:
    properties = dict(_DEVICE)
    if _DEVICE_TAGS_SINCE <= minor < _NO_TAGS_OF_VOLUMES_SINCE or minor >= _DEVICE_TAGS_AGAIN_SINCE:
        properties["tag"] = schemas.TAG
    if minor >= _VOLUME_TYPES_SINCE:
        properties["volume_type"] = {"type": ["string", "null"], "minLength": 0, "maxLength": 255}
    return {"type": "array", "items": schemas.record([], **properties)}


_UUIDS: Final[Schema] = {"oneOf": [{"type": "array", "items": _UUID}, _UUID]}

_HINTS: Final[Schema] = {
    "type": "object",
    "properties": {
        "group": _UUIDS,
        "different_host": {"oneOf": [_UUID, {"type": "array", "items": _UUID}]},
        "same_host": {"type": ["string", "array"], "items": _UUID},
        "query": {"type": ["string", "object"]},
        "target_cell": schemas.NAME,
        "different_cell": {"type": ["string", "array"], "items": TEXT},
        "build_near_host_ip": schemas.ADDRESS,
        "cidr": {"type": "string", "pattern": "^/[0-9a-f.:]+$"},
    },
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
    }
    if minor < _NO_PERSONALITY_SINCE:
        properties["personality"] = schemas.PERSONALITY
    properties |= {
        "availability_zone": name,
        "block_device_mapping": {"type": "array", "items": schemas.record([], **_LEGACY_DEVICE)},
        "block_device_mapping_v2": _devices(minor),
        "config_drive": schemas.BOOLEAN,
        "key_name": name,
        "min_count": _COUNT,
        "max_count": _COUNT,
        "return_reservation_id": schemas.BOOLEAN,
        "security_groups": {"type": "array", "items": schemas.record([], name=name)},
        "user_data": schemas.USER_DATA if is_legacy else _text(65_535, format="base64"),
    }
    rows: tuple[tuple[int, dict[str, Schema]], ...] = (
        (schemas.DESCRIPTION_SINCE, {"description": schemas.DESCRIPTION}),
        (_TAGS_SINCE, {"tags": {"type": "array", "items": schemas.TAG, "maxItems": 50}}),
        (_CERTIFICATES_SINCE, {"trusted_image_certificates": schemas.CERTIFICATES}),
        (_HOST_SINCE, {"host": schemas.HOST, "hypervisor_hostname": schemas.HOST}),
        (schemas.HOSTNAME_SINCE, {"hostname": schemas.hostname_schema(minor)}),
    )
    for since, more_properties in rows:
        if minor >= since:
            properties |= more_properties
    return properties
