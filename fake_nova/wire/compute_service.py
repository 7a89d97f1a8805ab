"""The compute service: its paths, its checks, and its errors in Nova's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fake_nova import errors
from fake_nova.wire import checks, hints, microversion
from fake_nova.wire.context import Context
from fake_nova.wire.cors import CorsDefaults
from fake_nova.wire.nova_errors import NovaError, as_glanceclient_shows, error_page, nova_error_response
from fake_nova.wire.response import Headers, Response
from fake_nova.wire.service import InjectedError, Service

_NOT_VISIBLE_MESSAGE: Final = "HTTP 403 Forbidden: Forbidding request, image {} not visible"

ErrorDescriber = Callable[[Any], tuple[int, str]]


def _describe_marker_not_found(error: errors.MarkerNotFound) -> tuple[int, str]:
    # Glance checks the length first, and does not fill in that message (measured).
    message = f"No image found with ID {error.marker}"
    if len(error.marker) > 36:
        message = "Image with the given id %(image_id)s was not found"
    return 400, f"HTTP 400 Bad Request: {as_glanceclient_shows(message)}"


#: Exception -> status and message in Nova's words (Nova 34.0.0, measured).
NOVA_ERROR_MESSAGES: Final[Mapping[type[Exception], ErrorDescriber]] = {
    errors.ImageNotFound: lambda _: (404, "Image not found."),
    errors.MarkerNotFound: _describe_marker_not_found,
    errors.MarkerNotVisible: lambda error: (403, _NOT_VISIBLE_MESSAGE.format(error.marker)),
    errors.UpdateForbidden: lambda error: (403, f"Not authorized for image {error.image_id}."),
    errors.DeleteForbidden: lambda _: (403, "You are not allowed to delete the image."),
    errors.Invalid: lambda error: (400, f"HTTP 400 Bad Request: {as_glanceclient_shows(error.message)}"),
    errors.QueryNotUTF8: lambda error: (400, error.message),
    errors.TooManyParameters: lambda error: (400, error.message),
    NovaError: lambda error: (error.status, error.message),
}


def render_nova_error(context: Context, error: Exception) -> Response | None:
    """Render an exception as Nova does. Return None for an unknown exception."""
    if isinstance(error, errors.BodyTooLarge):
        return checks.too_large_response(context)
    describe = NOVA_ERROR_MESSAGES.get(type(error))
    return nova_error_response(*describe(error)) if describe is not None else None


def render_injected_nova_error(context: Context, injected_error: InjectedError) -> Response:
    """Render the error of a fault as Nova does, and a 401 as keystonemiddleware does."""
    if injected_error.status == 401:
        return checks.unauthorized_response(context)
    return nova_error_response(*injected_error)


def nova_response_headers(context: Context, _: Response) -> Headers:
    """Return the microversion and the request ids; nothing for OPTIONS without a route."""
    if context.route is None and context.request.method == "OPTIONS":
        return ()
    return microversion_and_id_headers(context)


def microversion_and_id_headers(context: Context) -> Headers:
    """Return the headers of a versioned response: the microversion, and the request id under both names."""
    request_id = context.request.request_id
    ids = ("x-openstack-request-id", request_id), ("x-compute-request-id", request_id)
    return microversion.response_headers(context.microversion) + ids


#: Nova's defaults for CORS (nova.middleware in Nova 34.0.0).
CORS_DEFAULTS: Final = CorsDefaults(
    allow_headers=(
        "X-Auth-Token",
        "X-Openstack-Request-Id",
        "X-Identity-Status",
        "X-Roles",
        "X-Service-Catalog",
        "X-User-Id",
        "X-Tenant-Id",
        "X-OpenStack-Nova-API-Version",
        "OpenStack-API-Version",
    ),
    expose_headers=(
        "X-Auth-Token",
        "X-Openstack-Request-Id",
        "X-Subject-Token",
        "X-Service-Token",
        "X-OpenStack-Nova-API-Version",
        "OpenStack-API-Version",
    ),
)

#: The paths below /v2 and /v2.1.
COMPUTE = Service(
    name="compute",
    prefixes=("v2", "v2.1"),
    resolve_cloud=checks.resolve_by_token,
    # Nova's order: size and token come before the route. Then come the microversion, the body, the project in
    # the URL, and the last microversion of the route.
    checks_before_routing=(
        checks.require_ready,
        checks.respond_to_preflight,
        checks.limit_body_size,
        checks.authenticate,
    ),
    checks_after_routing=(
        checks.read_microversion,
        checks.parse_json_body,
        checks.bind_project,
        checks.require_microversion,
        checks.advance_plans,
    ),
    no_route_view=lambda context: error_page(404).response(context.request.environ),
    render_error=render_nova_error,
    render_injected_error=render_injected_nova_error,
    response_headers=nova_response_headers,
    error_hints=(
        hints.explain_token,
        hints.explain_microversion,
        hints.explain_route,
        hints.explain_media_type,
    ),
    cors=CORS_DEFAULTS,
    is_project_segment=checks.is_project_id,
)
