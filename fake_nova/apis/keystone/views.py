"""The views of Keystone's API v3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING

from fake_nova.apis.keystone import errors, render
from fake_nova.apis.keystone.authentication import log_in
from fake_nova.apis.keystone.bodies import resource_response
from fake_nova.apis.keystone.checks import checks_health, get_body, get_caller_token, require_subject_token
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.project_filters import PROJECT_FILTERS, PROJECT_QUERY_RULES, is_true
from fake_nova.apis.keystone.tables import DOMAIN
from fake_nova.cloud.tokens import Token
from fake_nova.images.database import Database
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.health_page import health_response
from fake_nova.wire.response import Response, json_response

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

_HTML_HEADERS = (("Content-Type", "text/html; charset=utf-8"),)

_READ_METHODS = ("GET", "HEAD", "OPTIONS")

#: Path -> its methods, for the response to a wrong one.
_PATH_METHODS = {
    "/v3/auth/tokens": ("DELETE", *_READ_METHODS, "POST"),
    **dict.fromkeys(("/v3/auth/catalog", "/v3/auth/projects", "/v3/auth/domains"), _READ_METHODS),
    **dict.fromkeys(("/v3/auth/system", "/v3/projects"), _READ_METHODS),
}

#: Paths with an id, which have the methods of ``/v3/projects``.
_PROJECT_PATHS = re.compile("/v3/projects/|/v3/users/[^/]+/projects$")

#: The paths of version documents. A wrong method there gets an HTML page, elsewhere JSON.
_VERSION_PATHS = ("", "/v3", "/v2.0")


def no_route(context: Context) -> Response:
    """Respond 404 to an unknown path and 405 to a wrong method, with the pages of the web framework."""
    if checks_health(context):
        return health(context)
    path = context.request.path.removeprefix("/identity").rstrip("/")
    is_page = path in _VERSION_PATHS and (path != "/v2.0" or context.cloud.dialect.has_identity_v2)
    route_path = "/v3/projects" if _PROJECT_PATHS.match(path) else path
    methods = _READ_METHODS if is_page else _PATH_METHODS.get(route_path)
    if methods is None:
        return checks.PREFLIGHT_RESPONSE if context.request.method == "OPTIONS" else error_page(404)
    allow_header = ("Allow", ", ".join(methods))
    if context.request.method == "OPTIONS":
        return Response(200, (*_HTML_HEADERS, allow_header))
    if is_page:
        return error_page(405).with_headers(allow_header)
    return resource_response({"message": str(_werkzeug_error(405).description)}, 405, allow_header)


def error_page(status: int) -> Response:
    """Return the HTML page for an error."""
    return Response(status, _HTML_HEADERS, _werkzeug_error(status).get_body().encode())


def _werkzeug_error(status: int) -> HTTPException:
    """Return the error of the web framework, which the real service uses too."""
    from werkzeug.exceptions import default_exceptions  # noqa: PLC0415  # starting does not need it

    return default_exceptions[status]()


def health(context: Context) -> Response:
    """Respond that the service is healthy. Keystone has no checks by default, so it gives no reasons."""
    return health_response(context.request, ())


def versions(context: Context) -> Response:
    """Respond 300 with the versions that the dialect has."""
    values = [render.serialize_version(base_url(context))]
    if context.cloud.dialect.has_identity_v2:
        values.append(render.serialize_version_2(base_url(context)))
    location = ("Location", f"{base_url(context)}/v3/")
    return json_response({"versions": {"values": values}}, 300, location)


def version(context: Context) -> Response:
    """Show version v3."""
    return json_response({"version": render.serialize_version(base_url(context))})


def _token(context: Context, status: int, text: str, token: Token) -> Response:
    with_catalog = "nocatalog" not in context.query_params
    document = render.serialize_token(token, context.request.base_url, with_catalog)
    return json_response(document, status, ("X-Subject-Token", text))


def issue(context: Context) -> Response:
    """Issue a token. Its id is only in a header."""
    return _token(context, 201, *log_in(context.emulator, get_body(context).get("auth")))


def validate(context: Context) -> Response:
    """Show a token."""
    action = "identity:check_token" if context.request.method == "HEAD" else "identity:validate_token"
    token_id, _, token = require_subject_token(context, action)
    return _token(context, 200, token_id, token)


def revoke(context: Context) -> Response:
    """Revoke a token and, unless the query has ``cascade=false``, the tokens that were created from it.

    An expired token is a 404, even if ``allow_expired`` passes the check of the caller's roles.
    """
    token_id, cloud, _ = require_subject_token(context, "identity:revoke_token")
    if cloud.tokens.find(token_id) is None:
        raise errors.token_not_found(token_id)
    cloud.tokens.revoke(token_id, with_chain=is_true(_query_params(context).get("cascade", "true")))
    return Response(204)


def catalog(context: Context) -> Response:
    """Show the service catalog; 403 for a token without a project."""
    if get_caller_token(context).project is None:
        raise errors.forbidden("")
    links = {"self": f"{base_url(context)}/v3/auth/catalog"}
    return resource_response({"catalog": render.serialize_catalog(context.request.base_url), "links": links})


def _list_response(context: Context, key: str, items: list[render.JsonObject], path: str) -> Response:
    query = f"?{context.request.query_string}" if context.request.query_string else ""
    links = {"next": None, "self": f"{base_url(context)}/v3/{path}{query}", "previous": None}
    return resource_response({key: items, "links": links})


def own_projects(context: Context) -> Response:
    """List the projects that the caller has a role in."""
    project = render.serialize_project(get_caller_token(context).user.project, base_url(context))
    return _list_response(context, "projects", [project], "auth/projects")


def own_domains(context: Context) -> Response:
    """List the domains that the caller has a role in: none, because users have roles in projects only."""
    get_caller_token(context)
    return _list_response(context, "domains", [], "auth/domains")


def own_systems(context: Context) -> Response:
    """List the system if the caller has a role in it, which is an admin."""
    systems = [{"all": True}] if "admin" in get_caller_token(context).user.roles else []
    return resource_response({"system": systems, "links": {"self": f"{base_url(context)}/v3/auth/system"}})


def list_projects(context: Context) -> Response:
    """List the projects that match the query; for admins only."""
    caller = get_caller_token(context)
    params = _query_params(context)
    url = base_url(context)
    for name, rule in PROJECT_QUERY_RULES.items():
        value = params.get(name)
        if value is not None and not rule.is_valid(value):
            prefix = f"Invalid input for field/attribute {name}. Value: {value}."
            raise errors.KeystoneError(400, f"{prefix} '{value}' {rule.message}")
    if "admin" not in caller.roles:
        raise errors.forbidden("identity:list_projects")
    items = [render.serialize_project(project, url) for project in context.cloud.directory.projects]
    if "is_domain" in params and is_true(params["is_domain"]):
        items = [render.serialize_domain(url)]
    items = sorted(_filter_projects(items, params, context.emulator.database), key=itemgetter("id"))
    return _list_response(context, "projects", items, "projects")


def _query_params(context: Context) -> dict[str, str]:
    return {name: values[0] for name, values in context.query_params.items()}


def _filter_projects(
    items: list[render.JsonObject], params: Mapping[str, str], database: Database
) -> list[render.JsonObject]:
    """Return the projects that match all filters of the query."""
    tests = [(PROJECT_FILTERS[name], value) for name, value in params.items() if name in PROJECT_FILTERS]
    return [item for item in items if all(test(item, value, database) for test, value in tests)]


def list_user_projects(context: Context) -> Response:
    """List the projects that a user has a role in; for that user and admins."""
    caller = get_caller_token(context)
    user_id = context.path_params["user_id"]
    database = context.emulator.database
    if not database.are_equal(user_id, caller.user.id) and "admin" not in caller.roles:
        raise errors.forbidden("identity:list_user_projects")
    user = context.cloud.directory.find_user("id", user_id, database)
    if user is None:
        raise errors.KeystoneError(404, f"Could not find user: {user_id}.")
    project = render.serialize_project(user.project, base_url(context))
    items = _filter_projects([project], _query_params(context), context.emulator.database)
    return _list_response(context, "projects", items, f"users/{user_id}/projects")


def show_project(context: Context) -> Response:
    """Show one project: the one of the caller's token, or for admins any project or the domain."""
    caller = get_caller_token(context)
    project_id = context.path_params["project_id"]
    match = context.cloud.directory.find_project("id", project_id, context.emulator.database)
    if "admin" not in caller.roles and (match is None or match != caller.project):
        raise errors.forbidden("identity:get_project")
    if project_id == DOMAIN["id"]:
        return resource_response({"project": render.serialize_domain(base_url(context))})
    if match is None:
        raise errors.KeystoneError(404, f"Could not find project: {project_id}.")
    return resource_response({"project": render.serialize_project(match, base_url(context))})
