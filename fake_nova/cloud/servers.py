"""Servers, as far as images need them: what they run, and what may be made an image of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID, uuid5

#: What is in another one's metadata when nothing is said.
_NO_METADATA: Mapping[str, str] = MappingProxyType({})

_NAMESPACE: Final = UUID("5f0d8f54-6d0f-5c38-9d0a-7f2b3c0a51e4")

#: A server's status -> its vm_state in Nova's words.
VM_STATES: Final[Mapping[str, str]] = {
    "ACTIVE": "active",
    "BUILD": "building",
    "ERROR": "error",
    "PAUSED": "paused",
    "SHELVED_OFFLOADED": "shelved_offloaded",
    "SHUTOFF": "stopped",
    "SUSPENDED": "suspended",
}

#: A server's status -> libvirt's number of its power state; one that is missing has none (0).
POWER_STATES: Final[Mapping[str, int]] = {"ACTIVE": 1, "PAUSED": 3, "SHUTOFF": 4, "SUSPENDED": 4}


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
    metadata: Mapping[str, str] = _NO_METADATA
    key_name: str | None = None
    address: str | None = None


def newest_first(servers: Mapping[str, Server]) -> list[Server]:
    """Return servers, which are given by id, in the order of a list."""
    return sorted(servers.values(), key=attrgetter("created_at", "id"), reverse=True)
