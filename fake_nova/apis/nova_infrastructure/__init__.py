"""Lists about what servers run on: hypervisors, services, and empty ones. Most are for admins."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_infrastructure import hypervisors, views
from fake_nova.wire.service import Api, Route

_HYPERVISORS = "/os-hypervisors"
_HYPERVISOR = f"{_HYPERVISORS}/{{hypervisor_id}}"

ROUTES = (
    Route("GET", "/os-aggregates", views.aggregates, "aggregates.list", "list host aggregates (always none)"),
    Route("GET", "/os-hypervisors", views.hypervisors, "hypervisors.list", "list the only hypervisor"),
    Route(
        "GET", f"{_HYPERVISORS}/detail", hypervisors.detail, "hypervisors.detail", "list it with all fields"
    ),
    Route("GET", _HYPERVISOR, hypervisors.show, "hypervisors.show", "show the hypervisor"),
    Route("GET", f"{_HYPERVISOR}/search", hypervisors.search, "hypervisors.search", "search it by name"),
    Route("GET", f"{_HYPERVISOR}/servers", hypervisors.servers, "hypervisors.servers", "with its servers"),
    Route("GET", "/os-hosts", hypervisors.hosts, "hosts.list", "list the services by host"),
    Route("GET", "/os-migrations", views.migrations, "migrations.list", "list migrations (always none)"),
    Route("GET", "/os-server-groups", views.server_groups, "server_groups.list", "list server groups (none)"),
    Route(
        "GET",
        "/os-services",
        views.services,
        "services.list",
        "list the services of the cloud, to an admin",
        query_parameters=("host", "binary"),
    ),
)

APIS = (Api("nova_infrastructure", COMPUTE, ROUTES),)
