"""Schemas and serialization of flavors, key pairs and quotas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from marshmallow import ValidationError, fields

from fake_nova.cloud.compute import Quotas
from fake_nova.cloud.flavors import DEFAULT_FLAVOR, Flavor, id_of_name
from fake_nova.cloud.keypairs import X509, KeyPair, has_fingerprint
from fake_nova.documents.fields import (
    MAPPING_EXPECTED,
    TEXTS_KEYWORDS,
    StrictField,
    StrictList,
    boolean_field,
    enum_field,
    integer_field,
    is_string_mapping,
    text_field,
    time_field,
)
from fake_nova.documents.schema import StrictSchema
from fake_nova.images import timestamps
from fake_nova.support.messages import quote_json

_MAX_INTEGER: Final = 2**31 - 1


class FlavorSchema(StrictSchema):
    """The schema of an entry of ``flavors``, and of a server's ``flavor``."""

    id = text_field(255, 1)
    name = text_field(255, 1)
    ram = integer_field(1, _MAX_INTEGER)
    vcpus = integer_field(1, _MAX_INTEGER)
    disk = integer_field(0, _MAX_INTEGER)
    ephemeral = integer_field(0, _MAX_INTEGER)
    swap = integer_field(0, _MAX_INTEGER)
    rxtx_factor = StrictField(
        (int, float),
        "a number above 0 and below 10**30",
        lambda number: 0 < number < 10**30,
        convert=float,
        keywords={"exclusiveMinimum": 0, "exclusiveMaximum": 10**30},
    )
    is_public = boolean_field()
    description = text_field(65_535, null=True)
    extra_specs = StrictField((dict,), "a mapping of texts", is_string_mapping, keywords=TEXTS_KEYWORDS)
    access = StrictList(text_field(255, 1), "ids or names of projects", unique_by=str)


class FlavorReferenceField(fields.Nested):
    """The field of a server's flavor: the id or name of a flavor, or a flavor of its own."""

    def __init__(self) -> None:
        super().__init__(FlavorSchema, exclude=("access",), error_messages={"null": MAPPING_EXPECTED})

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        if isinstance(value, str):
            return value
        if not isinstance(value, dict):
            raise ValidationError(
                f"invalid value (got {quote_json(value)}); expected the id or name of a flavor, or a mapping"
            )
        return super()._deserialize(value, *args, **options)


class KeyPairSchema(StrictSchema):
    """The schema of an entry of ``keypairs``."""

    name = text_field(255, 1, required=True)
    user = text_field(255, 1)
    public_key = text_field(16_384, 1)
    type = enum_field(("ssh", "x509"))
    fingerprint = text_field(255, 1)
    created_at = time_field()


class QuotasSchema(StrictSchema):
    """The schema of an entry of ``quotas``: the limits of a project; -1 is no limit."""

    project = text_field(64, 1, required=True)
    instances = integer_field(-1, _MAX_INTEGER)
    cores = integer_field(-1, _MAX_INTEGER)
    ram = integer_field(-1, _MAX_INTEGER)
    metadata_items = integer_field(-1, _MAX_INTEGER)
    injected_files = integer_field(-1, _MAX_INTEGER)
    injected_file_content_bytes = integer_field(-1, _MAX_INTEGER)
    injected_file_path_bytes = integer_field(-1, _MAX_INTEGER)
    key_pairs = integer_field(-1, _MAX_INTEGER)
    server_groups = integer_field(-1, _MAX_INTEGER)
    server_group_members = integer_field(-1, _MAX_INTEGER)


def build_flavor(values: Mapping[str, Any]) -> Flavor:
    """Create a flavor from a loaded document; without an id, the name determines it.

    Args:
        values: the document, with ids of projects in ``access``.
    """
    name = values.get("name") or DEFAULT_FLAVOR.name
    return Flavor(**{"id": id_of_name(name), **flavor_fields(values), "name": name})


def flavor_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded document to fields of `Flavor`."""
    return {**values, "access": tuple(values["access"])} if "access" in values else dict(values)


def serialize_flavor(flavor: Flavor) -> dict[str, Any]:
    """Return the document of *flavor*."""
    return {**flavor._asdict(), "extra_specs": dict(flavor.extra_specs), "access": list(flavor.access)}


def serialize_flavor_of_server(flavor: Flavor) -> dict[str, Any]:
    """Return the document of the flavor of a server."""
    document = serialize_flavor(flavor)
    del document["access"]
    return document


#: The type of a key pair -> what its public key is.
_PUBLIC_KEYS: Final = {"ssh": "a public key in the format of OpenSSH", X509: "a certificate in PEM"}


def public_key_problem(keypair: KeyPair) -> str | None:
    """Return what is wrong with the public key of a key pair that has no fingerprint; None if it has one."""
    if has_fingerprint(keypair):
        return None
    problem = f"not {_PUBLIC_KEYS[keypair.type]} (got {quote_json(keypair.public_key)})"
    return f"{problem}; expected one, or its fingerprint beside it"


def build_keypair(values: Mapping[str, Any], user_id: str, now: datetime) -> KeyPair:
    """Create a key pair from a loaded document; without a public key, the names determine one."""
    name = values["name"]
    return KeyPair(
        user_id=user_id,
        name=name,
        public_key=values.get("public_key") or public_key_for(user_id, name),
        created_at=values.get("created_at", now),
        type=values.get("type", "ssh"),
        own_fingerprint=values.get("fingerprint", ""),
    )


def keypair_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded document with changes to fields of `KeyPair`.

    A new public key has its own fingerprint, unless the document names another.
    """
    fields = {name: value for name, value in values.items() if name != "fingerprint"}
    if values.keys() & {"public_key", "fingerprint"}:
        fields["own_fingerprint"] = values.get("fingerprint", "")
    return fields


def public_key_for(*names: str) -> str:
    """Return a public key in the format of OpenSSH; the same *names* always give the same one."""
    kind = b"ssh-ed25519"
    parts = (kind, sha256("/".join(names).encode()).digest())
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{kind.decode()} {b64encode(blob).decode()} fake_nova"


def serialize_keypair(keypair: KeyPair, user: str) -> dict[str, Any]:
    """Return the document of *keypair*, whose user has the name or id *user*."""
    document = {
        "name": keypair.name,
        "user": user,
        "public_key": keypair.public_key,
        "type": keypair.type,
        "created_at": timestamps.isoformat_exact(keypair.created_at),
    }
    return {**document, "fingerprint": keypair.own_fingerprint} if keypair.own_fingerprint else document


def serialize_quotas(project_id: str, quotas: Quotas) -> dict[str, Any]:
    """Return the document of a project's quotas."""
    limits = {name: limit for name, limit in quotas._asdict().items() if limit is not None}
    return {"project": project_id, **limits}
