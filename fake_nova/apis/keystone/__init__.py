"""Keystone's identity API: tokens, service catalog, projects (Keystone 30.0.0, measured).

Keystone 30.0.0 has no API v2.0. Dialects with `has_identity_v2` have it for old clients.
"""

from functools import partial

from fake_nova.apis.keystone import (
    application_credentials,
    collections,
    domain_changes,
    errors,
    grants,
    people_changes,
    people_updates,
    projects,
    resources,
    role_assignments,
    tables,
    v2,
    views,
)
from fake_nova.apis.keystone.checks import (
    check_caller_token,
    parse_json_body,
    resolve_cloud,
    response_headers,
)
from fake_nova.apis.keystone.collections import Collection
from fake_nova.apis.keystone.project_filters import USER_PROJECT_FILTERS
from fake_nova.apis.keystone.project_tags import TAG_FILTERS
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.service import ANY, Api, Route, Service

#: The service of all paths below ``/identity``.
IDENTITY = Service(
    name="identity",
    prefixes=("identity",),
    resolve_cloud=resolve_cloud,
    early_checks=(checks.require_ready, check_caller_token, parse_json_body, views.redirect_repeated_slashes),
    no_route_view=views.no_route,
    render_error=errors.render_error,
    render_injected_error=errors.render_injected_error,
    response_headers=response_headers,
    lenient_routing=True,
    splits_query_at_semicolon=False,
    cors=tables.CORS_DEFAULTS,
)

_show_token = partial(Route, query_parameters=("nocatalog", "allow_expired"))
_USER_PROJECTS = "/v3/users/{user_id}/projects"


def _list_parameters(collection: Collection) -> tuple[str, ...]:
    pages = ("limit", "marker") if collection.has_pages else ("limit",)
    return (*collection.filters, *pages)


def _lookup_routes(collection: Collection) -> tuple[Route[Context], ...]:
    """Return the routes that list and show one kind of object."""
    key, member = collection.key, collection.member
    article = "an" if member.startswith("e") else "a"
    list_view = partial(collections.list_all, collection=collection)
    show_view = partial(collections.show, collection=collection)
    return (
        Route(
            *("GET", f"/v3/{key}", list_view, f"{key}.list", f"list {key}"),
            query_parameters=_list_parameters(collection),
        ),
        Route("GET", f"/v3/{key}/{{{member}_id}}", show_view, f"{key}.show", f"show {article} {member}"),
    )


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
)

_PROJECT = "/v3/projects/{project_id}"
_TAG = f"{_PROJECT}/tags/{{tag}}"

PROJECT_ROUTES = (
    Route(
        *("GET", "/v3/projects", projects.list_projects, "projects.list", "list all projects (admin only)"),
        query_parameters=(*_list_parameters(resources.PROJECTS), *TAG_FILTERS),
    ),
    Route(
        *("GET", _PROJECT, projects.show_project, "projects.show", "show a project"),
        query_parameters=projects.TREE_PARAMETERS,
    ),
    Route("GET", f"{_PROJECT}/tags", projects.list_tags, "projects.tags", "list the tags of a project"),
    Route("GET", _TAG, projects.check_tag, "projects.tags.check", "check a tag of a project"),
    Route(
        *("GET", _USER_PROJECTS, projects.list_user_projects, "users.projects", "list user projects"),
        query_parameters=tuple(USER_PROJECT_FILTERS),
    ),
)

_LOOKUPS = (
    resources.USERS,
    resources.GROUPS,
    resources.DOMAINS,
    resources.ROLES,
    resources.SERVICES,
    resources.ENDPOINTS,
    resources.REGIONS,
)

LOOKUP_ROUTES = (
    *(route for collection in _LOOKUPS for route in _lookup_routes(collection)),
    Route(
        "GET",
        "/v3/role_assignments",
        role_assignments.list_role_assignments,
        "role_assignments.list",
        "list role assignments",
        query_parameters=role_assignments.PARAMETERS,
    ),
)

_CREDENTIALS = "/v3/users/{user_id}/application_credentials"
_CREDENTIAL = f"{_CREDENTIALS}/{{application_credential_id}}"
_RULES = "/v3/users/{user_id}/access_rules"
_RULE = f"{_RULES}/{{access_rule_id}}"

CREDENTIAL_ROUTES = (
    Route(
        *("GET", _CREDENTIALS, application_credentials.list_all, "application_credentials.list"),
        "list the application credentials of a user",
        query_parameters=("name",),
    ),
    Route(
        *("POST", _CREDENTIALS, application_credentials.create, "application_credentials.create"),
        "create an application credential",
    ),
    Route(
        *("GET", _CREDENTIAL, application_credentials.show, "application_credentials.show"),
        "show an application credential",
    ),
    Route(
        *("DELETE", _CREDENTIAL, application_credentials.delete, "application_credentials.delete"),
        "delete an application credential",
    ),
    Route(
        *("GET", _RULES, application_credentials.list_rules, "access_rules.list"),
        "list the access rules of a user",
        query_parameters=("service", "path", "method"),
    ),
    Route(*("GET", _RULE, application_credentials.show_rule, "access_rules.show"), "show an access rule"),
    Route(
        *("DELETE", _RULE, application_credentials.delete_rule, "access_rules.delete"),
        "delete an access rule that is not in use",
    ),
)

_GRANT_PLACES = (
    ("projects", "/v3/projects/{project_id}", "a project"),
    ("domains", "/v3/domains/{domain_id}", "a domain"),
    ("system", "/v3/system", "the system"),
)


def _grant_routes(name: str, path: str, place: str) -> tuple[Route[Context], ...]:
    """Return the routes of the roles that users have in one kind of place."""
    roles = f"{path}/users/{{user_id}}/roles"
    role = f"{roles}/{{role_id}}"
    return (
        Route("GET", roles, grants.list_all, f"{name}.roles.list", f"list the roles of a user in {place}"),
        Route("GET", role, grants.check, f"{name}.roles.check", f"check a role of a user in {place}"),
        Route("PUT", role, grants.assign, f"{name}.roles.assign", f"assign a role in {place} to a user"),
        Route("DELETE", role, grants.revoke, f"{name}.roles.revoke", f"take a role in {place} from a user"),
    )


_DOMAIN = "/v3/domains/{domain_id}"

CHANGE_ROUTES = (
    Route("POST", "/v3/users", people_changes.create_user, "users.create", "create a user"),
    Route("PATCH", "/v3/users/{user_id}", people_updates.update_user, "users.update", "change a user"),
    Route("DELETE", "/v3/users/{user_id}", people_changes.delete_user, "users.delete", "delete a user"),
    Route("POST", "/v3/projects", people_changes.create_project, "projects.create", "create a project"),
    Route("PATCH", _PROJECT, people_updates.update_project, "projects.update", "change a project"),
    Route("DELETE", _PROJECT, people_changes.delete_project, "projects.delete", "delete a project"),
    Route("POST", "/v3/roles", people_changes.create_role, "roles.create", "create a role"),
    Route("PATCH", "/v3/roles/{role_id}", people_updates.update_role, "roles.update", "change a role"),
    Route("DELETE", "/v3/roles/{role_id}", people_changes.delete_role, "roles.delete", "delete a role"),
    Route("POST", "/v3/domains", domain_changes.create_domain, "domains.create", "create a domain"),
    Route("PATCH", _DOMAIN, domain_changes.update_domain, "domains.update", "change a domain"),
    Route("DELETE", _DOMAIN, domain_changes.delete_domain, "domains.delete", "delete a disabled domain"),
    *(route for place in _GRANT_PLACES for route in _grant_routes(*place)),
)

_TENANTS = "/v2.0/tenants"

V2_ROUTES = (
    Route("GET", "/v2.0", v2.version, "identity.v2.version", "show version v2.0 (not in dialect `nova`)"),
    Route("GET", _TENANTS, v2.tenants, "identity.v2.tenants", "show own project (not in dialect `nova`)"),
    Route("POST", "/v2.0/tokens", v2.issue, "identity.v2.tokens", "log in (not in dialect `nova`)"),
)

_ALL_ROUTES = (*ROUTES, *PROJECT_ROUTES, *LOOKUP_ROUTES, *CREDENTIAL_ROUTES, *CHANGE_ROUTES, *V2_ROUTES)

APIS = (Api("keystone", IDENTITY, _ALL_ROUTES),)
