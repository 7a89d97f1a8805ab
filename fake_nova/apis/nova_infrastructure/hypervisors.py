"""The views of the only hypervisor, which has the size of the fake driver, and its host (Nova 34.0.0)."""

from __future__ import annotations

import json
from typing import Any, Final
from uuid import UUID

from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import check_no_query, json_response, minor_version
from fake_nova.apis.nova_infrastructure.views import (
    SERVICES,
    UUIDS_SINCE,
    check_query,
    hypervisor_summary,
    id_of,
)
from fake_nova.cloud.servers import DEFAULT_HOST, Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The last minor versions with some routes.
_NAMES_UNTIL: Final = 52
_HOSTS_UNTIL: Final = 42

_OBJECT_OF_CPU_SINCE: Final = 28
_NO_RESOURCES_SINCE: Final = 88

_CPU: Final = {
    "arch": "x86_64",
    "model": "Nehalem",
    "vendor": "Intel",
    "features": ["pge", "clflush"],
    "topology": {"cores": 1, "threads": 1, "sockets": 4},
}
_VCPUS: Final = 1000
_RAM: Final = 800_000
_DISK: Final = 600_000


def _require_until(context: Context, minor: int) -> None:
    """Raise the 404 of a route that the microversion does not have any more."""
    if minor_version(context) > minor:
        raise NovaError(404, NOT_FOUND_MESSAGE)


def detail(context: Context) -> Response:
    """List the only hypervisor with all fields."""
    check_query(context, "hypervisors")
    require(context, "os-hypervisors:list-detail", ADMIN, None)
    return json_response(context, 200, {"hypervisors": [_document(context)]})


def show(context: Context) -> Response:
    """Show a hypervisor."""
    check_query(context, "hypervisors")
    require(context, "os-hypervisors:show", ADMIN, None)
    document = _document(context)
    hypervisor_id = context.path_params["hypervisor_id"]
    _check_id(context, hypervisor_id)
    if str(document["id"]) != hypervisor_id:
        raise NovaError(404, f"Hypervisor with ID '{hypervisor_id}' could not be found.")
    return json_response(context, 200, {"hypervisor": document})


def _check_id(context: Context, hypervisor_id: str) -> None:
    if minor_version(context) < UUIDS_SINCE:
        return
    try:
        UUID(hypervisor_id)
    except ValueError:
        raise NovaError(400, f"Invalid uuid {hypervisor_id}") from None


def search(context: Context) -> Response:
    """List the hypervisors with a text in their names."""
    return _matching(context, "search", {})


def servers(context: Context) -> Response:
    """List the hypervisors with a text in their names, and their servers."""
    documents = [{"name": f"instance-{each.id[:8]}", "uuid": each.id} for each in _servers(context)]
    return _matching(context, "servers", {"servers": documents} if documents else {})


def _matching(context: Context, rule: str, extra: dict[str, Any]) -> Response:
    _require_until(context, _NAMES_UNTIL)
    check_no_query(context)
    require(context, f"os-hypervisors:{rule}", ADMIN, None)
    text = context.path_params["hypervisor_id"]
    if text not in DEFAULT_HOST:
        raise NovaError(404, f"No hypervisor matching '{text}' could be found.")
    return json_response(context, 200, {"hypervisors": [{**hypervisor_summary(context), **extra}]})


def hosts(context: Context) -> Response:
    """List the services by host."""
    _require_until(context, _HOSTS_UNTIL)
    check_no_query(context)
    require(context, "os-hosts:list", ADMIN, None)
    documents = [
        {"host_name": DEFAULT_HOST, "service": row.binary.removeprefix("nova-"), "zone": row.zone}
        for row in SERVICES
    ]
    return json_response(context, 200, {"hosts": documents})


def _servers(context: Context) -> list[Server]:
    everyone = context.cloud.servers.all()
    return [each for each in everyone if each.host is not None and not each.is_deleted]


def _document(context: Context) -> dict[str, Any]:
    """Return the hypervisor with all fields of the microversion."""
    minor = minor_version(context)
    service_id = id_of(context, 4, "service", "nova-compute")
    document = {
        **hypervisor_summary(context),
        "hypervisor_type": "fake",
        "hypervisor_version": 1000,
        "host_ip": "127.0.0.1",
        "service": {"id": service_id, "host": DEFAULT_HOST, "disabled_reason": None},
    }
    if minor >= _NO_RESOURCES_SINCE:
        return {**document, "uptime": None}
    flavors = [each.flavor for each in _servers(context)]
    ram = 512 + sum(each.ram for each in flavors)
    disk = sum(each.disk + each.ephemeral for each in flavors)
    return {
        **document,
        "vcpus": _VCPUS,
        "memory_mb": _RAM,
        "local_gb": _DISK,
        "vcpus_used": sum(each.vcpus for each in flavors),
        "memory_mb_used": ram,
        "local_gb_used": disk,
        "free_ram_mb": _RAM - ram,
        "free_disk_gb": _DISK - disk,
        "current_workload": 0,
        "running_vms": len(flavors),
        "disk_available_least": 0,
        "cpu_info": _CPU if minor >= _OBJECT_OF_CPU_SINCE else json.dumps(_CPU),
    }
