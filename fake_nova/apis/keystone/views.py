"""The views of Keystone's API v3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from fake_nova.apis.keystone import errors, render
from fake_nova.apis.keystone.authentication import log_in, parse_claim
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.tables import DOMAIN, PROJECT_FILTERS, PROJECT_QUERY_RULES, is_true
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.tokens import Token
from fake_nova.errors import BodyTimeout, BodyTooLarge, FakeNovaError, Invalid
from fake_nova.wire import checks, error_responses, hints, json_body
from fake_nova.wire.context import Context
from fake_nova.wire.request import Request
from fake_nova.wire.response import Headers, Response, json_response

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


def response_headers(context: Context, response: Response) -> Headers:
    """Return the headers of every response; unlike Nova's it has one request id."""
    if response is checks.PREFLIGHT_RESPONSE:
        return ()
    return ("Vary", "X-Auth-Token"), ("x-openstack-request-id", context.request.request_id)


def render_error(context: Context, error: Exception) -> Response | None:
    """Render an error as Keystone does; None for an error that it cannot render."""
    if isinstance(error, BodyTooLarge):
        return checks.too_large_response(context)
    if isinstance(error, Invalid):
        error = errors.KeystoneError(400, error.message)
    return errors.error_response(context, error) if isinstance(error, errors.KeystoneError) else None


def parse_json_body(context: Context) -> Response | None:
    """Parse the body. Return 400 if it is not a JSON object; for OPTIONS, an empty 200 instead."""
    try:
        context.sensitive_body = _parse_body(context.request)
    except (errors.KeystoneError, BodyTooLarge, Invalid) as error:
        is_preflight = context.request.method == "OPTIONS"
        return checks.PREFLIGHT_RESPONSE if is_preflight else render_error(context, error)
    except BodyTimeout:
        return error_responses.body_timeout_response()
    return None


def resolve_cloud(emulator: Emulator, request: Request, _: str) -> tuple[Cloud, None]:
    """Return the cloud of the request's token, else of the user who logs in, else the shared one."""
    token_match = emulator.find_token(request.token) if request.token else None
    if token_match is None and request.method == "POST":
        with suppress(FakeNovaError):  # `parse_json_body` renders the error
            claim = parse_claim(_parse_body(request).get("auth"), v2=request.path.startswith("/identity/v2"))
            token_match = emulator.find_token(claim.token) if claim.token is not None else None
            scope = emulator.scope_of_user(claim.name, claim.user_id)
            if token_match is None and scope is not None:
                return emulator.cloud_for_project(scope.project.id), None
    return (emulator.cloud if token_match is None else token_match[0]), None


def no_route(context: Context) -> Response:
    """Respond 404 to an unknown path and 405 to a wrong method, with the pages of the web framework."""
    path = context.request.path.removeprefix("/identity").rstrip("/")
    is_page = path in _VERSION_PATHS[: 3 if context.cloud.dialect.has_identity_v2 else 2]
    route_path = "/v3/projects" if _PROJECT_PATHS.match(path) else path
    methods = _READ_METHODS if is_page else _PATH_METHODS.get(route_path)
    if methods is None:
        return checks.PREFLIGHT_RESPONSE if context.request.method == "OPTIONS" else error_page(404)
    allow_header = ("Allow", ", ".join(methods))
    if context.request.method == "OPTIONS":
        return Response(200, (*_HTML_HEADERS, allow_header))
    if is_page:
        return error_page(405).with_headers(allow_header)
    return json_response({"message": str(_werkzeug_error(405).description)}, 405, allow_header)


def error_page(status: int) -> Response:
    """Return the HTML page for an error."""
    return Response(status, _HTML_HEADERS, _werkzeug_error(status).get_body().encode())


def _werkzeug_error(status: int) -> HTTPException:
    """Return the error of the web framework, which the real service uses too."""
    from werkzeug.exceptions import default_exceptions  # noqa: PLC0415  # starting does not need it

    return default_exceptions[status]()


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


def get_body(context: Context) -> dict[str, Any]:
    """Return the parsed body of a request; an empty dict if it has none."""
    return context.sensitive_body or {}


def _parse_body(request: Request) -> dict[str, Any]:
    """Return the parsed body of a request; an empty dict if it has none.

    Raises:
        KeystoneError: 400 for another media type, or if the body is not a JSON object.
        BodyTooLarge, BodyTimeout, Invalid: if the body cannot be read.
    """
    content = request.read_body(checks.MAX_BODY_BYTES)
    if not content:
        return {}
    media_type = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise errors.missing_attribute("application/json", "Content-Type header")
    try:
        body = json_body.parse(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise errors.missing_attribute("valid JSON", "request body")
    return body


def _token(context: Context, status: int, text: str, token: Token) -> Response:
    with_catalog = "nocatalog" not in context.request.query
    document = render.serialize_token(token, context.request.base_url, with_catalog)
    return json_response(document, status, ("X-Subject-Token", text))


def issue(context: Context) -> Response:
    """Issue a token. Its id is only in a header."""
    return _token(context, 201, *log_in(context.emulator, get_body(context).get("auth")))


def require_caller_token(context: Context) -> Token:
    """Return the caller's token; KeystoneError 401 if it is missing, unknown, expired or revoked."""
    text = (context.request.header("X-Auth-Token") or "").strip()
    match = context.emulator.find_token(text)
    if match is None:
        raise errors.unauthorized(hints.BAD_TOKEN_HINT if text else f"{hints.NO_TOKEN_HINT}.")
    return match[1]


def _require_subject_token(context: Context, action: str) -> tuple[str, Cloud, Token]:
    """Return the token of X-Subject-Token, with its id and cloud.

    Raises:
        KeystoneError: 401 if the caller's token is invalid; 404 if the subject is invalid; 403 if the caller
            is not an admin, and the subject is missing or another user's.
    """
    caller = require_caller_token(context)
    token_id = context.request.header("X-Subject-Token")
    if token_id is None and "admin" not in caller.roles:
        raise errors.forbidden(action)
    match = context.emulator.find_token(token_id) if token_id else None
    if token_id is None or match is None:
        raise errors.token_not_found(token_id or "")
    cloud, token = match
    if token.user != caller.user and "admin" not in caller.roles:
        raise errors.forbidden(action)
    return token_id, cloud, token


def validate(context: Context) -> Response:
    """Show a token."""
    action = "identity:check_token" if context.request.method == "HEAD" else "identity:validate_token"
    token_id, _, token = _require_subject_token(context, action)
    return _token(context, 200, token_id, token)


def revoke(context: Context) -> Response:
    """Revoke a token."""
    token_id, cloud, _ = _require_subject_token(context, "identity:revoke_token")
    cloud.tokens.revoke(token_id)
    return Response(204)


def catalog(context: Context) -> Response:
    """Show the service catalog; 403 for a token without a project."""
    if require_caller_token(context).project is None:
        raise errors.forbidden("")
    links = {"self": f"{base_url(context)}/v3/auth/catalog"}
    return json_response({"catalog": render.serialize_catalog(context.request.base_url), "links": links})


def _list_response(context: Context, key: str, items: list[render.JsonObject], path: str) -> Response:
    query = f"?{context.request.query_string}" if context.request.query_string else ""
    links = {"next": None, "self": f"{base_url(context)}/v3/{path}{query}", "previous": None}
    return json_response({key: items, "links": links})


def own_projects(context: Context) -> Response:
    """List the projects that the caller has a role in."""
    project = render.serialize_project(require_caller_token(context).user.project, base_url(context))
    return _list_response(context, "projects", [project], "auth/projects")


def own_domains(context: Context) -> Response:
    """List the domains that the caller has a role in: none, because users have roles in projects only."""
    require_caller_token(context)
    return _list_response(context, "domains", [], "auth/domains")


def own_systems(context: Context) -> Response:
    """List the system if the caller has a role in it, which is an admin."""
    systems = [{"all": True}] if "admin" in require_caller_token(context).user.roles else []
    return json_response({"system": systems, "links": {"self": f"{base_url(context)}/v3/auth/system"}})


def list_projects(context: Context) -> Response:
    """List the projects that match the query; for admins only."""
    caller, params, url = require_caller_token(context), _query_params(context), base_url(context)
    for name, rule in PROJECT_QUERY_RULES.items():
        if name in params and not rule.is_valid(value := params[name]):
            prefix = f"Invalid input for field/attribute {name}. Value: {value}."
            raise errors.KeystoneError(400, f"{prefix} '{value}' {rule.message}")
    if "admin" not in caller.roles:
        raise errors.forbidden("identity:list_projects")
    items = [render.serialize_project(project, url) for project in context.cloud.directory.projects]
    if "is_domain" in params and is_true(params["is_domain"]):
        items = [render.serialize_domain(url)]
    items = sorted(_filter_projects(items, params), key=itemgetter("id"))
    return _list_response(context, "projects", items, "projects")


def _query_params(context: Context) -> dict[str, str]:
    return {name: values[0] for name, values in context.request.query.items()}


def _filter_projects(items: list[render.JsonObject], params: Mapping[str, str]) -> list[render.JsonObject]:
    """Return the projects that match all filters of the query."""
    tests = [(PROJECT_FILTERS[name], value) for name, value in params.items() if name in PROJECT_FILTERS]
    return [item for item in items if all(test(item, value) for test, value in tests)]


def list_user_projects(context: Context) -> Response:
    """List the projects that a user has a role in; for that user and admins."""
    caller, user_id = require_caller_token(context), context.path_params["user_id"]
    if user_id != caller.user.id and "admin" not in caller.roles:
        raise errors.forbidden("identity:list_user_projects")
    user = context.cloud.directory.user_by_id(user_id)
    if user is None:
        raise errors.KeystoneError(404, f"Could not find user: {user_id}.")
    project = render.serialize_project(user.project, base_url(context))
    items = _filter_projects([project], _query_params(context))
    return _list_response(context, "projects", items, f"users/{user_id}/projects")


def show_project(context: Context) -> Response:
    """Show one project: the one of the caller's token, or for admins any project or the domain."""
    caller = require_caller_token(context)
    project_id = context.path_params["project_id"]
    match = next((project for project in context.cloud.directory.projects if project.id == project_id), None)
    if "admin" not in caller.roles and (match is None or match != caller.project):
        raise errors.forbidden("identity:get_project")
    if project_id == DOMAIN["id"]:
        return json_response({"project": render.serialize_domain(base_url(context))})
    if match is None:
        raise errors.KeystoneError(404, f"Could not find project: {project_id}.")
    return json_response({"project": render.serialize_project(match, base_url(context))})
