"""Functions that find the cloud of a request, and the checks before a view that several services share.

A check returns a response to end the request, or None.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.tokens import SERVICE_ROLE, Token
from fake_nova.errors import Invalid
from fake_nova.images.model import Caller
from fake_nova.wire import error_responses
from fake_nova.wire.context import Context
from fake_nova.wire.endpoints import service_url
from fake_nova.wire.request import Request
from fake_nova.wire.response import JSON_HEADERS, Response, dumps

#: oslo.middleware's max_request_body_size, in bytes.
MAX_BODY_BYTES = 114_688

#: The roles of a caller without a token under the strategy ``noauth``.
_MEMBER_ROLES = frozenset(("member",))


def resolve_by_project(emulator: Emulator, _: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud of the project in the path, or else the shared cloud. Ignore the token."""
    return emulator.scope_clouds.get(project_in_url, emulator.cloud), None


def resolve_by_token(emulator: Emulator, request: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud in which a request works, and its token, or None if it has no valid token.

    The project in the path selects the cloud. If that project has no scope, the token selects it. Beside a
    service token, a token may have expired less than two days ago (keystonemiddleware 13.0.1, measured).
    """
    cloud = emulator.scope_clouds.get(project_in_url, emulator.cloud)
    text = request.token
    match = emulator.find_token(text) if text else None
    if match is None and text and _has_service_token(emulator, request):
        match = emulator.find_token(text, allow_expired=True)
    if match is None:
        return cloud, None
    if cloud.is_shared:
        cloud = match.cloud
    return cloud, match.token


def require_ready(context: Context) -> Response | None:
    """Return a 503 until the fixtures are loaded."""
    if context.emulator.ready:
        return None
    return error_responses.json_error_response(503, "The emulator is still loading its fixtures.")


#: The CORS middleware's response to an OPTIONS request that the service would reject: 200 without
#: headers or body (oslo.middleware 8.2, measured).
PREFLIGHT_RESPONSE = Response(200)


def respond_to_preflight(context: Context) -> Response | None:
    """Respond to OPTIONS as the CORS middleware does, without a token. No versioned route accepts OPTIONS."""
    return PREFLIGHT_RESPONSE if context.request.method == "OPTIONS" else None


def limit_body_size(context: Context) -> Response | None:
    """Return a 413 if the body is larger than the limit."""
    request = context.request
    if "CONTENT_LENGTH" in request.environ and request.content_length > MAX_BODY_BYTES:
        return too_large_response(context)
    return None


def too_large_response(context: Context) -> Response:
    """Return the 413 of oslo.middleware, which does not fill in the placeholder of its message."""
    explanation = "Request is too large. Larger than max_request_body_size (%s)."
    return error_responses.error_page(413, explanation).response(context.request.environ)


def authenticate(context: Context) -> Response | None:
    """Return a 401 for a missing or invalid token, if the strategy is ``keystone``."""
    if context.cloud.settings.auth_strategy == "noauth":
        return None
    return unauthorized_response(context) if context.token is None else None


def require_valid_service_token(context: Context) -> Response | None:
    """Return a 401 for a token in X-Service-Token that is not a service token, under ``keystone``."""
    request = context.request
    if context.cloud.settings.auth_strategy == "noauth" or not request.header("X-Service-Token"):
        return None
    return None if _has_service_token(context.emulator, request) else unauthorized_response(context)


def _has_service_token(emulator: Emulator, request: Request) -> bool:
    """Return whether X-Service-Token holds the valid token of a user with the role ``service``."""
    text = request.header("X-Service-Token")
    match = emulator.find_token(text.strip()) if text else None
    return match is not None and SERVICE_ROLE in match.token.roles


def unauthorized_response(context: Context) -> Response:
    """Return the 401 of keystonemiddleware. It is JSON, whatever Accept asks for (measured)."""
    message = "The request you have made requires authentication."
    body = {"error": {"code": 401, "title": "Unauthorized", "message": message}}
    challenge = ("WWW-Authenticate", f'Keystone uri="{service_url(context, "identity")}"')
    return Response(401, (*JSON_HEADERS, challenge), dumps(body))


#: Builds a caller once, and then returns the cached one.
_cached_caller: Final = lru_cache(maxsize=1024)(Caller)

#: A caller whose project id is longer is not cached, so that the cache is bounded in bytes.
_MAX_CACHED_CHARS: Final = 200


def assign_project(context: Context) -> None:
    """Give the caller a project, but only under the strategy ``noauth``.

    It is the project of the URL, or of the token, or else the first project of the directory.
    """
    if context.cloud.settings.auth_strategy == "noauth":
        project = context.project
        roles = context.caller.roles or _MEMBER_ROLES
        build_caller = _cached_caller if len(project) <= _MAX_CACHED_CHARS else Caller
        context.caller = build_caller(project, roles, context.cloud.database)


def decode_path_params(context: Context) -> None:
    """Decode the path parameters as UTF-8.

    Raises:
        Invalid: if they are not UTF-8.
    """
    try:
        params = context.path_params.items()
        context.path_params = {name: segment.encode("latin-1").decode() for name, segment in params}
    except UnicodeError as error:
        raise Invalid(f"path: invalid bytes ({error}); expected UTF-8") from error


def advance_plans(context: Context) -> None:
    """Apply the due steps of all plans, so that the view sees the images as they are now."""
    cloud = context.cloud
    cloud.lifecycle.apply_due_steps()
    if cloud.server_lifecycle.active_works:
        cloud.server_lifecycle.apply_due_steps()
