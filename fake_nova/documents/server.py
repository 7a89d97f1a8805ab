"""Schemas and serialization of servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_nova.cloud.servers import VM_STATES, Flavor, Server
from fake_nova.documents.fields import (
    TEXTS_KEYWORDS,
    StrictField,
    enum_field,
    integer_field,
    is_string_mapping,
    nested_field,
    text_field,
    time_field,
    uuid_field,
)
from fake_nova.documents.image import creation_and_update_time
from fake_nova.documents.schema import StrictSchema
from fake_nova.images import timestamps


class FlavorSchema(StrictSchema):
    """The schema of a server's ``flavor``."""

    name = text_field(255, 1)
    ram = integer_field(1, 2**31 - 1)
    vcpus = integer_field(1, 2**31 - 1)
    disk = integer_field(0, 2**31 - 1)


class ServerSchema(StrictSchema):
    """The schema of an entry of ``servers``."""

    id = uuid_field()
    name = text_field(255, 1)
    owner = text_field(255, 1)
    status = enum_field(VM_STATES)
    image = uuid_field("the id of an image", null=True)
    flavor = nested_field(FlavorSchema)
    metadata = StrictField((dict,), "a mapping of texts", is_string_mapping, keywords=TEXTS_KEYWORDS)
    key_name = StrictField((str,), "text", null=True)
    address = StrictField((str,), "an address", null=True)
    created_at = time_field()
    updated_at = time_field()


def build_server(values: Mapping[str, Any], *, server_id: str, owner: str, now: datetime) -> Server:
    """Create a server from a loaded document.

    Args:
        values: the loaded document.
        server_id: the server's id; it is also part of the default name.
        owner: the project id of the owner.
        now: the creation and update time if the document has none.
    """
    fields = {"id": server_id, "name": f"server-{server_id[:8]}", **values}
    if "flavor" in fields:
        fields["flavor"] = Flavor(**fields["flavor"])
    return Server(**{**fields, "owner": owner, **creation_and_update_time(values, now)})


def serialize_server(server: Server) -> dict[str, Any]:
    """Return the document of *server*, from which the same server can be loaded again."""
    return {
        **server._asdict(),
        "flavor": server.flavor._asdict(),
        "metadata": dict(server.metadata),
        "created_at": timestamps.isoformat_exact(server.created_at),
        "updated_at": timestamps.isoformat_exact(server.updated_at),
    }
