"""Where a request wants new servers: availability zone, host and networks (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import forbidden_error
from fake_nova.cloud.servers import DEFAULT_NETWORK, Address, address_of
from fake_nova.cloud.zones import INTERNAL_ZONE_NAME, available_zones, hosts_in, zone_name_of
from fake_nova.wire.context import Context

_TWO_MECHANISMS: Final = (
    "One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are "
    "mutually exclusive."
)


class RequestedZone(NamedTuple):
    """The availability zone of a request.

    Attributes:
        name: its name, or "".
        host: the name of the host after the first colon, which may be ""; None without a colon.
        node: the name of the hypervisor after the second colon, or "".
    """

    name: str
    host: str | None
    node: str


class Destination(NamedTuple):
    """Where new servers run.

    Attributes:
        zone: the name of the zone that the request chooses, or None.
        host: the name of the host that it chooses, or None.
    """

    zone: str | None
    host: str | None


def parse_zone(params: Mapping[str, Any]) -> RequestedZone:
    """Return the availability zone, behind which an admin may name a host and a node: ``nova:compute1``.

    Raises:
        NovaError: 400 for too many colons.
    """
    name, *places = (params.get("availability_zone") or "").split(":")
    if len(places) > 2:
        raise NovaError(400, "Invalid input received: Unable to parse availability_zone")
    host, node = (*places, "", "")[:2]
    has_host = bool(places) and not (node and not host)
    return RequestedZone(name, host if has_host else None, node)


def check_policies(context: Context, params: Mapping[str, Any], zone: RequestedZone) -> None:
    """Check that the caller may choose a host, in one of the two ways.

    Raises:
        NovaError: 403 for all but admins; 400 for both ways at once.
    """
    is_forced = bool(zone.host or zone.node)
    if is_forced and not context.caller.is_admin:
        raise forbidden_error("servers:create:forced_host")
    if params.get("host") or params.get("hypervisor_hostname"):
        if not context.caller.is_admin:
            rule = "compute:servers:create:requested_destination"
            raise NovaError(403, f"Policy doesn't allow {rule} to be performed.")
        if is_forced:
            raise NovaError(400, _TWO_MECHANISMS)


def check_zone(context: Context, name: str) -> None:
    """Check that new servers may run in a zone, or in the zone of the service itself, as Nova believes.

    Raises:
        NovaError: 400.
    """
    names = [each.name for each in available_zones(context.cloud.zones)]
    if name not in (*names, INTERNAL_ZONE_NAME):
        raise NovaError(400, "The requested availability zone is not available")


def check_host(context: Context, params: Mapping[str, Any]) -> None:
    """Check that the host and the node of a request exist.

    Raises:
        NovaError: 400.
    """
    hosts = tuple(hosts_in(context.cloud.zones))
    names = [name for name in (params.get("host"), params.get("hypervisor_hostname")) if name]
    if any(name not in hosts for name in names):
        raise NovaError(400, f"Compute host {names[0]} could not be found.")


def destination_of(context: Context, params: Mapping[str, Any]) -> Destination:
    """Return the zone and the host of a checked request. Nova ignores a zone in which its host is not."""
    zone = parse_zone(params)
    if not zone.host:
        return Destination(zone.name or None, params.get("host"))
    is_in_zone = zone.name == zone_name_of(zone.host, context.cloud.zones)
    is_host = zone.host in hosts_in(context.cloud.zones)
    return Destination(zone.name if is_in_zone else None, zone.host if is_host else None)


def _networks(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the networks that a request lists; none for the words ``none`` and ``auto``."""
    networks = params.get("networks")
    return networks if isinstance(networks, list) else []


def _check_network_id(network: Mapping[str, Any]) -> None:
    if "uuid" not in network:
        raise NovaError(400, "Bad network format: missing 'uuid'")
    try:
        UUID(network["uuid"])
    except ValueError:
        problem = f"network uuid is not in proper format ({network['uuid']})"
        raise NovaError(400, f"Bad networks format: {problem}") from None


def check_networks(params: Mapping[str, Any]) -> None:
    """Check the networks and ports of a request by themselves.

    Raises:
        NovaError: 400.
    """
    ports: list[str] = []
    for network in _networks(params):
        port, address = network.get("port"), network.get("fixed_ip")
        if not port:
            _check_network_id(network)
        if port in ports:
            problem = "was specified twice: you cannot attach a port multiple times."
            raise NovaError(400, f"Port ID '{port}' {problem}")
        if port and address is not None:
            problem = f"cannot be used with port '{port}': the two cannot be specified together."
            raise NovaError(400, f"Specified Fixed IP '{address}' {problem}")
        if port:
            ports.append(port)


def addresses_of(params: Mapping[str, Any], server_id: str) -> Mapping[str, tuple[Address, ...]]:
    """Return the addresses of a new server: one in the cloud's only network, unless it wants none."""
    if params.get("networks") == "none":
        return {}
    address = address_of(server_id)
    for network in _networks(params):
        address = address._replace(address=network.get("fixed_ip") or address.address)
    return {DEFAULT_NETWORK: (address,)}


def check_networks_of_many(params: Mapping[str, Any]) -> None:
    """Check that a request for several servers names no address and no port.

    Raises:
        NovaError: 400.
    """
    networks = _networks(params)
    for network in networks:
        if network.get("fixed_ip") and not network.get("port"):
            reason = "max_count cannot be greater than 1 if an fixed_ip is specified."
            raise NovaError(400, f"Failed to launch instances: {reason}")
    for network in networks:
        if network.get("port"):
            reason = "Unable to launch multiple instances with a single configured port ID."
            advice = "Please launch your instance one by one with different ports."
            raise NovaError(400, f"Failed to launch instances: {reason} {advice}")
