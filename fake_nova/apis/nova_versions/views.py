"""The views of the version documents, and the checks before them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common import negotiation
from fake_nova.apis.nova_common.checks import microversion_and_id_headers
from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError, render_nova_error
from fake_nova.apis.nova_common.negotiation import NOVA_MEDIA_TYPES, content_type_header
from fake_nova.apis.nova_versions.tables import (
    API_VERSIONS,
    ATOM_MEDIA_TYPE,
    SERVICES_BY_USUAL_PREFIX,
    V2,
    V2_1,
    ApiVersion,
)
from fake_nova.errors import InvalidQuery
from fake_nova.wire import checks, query_string
from fake_nova.wire.context import Context
from fake_nova.wire.response import Headers, Response, dumps


def version_from_media_type(context: Context) -> ApiVersion | None:
    """Return the version that a media type's parameter names, or None if the path names one (measured)."""
    request = context.request
    if context.route is not None and request.path != "/":
        return None
    media_types = request.environ.get("CONTENT_TYPE") or "", request.environ.get("HTTP_ACCEPT") or ""
    if "version" not in "".join(media_types):
        return None
    path = f"v{negotiation.nova_version_parameter(*media_types, NOVA_MEDIA_TYPES)}".rstrip("/")
    return next((version for version in API_VERSIONS if version.path == path), None)


def require_known_microversion(context: Context) -> Response | None:
    """Check the microversion of a request to v2.1; ignore it for v2 and outside a version."""
    is_current = context.request.path in ("/v2.1", "/v2.1/") or version_from_media_type(context) is V2_1
    error = nova_checks.read_microversion(context) if is_current else None
    return _unless_preflight(context, error)


def require_valid_body_and_query(context: Context) -> Response | None:
    """Check body and query as Nova does for all its resources; 415 or 400 if one is invalid."""
    response = nova_checks.parse_json_body(context)
    if response is None:
        try:
            query_string.parse(context.request.query_string)
        except InvalidQuery as error:
            response = render_nova_error(context, error)
    return _unless_preflight(context, response)


def _unless_preflight(context: Context, response: Response | None) -> Response | None:
    is_preflight = response is not None and context.request.method == "OPTIONS"
    return checks.PREFLIGHT_RESPONSE if is_preflight else response


def response_headers(context: Context, response: Response) -> Headers:
    """Return request ids and microversion for a response below a version; no headers for ``/`` and a 300."""
    is_below = context.route is not None and context.request.path != "/"
    if response is checks.PREFLIGHT_RESPONSE or not (is_below or version_from_media_type(context)):
        return ()
    return microversion_and_id_headers(context)


def _serialize_summary(context: Context, version: ApiVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "status": version.status,
        "version": version.version,
        "min_version": version.min_version,
        "updated": version.updated_at,
        "links": [{"rel": "self", "href": f"{context.request.base_url}/{version.path}/"}],
    }


def _serialize_media_types(version: ApiVersion) -> list[dict[str, str]]:
    return [{"base": "application/json", "type": version.media_type}]


def _json_response(context: Context, status: int, body: object) -> Response:
    """Return *body* in an accepted media type; ``/``, ``/v2/`` and ``/v2.1/`` offer one more than others."""
    extra_types = (ATOM_MEDIA_TYPE,) if context.request.path in ("/", "/v2/", "/v2.1/") else ()
    return Response(status, (content_type_header(context, *extra_types),), dumps(body))


def _version_response(context: Context, version: ApiVersion) -> Response:
    summary = _serialize_summary(context, version)
    summary["links"].append({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
    summary["media-types"] = _serialize_media_types(version)
    return _json_response(context, 200, {"version": summary})


def index(context: Context) -> Response:
    """List the versions, or show the one that a media type names."""
    version = version_from_media_type(context)
    if version is not None:
        return _version_response(context, version)
    if _looks_for_keystone(context):
        context.trace.reason = "These are Nova's versions; a client logs in at /identity, Keystone's path."
    summaries = [_serialize_summary(context, version) for version in API_VERSIONS]
    return _json_response(context, 200, {"versions": summaries})


def _looks_for_keystone(context: Context) -> bool:
    """Return whether a client probably has the address of this server in the place of Keystone's.

    keystoneauth asks the address to log in at for its versions before any other. So nobody has logged in yet.
    """
    user_agent = context.request.header("User-Agent") or ""
    is_first = context.emulator.settings.auth_strategy == "keystone" and not context.cloud.tokens
    return is_first and "keystoneauth1" in user_agent


def show(context: Context) -> Response:
    """Show the version in the URL."""
    version = V2 if nova_checks.is_legacy_path(context.request.path) else V2_1
    return _version_response(context, version)


def show_named(context: Context) -> Response:
    """Show the version with the id in the path, on /v2 always v2.0. Its link has the version of the URL."""
    if nova_checks.is_legacy_path(context.request.path):
        return _version_response(context, V2)
    for version in API_VERSIONS:
        if version.id == context.path_params["version_id"]:
            return _version_response(context, version._replace(path=V2_1.path))
    raise NovaError(404, NOT_FOUND_MESSAGE)


def multiple_choices(context: Context) -> Response:
    """Respond 300 to a path without a version: offer the same path in each version."""
    version = version_from_media_type(context)
    if context.request.method == "OPTIONS" and version is None:
        return checks.PREFLIGHT_RESPONSE
    response = require_known_microversion(context) or require_valid_body_and_query(context)
    if response is not None:
        return response
    if version is not None:
        return _version_response(context, version)
    context.trace.reason = _explain_missing_prefix(context)
    path = quote(context.request.path.encode("latin-1"), safe="/~!$&'()*+,;=:@").strip("/")
    choices = [
        {
            "id": version.id,
            "status": version.status,
            "links": [{"rel": "self", "href": f"{context.request.base_url}/{version.path}/{path}"}],
            "media-types": _serialize_media_types(version),
        }
        for version in API_VERSIONS
    ]
    return _json_response(context, 300, {"choices": choices})


def _explain_missing_prefix(context: Context) -> str:
    """Explain what the beginning of a path without a version lacks."""
    method = context.request.method
    path = context.request.path
    match = context.router.match
    first_segment = path.split("/")[1]
    if first_segment == "admin":
        return "The admin API is below /_admin, with an underscore."
    prefix = f"{SERVICES_BY_USUAL_PREFIX.get(first_segment)}=/{first_segment}"
    if first_segment in SERVICES_BY_USUAL_PREFIX and prefix not in context.cloud.settings.prefix:
        return f"No service has this path; serve with --prefix {prefix}, or leave /{first_segment} out."
    for prefix, service in (("/identity", "Keystone"), ("/image", "Glance")):
        if match(method, f"{prefix}{path}").route is not None:
            return f"No service has this path; the path begins with {prefix} in {service}."
    return "No service has this path; the path begins with a version, such as /v2.1."
