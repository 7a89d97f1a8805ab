"""The rules of the identity service (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from fake_nova.support.endpoints import ADDED_PATHS
from fake_nova.wire.cors import CorsDefaults

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
    """A service in the catalog. Its URL is the address that the client used, followed by *path*.

    A setting may replace or extend the path: `service_catalog`.
    """

    type: str
    name: str
    path: str


#: The services of every cloud.
CATALOG: Final = (
    CatalogEntry("image", "glance", "/image"),
    CatalogEntry("identity", "keystone", "/identity/v3/"),
    CatalogEntry("compute", "nova", "/v2.1"),
)

#: Type -> a service that the setting ``catalog`` adds.
ADDED_ENTRIES: Final = {
    entry.type: entry
    for entry in (
        CatalogEntry("network", "neutron", ADDED_PATHS["network"]),
        CatalogEntry("volumev3", "cinderv3", f"{ADDED_PATHS['volumev3']}/v3/%(project_id)s"),
        CatalogEntry("object-store", "swift", f"{ADDED_PATHS['object-store']}/v1/AUTH_%(project_id)s"),
        CatalogEntry("placement", "placement", ADDED_PATHS["placement"]),
    )
}
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
