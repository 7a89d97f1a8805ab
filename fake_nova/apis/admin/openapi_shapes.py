"""A short notation for JSON Schemas of responses, and the responses of the admin API in it.

A shape is a type such as ``str`` or ``str | None``; a list with the shape of each entry; a mapping of keys to
shapes, in which a key that may be missing ends with ``?``; the name of a component, such as ``"Image"``; or a
`Raw` JSON Schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, Final, NamedTuple, get_args

from fake_nova.apis.admin.explain_servers import ServerExclusionRule
from fake_nova.cloud.clock import ClockMode
from fake_nova.cloud.journal import HintCode
from fake_nova.documents.dialect import DIALECT_KEYWORDS
from fake_nova.images.database import DATABASES
from fake_nova.images.explain import ExclusionRule
from fake_nova.settings import AUTH_STRATEGIES

JsonSchema = dict[str, Any]

_TYPE_NAMES: Final[Mapping[object, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
    NoneType: "null",
}


class Raw(dict[str, Any]):
    """A JSON Schema, in place of a shape."""


def describe_shape(shape: object) -> JsonSchema:
    """Return the JSON Schema of a shape."""
    if isinstance(shape, Raw):
        return shape
    if isinstance(shape, str):
        return {"$ref": f"#/components/schemas/{shape}"}
    if isinstance(shape, list):
        return {"type": "array", "items": describe_shape(shape[0])}
    if isinstance(shape, Mapping):
        return {
            "type": "object",
            "properties": {key.rstrip("?"): describe_shape(part) for key, part in shape.items()},
            "required": [key for key in shape if not key.endswith("?")],
        }
    names = [_TYPE_NAMES[part] for part in get_args(shape) or (shape,)]
    if len(names) == 1:
        return {"type": names[0]}
    return {"type": names}


def mapping_of(shape: object) -> Raw:
    """Return the JSON Schema of a mapping of any keys to values of one shape."""
    return Raw(type="object", additionalProperties=describe_shape(shape))


def one_of(*shapes: object) -> Raw:
    """Return the JSON Schema of values that have one of several shapes."""
    return Raw(anyOf=list(map(describe_shape, shapes)))


_DIALECT: Final = Raw(type="string", **DIALECT_KEYWORDS)
_DATABASE: Final = Raw(type="string", enum=list(DATABASES))
_STRATEGY: Final = Raw(type="string", enum=list(AUTH_STRATEGIES))
_CLOCK_MODE: Final = Raw(type="string", enum=list(map(str, ClockMode)))
_HINT_CODE: Final = Raw(type=["string", "null"], enum=[*get_args(HintCode), None])
_EXCLUSION_RULE: Final = Raw(type=["string", "null"], enum=[*get_args(ExclusionRule), None])

#: Name of a component -> its shape. The components of documents in requests come from their schemas.
COMPONENTS: Final[Mapping[str, object]] = {
    "Error": mapping_of({"code": int, "message": str}),
    "JournalEntry": {
        "number": int,
        "at": str,
        **dict.fromkeys(("method", "path", "query", "operation"), str),
        **dict.fromkeys(("project", "body", "request_id"), str),
        "status": int | None,
        "milliseconds": float | None,
        "listed": int | None,
        **dict.fromkeys(("image_status", "fault", "hint"), str | None),
        "hint_code": _HINT_CODE,
        "body_bytes": int | None,
        **dict.fromkeys(("global_request_id", "user_agent"), str | None),
    },
    "Exchange": {
        "request_headers": [[str]],
        "response_headers": [[str]],
        "response_body": str,
        "response_bytes": int,
    },
    "InstalledFault": {
        "id": str,
        "match": "Match",
        "effect": "Effect",
        "times?": int,
        "seconds?": float,
        "owner?": str,
        "until": str | None,
        "matched": int,
        "met": int,
        "in_force": bool,
    },
    "Follower": {
        **dict.fromkeys(("image", "status", "plan"), str),
        "name": str | None,
        "steps": ["Step"],
        "elapsed": float,
        "looks": int,
    },
    "ServerFollower": {
        **dict.fromkeys(("server", "name", "status", "work", "plan"), str),
        "task_state": str | None,
        "steps": ["Step"],
        "elapsed": float,
        "looks": int,
    },
    "Plans": {
        "plans": mapping_of(["Step"]),
        "default": str | None,
        "servers": str | None,
        "assign": ["Assignment"],
        "active": ["Follower"],
        "active_servers": ["ServerFollower"],
    },
    "SnapshotState": {"name": str, "at": str | None, "images": int, "servers": int},
    "ScopeState": {
        "project": {"id": str, "name": str},
        "user": {"name": str, "password?": str},
        "dialect": _DIALECT,
        "database": _DATABASE,
        "auth_strategy": _STRATEGY,
    },
    "ClockState": {"mode": _CLOCK_MODE, "now": str},
    "Answer": {"path": str, "status": int, "body": one_of(dict, str)},
    "Coverage": {
        "operations": mapping_of({"requests": int, "outcomes": ["CountedOutcome"]}),
        "never_called": [str],
    },
    "CountedOutcome": {"outcome": str, "count": int, "line": str},
    "ImageList": {"images": ["StoredImage"]},
    "ServerList": {"servers": ["StoredServer"]},
    "FlavorList": {"flavors": ["StoredFlavor"]},
    "KeyPairList": {"keypairs": ["StoredKeyPair"]},
    "ExplainedImage": {
        "id": str,
        "name": str | None,
        "dropped": str | None,
        "rule": _EXCLUSION_RULE,
        "note": str | None,
    },
    "ExplainedServer": {
        "id": str,
        "name": str,
        "dropped": str | None,
        "rule": Raw(type=["string", "null"], enum=[*get_args(ServerExclusionRule), None]),
    },
}

_CHANGE_LISTS: Final = ("added", "changed", "removed")

_LOGIN_KEYS: Final = (
    *("username", "password", "project_id", "project_name"),
    *("user_domain_id", "project_domain_id"),
)

#: Operation of the admin API -> the status and the shape of its response; None for no body.
RESPONSES: Final[Mapping[str, tuple[int, object]]] = {
    "admin.health": (
        200,
        {
            "status": str,
            "images": int,
            "servers": int,
            "loaded": int,
            "fixtures": [str],
            "fixture_errors": [str],
            "version": str,
            "since": str,
            "dialect": _DIALECT,
            "database": _DATABASE,
            "auth_strategy": _STRATEGY,
            "clock": _CLOCK_MODE,
            "faults": [str],
        },
    ),
    "admin.environment": (
        200,
        {
            "login": dict.fromkeys(_LOGIN_KEYS, str),
            "environment": mapping_of(str),
            "endpoints": mapping_of(str),
        },
    ),
    "admin.images.list": (200, "ImageList"),
    "admin.images.add": (201, one_of("StoredImage", "ImageList")),
    "admin.images.generate": (201, "ImageList"),
    "admin.images.show": (200, "StoredImage"),
    "admin.images.change": (200, "StoredImage"),
    "admin.images.forget": (204, None),
    "admin.images.status": (200, "StoredImage"),
    "admin.images.plan": (200, "StoredImage"),
    "admin.images.answers": (
        200,
        {"user": str | None, "nova": "Answer", "glance": "Answer", "plan": one_of(dict, NoneType)},
    ),
    "admin.changes": (200, {"cursor": str, "complete": bool, "images": ["StoredImage"], "removed": [str]}),
    "admin.images.history": (
        200,
        {"versions": [{"at": str | None, "by": dict, "image": one_of("StoredImage", NoneType)}]},
    ),
    "admin.servers.list": (200, "ServerList"),
    "admin.servers.add": (201, one_of("StoredServer", "ServerList")),
    "admin.servers.generate": (201, "ServerList"),
    "admin.servers.show": (200, "StoredServer"),
    "admin.servers.change": (200, "StoredServer"),
    "admin.servers.plan": (200, "StoredServer"),
    "admin.servers.forget": (204, None),
    "admin.servers.changes": (
        200,
        {"cursor": str, "complete": bool, "servers": ["StoredServer"], "removed": [str]},
    ),
    "admin.servers.history": (
        200,
        {"versions": [{"at": str | None, "by": dict, "server": one_of("StoredServer", NoneType)}]},
    ),
    "admin.flavors.list": (200, "FlavorList"),
    "admin.flavors.add": (201, one_of("StoredFlavor", "FlavorList")),
    **dict.fromkeys(("admin.flavors.show", "admin.flavors.change"), (200, "StoredFlavor")),
    "admin.flavors.forget": (204, None),
    "admin.keypairs.list": (200, "KeyPairList"),
    "admin.keypairs.add": (201, one_of("StoredKeyPair", "KeyPairList")),
    **dict.fromkeys(("admin.keypairs.show", "admin.keypairs.change"), (200, "StoredKeyPair")),
    "admin.keypairs.forget": (204, None),
    "admin.quotas.list": (200, {"quotas": ["StoredQuotas"]}),
    **dict.fromkeys(("admin.quotas.show", "admin.quotas.change"), (200, "StoredQuotas")),
    "admin.quotas.forget": (204, None),
    "admin.plans.list": (200, "Plans"),
    "admin.plans.assign": (200, "Plans"),
    "admin.plans.define": (200, "Plans"),
    "admin.requests.list": (200, {"requests": ["JournalEntry"], "generation": str}),
    "admin.requests.show": (
        200,
        Raw(
            allOf=[describe_shape("JournalEntry"), describe_shape({"exchange": one_of("Exchange", NoneType)})]
        ),
    ),
    "admin.requests.count": (
        200,
        {"count": int, "met?": bool, "nearest?": [{"request": "JournalEntry", "differs": mapping_of([str])}]},
    ),
    "admin.requests.wait": (200, {"request": "JournalEntry"}),
    "admin.requests.clear": (204, None),
    "admin.explain": (
        200,
        {
            "path": str,
            "status": int,
            "hint": str | None,
            "answer?": str,
            "listed?": int,
            "images?": ["ExplainedImage"],
            "servers?": ["ExplainedServer"],
        },
    ),
    "admin.complaints": (200, {"complaints": [str]}),
    **dict.fromkeys(("admin.coverage.show", "admin.coverage.start"), (200, "Coverage")),
    "admin.coverage.stop": (204, None),
    "admin.snapshots.list": (200, {"snapshots": ["SnapshotState"]}),
    "admin.snapshots.take": (201, "SnapshotState"),
    "admin.snapshots.restore": (200, "SnapshotState"),
    "admin.snapshots.changes": (
        200,
        {
            "added": ["StoredImage"],
            "changed": [{"id": str, "name": str | None, "fields": mapping_of(Raw(type="array"))}],
            "removed": ["StoredImage"],
            **{
                f"{kind}?": {name: [dict] for name in _CHANGE_LISTS}
                for kind in ("servers", "flavors", "keypairs")
            },
        },
    ),
    "admin.snapshots.forget": (204, None),
    "admin.export": (200, "Fixture"),
    "admin.faults.list": (200, {"faults": ["InstalledFault"]}),
    "admin.faults.add": (201, one_of("InstalledFault", {"faults": ["InstalledFault"]})),
    "admin.faults.clear": (204, None),
    "admin.faults.remove": (204, None),
    "admin.operations": (
        200,
        {"operations": [dict.fromkeys(("name", "method", "path", "service", "summary"), str)]},
    ),
    "admin.scopes.list": (200, {"scopes": ["ScopeState"]}),
    "admin.scopes.open": (201, "ScopeState"),
    "admin.scopes.close": (204, None),
    "admin.clock.show": (200, "ClockState"),
    "admin.clock.change": (200, "ClockState"),
    "admin.reset": (200, {"to": Raw(type="string", enum=["seed", "empty"]), "images": int}),
    "admin.reload": (200, {"images": int}),
    "admin.fixtures": (201, "ImageList"),
    "admin.index": (200, {"page": str, "routes": [{"method": str, "path": str, "summary": str}]}),
    "admin.openapi": (200, dict),
    "admin.openapi.emulated": (200, dict),
}


class TextResponse(NamedTuple):
    """A response of the admin API that is not JSON.

    Attributes:
        status: the HTTP status.
        description: what it has.
        media_types: its media types; empty if it has no body.
    """

    status: int
    description: str
    media_types: tuple[str, ...] = ()


_NOT_MODIFIED: Final = TextResponse(304, "The browser has the same already.")

#: Operation of the admin API -> its responses, if they are not JSON.
TEXT_RESPONSES: Final[Mapping[str, tuple[TextResponse, ...]]] = {
    "admin.metrics": (TextResponse(200, "The metrics.", ("text/plain",)),),
    "admin.index": (TextResponse(302, "The address of the page, for a browser."),),
    "admin.page": (TextResponse(200, "The page.", ("text/html",)), _NOT_MODIFIED),
    "admin.page.file": (
        TextResponse(200, "The file.", ("text/javascript", "text/css", "image/svg+xml")),
        _NOT_MODIFIED,
    ),
}
