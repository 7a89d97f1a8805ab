"""The views of availability zones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import check_no_query, json_response
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.cloud.zones import INTERNAL_ZONE_NAME, Zone
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The services of the hosts of a zone, and those of the host of the service itself.
_SERVICES: Final = ("nova-compute",)
_INTERNAL_SERVICES: Final = ("nova-conductor", "nova-scheduler")

#: The zone that only an admin sees.
_INTERNAL_ZONE: Final = Zone(INTERNAL_ZONE_NAME, (DEFAULT_HOST,))


def index(context: Context) -> Response:
    """List the availability zones."""
    check_no_query(context)
    zones = [_document(zone, None) for zone in _in_order(context.cloud.zones)]
    return json_response(context, 200, {"availabilityZoneInfo": zones})


def detail(context: Context) -> Response:
    """List the availability zones with their hosts and services."""
    check_no_query(context)
    require(context, "os-availability-zone:detail", ADMIN, None)
    now = timestamps.isoformat_microseconds(context.cloud.stored_now())
    state = {"available": True, "active": True, "updated_at": now}
    zones = _in_order((_INTERNAL_ZONE, *context.cloud.zones))
    documents = [_document(zone, _hosts(zone, state)) for zone in zones]
    return json_response(context, 200, {"availabilityZoneInfo": documents})


def _in_order(zones: Iterable[Zone]) -> list[Zone]:
    """Return zones as Nova sorts them: the available ones first, both kinds by name (Nova 34.0.0)."""
    return sorted(zones, key=lambda zone: (not zone.is_available, zone.name))


def _hosts(zone: Zone, state: Mapping[str, Any]) -> Any:
    """Return the services of each host of a zone; None if it is not available."""
    services = _INTERNAL_SERVICES if zone is _INTERNAL_ZONE else _SERVICES
    return {host: dict.fromkeys(services, state) for host in zone.hosts} if zone.is_available else None


def _document(zone: Zone, hosts: Any) -> dict[str, Any]:
    return {"zoneName": zone.name, "zoneState": {"available": zone.is_available}, "hosts": hosts}
