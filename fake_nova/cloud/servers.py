"""Servers, as far as images need them: their image, and the data for an image created from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID, uuid5

#: The default metadata: empty.
_NO_METADATA: Mapping[str, str] = MappingProxyType({})

_NAMESPACE: Final = UUID("5f0d8f54-6d0f-5c38-9d0a-7f2b3c0a51e4")

#: Status of a server -> its vm_state in Nova.
VM_STATES: Final[Mapping[str, str]] = {
    "ACTIVE": "active",
    "BUILD": "building",
    "ERROR": "error",
    "PAUSED": "paused",
    "SHELVED_OFFLOADED": "shelved_offloaded",
    "SHUTOFF": "stopped",
    "SUSPENDED": "suspended",
}

#: Status of a server -> libvirt's number of the power state. Any other status has 0, for no state.
POWER_STATES: Final[Mapping[str, int]] = {"ACTIVE": 1, "PAUSED": 3, "SHUTOFF": 4, "SUSPENDED": 4}


class Flavor(NamedTuple):
    """The size of a server.

    Attributes:
        name: the name, such as ``m1.small``.
        ram: the memory in MB.
        vcpus: the number of CPUs.
        disk: the size of the disk in GB.
    """

    name: str = "m1.small"
    ram: int = 2048
    vcpus: int = 1
    disk: int = 20

    @property
    def id(self) -> str:
        """A UUID; a name always gives the same id."""
        return str(uuid5(_NAMESPACE, self.name))


class Server(NamedTuple):
    """A server, from which images can be created.

    Attributes:
        id: a UUID.
        name: the display name, which other servers may share.
        owner: the id of the project.
        created_at: aware, in UTC.
        updated_at: aware, in UTC.
        status: a key of `VM_STATES`.
        image: the id of the image that it was created from, or None.
        flavor: its size.
        metadata: key -> value.
        key_name: the name of its key pair, or None.
        address: its IP address, or None.
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
    """Return the servers of *servers* (id -> server), newest first, as lists show them."""
    return sorted(servers.values(), key=attrgetter("created_at", "id"), reverse=True)
