"""Documents of servers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_nova.cloud.servers import VM_STATES, Flavor, Server
from fake_nova.documents.fields import (
    Document,
    Exactly,
    are_texts,
    is_uuid,
    mapping,
    number,
    text_field,
    time_field,
    uuid_field,
    word,
)
from fake_nova.documents.image import made_times
from fake_nova.images import timestamps


class FlavorDocument(Document):
    """A server's ``flavor``."""

    name = text_field(255, 1)
    ram = number(1, 2**31 - 1)
    vcpus = number(1, 2**31 - 1)
    disk = number(0, 2**31 - 1)


class ServerDocument(Document):
    """One of ``servers``."""

    id = uuid_field()
    name = text_field(255, 1)
    owner = text_field(255, 1)
    status = word(VM_STATES)
    image = Exactly(
        (str, type(None)), "the id of an image or null", lambda value: value is None or is_uuid(value)
    )
    flavor = mapping(FlavorDocument)
    metadata = Exactly((dict,), "a mapping of texts", are_texts)
    key_name = Exactly((str, type(None)), "text or null")
    address = Exactly((str, type(None)), "an address or null")
    created_at = time_field()
    updated_at = time_field()


def made_server(values: Mapping[str, Any], *, server_id: str, owner: str, now: datetime) -> Server:
    """Make a server of a loaded document; *server_id*, *owner* and *now* are for what it leaves out."""
    made = {"id": server_id, "name": f"server-{server_id[:8]}", **values}
    if "flavor" in made:
        made["flavor"] = Flavor(**made["flavor"])
    created, updated = made_times(values, now)
    return Server(**{**made, "owner": owner, "created_at": created, "updated_at": updated})


def server_document(server: Server) -> dict[str, Any]:
    """Write a server as the document that it can be loaded from again."""
    return {
        **server._asdict(),
        "flavor": server.flavor._asdict(),
        "metadata": dict(server.metadata),
        "created_at": timestamps.exact(server.created_at),
        "updated_at": timestamps.exact(server.updated_at),
    }
