"""Servers, as far as images need them: what they run, and what may be made an image of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from fake_nova.cloud.fields import Document, Exactly, are_texts, is_uuid, mapping, time_field
from fake_nova.images import timestamps

#: What is in another one's metadata when nothing is said.
_NOTHING: Mapping[str, str] = MappingProxyType({})

_NAMESPACE: Final = UUID("5f0d8f54-6d0f-5c38-9d0a-7f2b3c0a51e4")

#: A server's status -> its vm_state in Nova's words.
VM_STATES: Mapping[str, str] = MappingProxyType(
    {
        "ACTIVE": "active",
        "BUILD": "building",
        "ERROR": "error",
        "PAUSED": "paused",
        "SHELVED_OFFLOADED": "shelved_offloaded",
        "SHUTOFF": "stopped",
        "SUSPENDED": "suspended",
    }
)

#: A server's status -> libvirt's number of its power state; one that is missing has none (0).
POWER_STATES: Mapping[str, int] = MappingProxyType({"ACTIVE": 1, "PAUSED": 3, "SHUTOFF": 4, "SUSPENDED": 4})


class Flavor(NamedTuple):
    """How big a server is: MB of RAM, number of CPUs, GB of disk."""

    name: str = "m1.small"
    ram: int = 2048
    vcpus: int = 1
    disk: int = 20

    @property
    def id(self) -> str:
        """An id, the same for the same name every time."""
        return str(uuid5(_NAMESPACE, self.name))


class Server(NamedTuple):
    """One server.

    Attributes:
        id: a UUID.
        owner: the project's id.
        status: a key of `VM_STATES`.
        image: the id of the image that it was made from, or None.
    """

    id: str
    name: str
    owner: str
    created_at: datetime
    updated_at: datetime
    status: str = "ACTIVE"
    image: str | None = None
    flavor: Flavor = Flavor()
    metadata: Mapping[str, str] = _NOTHING
    key_name: str | None = None
    address: str | None = None


class Servers:
    """The servers of one cloud."""

    def __init__(self, servers: Iterable[Server] = ()) -> None:
        self._by_id = {server.id: server for server in servers}

    def add(self, *servers: Server) -> None:
        """Have more servers; one whose id is there takes that one's place."""
        self._by_id = {**self._by_id, **{server.id: server for server in servers}}

    def get(self, server_id: str) -> Server | None:
        """Return a server, or None where there is none."""
        return self._by_id.get(server_id)

    def all(self) -> tuple[Server, ...]:
        """Return every server, newest first."""
        return tuple(
            sorted(self._by_id.values(), key=lambda server: (server.created_at, server.id), reverse=True)
        )


def _text(longest: int) -> Exactly:
    return Exactly((str,), f"text of 1 to {longest} characters", lambda text: 1 <= len(text) <= longest)


def _whole(low: int) -> Exactly:
    return Exactly((int,), f"a whole number from {low}", lambda value: low <= value < 2**31)


class FlavorDocument(Document):
    """A server's ``flavor``."""

    name = _text(255)
    ram = _whole(1)
    vcpus = _whole(1)
    disk = _whole(0)


class ServerDocument(Document):
    """One of ``servers``."""

    id = Exactly((str,), "a UUID in lower case, such as ee10f19c-503c-44af-af2f-73d5e42f7a17", is_uuid)
    name = _text(255)
    owner = _text(255)
    status = Exactly((str,), ", ".join(VM_STATES), lambda word: word in VM_STATES)
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
    made = dict(values)
    if "flavor" in made:
        made["flavor"] = Flavor(**made["flavor"])
    created = made.get("created_at") or min(now, made.get("updated_at", now))
    updated = made.get("updated_at") or max(now, created)
    given = {"id": server_id, "name": f"server-{server_id[:8]}", **made}
    return Server(**{**given, "owner": owner, "created_at": created, "updated_at": updated})


def server_document(server: Server) -> dict[str, Any]:
    """Write a server as the document that it can be loaded from again."""
    flavor = server.flavor
    return {
        "id": server.id,
        "name": server.name,
        "owner": server.owner,
        "status": server.status,
        "image": server.image,
        "flavor": {"name": flavor.name, "ram": flavor.ram, "vcpus": flavor.vcpus, "disk": flavor.disk},
        "metadata": dict(server.metadata),
        "key_name": server.key_name,
        "address": server.address,
        "created_at": timestamps.exact(server.created_at),
        "updated_at": timestamps.exact(server.updated_at),
    }
