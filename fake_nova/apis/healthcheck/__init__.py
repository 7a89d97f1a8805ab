"""The emulator's health, for load balancers and `fake-nova wait`, as oslo.middleware says it."""

from fake_nova.apis.healthcheck import views
from fake_nova.wire.service import ANY, Api, Route, Service

#: The one path that is here.
HEALTHCHECK = Service(
    name="healthcheck",
    prefixes=(),
    exact_paths=("healthcheck",),
    no_route_view=views.show,
    render_error=lambda _, __: None,
    is_journaled=False,
)

ROUTES = (Route(ANY, "/healthcheck", views.show, "healthcheck", "200, or 503 while the server loads"),)

APIS = (Api("healthcheck", HEALTHCHECK, ROUTES),)
