"""The catalogue of metadata definitions, which is empty and read-only, and its routes (Glance 33.0.0)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.glance_images import body, page_params, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_body
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response
from fake_nova.wire.service import Route

_NAMESPACES: Final = "/v2/metadefs/namespaces"
_NAMESPACE: Final = "/v2/metadefs/namespaces/{namespace}"

#: Columns by which Glance sorts namespaces.
_SORT_KEYS: Final = (
    *("id", "namespace", "display_name", "description", "visibility", "protected", "owner"),
    *("created_at", "updated_at"),
)

_READ_ONLY: Final = ("self", "schema", "created_at", "updated_at")

#: Schema of a body -> the attributes that it must not have.
_READ_ONLY_ATTRIBUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "metadefs/namespace": _READ_ONLY,
    "metadefs/object": _READ_ONLY,
    **dict.fromkeys(
        ("metadefs/property", "metadefs/resource_type", "metadefs/tag", "metadefs/tag_list"), _READ_ONLY[2:]
    ),
}

Check = Callable[[Context], None]


def list_namespaces(context: Context) -> Response:
    """List the namespaces: always none.

    Raises:
        GlanceError: 400 for an invalid parameter; 404 for a marker; 403 if a policy forbids the list.
    """
    params = page_params.parse(context)
    _check_visibility(context)
    page_params.parse_limit(params.limit)
    for policy in ("get_metadef_namespaces", "list_metadef_resource_types"):
        policies.enforce_for_cloud(policy, context.caller)
    if params.marker:
        raise _unknown_namespace(params.marker)
    if params.marker is not None:
        raise GlanceError(404, "Metadata definition namespace not found for id=")
    if params.sort_key not in _SORT_KEYS:
        raise GlanceError(400, f"Sort key supplied was not valid: {params.sort_key}")
    link = f"{_NAMESPACES}?{urlencode(params.link_params)}" if params.link_params else _NAMESPACES
    return json_response({"namespaces": [], "schema": "/v2/schemas/metadefs/namespaces", "first": link})


def create_namespace(context: Context) -> Response:
    """Refuse to create a namespace, also to admins, whom the real service obeys.

    Raises:
        GlanceError: 400 if the body is invalid; otherwise 403.
    """
    _check_definition(context, "metadefs/namespace")
    policies.enforce_for_cloud("add_metadef_namespace", context.caller)
    reason = "The catalogue of metadata definitions is read-only here; the real service obeys admins."
    raise GlanceError(403, policies.forbidden("add_metadef_namespace").explanation, reason=reason)


def list_resource_types(context: Context) -> Response:
    """List the resource types: always none."""
    body.check_no_body(context)
    policies.enforce_for_cloud("list_metadef_resource_types", context.caller)
    return json_response({"resource_types": []})


def _check_visibility(context: Context) -> None:
    value = context.query_params.get("visibility", [""])[-1]
    if value not in ("", "public", "private"):
        raise GlanceError(400, f"Invalid visibility value: {value}")


def _check_shown_namespace(context: Context) -> None:
    body.check_no_body(context)
    _check_visibility(context)


def _check_page(context: Context) -> None:
    params = page_params.parse(context)
    _check_visibility(context)
    page_params.parse_limit(params.limit)


def _ignore_body(_: Context) -> None:
    """Accept any body."""


def _check_definition(context: Context, schema: str) -> None:
    """Check the body of a request that writes a definition.

    Raises:
        GlanceError: 400 if it is missing or does not match the schema; 403 if it has a read-only attribute.
    """
    payload = body.parse_json(context)
    for name in _READ_ONLY_ATTRIBUTES[schema]:
        if name in payload:
            raise GlanceError(403, f"Attribute '{name}' is read-only.")
    check_body(payload, schema)
    if not isinstance(payload, dict):  # the real service fails with a 500
        raise GlanceError(400, "Unexpected body type. Expected list/dict.")


def _reads(schema: str) -> Check:
    return lambda context: _check_definition(context, schema)


def _unknown_namespace(name: str) -> GlanceError:
    return GlanceError(404, f"Metadata definition namespace={name} was not found.")


class _Row(NamedTuple):
    """A route below a namespace, all of which respond with 404 after their check.

    Attributes:
        method: the HTTP method.
        path: the path below the namespace.
        operation: the short name, after ``glance.metadefs.``.
        check: the check of the request.
        names_definition: whether the message is that of the database.
    """

    method: str
    path: str
    operation: str
    check: Check
    names_definition: bool = False


_ROWS: Final = (
    _Row("GET", "", "namespaces.show", _check_shown_namespace, names_definition=True),
    _Row("PUT", "", "namespaces.update", _reads("metadefs/namespace")),
    _Row("DELETE", "", "namespaces.delete", body.check_no_body),
    _Row("GET", "/properties", "properties.list", body.check_no_body),
    _Row("POST", "/properties", "properties.create", _reads("metadefs/property")),
    _Row("DELETE", "/properties", "properties.clear", body.check_no_json_body),
    _Row("GET", "/properties/{name}", "properties.show", _ignore_body),
    _Row("PUT", "/properties/{name}", "properties.update", _reads("metadefs/property")),
    _Row("DELETE", "/properties/{name}", "properties.delete", body.check_no_json_body),
    _Row("GET", "/objects", "objects.list", _check_page, names_definition=True),
    _Row("POST", "/objects", "objects.create", _reads("metadefs/object"), names_definition=True),
    _Row("DELETE", "/objects", "objects.clear", body.check_no_json_body),
    _Row("GET", "/objects/{name}", "objects.show", body.check_no_body, names_definition=True),
    _Row("PUT", "/objects/{name}", "objects.update", _reads("metadefs/object"), names_definition=True),
    _Row("DELETE", "/objects/{name}", "objects.delete", body.check_no_body, names_definition=True),
    _Row("GET", "/tags", "tags.list", _check_page),
    _Row("POST", "/tags", "tags.replace", _reads("metadefs/tag_list")),
    _Row("DELETE", "/tags", "tags.clear", body.check_no_json_body),
    _Row("GET", "/tags/{name}", "tags.show", body.check_no_body),
    _Row("POST", "/tags/{name}", "tags.create", body.check_no_body),
    _Row("PUT", "/tags/{name}", "tags.update", _reads("metadefs/tag")),
    _Row("DELETE", "/tags/{name}", "tags.delete", body.check_no_body),
    _Row("GET", "/resource_types", "associations.list", body.check_no_body),
    _Row("POST", "/resource_types", "associations.create", _reads("metadefs/resource_type")),
    _Row("DELETE", "/resource_types/{name}", "associations.delete", body.check_no_body),
)


def _view(row: _Row) -> Callable[[Context], Response]:
    """Return a view that responds that the namespace of the path does not exist."""

    def respond(context: Context) -> Response:
        row.check(context)
        name = context.path_params["namespace"]
        raise (
            _unknown_namespace(name)
            if row.names_definition
            else GlanceError(404, f"Namespace {name} not found")
        )

    return respond


ROUTES: Final = (
    Route(
        *("GET", _NAMESPACES, list_namespaces, "glance.metadefs.namespaces.list"),
        "list the namespaces of metadata definitions (always none)",
        query_parameters=("limit", "marker", "sort_key", "sort_dir", "visibility"),
    ),
    Route(
        *("POST", _NAMESPACES, create_namespace, "glance.metadefs.namespaces.create"),
        "respond that nobody may create a namespace",
    ),
    Route(
        *("GET", "/v2/metadefs/resource_types", list_resource_types, "glance.metadefs.resource_types.list"),
        "list the resource types of metadata definitions (always none)",
    ),
    *(
        Route(
            *(row.method, f"{_NAMESPACE}{row.path}", _view(row), f"glance.metadefs.{row.operation}"),
            "respond that the namespace is unknown",
        )
        for row in _ROWS
    ),
)
