"""Nova's old routes of the network service, until microversion 2.35. There are no networks."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_networks import views
from fake_nova.wire.service import Api, Route

#: The last minor version with the routes.
_LAST = 35

_GROUPS = "/os-security-groups"

ROUTES = (
    Route(
        "GET",
        "/os-floating-ip-pools",
        views.floating_ip_pools,
        "floating_ip_pools.list",
        "list pools of floating addresses (none)",
        _LAST,
    ),
    Route(
        "GET", "/os-floating-ips", views.floating_ips, "floating_ips.list", "list floating IPs (none)", _LAST
    ),
    Route("GET", "/os-networks", views.networks, "networks.list", "list networks (none)", _LAST),
    Route(
        "GET",
        "/os-tenant-networks",
        views.tenant_networks,
        "tenant_networks.list",
        "list the project's networks (always none)",
        _LAST,
    ),
    Route(
        "GET",
        _GROUPS,
        views.security_groups,
        "security_groups.list",
        "list the security groups of servers with ports",
        _LAST,
    ),
    Route(
        "GET",
        f"{_GROUPS}/{{group_id}}",
        views.show_security_group,
        "security_groups.show",
        "show a security group",
        _LAST,
    ),
)

APIS = (Api("nova_networks", COMPUTE, ROUTES),)
