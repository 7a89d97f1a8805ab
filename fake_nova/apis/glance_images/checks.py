"""The check of the token, and the headers of every response."""

from __future__ import annotations

from fake_nova.apis.glance_images import errors, paths
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.response import Headers, Response


def respond_to_preflight(context: Context) -> Response | None:
    """Respond to OPTIONS as the CORS middleware does, unless the path takes any method."""
    takes_any_method = paths.lists_versions(context) or paths.checks_health(context)
    return None if takes_any_method else checks.respond_to_preflight(context)


def authenticate(context: Context) -> Response | None:
    """Return 401 if the token is missing or invalid, unless the path names no version.

    Unlike Nova, Glance ignores an invalid token in X-Service-Token (Glance 33.0.0, measured).
    """
    if not paths.is_versioned(context) or checks.authenticate(context) is None:
        return None
    return errors.unauthorized(context)


def response_headers(context: Context, response: Response) -> Headers:
    """Return the request id header, unless the response lists versions or is the middleware's 401."""
    if response is checks.PREFLIGHT_RESPONSE or response.status == 401 or not paths.is_versioned(context):
        return ()
    return (("x-openstack-request-id", request_id(context)),)


def request_id(context: Context) -> str:
    """Return the id of a request: a client that sends one gets it back (Glance 33.0.0)."""
    text = context.request.header("X-OpenStack-Request-ID") or context.request.request_id
    return text if text.startswith("req-") else f"req-{text}"
