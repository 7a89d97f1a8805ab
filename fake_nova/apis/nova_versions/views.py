"""The version documents."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from fake_nova.apis.nova_versions.tables import ATOM, CURRENT, LEGACY, VERSIONS, Version
from fake_nova.wire import bodies, checks
from fake_nova.wire.call import Answer, Call, Headers
from fake_nova.wire.content import content_type
from fake_nova.wire.services import nova_headers


def obeys_version(call: Call) -> Answer | None:
    """/v2.1/ checks the microversion; / and /v2/ ignore it."""
    refused = checks.has_version(call) if call.path.startswith("/v2.1") else None
    return checks.PREFLIGHT if refused is not None and call.method == "OPTIONS" else refused


def has_json(call: Call) -> Answer | None:
    """A version document looks at its request's body as any other of Nova's resources does."""
    refused = checks.has_json(call)
    return checks.PREFLIGHT if refused is not None and call.method == "OPTIONS" else refused


def headers(call: Call, answer: Answer) -> Headers:
    """Request ids and microversion on what is below a version; nothing on / and on the choice."""
    if answer is checks.PREFLIGHT:
        return ()
    return nova_headers(call, answer) if call.route is not None and call.path != "/" else ()


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
    return Answer(status, (content_type(call, *more),), bodies.dumps(document))


def _document(call: Call, version: Version) -> Answer:
    shown = _summary(call, version)
    shown["links"].append({"rel": "describedby", "type": "text/html", "href": "http://docs.openstack.org/"})
    shown["media-types"] = _media_types(version)
    return _answer(call, 200, {"version": shown})


def index(call: Call) -> Answer:
    """List the versions."""
    return _answer(call, 200, {"versions": [_summary(call, version) for version in VERSIONS]})


def legacy(call: Call) -> Answer:
    """Show what v2 is."""
    return _document(call, LEGACY)


def current(call: Call) -> Answer:
    """Show what v2.1 is."""
    return _document(call, CURRENT)


def of_project(call: Call) -> Answer:
    """Show what the version in the URL is, in front of a project id."""
    return legacy(call) if checks.is_legacy(call) else current(call)


def choices(call: Call) -> Answer:
    """300 for a path that names no version: the same path in each version."""
    if call.method == "OPTIONS":
        return checks.PREFLIGHT
    refused = has_json(call)
    if refused is not None:
        return refused
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
