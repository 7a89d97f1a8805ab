"""The rules of the identity service (Keystone 30.0.0, measured)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.wire.cors import CorsDefaults

_NAMESPACE: Final = UUID("b1c66f0c-9f5c-5d2e-8f0a-5c2b8f7e6d41")

DOMAIN: Final[Mapping[str, str]] = {"id": "default", "name": "Default"}
REGION: Final = "RegionOne"

#: Role -> itself and the roles that it implies.
IMPLIED_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "admin": ("admin", "manager", "member", "reader"),
    "member": ("member", "reader"),
    "reader": ("reader",),
}


#: Keystone's defaults for CORS (keystone.conf in Keystone 30.0.0).
CORS_DEFAULTS: Final = CorsDefaults(
    allow_headers=(
        "X-Auth-Token",
        "X-Openstack-Request-Id",
        "X-Subject-Token",
        "X-Project-Id",
        "X-Project-Name",
        "X-Project-Domain-Id",
        "X-Project-Domain-Name",
        "X-Domain-Id",
        "X-Domain-Name",
        "Openstack-Auth-Receipt",
    ),
    expose_headers=("X-Auth-Token", "X-Openstack-Request-Id", "X-Subject-Token", "Openstack-Auth-Receipt"),
)


class CatalogEntry(NamedTuple):
    """A service in the catalog. Its URL is the address that the client used, followed by *path*."""

    type: str
    name: str
    path: str


#: The service catalog.
CATALOG: Final = (
    CatalogEntry("image", "glance", "/image"),
    CatalogEntry("identity", "keystone", "/identity/v3/"),
    CatalogEntry("compute", "nova", "/v2.1"),
)
INTERFACES: Final = ("admin", "internal", "public")

_STRING: Final = {"type": "string"}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


_DOMAIN_REFERENCE: Final = _object(id=_STRING, name=_STRING)
_USER: Final = _object(id=_STRING, name=_STRING, password=_STRING, domain=_DOMAIN_REFERENCE)

#: The schema of ``auth`` in a login. Keystone's error messages print the violated part of it, so its layout
#: matters.
AUTH_SCHEMA: Mapping[str, Any] = {
    **_object(
        identity={
            **_object(
                methods={"type": "array", "items": {"type": "string"}},
                password=_object(user=_USER),
                token={**_object(id=_STRING), "required": ["id"]},
            ),
            "required": ["methods"],
        },
        scope={
            "type": ["object", "string"],
            "properties": {
                "project": _object(name=_STRING, id=_STRING, domain=_DOMAIN_REFERENCE),
                "domain": _DOMAIN_REFERENCE,
                "OS-TRUST:trust": _object(id=_STRING),
                "system": _object(all={"type": "boolean", "enum": [True, False, None]}),
            },
        },
    ),
    "required": ["identity"],
}

#: The paths of objects in ``auth`` that need an id or a name if they exist, in the order of the real
#: service's checks.
ID_OR_NAME_PATHS: Final = (
    ("identity", "password", "user"),
    ("identity", "password", "user", "domain"),
    ("scope", "project"),
    ("scope", "project", "domain"),
    ("scope", "domain"),
)

#: The authentication methods of the recorded service, as its error for an unsupported method lists them.
AUTH_METHODS: Final = (
    *("external", "password", "token", "oauth1", "mapped"),
    *("application_credential", "ec2credential"),
)

#: The kinds of scope; a login may have one of them.
SCOPE_KINDS: Final = ("project", "domain", "unscoped", "system", "OS-TRUST:trust")


def is_true(text: str) -> bool:
    """Return whether the value of a query parameter means true; an unknown value does."""
    return text.strip().lower() not in ("0", "f", "false", "n", "no", "off")


#: Query parameter of a list of projects -> whether a project matches its value. Comparisons with a part of a
#: name ignore case.
PROJECT_FILTERS: Final[Mapping[str, Callable[[Mapping[str, Any], str], bool]]] = {
    "name": lambda project, text: bool(project["name"] == text),
    "name__contains": lambda project, text: text.lower() in project["name"].lower(),
    "name__startswith": lambda project, text: project["name"].lower().startswith(text.lower()),
    "name__endswith": lambda project, text: project["name"].lower().endswith(text.lower()),
    "domain_id": lambda project, text: bool(project["domain_id"] == text),
    "parent_id": lambda project, text: bool(project["parent_id"] == text),
    "enabled": lambda project, text: bool(project["enabled"] is is_true(text)),
    "tags": lambda project, text: set(text.split(",")) <= set(project["tags"]),
}


class QueryRule(NamedTuple):
    """A test of a query parameter's value, and the message if it fails."""

    is_valid: Callable[[str], object]
    message: str


#: Query parameter of a list of projects -> its rule, checked before the caller's roles.
PROJECT_QUERY_RULES: Final[Mapping[str, QueryRule]] = {
    "name": QueryRule(bool, "should be non-empty"),
    "parent_id": QueryRule(re.compile("[0-9a-f]{32}").fullmatch, "is not a 'uuid'"),
}


def stable_id(*parts: str) -> str:
    """Return an id of 32 hexadecimal digits; the same *parts* always give the same id."""
    return uuid5(_NAMESPACE, "/".join(parts)).hex
