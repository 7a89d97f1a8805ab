"""Lists about what servers run on: hypervisors, services, and empty ones. Most are for admins."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_infrastructure import audit_logs, hosts, hypervisors, views
from fake_nova.wire.service import Api, Route

_AUDIT_LOGS = "/os-instance_usage_audit_log"
_HYPERVISORS = "/os-hypervisors"
_HYPERVISOR = f"{_HYPERVISORS}/{{hypervisor_id}}"

#: The last minor version with hosts.
_HOSTS_UNTIL = 42

ROUTES = (
    Route("GET", "/os-aggregates", views.aggregates, "aggregates.list", "list host aggregates (always none)"),
    Route("GET", _HYPERVISORS, hypervisors.index, "hypervisors.list", "list the only hypervisor"),
    Route(
        "GET", f"{_HYPERVISORS}/detail", hypervisors.detail, "hypervisors.detail", "list it with all fields"
    ),
    Route("GET", _HYPERVISOR, hypervisors.show, "hypervisors.show", "show the hypervisor"),
    Route("GET", f"{_HYPERVISOR}/search", hypervisors.search, "hypervisors.search", "search it by name"),
    Route("GET", f"{_HYPERVISOR}/servers", hypervisors.servers, "hypervisors.servers", "with its servers"),
    Route(
        "GET",
        f"{_HYPERVISOR}/uptime",
        hypervisors.show_uptime,
        "hypervisors.uptime",
        "refused: the fake driver knows no uptime",
    ),
    Route(
        "GET",
        f"{_HYPERVISORS}/statistics",
        hypervisors.statistics,
        "hypervisors.statistics",
        "show the sums over all hypervisors",
    ),
    Route("GET", "/os-hosts", hosts.index, "hosts.list", "list the services by host", _HOSTS_UNTIL),
    Route("GET", "/os-hosts/{host}", hosts.show, "hosts.show", "show what is used of a host", _HOSTS_UNTIL),
    Route(
        "GET",
        _AUDIT_LOGS,
        audit_logs.index,
        "instance_usage_audit_logs.list",
        "show the audit of the last month",
    ),
    Route(
        "GET",
        f"{_AUDIT_LOGS}/{{time}}",
        audit_logs.show,
        "instance_usage_audit_logs.show",
        "show that of a month before a time",
    ),
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
