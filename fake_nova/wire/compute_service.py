"""The services that share the port, each a row: whose paths, which checks, whose words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fake_nova import errors
from fake_nova.wire import checks, hints, microversion, nova_errors
from fake_nova.wire.call import Answer, Call, Headers
from fake_nova.wire.nova_errors import Refused
from fake_nova.wire.routing import Refusal, Service

Wording = Callable[[Any], tuple[int, str]]


def _unknown_marker(error: errors.MarkerNotFound) -> tuple[int, str]:
    # Glance looks at the length first, and forgets to fill in what it says then (measured).
    message = f"No image found with ID {error.marker}"
    if len(error.marker) > 36:
        message = "Image with the given id %(image_id)s was not found"
    return 400, f"HTTP 400 Bad Request: {nova_errors.escaped(message)}"


#: Error of the domain -> status and message in Nova's words (Nova 34.0.0, measured).
NOVA_WORDS: Final[Mapping[type[Exception], Wording]] = {
    errors.ImageNotFound: lambda _: (404, "Image not found."),
    errors.MarkerNotFound: _unknown_marker,
    errors.MarkerNotVisible: lambda error: (
        403,
        f"HTTP 403 Forbidden: Forbidding request, image {error.marker} not visible",
    ),
    errors.NotPermitted: lambda error: (403, f"Not authorized for image {error.image_id}."),
    errors.NotDeletable: lambda _: (403, "You are not allowed to delete the image."),
    errors.Invalid: lambda error: (400, f"HTTP 400 Bad Request: {nova_errors.escaped(error.message)}"),
    Refused: lambda error: (error.status, error.message),
}


def nova_error(call: Call, error: Exception) -> Answer | None:
    """Word an error of the domain as Nova does; None where it is none."""
    if isinstance(error, errors.BodyTooLarge):
        return checks.too_large(call)
    wording = NOVA_WORDS.get(type(error))
    return nova_errors.error(*wording(error)) if wording is not None else None


def nova_refusal(call: Call, refusal: Refusal) -> Answer:
    """Word an error that a fault asks for as Nova does, and a 401 as the middleware before it."""
    if refusal.status == 401:
        return checks.unauthorized(call)
    return nova_errors.error(refusal.status, refusal.message, refusal.retry_after)


def nova_headers(call: Call, _: Answer) -> Headers:
    """Request ids on all but OPTIONS; microversion headers once it is known which version answers."""
    return () if call.route is None and call.method == "OPTIONS" else identified(call)


def identified(call: Call) -> Headers:
    """Return the headers of what is below a version: microversion, and the request's id under both names."""
    ids = ("x-openstack-request-id", call.request_id), ("x-compute-request-id", call.request_id)
    return microversion.headers(call.microversion) + ids


def _not_found(call: Call) -> Answer:
    return nova_errors.error_page(404).answer(call.environ)


#: Nova's API below /v2 and /v2.1.
COMPUTE = Service(
    name="compute",
    prefixes=("v2", "v2.1"),
    before=(checks.is_ready, checks.is_no_preflight, checks.is_small, checks.has_token),
    after=(
        checks.has_version,
        checks.has_json,
        checks.is_own_project,
        checks.has_route,
        checks.is_up_to_date,
    ),
    no_route=_not_found,
    error=nova_error,
    refuse=nova_refusal,
    headers=nova_headers,
    hints=(hints.on_token, hints.on_project, hints.on_version, hints.on_route, hints.on_media_type),
    project_in_path=checks.is_project_id,
)
