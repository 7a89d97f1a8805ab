"""The views of the services that have only empty lists."""

from __future__ import annotations

from fake_nova.apis.empty_services.tables import EmptyService
from fake_nova.support.endpoints import ADDED_PATHS
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.response import Headers, Response, json_response

_NOT_FOUND = "The resource could not be found."

#: Swift's page for a 404.
_SWIFT_PAGE = b"<html><h1>Not Found</h1><p>The resource could not be found.</p></html>"

#: The counts of an account without containers.
_SWIFT_COUNTS = (
    ("X-Account-Container-Count", "0"),
    ("X-Account-Object-Count", "0"),
    ("X-Account-Bytes-Used", "0"),
)


def authenticate(context: Context) -> Response | None:
    """Return a 401 for a missing or invalid token, unless the request is for the versions."""
    is_public = context.operation.endswith(".versions")
    return None if is_public else checks.authenticate(context)


def response_headers(context: Context, _: Response) -> Headers:
    """Return the id of the request."""
    return (("x-openstack-request-id", context.request.request_id),)


def versions(context: Context, service: EmptyService) -> Response:
    """Show the versions. Only the first path of Cinder has the status 300."""
    path = ADDED_PATHS[context.service.name]
    is_first = context.request.path.rstrip("/") in (path, path + service.version_paths[0])
    body = service.serialize_versions(context.request.origin + path)
    return json_response(body, service.versions_status if is_first else 200)


def empty_list(_: Context, key: str) -> Response:
    """Show an empty list."""
    return json_response({key: []})


def empty_account(context: Context) -> Response:
    """Show an account of Swift without containers: as JSON if the client asks for it."""
    wants_json = "json" in context.request.query_string + (context.request.header("Accept") or "")
    if wants_json and context.request.method == "GET":
        return json_response([]).with_headers(*_SWIFT_COUNTS)
    return Response(204, (("Content-Type", "text/plain; charset=utf-8"), *_SWIFT_COUNTS))


def not_found(context: Context, service: EmptyService) -> Response:
    """Respond 404 as the service does; 401 without a token."""
    response = checks.authenticate(context)
    if response is not None:
        return response
    context.trace.reason = (
        f"The service {context.service.name} has only its versions and empty lists; see the setting catalog."
    )
    if service.serialize_error is None:
        return Response(404, (("Content-Type", "text/html; charset=UTF-8"),), _SWIFT_PAGE)
    return json_response(service.serialize_error(_NOT_FOUND, context.request.request_id), 404)
