"""Servers, from which images can be created."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple
from uuid import UUID

from fake_nova.cloud import server_states
from fake_nova.cloud.flavors import DEFAULT_FLAVOR, Flavor

_NO_TEXTS: Final[Mapping[str, str]] = MappingProxyType({})
_NO_HINTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
_NO_ADDRESSES: Final[Mapping[str, tuple[Address, ...]]] = MappingProxyType({})

#: The vm_states in which a server has no host yet, or no longer.
VM_STATES_WITHOUT_HOST: Final = (server_states.VM_BUILDING, server_states.VM_SHELVED_OFFLOADED)

#: The host of a server that names none.
DEFAULT_HOST: Final = "compute1"


#: The network of an address whose network nobody names.
DEFAULT_NETWORK: Final = "private"


class Address(NamedTuple):
    """An address of a server in a network.

    Attributes:
        address: the IP address.
        mac: the MAC address of its port.
        is_floating: whether it is a floating address instead of a fixed one.
    """

    address: str
    mac: str = "fa:16:3e:00:00:01"
    is_floating: bool = False

    @property
    def version(self) -> int:
        """The version of IP: 4 or 6."""
        return 6 if ":" in self.address else 4


class Volume(NamedTuple):
    """A volume that is attached to a server.

    Attributes:
        id: its id in the volume service.
        delete_on_termination: whether it is deleted with the server.
    """

    id: str
    delete_on_termination: bool = False


class ServerFault(NamedTuple):
    """The reason why a server is in status ERROR.

    Attributes:
        message: the message.
        code: an HTTP status.
        created_at: aware, in UTC; None for the time of the server's last update.
        details: a traceback, which only an admin sees.
    """

    message: str
    code: int = 500
    created_at: datetime | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Server:
    """One immutable version of a server. A version equals only itself, so that its rendering can be cached.

    Attributes:
        id: a UUID.
        name: the display name, which other servers may share.
        owner: the id of the project.
        user_id: the id of the user who created it, or "".
        created_at: aware, in UTC.
        updated_at: aware, in UTC.
        launched_at: when it last booted on a new disk or host, as by a rebuild; or None.
        terminated_at: when it was deleted, or None.
        is_deleted: whether it is deleted: only lists of changes show it.
        vm_state: see `fake_nova.cloud.server_states`.
        task_state: what is done with it, or None.
        power_state: libvirt's number.
        image: the id of the image that it was created from; None if a volume holds its disk.
        image_properties: the properties of that image when the server was created; None for those it has now.
        flavor: its size.
        old_flavor: its size before an unconfirmed resize, or None.
        new_flavor: its size after an unfinished resize, or None.
        boot_disk: the disk in GB of the flavor that it was created or rebuilt with; None for the present one.
        shelved_image: the id of the image that it was shelved in, or None.
        metadata: key -> value.
        tags: words that clients gave it.
        description: a description, or None.
        key_name: the name of its key pair, or None.
        locked_by: ``owner``, ``admin`` or None.
        locked_reason: why it is locked, or None.
        addresses: name of a network -> the addresses.
        security_groups: the names of its security groups; () for a server without ports.
        volumes: the attached volumes.
        fault: why its status is ERROR, or None.
        host: the host that it runs on, or None.
        availability_zone: the zone of the host; without a host, that of the request, or "".
        pinned_zone: the zone that a client chose, which the server may not leave, or None.
        requested_host: the host that an admin chose, or None.
        disk_config: ``MANUAL`` or ``AUTO``; None for what the image decides.
        config_drive: ``True`` or "".
        user_data: base64 for the server, or None.
        hostname: its host name; "" for one from its name.
        reservation_id: an id that the servers of one request share; "" for one from its id.
        launch_index: its number among the servers of one request, from 0.
        instance_name: its name on its host; "" for one from its id.
        root_device_name: the name of the device with its root disk, or None.
        kernel_id: the id of its kernel; None for that of its image.
        ramdisk_id: the id of its RAM disk; None for that of its image.
        trusted_image_certificates: the ids of certificates that its image may be signed with, or None.
        scheduler_hints: hint -> its values.
        access_ip_v4: an address that the client gave, or "".
        access_ip_v6: an address that the client gave, or "".
    """

    id: str
    name: str
    owner: str
    user_id: str = ""
    created_at: datetime
    updated_at: datetime
    launched_at: datetime | None = None
    terminated_at: datetime | None = None
    is_deleted: bool = False
    vm_state: str = server_states.VM_ACTIVE
    task_state: str | None = None
    power_state: int = 1
    image: str | None = None
    image_properties: Mapping[str, str] | None = None
    flavor: Flavor = DEFAULT_FLAVOR
    old_flavor: Flavor | None = None
    new_flavor: Flavor | None = None
    boot_disk: int | None = None
    shelved_image: str | None = None
    metadata: Mapping[str, str] = field(default_factory=lambda: _NO_TEXTS)
    tags: tuple[str, ...] = ()
    description: str | None = None
    key_name: str | None = None
    locked_by: str | None = None
    locked_reason: str | None = None
    addresses: Mapping[str, tuple[Address, ...]] = field(default_factory=lambda: _NO_ADDRESSES)
    security_groups: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    fault: ServerFault | None = None
    host: str | None = DEFAULT_HOST
    availability_zone: str = "nova"
    pinned_zone: str | None = None
    requested_host: str | None = None
    disk_config: str | None = None
    config_drive: str = ""
    user_data: str | None = None
    hostname: str = ""
    reservation_id: str = ""
    launch_index: int = 0
    instance_name: str = ""
    root_device_name: str | None = "/dev/sda"
    kernel_id: str | None = None
    ramdisk_id: str | None = None
    trusted_image_certificates: tuple[str, ...] | None = None
    scheduler_hints: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NO_HINTS)
    access_ip_v4: str = ""
    access_ip_v6: str = ""

    @property
    def status(self) -> str:
        """The status that clients see."""
        return server_states.status_of(self.vm_state, self.task_state)

    @property
    def min_disk(self) -> int:
        """The GB of disk that a new flavor, or a server of an image of this one, needs."""
        return self.flavor.disk if self.boot_disk is None else self.boot_disk

    @property
    def is_listed(self) -> bool:
        """Whether a plain list shows it."""
        return not self.is_deleted and self.vm_state != server_states.VM_SOFT_DELETED

    @property
    def has_ports(self) -> bool:
        """Whether it has its ports already: a new server gets them with its host."""
        return self.host is not None or self.vm_state != server_states.VM_BUILDING

    @property
    def shown_addresses(self) -> Mapping[str, tuple[Address, ...]]:
        """The addresses that clients see."""
        return self.addresses if self.has_ports else _NO_ADDRESSES

    @property
    def fixed_addresses(self) -> tuple[str, ...]:
        """The addresses that clients see and that are not floating."""
        addresses = chain.from_iterable(self.shown_addresses.values())
        return tuple(address.address for address in addresses if not address.is_floating)

    def replace(self, **changes: object) -> Server:
        """Return a new version of this server with *changes* to its fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]  # the fields' own types


def address_of(server_id: str) -> Address:
    """Return the fixed address of a new server, which follows from its id."""
    numbers = UUID(server_id).bytes
    host_number = 1 + numbers[2] % 254  # neither the address of the network nor that for all hosts
    return Address(f"10.{numbers[0]}.{numbers[1]}.{host_number}", f"fa:16:3e:{numbers[:3].hex(':')}")


def hints_of(hints: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    """Return scheduler hints, whose values are texts or lists of texts, with a list of values for each."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in hints.items()}
    return {name: tuple(map(str, values)) for name, values in lists.items()}
