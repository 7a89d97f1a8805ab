"""Keystone's identity API: tokens, service catalog, projects (Keystone 30.0.0, measured).

Keystone 30.0.0 has no API v2.0. Dialects with `has_identity_v2` have it for old clients.
"""

from functools import partial

from fake_nova.apis.keystone import errors, tables, v2, views
from fake_nova.apis.keystone.checks import parse_json_body, resolve_cloud, response_headers
from fake_nova.apis.keystone.project_filters import PROJECT_FILTERS
from fake_nova.wire import checks
from fake_nova.wire.service import ANY, Api, Route, Service

#: The service of all paths below ``/identity``.
IDENTITY = Service(
    name="identity",
    prefixes=("identity",),
    resolve_cloud=resolve_cloud,
    checks_before_routing=(checks.require_ready, parse_json_body),
    no_route_view=views.no_route,
    render_error=errors.render_error,
    render_injected_error=errors.render_injected_error,
    response_headers=response_headers,
    lenient_routing=True,
    splits_query_at_semicolon=False,
    cors=tables.CORS_DEFAULTS,
)

_show_token = partial(Route, query_parameters=("nocatalog", "allow_expired"))
_list_projects = partial(Route, query_parameters=(*PROJECT_FILTERS, "is_domain"))
_USER_PROJECTS = "/v3/users/{user_id}/projects"

ROUTES = (
    Route("GET", "", views.versions, "identity.versions"),
    Route("GET", "/", views.versions, "identity.versions", "list the identity service's versions"),
    Route(
        ANY, "/healthcheck", views.health, "identity.healthcheck", "show that the identity service is healthy"
    ),
    Route("GET", "/v3", views.version, "identity.version", "show version v3"),
    Route(
        *("POST", "/v3/auth/tokens", views.issue, "tokens.issue", "log in, or rescope a token"),
        query_parameters=("nocatalog",),
    ),
    _show_token("GET", "/v3/auth/tokens", views.validate, "tokens.validate", "show a token"),
    _show_token("HEAD", "/v3/auth/tokens", views.validate, "tokens.check", "check a token"),
    Route(
        *("DELETE", "/v3/auth/tokens", views.revoke, "tokens.revoke", "revoke a token"),
        query_parameters=("cascade", "allow_expired"),
    ),
    Route("GET", "/v3/auth/catalog", views.catalog, "catalog.show", "show the service catalog"),
    Route("GET", "/v3/auth/projects", views.own_projects, "auth.projects", "list the caller's projects"),
    Route("GET", "/v3/auth/domains", views.own_domains, "auth.domains", "list the caller's domains (empty)"),
    Route("GET", "/v3/auth/system", views.own_systems, "auth.system", "show the caller's system scope"),
    _list_projects(
        "GET", "/v3/projects", views.list_projects, "projects.list", "list all projects (admin only)"
    ),
    Route("GET", "/v3/projects/{project_id}", views.show_project, "projects.show", "show a project"),
    Route(
        *("GET", _USER_PROJECTS, views.list_user_projects, "users.projects", "list user projects"),
        query_parameters=tuple(PROJECT_FILTERS),
    ),
)

_TENANTS = "/v2.0/tenants"

V2_ROUTES = (
    Route("GET", "/v2.0", v2.version, "identity.v2.version", "show version v2.0 (not in dialect `nova`)"),
    Route("GET", _TENANTS, v2.tenants, "identity.v2.tenants", "show own project (not in dialect `nova`)"),
    Route("POST", "/v2.0/tokens", v2.issue, "identity.v2.tokens", "log in (not in dialect `nova`)"),
)

APIS = (Api("keystone", IDENTITY, (*ROUTES, *V2_ROUTES)),)
