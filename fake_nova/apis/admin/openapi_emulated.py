"""What the OpenAPI document says about the emulated services, beyond their route tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final

from fake_nova.apis.admin.openapi_shapes import JsonSchema, Raw, describe_shape, mapping_of
from fake_nova.images.glance_filters import RANGE_FIELDS
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility
from fake_nova.wire.context import Context
from fake_nova.wire.service import Route

_JSON: Final = "application/json"

#: Service -> the beginning of its paths in the document.
PREFIXES: Final[Mapping[str, str]] = {
    "compute": "/v2.1/{project_id}",
    "image": "/image",
    "identity": "/identity",
    "versions": "",
    "healthcheck": "",
}

#: Path parameter -> its JSON Schema, if it is not just any segment.
PATH_SCHEMAS: Final[Mapping[str, JsonSchema]] = {
    "project_id": {"type": "string", "pattern": "^[0-9a-f-]{1,64}$"}
}

_LINKS: Final = [{"href": str}]
_METADATA: Final = {"metadata": mapping_of(str)}
_META: Final = {"meta": mapping_of(str)}
_REFERENCE: Final = {"id": str, "name": str | None, "links": _LINKS}

#: Name of a component -> its shape.
SHAPES: Final[Mapping[str, object]] = {
    "NovaImage": {
        **_REFERENCE,
        "status": Raw(enum=["ACTIVE", "SAVING", "DELETED", "ERROR", "UNKNOWN"]),
        "progress": int,
        **dict.fromkeys(("minDisk", "minRam"), int),
        **dict.fromkeys(("created", "updated"), str),
        **_METADATA,
        "OS-EXT-IMG-SIZE:size": int | None,
        "server?": {"id": str, "links": _LINKS},
    },
    "NovaServer": {**_REFERENCE, "status": str, "metadata": mapping_of(str)},
    "GlanceImage": {
        "id": str,
        **dict.fromkeys(("name", "owner", "disk_format", "container_format", "checksum"), str | None),
        "status": Raw(enum=list(map(str, ImageStatus))),
        "visibility": Raw(enum=list(map(str, Visibility))),
        **dict.fromkeys(("protected", "os_hidden"), bool),
        **dict.fromkeys(("min_ram", "min_disk"), int),
        **dict.fromkeys(("size", "virtual_size"), int | None),
        "tags": [str],
        **dict.fromkeys(("created_at", "updated_at", "self", "file", "schema"), str),
    },
    "GlanceMember": {
        **dict.fromkeys(("member_id", "image_id", "created_at", "updated_at", "schema"), str),
        "status": Raw(enum=list(map(str, MemberStatus))),
    },
}

COMPONENTS: Final[JsonSchema] = {
    "schemas": {name: describe_shape(shape) for name, shape in SHAPES.items()},
    "securitySchemes": {"token": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}},
}

_NONE: Final = (204, None)

#: The objects of the identity service that requests create, change and delete.
_CHANGEABLE_NAMES: Final = ("user", "project", "role", "domain")

#: The kinds of places in which users have roles.
_GRANT_PLACES: Final = ("projects", "domains", "system")

#: The objects of the identity service that are listed and shown.
_IDENTITY_NAMES: Final = ("user", "domain", "role", "service", "endpoint", "region")

#: Operation -> the status of its success, and the shape of the body: None for no body, bytes for data.
#: Other operations respond with 200 and an object.
SUCCESSES: Final[Mapping[str, tuple[int, object]]] = {
    "images.list": (200, {"images": [_REFERENCE], "images_links?": _LINKS}),
    "images.detail": (200, {"images": ["NovaImage"], "images_links?": _LINKS}),
    "images.show": (200, {"image": "NovaImage"}),
    "images.delete": _NONE,
    **dict.fromkeys(("metadata.list", "metadata.create", "metadata.replace"), (200, _METADATA)),
    **dict.fromkeys(("metadata.show", "metadata.update"), (200, _META)),
    "metadata.delete": _NONE,
    "servers.list": (200, {"servers": [_REFERENCE], "servers_links?": _LINKS}),
    "servers.detail": (200, {"servers": ["NovaServer"], "servers_links?": _LINKS}),
    **dict.fromkeys(("servers.show", "servers.update"), (200, {"server": "NovaServer"})),
    "servers.create": (202, dict),
    **dict.fromkeys(("servers.delete", "servers.metadata.delete"), _NONE),
    **dict.fromkeys(
        ("servers.metadata.list", "servers.metadata.create", "servers.metadata.replace"), (200, _METADATA)
    ),
    **dict.fromkeys(("servers.metadata.show", "servers.metadata.update"), (200, _META)),
    "servers.action": (202, Raw()),
    **dict.fromkeys(("flavors.list", "flavors.detail"), (200, {"flavors": [dict], "flavors_links?": _LINKS})),
    "flavors.show": (200, {"flavor": dict}),
    "keypairs.list": (200, {"keypairs": [{"keypair": dict}], "keypairs_links?": _LINKS}),
    **dict.fromkeys(("keypairs.show", "keypairs.create"), (200, {"keypair": dict})),
    "keypairs.delete": (202, None),
    "limits.show": (200, {"limits": {"rate": [dict], "absolute": dict}}),
    **dict.fromkeys(("quotas.show", "quotas.defaults"), (200, {"quota_set": dict})),
    **dict.fromkeys(("zones.list", "zones.detail"), (200, {"availabilityZoneInfo": [dict]})),
    "glance.versions": (300, {"versions": [dict]}),
    "glance.versions.all": (200, {"versions": [dict]}),
    "glance.images.list": (200, {"images": ["GlanceImage"], "first": str, "next?": str, "schema": str}),
    "glance.images.create": (201, "GlanceImage"),
    "glance.images.show": (200, "GlanceImage"),
    "glance.images.update": (200, "GlanceImage"),
    **dict.fromkeys(("glance.images.delete", "glance.images.deactivate", "glance.images.reactivate"), _NONE),
    **dict.fromkeys(
        ("glance.data.upload", "glance.data.stage", "glance.tags.add", "glance.tags.remove"), _NONE
    ),
    "glance.data.download": (200, bytes),
    "glance.data.import": (202, Raw()),
    "glance.images.tasks": (200, {"tasks": [dict]}),
    "glance.tasks.list": (200, {"tasks": [dict], "first": str, "next?": str, "schema": str}),
    "glance.tasks.create": (201, dict),
    **dict.fromkeys(("glance.info.stores", "glance.info.stores.detail"), (200, {"stores": [dict]})),
    "glance.locations.list": (200, [{"url": str, "metadata": dict}]),
    "glance.metadefs.namespaces.list": (200, {"namespaces": [dict], "first": str, "schema": str}),
    "glance.metadefs.resource_types.list": (200, {"resource_types": [dict]}),
    "glance.members.list": (200, {"members": ["GlanceMember"], "schema": str}),
    **dict.fromkeys(
        ("glance.members.create", "glance.members.show", "glance.members.update"), (200, "GlanceMember")
    ),
    "glance.members.delete": _NONE,
    "identity.versions": (300, {"versions": {"values": [dict]}}),
    "identity.version": (200, {"version": dict}),
    "tokens.issue": (201, {"token": dict}),
    "tokens.validate": (200, {"token": dict}),
    "tokens.check": (200, None),
    "tokens.revoke": _NONE,
    "catalog.show": (200, {"catalog": [dict]}),
    **dict.fromkeys(("auth.projects", "projects.list", "users.projects"), (200, {"projects": [dict]})),
    "auth.domains": (200, {"domains": [dict]}),
    "projects.show": (200, {"project": dict}),
    "projects.tags": (200, {"tags": [str]}),
    "projects.tags.check": _NONE,
    **{f"{name}s.list": (200, {f"{name}s": [dict]}) for name in _IDENTITY_NAMES},
    **{f"{name}s.show": (200, {name: dict}) for name in _IDENTITY_NAMES},
    "application_credentials.list": (200, {"application_credentials": [dict]}),
    "application_credentials.create": (201, {"application_credential": dict}),
    "application_credentials.show": (200, {"application_credential": dict}),
    "access_rules.list": (200, {"access_rules": [dict]}),
    "access_rules.show": (200, {"access_rule": dict}),
    **dict.fromkeys(("application_credentials.delete", "access_rules.delete"), _NONE),
    **{f"{name}s.create": (201, {name: dict}) for name in _CHANGEABLE_NAMES},
    **{f"{name}s.update": (200, {name: dict}) for name in _CHANGEABLE_NAMES},
    **{f"{name}s.delete": _NONE for name in _CHANGEABLE_NAMES},
    **{f"{place}.roles.list": (200, {"roles": [dict]}) for place in _GRANT_PLACES},
    **{f"{place}.roles.{verb}": _NONE for place in _GRANT_PLACES for verb in ("check", "assign", "revoke")},
    "role_assignments.list": (200, {"role_assignments": [dict]}),
    "identity.v2.version": (200, {"version": dict}),
    "identity.v2.tenants": (200, {"tenants": [dict]}),
    "identity.v2.tokens": (200, {"access": dict}),
    "versions.list": (200, {"versions": [dict]}),
    "versions.show": (200, {"version": dict}),
    **dict.fromkeys(("healthcheck", "glance.healthcheck", "identity.healthcheck"), (200, str)),
}

_OBJECT_BODY: Final[Mapping[str, JsonSchema]] = {_JSON: {"type": "object"}}
_DATA_BODY: Final[Mapping[str, JsonSchema]] = {
    "application/octet-stream": {"type": "string", "format": "binary"}
}
_PATCH_BODY: Final[Mapping[str, JsonSchema]] = {
    "application/openstack-images-v2.1-json-patch": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "op": {"enum": ["add", "remove", "replace"]},
                "path": {"type": "string"},
                "value": {},
            },
            "required": ["op", "path"],
        },
    }
}


def _json_body(**properties: JsonSchema) -> Mapping[str, JsonSchema]:
    return {_JSON: {"type": "object", "properties": properties, "required": list(properties)}}


_TEXTS: Final = {"type": "object", "additionalProperties": {"type": "string"}}

#: Operation -> media type and JSON Schema of the body that it reads.
BODIES: Final[Mapping[str, Mapping[str, JsonSchema]]] = {
    "metadata.create": _json_body(metadata=_TEXTS),
    "metadata.replace": _json_body(metadata=_TEXTS),
    "metadata.update": _json_body(meta=_TEXTS),
    "servers.action": _OBJECT_BODY,
    **dict.fromkeys(("servers.create", "servers.update"), _json_body(server={"type": "object"})),
    **dict.fromkeys(("servers.metadata.create", "servers.metadata.replace"), _json_body(metadata=_TEXTS)),
    "servers.metadata.update": _json_body(meta=_TEXTS),
    "keypairs.create": _json_body(keypair={"type": "object"}),
    "quotas.update": _OBJECT_BODY,
    "glance.images.create": _OBJECT_BODY,
    "glance.images.update": _PATCH_BODY,
    "glance.data.upload": _DATA_BODY,
    "glance.data.stage": _DATA_BODY,
    "glance.data.import": _json_body(method={"type": "object"}),
    "glance.tasks.create": _json_body(type={"type": "string"}, input={"type": "object"}),
    "glance.locations.add": _json_body(url={"type": "string"}),
    **{
        f"glance.metadefs.{operation}": _OBJECT_BODY
        for operation in (
            *("namespaces.create", "namespaces.update", "properties.create", "properties.update"),
            *("objects.create", "objects.update", "tags.replace", "tags.update", "associations.create"),
        )
    },
    "glance.members.create": _json_body(member={"type": "string"}),
    "glance.members.update": _json_body(status={"enum": list(map(str, MemberStatus))}),
    "tokens.issue": _json_body(auth={"type": "object"}),
    "application_credentials.create": _json_body(application_credential={"type": "object"}),
    **{f"{name}s.create": _json_body(**{name: {"type": "object"}}) for name in ("user", "project", "role")},
    "identity.v2.tokens": _json_body(auth={"type": "object"}),
}

_TEXT: Final[JsonSchema] = {"type": "string"}
_NUMBER: Final[JsonSchema] = {"type": "integer", "minimum": 0}
_BOOLEAN: Final[JsonSchema] = {"enum": ["true", "false"]}

#: Query parameter -> its JSON Schema, if it is not just any text.
_QUERY_SCHEMAS: Final[Mapping[str, JsonSchema]] = {
    **dict.fromkeys(("limit", "offset", "page_size", "minRam", "minDisk"), _NUMBER),
    **dict.fromkeys(("size", "virtual_size", "min_ram", "min_disk"), _NUMBER),
    **{f"{field}_{suffix}": {"type": "integer"} for field in RANGE_FIELDS for suffix in ("min", "max")},
    **dict.fromkeys(("protected", "os_hidden"), _BOOLEAN),
    "sort_dir": {"enum": ["asc", "desc"]},
}

#: Service -> the statuses of its errors.
_ERRORS: Final[Mapping[str, tuple[int, ...]]] = {
    "compute": (400, 401, 403, 404, 406, 409, 410, 413, 415, 503),
    "image": (400, 401, 403, 404, 405, 409, 410, 411, 413, 415, 416, 503),
    "identity": (400, 401, 403, 404, 405, 413, 503),
    "versions": (300, 400, 404, 406, 413, 503),
    "healthcheck": (503,),
}
_ERROR_CONTENTS: Final[Mapping[str, object]] = {_JSON: dict, "text/html": str, "text/plain": str}

#: The header that carries the token.
_TOKEN_HEADER: Final = {"name": "X-Auth-Token", "in": "header", "schema": _TEXT}

#: The services whose responses depend on a token.
_TOKEN_SERVICES: Final = ("compute", "image", "identity")


def parameters_of(service: str, route: Route[Context]) -> list[JsonSchema]:
    """Return the query parameters of a route, and the header with the token."""
    parameters: list[JsonSchema] = [
        {"name": name, "in": "query", "schema": _QUERY_SCHEMAS.get(name, _TEXT)}
        for name in route.query_parameters
    ]
    if service in _TOKEN_SERVICES:
        parameters.append(_TOKEN_HEADER)
    return parameters


def body_of(route: Route[Context]) -> JsonSchema:
    """Return the part of an operation that describes its body; empty if it reads none."""
    contents = BODIES.get(route.operation)
    if contents is None:
        return {}
    content = {media_type: {"schema": schema} for media_type, schema in contents.items()}
    return {"requestBody": {"required": True, "content": content}}


def responses_of(service: str, route: Route[Context]) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    """Yield status, description and contents of each response: media type -> shape."""
    status, shape = SUCCESSES.get(route.operation, (200, dict))
    if shape is bytes:
        data = {"application/octet-stream": Raw(type="string", format="binary")}
        yield 200, "All data of the image.", data
        yield 204, "The image has no data.", {}
        yield 206, "A part of the data.", data
    elif shape is str:
        yield status, "Success.", {"text/plain": str}
    else:
        contents = {} if shape is None else {_JSON: shape}
        yield status, "Success.", contents
    for error in _ERRORS[service]:
        if error != status:
            yield error, HTTPStatus(error).phrase, _ERROR_CONTENTS
