"""Nova's version documents, which a client reads to discover the API.

They are at ``/``, ``/v2``, ``/v2.1`` and after a project id. A path that belongs to no service gets a 300
with a choice of versions. Only the documents after a project id need a token (Nova 34.0.0, measured).
"""

from fake_nova.apis.nova_common.compute_service import COMPUTE, CORS_DEFAULTS
from fake_nova.apis.nova_common.errors import render_injected_nova_error, render_nova_error
from fake_nova.apis.nova_versions import views
from fake_nova.wire import checks
from fake_nova.wire.service import ANY, Api, Route, Service

#: Nova's paths outside any version, and all paths that belong to no other service.
VERSIONS = Service(
    name="versions",
    prefixes=("",),
    exact_paths=("v2", "v2.1"),
    resolve_cloud=checks.resolve_by_project,
    early_checks=(checks.require_ready, checks.limit_body_size),
    route_checks=(views.require_known_microversion, views.require_valid_body_and_query),
    no_route_view=views.multiple_choices,
    render_error=render_nova_error,
    render_injected_error=render_injected_nova_error,
    response_headers=views.response_headers,
    cors=CORS_DEFAULTS,
)

ROUTES = (
    Route(ANY, "/", views.index, "versions.list", "list the API versions"),
    Route(ANY, "/v2", views.show, "versions.show"),
    Route(ANY, "/v2/", views.show, "versions.show", "show version v2"),
    Route(ANY, "/v2.1", views.show, "versions.show"),
    Route(ANY, "/v2.1/", views.show, "versions.show", "show version v2.1"),
)

PROJECT_ROUTES = (
    Route("GET", "/", views.show, "versions.show", "show version v2.1"),
    Route(
        "GET", "/versions/{version_id}", views.show_named, "versions.show_named", "show a version by its id"
    ),
)

APIS = (Api("nova_versions", VERSIONS, ROUTES), Api("nova_versions", COMPUTE, PROJECT_ROUTES))
