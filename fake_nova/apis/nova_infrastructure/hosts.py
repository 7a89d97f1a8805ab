"""The views of the only host, until microversion 2.42 and for admins (Nova 34.0.0)."""

from __future__ import annotations

from typing import Any

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.policies import ADMIN, require
from fake_nova.apis.nova_common.requests import check_no_query, json_response
from fake_nova.apis.nova_infrastructure.resources import DISK, RAM, VCPUS, Needs, Resources, servers_on_host
from fake_nova.apis.nova_infrastructure.views import SERVICES, check_query
from fake_nova.cloud.servers import DEFAULT_HOST
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response


def index(context: Context) -> Response:
    """List the services by host, those of one zone if the query names it."""
    query = check_query(context, "hosts")
    require(context, "os-hosts:list", ADMIN, None)
    zone = query.last.get("zone")
    documents = [
        {"host_name": DEFAULT_HOST, "service": row.binary.removeprefix("nova-"), "zone": row.zone}
        for row in SERVICES
        if not zone or row.zone == zone
    ]
    return json_response(context, 200, {"hosts": documents})


def show(context: Context) -> Response:
    """Show what the host has, and what is used of it by project."""
    check_no_query(context)
    require(context, "os-hosts:show", ADMIN, None)
    host = context.path_params["host"]
    if host != DEFAULT_HOST:
        raise NovaError(404, f"Host '{host}' is not mapped to any cell")
    servers = servers_on_host(context.cloud)
    resources = Resources.of_host(context.cloud)
    used_now = resources.needs._replace(ram=resources.used_ram)
    rows = [
        _resource("(total)", Needs(VCPUS, RAM, DISK)),
        _resource("(used_now)", used_now),
        _resource("(used_max)", resources.needs),
    ]
    for project_id in dict.fromkeys(server.owner for server in servers):
        own_servers = [server for server in servers if server.owner == project_id]
        rows.append(_resource(project_id, Needs.of_servers(own_servers)))
    return json_response(context, 200, {"host": rows})


def _resource(project: str, needs: Needs) -> dict[str, Any]:
    amounts = {"cpu": needs.vcpus, "memory_mb": needs.ram, "disk_gb": needs.disk}
    return {"resource": {"host": DEFAULT_HOST, "project": project, **amounts}}
