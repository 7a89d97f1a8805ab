"""The availability zone and the host that a request chooses for a server (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.cloud.zones import INTERNAL_ZONE_NAME, available_zones, hosts_in, zone_name_of
from fake_nova.wire.context import Context


class Destination(NamedTuple):
    """Where a new server runs.

    Attributes:
        zone: the name of the zone that the request chooses, or None.
        host: the name of the host that it chooses, or None.
    """

    zone: str | None
    host: str | None


def check_zone(context: Context, zone: str) -> None:
    """Check that new servers may run in a zone, and in the zone of the service itself, as Nova believes.

    Raises:
        NovaError: 400.
    """
    names = [each.name for each in available_zones(context.cloud.zones)]
    if zone not in (*names, INTERNAL_ZONE_NAME):
        raise NovaError(400, "The requested availability zone is not available")


def read_destination(context: Context, params: Mapping[str, Any]) -> Destination:
    """Return zone and host of a request. An admin may name a host behind the zone: ``nova:compute1``.

    Nova ignores a zone in which that host is not.

    Raises:
        NovaError: 400 or 403.
    """
    zone, colon, rest = (params.get("availability_zone") or "").partition(":")
    if rest.count(":") > 1:
        raise NovaError(400, "Invalid input received: Unable to parse availability_zone")
    if colon and rest and not context.caller.is_admin:
        raise forbidden_error("servers:create:forced_host")
    host = rest.partition(":")[0]
    hosts = tuple(hosts_in(context.cloud.zones))
    if host:
        is_in_zone = zone == zone_name_of(host, context.cloud.zones)
        return Destination(zone if is_in_zone else None, host if host in hosts else None)
    if zone:
        check_zone(context, zone)
    chosen_host = params.get("host")
    if not context.caller.is_admin or not chosen_host:
        return Destination(zone or None, None)
    if chosen_host not in hosts:
        raise NovaError(400, f"Compute host {chosen_host} could not be found.")
    return Destination(zone or None, chosen_host)
