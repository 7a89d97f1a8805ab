"""The facts of the recorded identity service (Keystone 30.0.0, measured)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

_NAMESPACE: Final = UUID("b1c66f0c-9f5c-5d2e-8f0a-5c2b8f7e6d41")

DOMAIN: Final[Mapping[str, str]] = {"id": "default", "name": "Default"}
REGION: Final = "RegionOne"

#: Role -> the roles that come with it, itself too.
IMPLIED_ROLES: Final[Mapping[str, tuple[str, ...]]] = {
    "admin": ("admin", "manager", "member", "reader"),
    "member": ("member", "reader"),
    "reader": ("reader",),
}


class CatalogEntry(NamedTuple):
    """A service of the catalogue; *path* is behind the address that the client used."""

    type: str
    name: str
    path: str


#: The services that a client finds.
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

#: What ``auth`` must be when a token is asked for. Its form is on the wire: an error shows the part that was
#: not met.
AUTH_SCHEMA: Mapping[str, Any] = {
    **_object(
        identity={
            **_object(
                methods={"type": "array", "items": {"type": "string"}},
                password=_object(
                    user=_object(id=_STRING, name=_STRING, password=_STRING, domain=_DOMAIN_REFERENCE)
                ),
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

#: Objects of ``auth`` that must have an id or a name, where they are there at all: their path, in the order
#: of the real service's checks.
ID_OR_NAME_PATHS: Final = (
    ("identity", "password", "user"),
    ("identity", "password", "user", "domain"),
    ("scope", "project"),
    ("scope", "project", "domain"),
    ("scope", "domain"),
)

#: The methods of authentication that the recorded service has, as it tells those who name another.
AUTH_METHODS: Final = (
    *("external", "password", "token", "oauth1", "mapped"),
    *("application_credential", "ec2credential"),
)

#: What a scope may be; exactly one.
SCOPE_KINDS: Final = ("project", "domain", "unscoped", "system", "OS-TRUST:trust")


def is_true(text: str) -> bool:
    """Whether a text of a query means yes; what is not understood does."""
    return text.strip().lower() not in ("0", "f", "false", "n", "no", "off")


#: Parameter of a list of projects -> whether a project's document is what it asks for. Names are compared
#: without their case where not all of them is.
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
    """What a parameter has to be, and what is said of one that is not."""

    is_valid: Callable[[str], object]
    message: str


#: Parameters of a list of projects that are looked at before the caller's roles.
PROJECT_QUERY_RULES: Final[Mapping[str, QueryRule]] = {
    "name": QueryRule(bool, "should be non-empty"),
    "parent_id": QueryRule(re.compile("[0-9a-f]{32}").fullmatch, "is not a 'uuid'"),
}


def stable_id(*parts: str) -> str:
    """Return a 32-digit id that is the same for the same *parts* every time."""
    return uuid5(_NAMESPACE, "/".join(parts)).hex
