"""The facts of the recorded identity service (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("b1c66f0c-9f5c-5d2e-8f0a-5c2b8f7e6d41")

DOMAIN: Final = MappingProxyType({"id": "default", "name": "Default"})
REGION: Final = "RegionOne"

#: Role -> the roles that come with it, itself too.
IMPLIED_ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "admin": ("admin", "manager", "member", "reader"),
        "member": ("member", "reader"),
        "reader": ("reader",),
    }
)


class CatalogueEntry(NamedTuple):
    """A service of the catalogue; *path* is behind the address that the client used."""

    type: str
    name: str
    path: str


#: The services that a client finds.
CATALOGUE: Final = (
    CatalogueEntry("image", "glance", "/image"),
    CatalogueEntry("identity", "keystone", "/identity/v3/"),
    CatalogueEntry("compute", "nova", "/v2.1"),
)
INTERFACES: Final = ("admin", "internal", "public")

_TEXT: Final = {"type": "string"}
_NAMED: Final = {"type": "object", "properties": {"id": _TEXT, "name": _TEXT}}

#: What ``auth`` must be when a token is asked for. Its form is on the wire: an error shows the part that was
#: not met.
AUTH_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "identity": {
            "type": "object",
            "properties": {
                "methods": {"type": "array", "items": {"type": "string"}},
                "password": {
                    "type": "object",
                    "properties": {
                        "user": {
                            "type": "object",
                            "properties": {"id": _TEXT, "name": _TEXT, "password": _TEXT, "domain": _NAMED},
                        }
                    },
                },
                "token": {"type": "object", "properties": {"id": _TEXT}, "required": ["id"]},
            },
            "required": ["methods"],
        },
        "scope": {
            "type": ["object", "string"],
            "properties": {
                "project": {
                    "type": "object",
                    "properties": {
                        "name": _TEXT,
                        "id": _TEXT,
                        "domain": _NAMED,
                    },
                },
                "domain": _NAMED,
                "OS-TRUST:trust": {"type": "object", "properties": {"id": _TEXT}},
                "system": {
                    "type": "object",
                    "properties": {"all": {"type": "boolean", "enum": [True, False, None]}},
                },
            },
        },
    },
    "required": ["identity"],
}

#: Objects of ``auth`` that must have an id or a name, where they are there at all: their path, in the order
#: of the real service's checks.
ID_OR_NAME: Final = (
    ("identity", "password", "user"),
    ("identity", "password", "user", "domain"),
    ("scope", "project"),
    ("scope", "project", "domain"),
    ("scope", "domain"),
)

#: What a scope may be; exactly one.
SCOPES: Final = ("project", "domain", "unscoped", "system", "OS-TRUST:trust")


def made_id(*parts: str) -> str:
    """Return a 32-digit id that is the same for the same *parts* every time."""
    return uuid5(_NAMESPACE, "/".join(parts)).hex
