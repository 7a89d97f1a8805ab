"""Lists about what servers run on. All but that of hypervisors are empty, and most are for admins."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_infrastructure import views
from fake_nova.wire.service import Api, Route

#: The last minor version with the routes of networks, which belong to another service.
_NETWORKS_UNTIL = 35

ROUTES = (
    Route("GET", "/os-aggregates", views.aggregates, "aggregates.list", "list host aggregates (always none)"),
    Route("GET", "/os-hypervisors", views.hypervisors, "hypervisors.list", "list the only hypervisor"),
    Route("GET", "/os-migrations", views.migrations, "migrations.list", "list migrations (always none)"),
    Route("GET", "/os-networks", views.networks, "networks.list", "list networks (none)", _NETWORKS_UNTIL),
    Route("GET", "/os-server-groups", views.server_groups, "server_groups.list", "list server groups (none)"),
    Route(
        "GET",
        "/os-tenant-networks",
        views.networks,
        "tenant_networks.list",
        "list the project's networks (always none)",
        _NETWORKS_UNTIL,
    ),
)

APIS = (Api("nova_infrastructure", COMPUTE, ROUTES),)
