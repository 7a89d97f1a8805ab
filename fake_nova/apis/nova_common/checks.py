"""What Nova does before a view, and the headers that it adds after it.

A check returns a response to end the request, or None.
"""

from __future__ import annotations

import re

from fake_nova.apis.nova_common import errors as nova_errors
from fake_nova.apis.nova_common import hints as nova_hints
from fake_nova.apis.nova_common import microversion
from fake_nova.errors import Invalid
from fake_nova.wire import checks, json_body
from fake_nova.wire.checks import MAX_BODY_BYTES
from fake_nova.wire.context import Context
from fake_nova.wire.error_responses import json_error_response
from fake_nova.wire.response import Headers, Response

_PROJECT_ID = re.compile(r"[0-9a-f-]+")

#: The media types of bodies that Nova reads, all as JSON and in lower case only (Nova 34.0.0, measured).
_JSON_MEDIA_TYPES = ("application/json", "application/vnd.openstack.compute+json", "text/plain", "")


def is_project_id(segment: str) -> bool:
    """Return whether a path segment can be a project id: hexadecimal digits and hyphens (Nova 34.0.0)."""
    return _PROJECT_ID.fullmatch(segment) is not None


def without_final_newline(segments: list[str]) -> list[str]:
    """Return the segments of a path without a newline at its end, which Nova's router drops (measured)."""
    return [*segments[:-1], segments[-1].removesuffix("\n")] if segments else segments


def read_microversion(context: Context) -> Response | None:
    """Read the microversion. Return a 400 if it is malformed, and a 406 if it is not supported.

    /v2 ignores both headers, even malformed ones (measured).
    """
    request = context.request
    if is_legacy_path(request.path):
        return None
    environ = request.environ
    header = environ.get(microversion.ENVIRON_KEY)
    legacy_header = environ.get(microversion.LEGACY_ENVIRON_KEY)
    if header is None and legacy_header is None:
        context.microversion = microversion.MINIMUM
        return None
    try:
        version = microversion.parse_headers(header, legacy_header)
    except microversion.MalformedVersion as error:
        message = f"API Version String {error} is of invalid format. Must be of format MajorNum.MinorNum."
        return json_error_response(400, message)
    context.microversion = version
    if microversion.MINIMUM <= version <= microversion.MAXIMUM:
        return None
    limits = f"Minimum is {microversion.MINIMUM} and maximum is {microversion.MAXIMUM}."
    return json_error_response(406, f"Version {version} is not supported by the API. {limits}")


def is_legacy_path(path: str) -> bool:
    """Return whether *path* is below /v2, which has no microversions."""
    return path.startswith("/v2/") or path == "/v2"


def parse_json_body(context: Context) -> Response | None:
    """Parse the body. Return a 415 for a media type that Nova does not read, and a 400 for invalid JSON.

    Nova reads a body only for POST and PUT, and only if the request has a Content-Length (measured).
    """
    content_type = context.request.environ.get("CONTENT_TYPE")
    if content_type and content_type.partition(";")[0] not in _JSON_MEDIA_TYPES:
        return json_error_response(415, "Unsupported Content-Type")
    if context.request.method not in ("POST", "PUT") or not context.request.content_length:
        return None
    try:
        body = json_body.parse(context.request.read_body(MAX_BODY_BYTES))
    except (ValueError, Invalid):
        return json_error_response(400, "Malformed request body")
    context.json_body = body
    context.trace.json_body = body
    return None


def bind_project(context: Context) -> Response | None:
    """Return a 400 if the URL names another project than the token, even for an admin (measured).

    Under the strategy ``noauth`` the caller gets a project, that of the URL if there is one.
    """
    checks.assign_project(context)
    project = context.caller.project_id
    project_in_url = context.project_in_url
    if project_in_url and project_in_url != project:
        mismatch = f"URL's project_id '{project_in_url}' doesn't match Context's project_id '{project}'"
        context.trace.reason = nova_hints.explain_project(project)
        return json_error_response(400, f"Malformed request URL: {mismatch}")
    return None


def require_microversion(context: Context) -> Response | None:
    """Return a 404 if the microversion is later than the last one that has the route."""
    last_minor = context.route.last_microversion if context.route is not None else None
    version = context.microversion
    if last_minor is None or version is None or version.minor <= last_minor:
        return None
    return json_error_response(404, nova_errors.NOT_FOUND_MESSAGE)


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
