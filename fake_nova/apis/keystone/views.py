"""Keystone v3."""

from __future__ import annotations

import re
from collections.abc import Mapping
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from fake_nova.apis.keystone import errors, render
from fake_nova.apis.keystone.authentication import claimed, log_in
from fake_nova.apis.keystone.links import root
from fake_nova.apis.keystone.tables import DOMAIN, PROJECT_FILTERS, PROJECT_QUERY, is_true
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.tokens import Token
from fake_nova.errors import BodyStalled, BodyTooLarge, Invalid
from fake_nova.wire import checks, hints, json_body, nova_errors
from fake_nova.wire.call import Answer, Call, Headers

if TYPE_CHECKING:
    from werkzeug.exceptions import HTTPException

_HTML = (("Content-Type", "text/html; charset=utf-8"),)

_READ = ("GET", "HEAD", "OPTIONS")

#: Paths of the service -> the methods that they take, for a wrong one's answer.
_METHODS = {
    "/v3/auth/tokens": ("DELETE", "GET", "HEAD", "OPTIONS", "POST"),
    "/v3/auth/catalog": _READ,
    "/v3/auth/projects": _READ,
    "/v3/auth/domains": _READ,
    "/v3/auth/system": _READ,
    "/v3/projects": _READ,
}

#: Paths with an id in them, which take the same methods.
_BELOW_PROJECTS = re.compile("/v3/projects/|/v3/users/[^/]+/projects$")

#: The documents of versions; their wrong methods are answered with a page, all others with JSON.
_PAGES = ("", "/v3", "/v2.0")


def headers(call: Call, answer: Answer) -> Headers:
    """Every answer depends on the token, and has a request id of one kind only."""
    if answer is checks.PREFLIGHT:
        return ()
    return ("Vary", "X-Auth-Token"), ("x-openstack-request-id", call.request_id)


def error(call: Call, raised: Exception) -> Answer | None:
    """Word an error as the identity service does."""
    if isinstance(raised, errors.KeystoneError):
        return errors.worded(call, raised)
    if isinstance(raised, BodyTooLarge):
        return checks.too_large(call)
    if isinstance(raised, Invalid):
        return errors.worded(call, errors.KeystoneError(400, raised.message))
    if isinstance(raised, nova_errors.Refused):
        return errors.worded(call, errors.KeystoneError(raised.status, raised.message))
    return None


def has_json(call: Call) -> Answer | None:
    """400 for a body that is no JSON object, whatever the path and the method; of OPTIONS an empty answer."""
    try:
        body_of(call)
    except (errors.KeystoneError, BodyTooLarge, Invalid) as raised:
        return checks.PREFLIGHT if call.method == "OPTIONS" else error(call, raised)
    except BodyStalled:
        return nova_errors.stalled()
    return None


def in_scope(call: Call) -> None:
    """Find the cloud that a request is about: the one of its token, else of who logs in."""
    found = call.emulator.find_token(call.token) if call.token else None
    if found is None and call.method == "POST":
        claim = claimed(body_of(call).get("auth"), v2=call.path.startswith("/identity/v2"))
        found = call.emulator.find_token(claim.token) if claim.token is not None else None
        if found is None and (scope := call.emulator.scope_of_user(claim.name, claim.user_id)) is not None:
            call.cloud = call.emulator.cloud_of(scope.project.id)
    if found is not None:
        call.cloud = found[0]


def no_route(call: Call) -> Answer:
    """404 for a path that is not there, 405 for a method: the web framework's own pages, as there."""
    path = call.path.removeprefix("/identity").rstrip("/")
    is_page = path in _PAGES[: 3 if call.dialect.identity_v2 else 2]
    known = "/v3/projects" if _BELOW_PROJECTS.match(path) else path
    methods = _READ if is_page else _METHODS.get(known)
    if methods is None:
        return checks.PREFLIGHT if call.method == "OPTIONS" else missing_page()
    allow = ("Allow", ", ".join(methods))
    if call.method == "OPTIONS":
        return Answer(200, (*_HTML, allow))
    if is_page:
        return _page(405).with_headers(allow)
    return nova_errors.document({"message": str(_framework_error(405).description)}, 405, allow)


def missing_page() -> Answer:
    """Return the page of a path that is not there."""
    return _page(404)


def _page(status: int) -> Answer:
    return Answer(status, _HTML, _framework_error(status).get_body().encode())


def _framework_error(status: int) -> HTTPException:
    """Return what the web framework, which is the real service's too, says of a status."""
    from werkzeug.exceptions import default_exceptions  # noqa: PLC0415  # the start does without it

    return default_exceptions[status]()


def versions(call: Call) -> Answer:
    """300: the versions that the dialect has."""
    versions = [render.version(root(call))]
    if call.dialect.identity_v2:
        versions.append(render.version_2(root(call)))
    location = ("Location", f"{root(call)}/v3/")
    return nova_errors.document({"versions": {"values": versions}}, 300, location)


def version(call: Call) -> Answer:
    """Show what v3 is."""
    return nova_errors.document({"version": render.version(root(call))})


def body_of(call: Call) -> dict[str, Any]:
    """Return the JSON object of a request; no body is an empty one. It is read once, and no journal shows it.

    Raises:
        KeystoneError: 400 for another media type, and for what is no JSON object.
    """
    if call.secret_body is None:
        call.secret_body = _read_body(call)
    return call.secret_body


def _read_body(call: Call) -> dict[str, Any]:
    content = call.read(checks.MAX_BODY)
    if not content:
        return {}
    media_type = (call.header("Content-Type") or "").partition(";")[0].strip().lower()
    if media_type not in ("", "application/json") and not media_type.endswith("+json"):
        raise errors.expecting("application/json", "Content-Type header")
    try:
        body = json_body.parsed(content)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise errors.expecting("valid JSON", "request body")
    return body


def _token(call: Call, status: int, text: str, token: Token) -> Answer:
    document = render.token(token, call.origin, with_catalogue="nocatalog" not in call.query)
    return nova_errors.document(document, status, ("X-Subject-Token", text))


def issue(call: Call) -> Answer:
    """Issue a token; its text is in a header only."""
    return _token(call, 201, *log_in(call.emulator, body_of(call).get("auth")))


def caller_of(call: Call) -> Token:
    """Return the token of the request; KeystoneError 401 where it is none, or not any more."""
    text = (call.header("X-Auth-Token") or "").strip()
    found = call.emulator.find_token(text)
    if found is None:
        raise errors.unauthorized(hints.UNKNOWN if text else f"{hints.MISSING}.")
    return found[1]


def _subject(call: Call, action: str) -> tuple[str, Cloud, Token]:
    """Return the token that the request is about, with its text and cloud: the caller's own, or for an admin
    anybody's.

    Raises:
        KeystoneError: 401 for the caller's token, 404 for a subject that is none, 403 for somebody else's.
    """
    caller = caller_of(call)
    text = call.header("X-Subject-Token")
    if text is None and "admin" not in caller.roles:
        raise errors.forbidden(action)
    found = call.emulator.find_token(text) if text else None
    if text is None or found is None:
        raise errors.no_token(text or "")
    cloud, token = found
    if token.user != caller.user and "admin" not in caller.roles:
        raise errors.forbidden(action)
    return text, cloud, token


def validate(call: Call) -> Answer:
    """Show what a token stands for."""
    action = "identity:check_token" if call.method == "HEAD" else "identity:validate_token"
    text, _, token = _subject(call, action)
    return _token(call, 200, text, token)


def revoke(call: Call) -> Answer:
    """Revoke a token."""
    text, cloud, _ = _subject(call, "identity:revoke_token")
    cloud.tokens.revoke(text)
    return Answer(204)


def catalog(call: Call) -> Answer:
    """Show the catalogue; a token without a project gets none."""
    if caller_of(call).project is None:
        raise errors.forbidden("")
    links = {"self": f"{root(call)}/v3/auth/catalog"}
    return nova_errors.document({"catalog": render.catalogue(call.origin), "links": links})


def _listed(call: Call, what: str, found: list[render.Document], path: str) -> Answer:
    query = f"?{call.query_string}" if call.query_string else ""
    links = {"next": None, "self": f"{root(call)}/v3/{path}{query}", "previous": None}
    return nova_errors.document({what: found, "links": links})


def own_projects(call: Call) -> Answer:
    """List the projects that the caller has a role in."""
    project = render.project(caller_of(call).user.project, root(call))
    return _listed(call, "projects", [project], "auth/projects")


def own_domains(call: Call) -> Answer:
    """List the domains that the caller has a role in: none, for roles are in projects here."""
    caller_of(call)
    return _listed(call, "domains", [], "auth/domains")


def own_systems(call: Call) -> Answer:
    """Say whether the caller has a role in the system: an admin has."""
    found = [{"all": True}] if "admin" in caller_of(call).user.roles else []
    return nova_errors.document({"system": found, "links": {"self": f"{root(call)}/v3/auth/system"}})


def projects(call: Call) -> Answer:
    """List the projects that a query's filters leave, for an admin."""
    caller = caller_of(call)
    asked = _asked(call)
    for name, rule in PROJECT_QUERY.items():
        if name in asked and not rule.test(value := asked[name]):
            what = f"Invalid input for field/attribute {name}. Value: {value}."
            raise errors.KeystoneError(400, f"{what} '{value}' {rule.wrong}")
    if "admin" not in caller.roles:
        raise errors.forbidden("identity:list_projects")
    found = [render.project(one, root(call)) for one in call.cloud.directory.projects]
    if "is_domain" in asked and is_true(asked["is_domain"]):
        found = [render.domain(root(call))]
    return _listed(call, "projects", sorted(_left(found, asked), key=itemgetter("id")), "projects")


def _asked(call: Call) -> dict[str, str]:
    return {name: values[0] for name, values in call.query.items()}


def _left(found: list[render.Document], asked: Mapping[str, str]) -> list[render.Document]:
    """Return the projects that a query's filters leave."""
    tests = [(PROJECT_FILTERS[name], value) for name, value in asked.items() if name in PROJECT_FILTERS]
    return [one for one in found if all(test(one, value) for test, value in tests)]


def user_projects(call: Call) -> Answer:
    """List the projects that a user has a role in: the caller, or for an admin anybody."""
    caller, user_id = caller_of(call), call.parts["user_id"]
    if user_id != caller.user.id and "admin" not in caller.roles:
        raise errors.forbidden("identity:list_user_projects")
    user = call.cloud.directory.user_of_id(user_id)
    if user is None:
        raise errors.KeystoneError(404, f"Could not find user: {user_id}.")
    found = _left([render.project(user.project, root(call))], _asked(call))
    return _listed(call, "projects", found, f"users/{user_id}/projects")


def project(call: Call) -> Answer:
    """Show one project: the one of the caller's token, or for an admin any, and the domain."""
    caller = caller_of(call)
    project_id = call.parts["project_id"]
    found = next((one for one in call.cloud.directory.projects if one.id == project_id), None)
    if "admin" not in caller.roles and (found is None or found != caller.project):
        raise errors.forbidden("identity:get_project")
    if project_id == DOMAIN["id"]:
        return nova_errors.document({"project": render.domain(root(call))})
    if found is None:
        raise errors.KeystoneError(404, f"Could not find project: {project_id}.")
    return nova_errors.document({"project": render.project(found, root(call))})
