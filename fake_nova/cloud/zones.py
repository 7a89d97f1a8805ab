"""Availability zones, which group the hosts that servers run on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from fake_nova.cloud.servers import DEFAULT_HOST, Server

#: The zone of hosts that no zone names (Nova's setting ``default_availability_zone``).
DEFAULT_ZONE_NAME: Final = "nova"

#: The zone of the service itself, in which no server runs, although a request may name it.
INTERNAL_ZONE_NAME: Final = "internal"


class Zone(NamedTuple):
    """An availability zone.

    Attributes:
        name: its name.
        hosts: the names of its hosts.
        is_available: whether new servers may run there.
    """

    name: str
    hosts: tuple[str, ...] = (DEFAULT_HOST,)
    is_available: bool = True


#: The zones of a cloud whose fixtures have none.
BUILT_IN_ZONES: Final = (Zone(DEFAULT_ZONE_NAME),)


def available_zones(zones: Iterable[Zone]) -> list[Zone]:
    """Return the zones in which new servers may run."""
    return [zone for zone in zones if zone.is_available]


def hosts_in(zones: Iterable[Zone]) -> Iterator[str]:
    """Yield the hosts of zones."""
    for zone in zones:
        yield from zone.hosts


def zone_name_of(host: str, zones: Iterable[Zone]) -> str:
    """Return the name of the zone of a host."""
    names = (zone.name for zone in zones if host in zone.hosts)
    return next(names, DEFAULT_ZONE_NAME)


def host_for(zone_name: str | None, zones: Sequence[Zone]) -> str:
    """Return a host of the zone with a name; without such a zone, one of the first available zone.

    If no zone is available, it is one of the first zone.
    """
    named_zones = (zone for zone in zones if zone.name == zone_name)
    zone = next(named_zones, None) or next(iter(available_zones(zones)), zones[0])
    return zone.hosts[0]


def with_host(server: Server, zones: Sequence[Zone]) -> Server:
    """Return a server on the host that its request names, or else on one of its zone."""
    host = server.requested_host or host_for(server.pinned_zone, zones)
    return server.replace(host=host, availability_zone=zone_name_of(host, zones))
