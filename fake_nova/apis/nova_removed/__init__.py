"""Resources that Nova no longer has, but still has routes for: each request is a 410."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import named_action
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Api, Route

GONE_MESSAGE = "This resource is no longer available. No forwarding address is given."


def refuse(_: Context) -> Response:
    """Refuse a request.

    Raises:
        NovaError: 410, always.
    """
    raise NovaError(410, GONE_MESSAGE)


def refuse_action(context: Context) -> Response:
    """Refuse an action.

    Raises:
        NovaError: 410 for one that Nova had once, 400 for another one.
    """
    name = named_action(context)
    if name not in _ACTIONS[context.route.path if context.route else ""]:
        raise NovaError(400, f"There is no such action: {name}")
    return refuse(context)


#: Path -> the actions that Nova had once.
_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "/os-fixed-ips/{address}/action": ("reserve", "unreserve"),
    "/os-networks/{network_id}/action": (
        *("disassociate", "disassociate_host", "disassociate_project", "associate_host"),
    ),
}


class _Row(NamedTuple):
    """A request for a list or for one thing that Nova 34.0.0 has no longer, at any microversion."""

    operation: str
    method: str
    path: str


_ROWS: Final = (
    _Row("agents.list", "GET", "/os-agents"),
    _Row("agents.create", "POST", "/os-agents"),
    _Row("agents.update", "PUT", "/os-agents/{agent_id}"),
    _Row("agents.delete", "DELETE", "/os-agents/{agent_id}"),
    _Row("cells.list", "GET", "/os-cells"),
    _Row("cells.capacities", "GET", "/os-cells/capacities"),
    _Row("cells.detail", "GET", "/os-cells/detail"),
    _Row("cells.info", "GET", "/os-cells/info"),
    _Row("cells.show", "GET", "/os-cells/{cell_id}"),
    _Row("cells.show_capacities", "GET", "/os-cells/{cell_id}/capacities"),
    _Row("cells.create", "POST", "/os-cells"),
    _Row("cells.sync_instances", "POST", "/os-cells/sync_instances"),
    _Row("cells.update", "PUT", "/os-cells/{cell_id}"),
    _Row("cells.delete", "DELETE", "/os-cells/{cell_id}"),
    _Row("certificates.show", "GET", "/os-certificates/{certificate_id}"),
    _Row("certificates.create", "POST", "/os-certificates"),
    _Row("cloudpipe.list", "GET", "/os-cloudpipe"),
    _Row("cloudpipe.create", "POST", "/os-cloudpipe"),
    _Row("cloudpipe.update", "PUT", "/os-cloudpipe/{cloudpipe_id}"),
    _Row("fixed_ips.show", "GET", "/os-fixed-ips/{address}"),
    _Row("floating_ip_dns.list", "GET", "/os-floating-ip-dns"),
    _Row("floating_ip_dns.update", "PUT", "/os-floating-ip-dns/{domain}"),
    _Row("floating_ip_dns.delete", "DELETE", "/os-floating-ip-dns/{domain}"),
    _Row("floating_ip_dns.entries.show", "GET", "/os-floating-ip-dns/{domain}/entries/{entry}"),
    _Row("floating_ip_dns.entries.update", "PUT", "/os-floating-ip-dns/{domain}/entries/{entry}"),
    _Row("floating_ip_dns.entries.delete", "DELETE", "/os-floating-ip-dns/{domain}/entries/{entry}"),
    _Row("floating_ips_bulk.list", "GET", "/os-floating-ips-bulk"),
    _Row("floating_ips_bulk.show", "GET", "/os-floating-ips-bulk/{address}"),
    _Row("floating_ips_bulk.create", "POST", "/os-floating-ips-bulk"),
    _Row("floating_ips_bulk.update", "PUT", "/os-floating-ips-bulk/{address}"),
    _Row("fping.list", "GET", "/os-fping"),
    _Row("fping.show", "GET", "/os-fping/{server_id}"),
    _Row("networks.create", "POST", "/os-networks"),
    _Row("networks.add", "POST", "/os-networks/add"),
    _Row("networks.delete", "DELETE", "/os-networks/{network_id}"),
    _Row("security_group_default_rules.list", "GET", "/os-security-group-default-rules"),
    _Row("security_group_default_rules.show", "GET", "/os-security-group-default-rules/{rule_id}"),
    _Row("security_group_default_rules.create", "POST", "/os-security-group-default-rules"),
    _Row("security_group_default_rules.delete", "DELETE", "/os-security-group-default-rules/{rule_id}"),
    _Row("tenant_networks.create", "POST", "/os-tenant-networks"),
    _Row("tenant_networks.delete", "DELETE", "/os-tenant-networks/{network_id}"),
    _Row("servers.consoles.list", "GET", "/servers/{server_id}/consoles"),
    _Row("servers.consoles.show", "GET", "/servers/{server_id}/consoles/{console_id}"),
    _Row("servers.virtual_interfaces.list", "GET", "/servers/{server_id}/os-virtual-interfaces"),
    _Row("servers.consoles.create", "POST", "/servers/{server_id}/consoles"),
    _Row("servers.consoles.delete", "DELETE", "/servers/{server_id}/consoles/{console_id}"),
)

_SUMMARY: Final = "410: Nova has it no longer"

ROUTES = (
    *(Route(row.method, row.path, refuse, row.operation, _SUMMARY) for row in _ROWS),
    Route("POST", "/os-fixed-ips/{address}/action", refuse_action, "fixed_ips.action", _SUMMARY),
    Route("POST", "/os-networks/{network_id}/action", refuse_action, "networks.action", _SUMMARY),
)

APIS = (Api("nova_removed", COMPUTE, ROUTES),)
