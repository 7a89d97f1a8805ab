"""The health check for load balancers and `fake-nova wait`, in the format of oslo.middleware."""

from fake_nova.apis.healthcheck import views
from fake_nova.wire import checks
from fake_nova.wire.service import ANY, Api, Route, Service

#: The service of the one path ``/healthcheck``.
HEALTHCHECK = Service(
    name="healthcheck",
    prefixes=(),
    exact_paths=("healthcheck",),
    resolve_cloud=checks.resolve_by_project,
    no_route_view=views.show,
    render_error=lambda _, __: None,
    is_journaled=False,
)

ROUTES = (Route(ANY, "/healthcheck", views.show, "healthcheck", "200, or 503 while the server loads"),)

APIS = (Api("healthcheck", HEALTHCHECK, ROUTES),)
