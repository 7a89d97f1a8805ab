"""The schemas of bodies about volumes, ports, shares and consoles of a server (Nova 34.0.0)."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_servers.schemas import ADDRESS, BOOLEAN, Schema, record, wrapped

_UUID: Final[Schema] = {"type": "string", "format": "uuid"}
_TAG: Final[Schema] = {"type": "string", "pattern": "^[^,/]*$", "minLength": 1, "maxLength": 60}
_DEVICE: Final[Schema] = {
    "type": ["string", "null"],
    "pattern": "(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$",
}

#: The first minor versions with a change.
_TAGS_SINCE: Final = 49
_TERMINATION_SINCE: Final = 79
_VOLUME_CHANGES_SINCE: Final = 85
_MKS_SINCE: Final = 8
_SPICE_DIRECT_SINCE: Final = 99


def port_schema(minor: int) -> Schema:
    """Return the schema of a new port; any object without the key is valid."""
    addresses = {
        "type": "array",
        "minItems": 1,
        "maxItems": 1,
        "items": record(["ip_address"], ip_address=ADDRESS),
    }
    properties: dict[str, Schema] = {"net_id": _UUID, "port_id": _UUID, "fixed_ips": addresses}
    if minor >= _TAGS_SINCE:
        properties["tag"] = _TAG
    return {**wrapped("interfaceAttachment", record([], **properties)), "required": []}


def volume_schema(minor: int) -> Schema:
    """Return the schema of a volume to attach."""
    properties: dict[str, Schema] = {"volumeId": _UUID, "device": _DEVICE}
    if minor >= _TAGS_SINCE:
        properties["tag"] = _TAG
    if minor >= _TERMINATION_SINCE:
        properties["delete_on_termination"] = BOOLEAN
    return wrapped("volumeAttachment", record(["volumeId"], **properties))


def volume_change_schema(minor: int) -> Schema:
    """Return the schema of a change of an attached volume: another volume, since 2.85 more."""
    properties: dict[str, Schema] = {"volumeId": _UUID}
    if minor >= _VOLUME_CHANGES_SINCE:
        properties |= {"device": _DEVICE, "tag": _TAG, "delete_on_termination": BOOLEAN}
        properties |= {"serverId": _UUID, "id": _UUID}
    return wrapped("volumeAttachment", record(["volumeId"], **properties))


def console_schema(minor: int) -> Schema:
    """Return the schema of a new console."""
    protocols = ["vnc", "spice", "serial", "rdp"]
    types = ["novnc", "xvpvnc", "spice-html5", "serial", "rdp-html5"]
    if minor >= _MKS_SINCE:
        protocols.append("mks")
        types.append("webmks")
    if minor >= _SPICE_DIRECT_SINCE:
        types.append("spice-direct")
    properties = {
        "protocol": {"type": "string", "enum": protocols},
        "type": {"type": "string", "enum": types},
    }
    return wrapped("remote_console", record(["protocol", "type"], **properties))


def share_schema(_: int) -> Schema:
    """Return the schema of a share to attach."""
    tag = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[a-zA-Z0-9-]*$"}
    return wrapped("share", record(["share_id"], share_id=_UUID, tag=tag))
