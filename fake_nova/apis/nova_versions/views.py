"""The version documents."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fake_nova.apis.nova_versions.tables import ATOM, CURRENT, LEGACY, VERSIONS, Version
from fake_nova.wire import checks, negotiation, nova_errors, query_string
from fake_nova.wire.call import Answer, Call, Headers
from fake_nova.wire.compute_service import identified
from fake_nova.wire.negotiation import OFFERS, content_type


def chosen(call: Call) -> Version | None:
    """Return the version that a media type's parameter names, where the path names none (measured)."""
    if call.route is not None and call.path != "/":
        return None
    sent = call.environ.get("CONTENT_TYPE") or "", call.environ.get("HTTP_ACCEPT") or ""
    if "version" not in "".join(sent):
        return None
    name = negotiation.version_of_nova(*sent, OFFERS)
    return next((version for version in VERSIONS if name and f"v{name}".rstrip("/") == version.path), None)


def obeys_version(call: Call) -> Answer | None:
    """v2.1 checks the microversion; v2 and what is outside a version ignore it."""
    is_current = call.path in ("/v2.1", "/v2.1/") or chosen(call) is CURRENT
    return _unless_preflight(call, checks.has_version(call) if is_current else None)


def is_readable(call: Call) -> Answer | None:
    """A version document looks at its request's body and query as any other of Nova's resources does."""
    refused = checks.has_json(call)
    if refused is None:
        try:
            query_string.read(call.query_string)
        except nova_errors.Refused as error:
            refused = nova_errors.error(error.status, error.message)
    return _unless_preflight(call, refused)


def _unless_preflight(call: Call, refused: Answer | None) -> Answer | None:
    return checks.PREFLIGHT if refused is not None and call.method == "OPTIONS" else refused


def headers(call: Call, answer: Answer) -> Headers:
    """Request ids and microversion on what is below a version; nothing on / and on the choice."""
    if answer is checks.PREFLIGHT:
        return ()
    is_below = (call.route is not None and call.path != "/") or chosen(call) is not None
    return identified(call) if is_below else ()


def _summary(call: Call, version: Version) -> dict[str, Any]:
    return {
        "id": version.id,
        "status": version.status,
        "version": version.version,
        "min_version": version.min_version,
        "updated": version.updated,
        "links": [{"rel": "self", "href": f"{call.origin}/{version.path}/"}],
    }


def _media_types(version: Version) -> list[dict[str, str]]:
    return [{"base": "application/json", "type": version.media_type}]


def _answer(call: Call, status: int, document: object) -> Answer:
    """Return a document in the media type that is accepted; a slash behind a root allows one more."""
    more = (ATOM,) if call.path in ("/", "/v2/", "/v2.1/") else ()
    return Answer(status, (content_type(call, *more),), nova_errors.dumps(document))


def _document(call: Call, version: Version) -> Answer:
    summary = _summary(call, version)
    summary["links"].append({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
    return _answer(call, 200, {"version": {**summary, "media-types": _media_types(version)}})


def index(call: Call) -> Answer:
    """List the versions."""
    version = chosen(call)
    if version is not None:
        return _document(call, version)
    return _answer(call, 200, {"versions": [_summary(call, version) for version in VERSIONS]})


def show(call: Call) -> Answer:
    """Show what the version in the URL is."""
    return _document(call, LEGACY if checks.is_legacy_path(call.path) else CURRENT)


def choices(call: Call) -> Answer:
    """300 for a path that names no version: the same path in each version."""
    version = chosen(call)
    if call.method == "OPTIONS" and version is None:
        return checks.PREFLIGHT
    refused = obeys_version(call) or is_readable(call)
    if refused is not None:
        return refused
    if version is not None:
        return _document(call, version)
    path = quote(call.path.encode("latin-1"), safe="/~!$&'()*+,;=:@").strip("/")
    listed = [
        {
            "id": version.id,
            "status": version.status,
            "links": [{"rel": "self", "href": f"{call.origin}/{version.path}/{path}"}],
            "media-types": _media_types(version),
        }
        for version in VERSIONS
    ]
    return _answer(call, 300, {"choices": listed})
