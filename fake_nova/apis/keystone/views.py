"""The views of Keystone's API v3."""

from __future__ import annotations

from html import escape
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import quote

from fake_nova.apis.keystone import errors, render
from fake_nova.apis.keystone.authentication import log_in
from fake_nova.apis.keystone.bodies import resource_response
from fake_nova.apis.keystone.checks import checks_health, get_body, get_caller_token, require_subject_token
from fake_nova.apis.keystone.collections import list_response, with_link
from fake_nova.apis.keystone.links import base_url
from fake_nova.apis.keystone.project_filters import is_true
from fake_nova.cloud.tokens import Token
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.health_page import health_response
from fake_nova.wire.response import Response, json_response

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

_HTML_HEADERS = (("Content-Type", "text/html; charset=utf-8"),)

_READ_METHODS = ("GET", "HEAD", "OPTIONS")
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

#: The paths of version documents. A wrong method there gets an HTML page, elsewhere JSON.
_VERSION_PATHS = ("", "/v3", "/v2.0")


def no_route(context: Context) -> Response:
    """Respond 404 to an unknown path and 405 to a wrong method, with the pages of the web framework."""
    if checks_health(context):
        return health(context)
    path = context.request.path.removeprefix("/identity").rstrip("/")
    is_page = path in _VERSION_PATHS and (path != "/v2.0" or context.cloud.dialect.has_identity_v2)
    methods: tuple[str, ...] | None = None
    if is_page:
        methods = _READ_METHODS
    elif path.startswith("/v3/"):
        methods = _methods_of(context)
    if methods is None:
        return checks.PREFLIGHT_RESPONSE if context.request.method == "OPTIONS" else error_page(404)
    allow_header = ("Allow", ", ".join(methods))
    if context.request.method == "OPTIONS":
        return Response(200, (*_HTML_HEADERS, allow_header))
    if is_page:
        return error_page(405).with_headers(allow_header)
    return resource_response({"message": str(_werkzeug_error(405).description)}, 405, allow_header)


def _methods_of(context: Context) -> tuple[str, ...] | None:
    """Return the methods that the path of a request has, in the order of their names; None for no path."""
    find = context.router.match
    path = context.request.path
    methods = {method for method in _METHODS if find(method, path).route is not None}
    return tuple(sorted({*methods, "OPTIONS"})) if methods else None


def error_page(status: int) -> Response:
    """Return the HTML page for an error."""
    return Response(status, _HTML_HEADERS, _werkzeug_error(status).get_body().encode())


def redirect_repeated_slashes(context: Context) -> Response | None:
    """Return a 308 to the path without repeated slashes, if that has a route (Keystone 30.0.0, measured).

    Slashes at the beginning and at the end do not matter.
    """
    request = context.request
    _, _, path = request.environ.get("PATH_INFO", "").lstrip("/").partition("/")
    if "//" not in path.strip("/"):
        return None
    if request.method == "OPTIONS":
        return checks.PREFLIGHT_RESPONSE
    if context.router.match(request.method, request.path).route is None:
        return None
    clean_path = quote(request.path.removeprefix("/identity").rstrip("/"), encoding="latin-1")
    query = f"?{request.query_string}" if request.query_string else ""
    location = f"{base_url(context)}{clean_path}{query}"
    text = escape(location)
    page = (
        "<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n"
        "<p>You should be redirected automatically to the target URL: "
        f'<a href="{text}">{text}</a>. If not, click the link.\n'
    )
    return Response(308, (*_HTML_HEADERS, ("Location", location)), page.encode())


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
    document = render.serialize_token(context, token, with_catalog)
    return json_response(document, status, ("X-Subject-Token", text))


def issue(context: Context) -> Response:
    """Issue a token. Its id is only in a header."""
    auth = get_body(context).get("auth")
    return _token(context, 201, *log_in(context.emulator, auth, context.request.origin))


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
    cloud.tokens.revoke(token_id, with_chain=is_true(context.query_params.get("cascade", ["true"])[0]))
    return Response(204)


def catalog(context: Context) -> Response:
    """Show the service catalog; 403 for a token without a project."""
    project = get_caller_token(context).project
    if project is None:
        raise errors.forbidden("")
    links = {"self": f"{base_url(context)}/v3/auth/catalog"}
    return resource_response({"catalog": render.serialize_catalog(context, project), "links": links})


def own_projects(context: Context) -> Response:
    """List the projects that the caller has a role in."""
    projects = sorted(get_caller_token(context).user.projects, key=attrgetter("id"))
    items = [with_link(context, "projects", render.serialize_project(project)) for project in projects]
    return list_response(context, "projects", items)


def own_domains(context: Context) -> Response:
    """List the domains that the caller has a role in."""
    grants = get_caller_token(context).user.grants
    domains = [grant.domain for grant in grants if grant.domain is not None]
    items = [with_link(context, "domains", render.serialize_domain(domain)) for domain in domains]
    return list_response(context, "domains", items)


def own_systems(context: Context) -> Response:
    """List the system if the caller has a role in it."""
    systems = [{"all": True}] if get_caller_token(context).user.grant().roles else []
    return resource_response({"system": systems, "links": {"self": f"{base_url(context)}/v3/auth/system"}})
