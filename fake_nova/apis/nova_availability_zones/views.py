"""The views of availability zones."""

from __future__ import annotations

from typing import Any, Final

from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import check_no_query, json_response
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: Zone -> the services of its host. The first zone is for the service itself, and only an admin sees it.
_SERVICES: Final = {"internal": ("nova-conductor", "nova-scheduler"), "nova": ("nova-compute",)}


def index(context: Context) -> Response:
    """List the availability zones."""
    check_no_query(context)
    return json_response(context, 200, {"availabilityZoneInfo": [_zone("nova", None)]})


def detail(context: Context) -> Response:
    """List the availability zones with their hosts and services."""
    check_no_query(context)
    require(context, "os-availability-zone:detail", ADMIN, None)
    now = timestamps.isoformat_microseconds(context.cloud.stored_now())
    state = {"available": True, "active": True, "updated_at": now}
    zones = [
        _zone(name, {DEFAULT_HOST: dict.fromkeys(services, state)}) for name, services in _SERVICES.items()
    ]
    return json_response(context, 200, {"availabilityZoneInfo": zones})


def _zone(name: str, hosts: Any) -> dict[str, Any]:
    return {"zoneName": name, "zoneState": {"available": True}, "hosts": hosts}
