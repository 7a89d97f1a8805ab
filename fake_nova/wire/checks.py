"""What Nova asks of a request before a view sees it; each check answers, or lets it pass."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fake_nova.errors import Invalid
from fake_nova.images.model import Caller
from fake_nova.wire import json_body, microversion, nova_errors
from fake_nova.wire.call import Answer, Call

#: oslo.middleware's max_request_body_size, in bytes.
MAX_BODY = 114_688

_PROJECT_ID = re.compile(r"[0-9a-f-]+")

#: The roles of everybody where no token is asked for.
_MEMBER = frozenset(("member",))

#: Media types of a body that Nova reads, all as JSON (Nova 34.0.0, measured: in lower case only).
_JSON_TYPES = ("application/json", "application/vnd.openstack.compute+json", "text/plain", "")


def is_project_id(part: str) -> bool:
    """Whether a part of a path can be a project id: hexadecimal digits and hyphens (Nova 34.0.0)."""
    return _PROJECT_ID.fullmatch(part) is not None


def is_ready(call: Call) -> Answer | None:
    """503 until the fixtures are in."""
    if call.emulator.ready:
        return None
    return nova_errors.error(503, "The emulator is still loading its fixtures.")


#: What the CORS middleware makes of OPTIONS wherever the service does not succeed: 200 and nothing else, and
#: no header (measured; oslo.middleware 8.2).
PREFLIGHT = Answer(200)


def is_no_preflight(call: Call) -> Answer | None:
    """OPTIONS is answered by the CORS middleware, without a token; no path below a version takes it."""
    return PREFLIGHT if call.method == "OPTIONS" else None


def is_small(call: Call) -> Answer | None:
    """413 for a body above the limit; the placeholder in the message is the real service's."""
    return too_large(call) if "CONTENT_LENGTH" in call.environ and call.content_length > MAX_BODY else None


def too_large(call: Call) -> Answer:
    """Return the 413 of oslo.middleware."""
    text = "Request is too large. Larger than max_request_body_size (%s)."
    return nova_errors.error_page(413, text).answer(call.environ)


def has_token(call: Call) -> Answer | None:
    """Find out who calls, and in which scope; with the strategy ``keystone`` no good token is a 401."""
    text = call.token
    found = call.emulator.find_token(text) if text else None
    if found is not None:
        cloud, token = found
        call.caller = token.caller
        if call.cloud.is_shared and not cloud.is_shared:
            call.cloud = cloud
    if call.cloud.settings.auth_strategy == "noauth":
        return None
    service_token = call.header("X-Service-Token")
    if found is None or (service_token and call.emulator.find_token(service_token.strip()) is None):
        return unauthorized(call)
    return None


def unauthorized(call: Call) -> Answer:
    """Return keystonemiddleware's 401: JSON whatever Accept says (measured)."""
    body = {
        "error": {
            "code": 401,
            "title": "Unauthorized",
            "message": "The request you have made requires authentication.",
        }
    }
    where = ("WWW-Authenticate", f'Keystone uri="{call.origin}/identity"')
    return Answer(401, (*nova_errors.JSON_HEADERS, where), nova_errors.dumps(body))


def has_version(call: Call) -> Answer | None:
    """Read the microversion: 400 where it is malformed, 406 where it is not supported.

    /v2 ignores both headers, even nonsense (measured).
    """
    if is_legacy_path(call.path):
        return None
    sent = call.environ
    try:
        version = microversion.read(
            sent.get(microversion.WSGI_HEADER), sent.get(microversion.WSGI_LEGACY_HEADER)
        )
    except microversion.MalformedVersion as error:
        return nova_errors.error(
            400,
            f"API Version String {error} is of invalid format. Must be of format MajorNum.MinorNum.",
        )
    call.microversion = version
    if version is microversion.MINIMUM or microversion.MINIMUM <= version <= microversion.MAXIMUM:
        return None
    return nova_errors.error(
        406,
        f"Version {version} is not supported by the API. Minimum is {microversion.MINIMUM} and maximum is "
        f"{microversion.MAXIMUM}.",
    )


def is_legacy_path(path: str) -> bool:
    """Whether *path* is below /v2, which knows no microversions."""
    return path.startswith("/v2/") or path == "/v2"


def has_json(call: Call) -> Answer | None:
    """415 for a body that calls itself something else than JSON, and 400 for one that is none.

    Only POST and PUT have a body, and only where the request gives its length (measured).
    """
    named = call.environ.get("CONTENT_TYPE")
    if named and named.partition(";")[0] not in _JSON_TYPES:
        return nova_errors.error(415, "Unsupported Content-Type")
    if call.method not in ("POST", "PUT") or not call.content_length:
        return None
    try:
        call.body = json_body.parsed(call.read(MAX_BODY))
    except (ValueError, Invalid):
        return nova_errors.error(400, "Malformed request body")
    return None


#: The one object that stands for a caller, as long as it is remembered.
_remembered: Final = lru_cache(maxsize=1024)(Caller)

#: Projects with a longer id are made anew each time, so that the cache is bounded in bytes.
_LONGEST_REMEMBERED: Final = 200


def is_own_project(call: Call) -> Answer | None:
    """400 where the URL names another project than the token, for an admin too (measured).

    With the strategy ``noauth`` the project is the URL's; without one the token's if it is one of ours, else
    the fixtures' first.
    """
    project = call.caller.project_id
    if call.cloud.settings.auth_strategy == "noauth":
        project = call.url_project or project or call.cloud.directory.first_project.id
        caller = _remembered if len(project) <= _LONGEST_REMEMBERED else Caller
        call.caller = caller(project, call.caller.roles or _MEMBER)
    elif call.url_project and call.url_project != project:
        return nova_errors.error(
            400,
            f"Malformed request URL: URL's project_id '{call.url_project}' doesn't match Context's "
            f"project_id '{project}'",
        )
    return None


def is_up_to_date(call: Call) -> None:
    """Do what is due of the images' plans, before anything is looked at."""
    call.cloud.lifecycle.settle()


def has_route(call: Call) -> Answer | None:
    """404 where the microversion is behind the route's last one."""
    last = call.route.last_microversion if call.route is not None else None
    version = call.microversion
    if last is None or version is None or version.minor <= last:
        return None
    return nova_errors.error(404, nova_errors.NOT_FOUND)
