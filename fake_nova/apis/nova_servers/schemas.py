"""The JSON Schemas of the bodies of requests about servers (Nova 34.0.0).

The order of keywords and properties counts: the first error is the one that Nova reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from fake_nova.apis.nova_common.validation import HOST_NAME, METADATA_OBJECT, RELAXED_NAME, STRICT_NAME, WORD

Schema = Mapping[str, Any]

#: Names: of images, and, on /v2, of most other things.
NAME: Final = STRICT_NAME
LENIENT_NAME: Final = RELAXED_NAME
BOOLEAN: Final = WORD
ROTATION: Final[Schema] = {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}
DISK_CONFIG: Final[Schema] = {"type": "string", "enum": ["AUTO", "MANUAL"]}
ADDRESS_V4: Final[Schema] = {"type": "string", "format": "ipv4"}
ADDRESS_V6: Final[Schema] = {"type": "string", "format": "ipv6"}
DESCRIPTION: Final[Schema] = {
    "type": ["string", "null"],
    "format": "description",
    "minLength": 0,
    "maxLength": 255,
}
TAG: Final[Schema] = {"type": "string", "pattern": "^[^,/]*$", "minLength": 1, "maxLength": 60}
HOSTNAME: Final[Schema] = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$",
    "minLength": 2,
    "maxLength": 63,
}
TEXT: Final[Schema] = {"type": "string"}
ADDRESS: Final[Schema] = {"type": "string", "oneOf": [{"format": "ipv4"}, {"format": "ipv6"}]}
HOST: Final = HOST_NAME

USER_DATA: Final[Schema] = {"type": ["string", "null"], "format": "base64", "maxLength": 65_535}
PERSONALITY: Final[Schema] = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"path": TEXT, "contents": {"type": "string", "format": "base64"}},
        "additionalProperties": False,
    },
}
CERTIFICATES: Final[Schema] = {
    "type": ["array", "null"],
    "minItems": 1,
    "maxItems": 50,
    "uniqueItems": True,
    "items": {"type": "string", "minLength": 1},
}
NAME_OR_NULL: Final[Schema] = {
    "oneOf": [{"type": "string", "minLength": 1, "maxLength": 255}, {"type": "null"}]
}

#: What accepts any value.
ANYTHING: Final[Schema] = {}


def record(required: list[str], **properties: Schema) -> Schema:
    """Return the schema of a JSON object with these properties and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def wrapped(key: str, schema: Schema) -> Schema:
    """Return the schema of a JSON object of one key."""
    return record([key], **{key: schema})


def snapshot_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``createImage``, whose name has the strict rule on /v2, too."""
    return record(["name"], name=NAME, metadata=METADATA_OBJECT)


def backup_schema(_: int, is_legacy: bool) -> Schema:
    """Return the schema of ``createBackup``."""
    return record(
        ["name", "backup_type", "rotation"],
        name=_name(is_legacy),
        backup_type=TEXT,
        rotation=ROTATION,
        metadata=METADATA_OBJECT,
    )


def _name(is_legacy: bool) -> Schema:
    return LENIENT_NAME if is_legacy else NAME


def reboot_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``reboot``."""
    types = ["HARD", "Hard", "hard", "SOFT", "Soft", "soft"]
    return record(["type"], type={"type": "string", "enum": types})


#: The first minor versions with more parameters.
EVACUATION_DECIDES_SINCE: Final = 14
FORCE_SINCE: Final = 29
MIGRATION_DECIDES_SINCE: Final = 25
MIGRATION_FORCE_SINCE: Final = 30
MIGRATION_HOST_SINCE: Final = 56
UNSHELVE_ZONE_SINCE: Final = 77
UNSHELVE_HOST_SINCE: Final = 91

#: The first minor version without ``force`` in the two kinds of moves.
FORCE_UNTIL: Final = 68

LOCK_REASON_SINCE: Final = 73
DESCRIPTION_SINCE: Final = 19
KEY_NAME_SINCE: Final = 54
USER_DATA_SINCE: Final = 57
CERTIFICATES_SINCE: Final = 63
HOSTNAME_SINCE: Final = 90
FULL_HOSTNAME_SINCE: Final = 94
PINNED_ZONE_SINCE: Final = 104


def lock_schema(minor: int, _: bool) -> Schema:
    """Return the schema of ``lock``, which takes anything below 2.73."""
    if minor < LOCK_REASON_SINCE:
        return ANYTHING
    reason = {"type": "string", "minLength": 1, "maxLength": 255}
    return {
        "type": ["object", "null"],
        "properties": {"locked_reason": reason},
        "additionalProperties": False,
    }


def hostname_schema(minor: int) -> Schema:
    """Return the schema of a host name: since 2.94 with a domain."""
    return HOSTNAME if minor < FULL_HOSTNAME_SINCE else HOST


def rebuild_schema(minor: int, is_legacy: bool) -> Schema:
    """Return the schema of ``rebuild``."""
    properties: dict[str, Schema] = {
        "name": _name(is_legacy),
        "imageRef": {"type": "string", "format": "uuid"},
        "adminPass": TEXT,
        "metadata": METADATA_OBJECT,
        "preserve_ephemeral": BOOLEAN,
        "OS-DCF:diskConfig": DISK_CONFIG,
        "accessIPv4": ADDRESS_V4,
        "accessIPv6": ADDRESS_V6,
    }
    if minor < USER_DATA_SINCE:
        properties["personality"] = PERSONALITY
    if minor >= DESCRIPTION_SINCE:
        properties["description"] = DESCRIPTION
    if minor >= KEY_NAME_SINCE:
        properties["key_name"] = NAME_OR_NULL
    if minor >= USER_DATA_SINCE:
        properties["user_data"] = USER_DATA
    if minor >= CERTIFICATES_SINCE:
        properties["trusted_image_certificates"] = CERTIFICATES
    if minor >= HOSTNAME_SINCE:
        properties["hostname"] = hostname_schema(minor)
    return record(["imageRef"], **properties)


def resize_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``resize``."""
    flavor = {"type": ["string", "integer"], "minLength": 1}
    return record(["flavorRef"], **{"flavorRef": flavor, "OS-DCF:diskConfig": DISK_CONFIG})


def reset_state_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``os-resetState``."""
    return record(["state"], state={"type": "string", "enum": ["active", "error"]})


def password_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``changePassword``."""
    return record(["adminPass"], adminPass=TEXT)


def rescue_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``rescue``."""
    properties = {"adminPass": TEXT, "rescue_image_ref": {"type": "string", "format": "uuid"}}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def console_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``os-getVNCConsole``."""
    return record(["type"], type={"type": "string", "enum": ["novnc", "xvpvnc"]})


def spice_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``os-getSPICEConsole``."""
    return record(["type"], type={"type": "string", "enum": ["spice-html5"]})


def serial_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``os-getSerialConsole``."""
    return record(["type"], type={"type": "string", "enum": ["serial"]})


def console_output_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``os-getConsoleOutput``."""
    length = {"type": ["integer", "string", "null"], "pattern": "^-?[0-9]+$", "minimum": -1}
    return record([], length=length)


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def unshelve_schema(minor: int, _: bool) -> Schema:
    """Return the schema of ``unshelve``, which takes anything below 2.77."""
    if minor < UNSHELVE_ZONE_SINCE:
        return ANYTHING
    if minor < UNSHELVE_HOST_SINCE:
        return _or_null(record(["availability_zone"], availability_zone=NAME))
    return _or_null(record([], availability_zone=_or_null(TEXT), host=TEXT))


def migration_schema(minor: int, _: bool) -> Schema:
    """Return the schema of ``migrate``, which takes anything below 2.56."""
    return ANYTHING if minor < MIGRATION_HOST_SINCE else _or_null(record([], host=_or_null(HOST)))


def live_migration_schema(minor: int, _: bool) -> Schema:
    """Return the schema of ``os-migrateLive``."""
    host = _or_null(HOST)
    if minor < MIGRATION_DECIDES_SINCE:
        names = ["block_migration", "disk_over_commit", "host"]
        return record(names, block_migration=BOOLEAN, disk_over_commit=BOOLEAN, host=host)
    block_migration = {**BOOLEAN, "enum": [*BOOLEAN["enum"], "auto"]}
    properties: dict[str, Schema] = {"block_migration": block_migration, "host": host}
    if MIGRATION_FORCE_SINCE <= minor < FORCE_UNTIL:
        properties["force"] = BOOLEAN
    return record(["block_migration", "host"], **properties)


def evacuation_schema(minor: int, _: bool) -> Schema:
    """Return the schema of ``evacuate``."""
    if minor < EVACUATION_DECIDES_SINCE:
        return record(["onSharedStorage"], host=HOST, onSharedStorage=BOOLEAN, adminPass=TEXT)
    properties: dict[str, Schema] = {"host": HOST, "adminPass": TEXT}
    if FORCE_SINCE <= minor < FORCE_UNTIL:
        properties["force"] = BOOLEAN
    return record([], **properties)


def address_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``addFloatingIp``."""
    return record(["address"], address=ADDRESS, fixed_address=ADDRESS)


def removed_address_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``removeFloatingIp`` and ``removeFixedIp``."""
    return record(["address"], address=ADDRESS)


def network_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``addFixedIp``."""
    return record(["networkId"], networkId={"type": ["string", "number"], "minLength": 1, "maxLength": 36})


def group_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``addSecurityGroup`` and ``removeSecurityGroup``."""
    return record(["name"], name={"type": "string", "minLength": 1})


def crash_dump_schema(_: int, __: bool) -> Schema:
    """Return the schema of ``trigger_crash_dump``."""
    return {"type": "null"}


def any_schema(_: int, __: bool) -> Schema:
    """Return the schema of an action that takes any value."""
    return ANYTHING


@cache
def update_schema(minor: int, is_legacy: bool) -> Schema:
    """Return the schema of a change of a server."""
    properties: dict[str, Schema] = {
        "name": _name(is_legacy),
        "OS-DCF:diskConfig": DISK_CONFIG,
        "accessIPv4": ADDRESS_V4,
        "accessIPv6": ADDRESS_V6,
    }
    if minor >= DESCRIPTION_SINCE:
        properties["description"] = DESCRIPTION
    if minor >= HOSTNAME_SINCE:
        properties["hostname"] = hostname_schema(minor)
    if minor >= PINNED_ZONE_SINCE:
        properties["pinned_availability_zone"] = NAME_OR_NULL
    return wrapped("server", record([], **properties))
