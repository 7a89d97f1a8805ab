"""OpenAPI 3.1 documents of the admin API and of the emulated services, from the route tables and the schemas.

apispec would need a plugin for each class of our fields, and one for the routes; `documents.json_schema` has
the schemas already, for fixture files. So the documents need no library.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from fake_nova._version import __version__
from fake_nova.apis.admin import flavors, images, keypairs, openapi_emulated, requests, schemas, servers
from fake_nova.apis.admin.checks import QUERY_PARAMETERS
from fake_nova.apis.admin.fixtures import EXPORT_MEDIA_TYPES
from fake_nova.apis.admin.list_query import MAX_LIMIT
from fake_nova.apis.admin.openapi_shapes import (
    COMPONENTS,
    RESPONSES,
    TEXT_RESPONSES,
    JsonSchema,
    describe_shape,
)
from fake_nova.documents.clock import ClockSchema
from fake_nova.documents.faker_servers import GenerateServersSchema
from fake_nova.documents.fault import FaultSchema, FaultsSchema
from fake_nova.documents.fields import StrictField
from fake_nova.documents.fixture_files import EXTENSION_PREFIX, FixtureSchema
from fake_nova.documents.flavor import FlavorSchema, KeyPairSchema, QuotasSchema
from fake_nova.documents.image import ROW_KEYS, GenerateSchema, ImageSchema
from fake_nova.documents.json_schema import JsonSchemas
from fake_nova.documents.plan import AssignmentsSchema, PlanSchema
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.server import ServerSchema
from fake_nova.support import glob
from fake_nova.wire.context import Context
from fake_nova.wire.service import ANY, Route

_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class Body(NamedTuple):
    """The body of an operation.

    Attributes:
        schemas: the schemas of which it matches one.
        wrapper: a schema of one key, whose value alone is a body, too; None if there is none.
        form: whether the body may be a form; such a body may also be empty, unless a key is required.
    """

    schemas: tuple[type[StrictSchema], ...]
    wrapper: type[StrictSchema] | None = None
    form: bool = False


#: Operation -> its body. The others read none.
BODIES: Final[Mapping[str, Body]] = {
    "admin.images.add": Body((schemas.NewImageSchema, schemas.NewImagesSchema), schemas.NewImagesSchema),
    "admin.images.generate": Body((GenerateSchema,)),
    "admin.images.change": Body((ImageSchema,)),
    "admin.images.status": Body((schemas.StatusSchema,), schemas.StatusSchema, form=True),
    "admin.images.plan": Body((schemas.PlanNameSchema,), schemas.PlanNameSchema, form=True),
    "admin.servers.add": Body((schemas.NewServerSchema, schemas.NewServersSchema), schemas.NewServersSchema),
    "admin.servers.generate": Body((GenerateServersSchema,)),
    "admin.servers.plan": Body((schemas.ServerPlanSchema,), form=True),
    "admin.servers.change": Body((ServerSchema,)),
    "admin.flavors.add": Body((FlavorSchema, schemas.NewFlavorsSchema), schemas.NewFlavorsSchema),
    "admin.flavors.change": Body((FlavorSchema,)),
    "admin.keypairs.add": Body((KeyPairSchema, schemas.NewKeyPairsSchema), schemas.NewKeyPairsSchema),
    "admin.keypairs.change": Body((schemas.KeyPairChangesSchema,)),
    "admin.quotas.change": Body((schemas.LimitsSchema,)),
    "admin.plans.assign": Body((AssignmentsSchema,)),
    "admin.plans.define": Body((PlanSchema,), PlanSchema),
    "admin.snapshots.take": Body((schemas.SnapshotSchema,), schemas.SnapshotSchema, form=True),
    "admin.faults.add": Body((FaultSchema, FaultsSchema), FaultsSchema),
    "admin.scopes.open": Body((schemas.ScopeSchema,), form=True),
    "admin.clock.change": Body((ClockSchema,), form=True),
    "admin.reset": Body((schemas.ResetSchema,), schemas.ResetSchema, form=True),
    "admin.fixtures": Body((FixtureSchema,)),
}

_TEXT: Final = {"type": "string"}
_ID: Final = {"type": "string", "minLength": 1}
_SEGMENT: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^/]+$"}
_LIMIT: Final = {"type": "integer", "minimum": 0, "maximum": MAX_LIMIT}
_BOOLEAN: Final = {"type": "string", "enum": ["true", "false"]}
_PATTERN: Final = {"type": "string", "maxLength": glob.MAX_PATTERN_LENGTH}

#: Query parameter -> its JSON Schema.
_QUERY_SCHEMAS: Final[Mapping[str, JsonSchema]] = {
    "scope": _TEXT,
    "since": {"type": "string", "pattern": "^[0-9]{1,19}-[0-9]{1,15}$"},
    "to": _TEXT,
    "replace": _BOOLEAN,
    "format": {"type": "string", "enum": list(EXPORT_MEDIA_TYPES)},
    **dict.fromkeys(requests.MATCHERS, _PATTERN),
    **dict.fromkeys((*images.MATCHERS, *servers.MATCHERS), _PATTERN),
    **dict.fromkeys((*flavors.MATCHERS, *keypairs.MATCHERS), _PATTERN),
    "user": _ID,
    **dict.fromkeys(("limit", "newest"), _LIMIT),
    "marker": _ID,
    "exchanges": _BOOLEAN,
    "expect": {"type": "integer", "minimum": 0, "maximum": 10**9},
    "timeout": {"type": "number", "minimum": 0, "maximum": requests.MAX_WAIT_SECONDS},
}

#: Operation -> the JSON Schemas of its query parameters that differ from those in `_QUERY_SCHEMAS`.
_OWN_QUERY_SCHEMAS: Final[Mapping[str, Mapping[str, JsonSchema]]] = {
    "admin.explain": {"path": {"type": "string", "pattern": "^/"}, "project": _ID},
    "admin.faults.clear": {"owner": _TEXT},
    "admin.requests.list": {"marker": {"type": "integer", "minimum": 0, "maximum": requests.MAX_NUMBER}},
}

#: Status of an error -> when an operation responds with it.
_ERRORS: Final[Mapping[int, str]] = {
    400: "The query, the path or the body is invalid.",
    401: "The request lacks the admin token.",
    403: "The request comes from a page of another site, or names a public host.",
    404: "Something that the request names does not exist, or the admin API is switched off.",
    408: "No request matched in time.",
    409: "Something exists already, is ambiguous, or would be too much.",
    413: "The body is too large.",
    503: "The fixtures are not loaded yet.",
}


def admin_document(context: Context) -> JsonSchema:
    """Return the OpenAPI document of the admin API.

    Args:
        context: the context of a request to the admin API; it has the routes and the settings.
    """
    writer = JsonSchemas("#/components/schemas/")
    paths: dict[str, JsonSchema] = {}
    for route in context.router.routes_of(context.service):
        paths.setdefault(f"/_admin{route.path}", {})[route.method.lower()] = _operation(writer, route)
    image = writer.refer(ImageSchema())
    required_keys = [key for key in ImageSchema().fields if key not in ("stores", *ROW_KEYS)]
    fixture = {**writer.describe(FixtureSchema()), "patternProperties": {f"^{EXTENSION_PREFIX}": {}}}
    schemas = {
        **writer.definitions,
        **{name: describe_shape(shape) for name, shape in COMPONENTS.items()},
        "StoredImage": {**image, "required": required_keys},
        "StoredServer": writer.refer(ServerSchema()),
        "StoredFlavor": writer.refer(FlavorSchema()),
        "StoredKeyPair": writer.refer(KeyPairSchema()),
        "StoredQuotas": writer.refer(QuotasSchema()),
        "Fixture": fixture,
    }
    document = _document("Admin API of fake_nova", paths, {"schemas": schemas})
    if context.emulator.settings.admin_token is not None:
        token = {"type": "http", "scheme": "bearer", "description": "The setting admin_token."}
        document["components"]["securitySchemes"] = {"admin_token": token}
        document["security"] = [{"admin_token": []}]
    return document


def emulated_document(context: Context) -> JsonSchema:
    """Return the OpenAPI document of the services that fake_nova emulates.

    Args:
        context: the context of a request to the admin API; it has the routes of all services.
    """
    paths: dict[str, JsonSchema] = {}
    routes = (
        (service.name, route)
        for service in context.router.services()
        if service is not context.service
        for route in sorted(context.router.routes_of(service), key=lambda route: route.path)
        if route.summary
    )
    for service_name, route in routes:
        path = openapi_emulated.PREFIXES[service_name] + route.path
        method = "get" if route.method == ANY else route.method.lower()
        paths.setdefault(path, {})[method] = _emulated_operation(service_name, path, route)
    return _document("Services that fake_nova emulates", paths, openapi_emulated.COMPONENTS)


def _document(title: str, paths: JsonSchema, components: JsonSchema) -> JsonSchema:
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": __version__},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }


def _operation(writer: JsonSchemas, route: Route[Context]) -> JsonSchema:
    body = BODIES.get(route.operation)
    errors = set(_ERRORS)
    if body is None:
        errors.remove(413)
    if route.operation != "admin.requests.wait":
        errors.remove(408)
    responses = {str(status): _response(_ERRORS[status], {_JSON: "Error"}) for status in sorted(errors)}
    names = ("scope", *QUERY_PARAMETERS.get(route.operation, ()))
    query_schemas = {**_QUERY_SCHEMAS, **_OWN_QUERY_SCHEMAS.get(route.operation, {})}
    query: list[JsonSchema] = [{"name": name, "in": "query", "schema": query_schemas[name]} for name in names]
    if route.operation == "admin.explain":
        query[1] |= {"required": True}
    operation = {**_summary(route), "parameters": [*_path_parameters(route), *query]}
    if body is not None:
        operation["requestBody"] = _request_body(writer, route.operation, body)
    operation["responses"] = {**_success(route.operation), **responses}
    return operation


def _summary(route: Route[Context]) -> JsonSchema:
    description = (inspect.getdoc(route.view) or "").partition("\n\n")[0].replace("\n", " ")
    return {"operationId": route.operation, "summary": route.summary, "description": description}


def _path_parameters(route: Route[Context], prefix: str = "") -> Iterator[JsonSchema]:
    for name in re.findall(r"\{(\w+)\}", prefix + route.path):
        schema = openapi_emulated.PATH_SCHEMAS.get(name, _SEGMENT)
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _response(description: str, contents: Mapping[str, object]) -> JsonSchema:
    content = {media_type: {"schema": describe_shape(shape)} for media_type, shape in contents.items()}
    if not content:
        return {"description": description}
    return {"description": description, "content": content}


def _success(operation: str) -> JsonSchema:
    texts = {
        str(status): _response(description, dict.fromkeys(media_types, str))
        for status, description, media_types in TEXT_RESPONSES.get(operation, ())
    }
    if operation not in RESPONSES:
        return texts
    status, shape = RESPONSES[operation]
    media_types = EXPORT_MEDIA_TYPES.values() if operation == "admin.export" else [_JSON]
    contents = dict.fromkeys(media_types, shape) if shape else {}
    return {str(status): _response("Success.", contents), **texts}


def _request_body(writer: JsonSchemas, operation: str, body: Body) -> JsonSchema:
    instances = [schema() for schema in body.schemas]
    if operation == "admin.images.change":
        instances = [ImageSchema(exclude=("id",))]
    shapes = [writer.refer(schema) for schema in instances]
    if operation == "admin.fixtures":
        shapes = [describe_shape("Fixture")]
    if body.wrapper is not None:
        (field,) = body.wrapper().fields.values()
        shapes.append(writer.describe_field(field))
    schema = {"anyOf": shapes} if shapes[1:] else shapes[0]
    content = {_JSON: {"schema": schema}}
    if operation == "admin.fixtures":
        content["application/yaml"] = {"schema": schema}
    if body.form:
        content[_FORM] = {"schema": _form(writer, instances[0])}
    has_required = any(field.required for field in instances[0].fields.values())
    return {"required": has_required or not body.form, "content": content}


def _form(writer: JsonSchemas, schema: StrictSchema) -> JsonSchema:
    """Return the JSON Schema of a form: the object of *schema*, with the keys whose values are texts."""
    described = writer.describe(schema)
    texts = [
        name
        for name, field in schema.fields.items()
        if isinstance(field, StrictField) and field.types == (str,)
    ]
    return {**described, "properties": {name: described["properties"][name] for name in texts}}


def _emulated_operation(service: str, path: str, route: Route[Context]) -> JsonSchema:
    prefix = openapi_emulated.PREFIXES[service]
    contents = openapi_emulated.responses_of(service, route)
    return {
        **_summary(route),
        "operationId": f"{route.operation} {path}",
        "tags": [service],
        "parameters": [*_path_parameters(route, prefix), *openapi_emulated.parameters_of(service, route)],
        **openapi_emulated.body_of(route),
        "responses": {
            str(status): _response(description, content) for status, description, content in contents
        },
    }
