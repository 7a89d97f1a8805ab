"""Nova's API of what the servers of projects used in a time."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_tenant_usage import views
from fake_nova.wire.service import Api, Route

_USAGES = "/os-simple-tenant-usage"
_PARAMETERS = ("start", "end", "detailed", "limit", "marker")

ROUTES = (
    Route(
        "GET",
        _USAGES,
        views.index,
        "tenant_usages.list",
        "list what all projects used in a time, to an admin",
        query_parameters=_PARAMETERS,
    ),
    Route(
        "GET",
        f"{_USAGES}/{{usage_project_id}}",
        views.show,
        "tenant_usages.show",
        "show what a project used in a time",
        query_parameters=_PARAMETERS,
    ),
)

APIS = (Api("nova_tenant_usage", COMPUTE, ROUTES),)
