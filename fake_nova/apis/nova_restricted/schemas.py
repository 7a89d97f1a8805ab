"""The schemas of bodies of requests that the emulator refuses: what Nova complains of first."""

from __future__ import annotations

from typing import Final

from fake_nova.apis.nova_common.validation import WORD
from fake_nova.wire.json_schema import Schema


def body_of(key: str, *required: str, kind: str = "object") -> Schema:
    """Return the schema of a body with one key, whose value has at least the keys *required*."""
    value = {"type": kind, "required": list(required)}
    return {"type": "object", "required": [key], "properties": {key: value}, "additionalProperties": False}


#: The value of one extra spec.
ONE_KEY: Final[Schema] = {"type": "object", "minProperties": 1, "maxProperties": 1}

HOST_CHANGE: Final[Schema] = {
    "type": "object",
    "anyOf": [{"required": ["status"]}, {"required": ["maintenance_mode"]}],
}

#: A service by its host, in the versions in which services have numbers.
SERVICE_CHANGE: Final[Schema] = {"type": "object", "required": ["host", "binary"]}

#: A service by its UUID, in the versions in which services have them.
LATER_SERVICE_CHANGE: Final[Schema] = {
    "type": "object",
    "properties": {
        "status": {"type": "string", "enum": ["enabled", "disabled"]},
        "disabled_reason": {"type": "string", "minLength": 1, "maxLength": 255},
        "forced_down": WORD,
    },
    "additionalProperties": False,
}

#: A pool of floating addresses, or nothing.
POOL: Final[Schema] = {"type": ["object", "null"], "properties": {"pool": {"type": ["string", "null"]}}}
