"""Nova's limits API."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_limits import views
from fake_nova.wire.service import Api, Route

ROUTES = (
    Route(
        "GET",
        "/limits",
        views.show,
        "limits.show",
        "show the limits of a project, and how much it uses",
        query_parameters=("tenant_id",),
    ),
)

APIS = (Api("nova_limits", COMPUTE, ROUTES),)
