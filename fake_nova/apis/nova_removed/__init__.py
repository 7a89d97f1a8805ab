"""Resources that Nova no longer has, but still has routes for: each request is a 410."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_common.errors import NovaError
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


#: Operation -> the path of a list or of one thing that Nova 34.0.0 has no longer.
_PATHS = {
    "agents.list": "/os-agents",
    "cells.list": "/os-cells",
    "cells.capacities": "/os-cells/capacities",
    "cells.detail": "/os-cells/detail",
    "cells.info": "/os-cells/info",
    "cells.show": "/os-cells/{cell_id}",
    "cells.show_capacities": "/os-cells/{cell_id}/capacities",
    "certificates.show": "/os-certificates/{certificate_id}",
    "cloudpipe.list": "/os-cloudpipe",
    "fixed_ips.show": "/os-fixed-ips/{address}",
    "floating_ip_dns.list": "/os-floating-ip-dns",
    "floating_ips_bulk.list": "/os-floating-ips-bulk",
    "floating_ips_bulk.show": "/os-floating-ips-bulk/{address}",
    "fping.list": "/os-fping",
    "fping.show": "/os-fping/{server_id}",
    "security_group_default_rules.list": "/os-security-group-default-rules",
    "security_group_default_rules.show": "/os-security-group-default-rules/{rule_id}",
    "servers.consoles.list": "/servers/{server_id}/consoles",
    "servers.consoles.show": "/servers/{server_id}/consoles/{console_id}",
    "servers.virtual_interfaces.list": "/servers/{server_id}/os-virtual-interfaces",
}

ROUTES = tuple(
    Route("GET", path, refuse, operation, "410: Nova has it no longer") for operation, path in _PATHS.items()
)

APIS = (Api("nova_removed", COMPUTE, ROUTES),)
