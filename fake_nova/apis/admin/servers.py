"""Views of servers: list, add, generate, change and forget."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from fake_nova import errors
from fake_nova.apis.admin import body, list_query, schemas
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.list_query import ValidValues
from fake_nova.apis.admin.users import reference_to, user_named
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.server_lifecycle import DEFAULT_WORK
from fake_nova.cloud.server_states import STATES_BY_STATUS
from fake_nova.cloud.servers import Server
from fake_nova.documents.faker_servers import GenerateServersSchema, Origin, generate_servers
from fake_nova.documents.flavor import build_flavor
from fake_nova.documents.server import (
    FLAVOR_KEYS,
    ServerSchema,
    build_server,
    serialize_server,
    server_fields,
    states_conflict,
)
from fake_nova.documents.validation import join_names
from fake_nova.support import gc_tuning
from fake_nova.support.messages import quote_json
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters of the list that match the field of the same name. A value may contain ``*`` and ``?``.
MATCHERS: Final = ("id", "name", "status", "owner")

VALID_VALUES: Final[ValidValues] = {"status": lambda _: STATES_BY_STATUS}


def index(context: Context) -> Response:
    """List the servers that match, deleted ones included, newest first, from just after ``marker``."""
    patterns = list_query.read_patterns(context, MATCHERS, VALID_VALUES)
    context.cloud.server_lifecycle.apply_due_steps()
    tag = list_query.state_tag(context.cloud.servers.state.page_cache)
    if list_query.is_known(context, tag, context.cloud.servers.find):
        return Response(304, (tag,))
    servers = list_query.page_of(context, context.cloud.servers.all(), patterns)
    return _servers_response(context.cloud, servers, 200).with_headers(tag)


def show(context: Context) -> Response:
    """Show one server."""
    context.cloud.server_lifecycle.apply_due_steps()
    return json_response(
        document_of(context.cloud, context.cloud.servers.get(context.path_params["server_id"]))
    )


def add(context: Context) -> Response:
    """Add one server or several. If one is invalid, add none."""
    payload = body.parse_json(context)
    cloud = context.cloud
    if isinstance(payload, list) or (isinstance(payload, dict) and "servers" in payload):
        documents = body.load_wrapped(schemas.NewServersSchema(), payload)
        return _servers_response(cloud, _add_servers(cloud, documents), 201)
    (server,) = _add_servers(cloud, [body.load(schemas.NewServerSchema(), payload)])
    return json_response(document_of(cloud, server), 201)


def _add_servers(cloud: Cloud, documents: list[dict[str, Any]]) -> list[Server]:
    """Add new servers, and start their plans: all of them or none."""
    for document in documents:
        if "plan" in document:
            cloud.lifecycle.plan(document["plan"])
    with cloud.lifecycle.lock():
        servers = [_new_server(cloud, values) for values in documents]
        cloud.servers.add(*servers)
        for server, document in zip(servers, documents, strict=True):
            if "plan" in document:
                cloud.server_lifecycle.begin(server, DEFAULT_WORK, document["plan"])
        return [cloud.servers.get(server.id) for server in servers]


def generate(context: Context) -> Response:
    """Add generated servers: all of them or none."""
    values = body.load(GenerateServersSchema(), body.parse_json(context))
    cloud = context.cloud
    template = values.get("template", {})
    fields = _fields(cloud, template)
    origin = Origin(
        owner=fields.get("owner", cloud.default_project.id),
        user_id=fields.get("user_id", ""),
        flavors=cloud.compute.flavors,
        own_flavors={key: fields[key] for key in FLAVOR_KEYS if key in fields},
        zones=cloud.zones,
    )
    seed = values.get("seed", 0)
    with gc_tuning.gc_paused():
        servers = list(generate_servers(values["count"], seed, template, origin))
        try:
            cloud.servers.add(*servers)
        except errors.Conflict as error:
            message = f"seed: its servers exist already (got {seed}); expected another seed"
            raise errors.Conflict(message) from error
    return _servers_response(cloud, [cloud.servers.get(server.id) for server in servers], 201)


def start_plan(context: Context) -> Response:
    """Start a plan for a server: by default it boots again; `work` is other work on it."""
    values = body.load(schemas.ServerPlanSchema(), body.parse_json_or_form(context))
    cloud = context.cloud
    with cloud.lifecycle.lock():
        server = cloud.servers.get(context.path_params["server_id"])
        if server.is_deleted:
            problem = f"server: it is deleted (got {quote_json(server.id)})"
            raise Refusal(409, f"{problem}; expected a server that clients still see")
        work = values.get("work", DEFAULT_WORK)
        server = cloud.server_lifecycle.begin(server, work, values["plan"])
    return json_response(document_of(cloud, server))


def update(context: Context) -> Response:
    """Change the fields in the body. Set ``updated_at`` to now, unless the body has it."""
    values = body.load(ServerSchema(), body.parse_json(context))
    cloud = context.cloud
    server_id = context.path_params["server_id"]
    if values.pop("id", server_id) != server_id:
        raise Refusal(400, f"id: a server's id cannot be changed; expected {json.dumps(server_id)}")
    with cloud.lifecycle.lock():
        cloud.server_lifecycle.apply_due_steps()
        changes = {"updated_at": cloud.clock.now(), **_fields(cloud, values)}
        if changes.get("is_deleted"):
            changes.setdefault("terminated_at", changes["updated_at"])
        server = cloud.servers.update(server_id, lambda server: server.replace(**changes))
    return json_response(document_of(cloud, server))


def forget(context: Context) -> Response:
    """Remove a server from the store, as if it had never existed."""
    cloud = context.cloud
    with cloud.lifecycle.lock():
        server = cloud.servers.get(context.path_params["server_id"])
        cloud.servers.forget(server.id)
        cloud.server_lifecycle.cancel(server.id)  # a new server may get the same id
    return Response(204)


def _fields(cloud: Cloud, values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded document to fields of `Server`."""
    conflict = states_conflict(values)
    if conflict is not None:
        raise Refusal(400, f"status: {conflict}")
    fields = server_fields(cloud.directory.resolve_owner(values))
    if "user" in values:
        fields["user_id"] = user_named(cloud, values["user"]).id
    for key in FLAVOR_KEYS:
        if key in values:
            fields[key] = _flavor_of(cloud, key, values[key])
    return fields


def _flavor_of(cloud: Cloud, key: str, reference: Any) -> Flavor:
    """Return the flavor with an id or name, or the one that a document describes."""
    if not isinstance(reference, str):
        return build_flavor(reference)
    flavor = cloud.compute.find_flavor(reference)
    if flavor is None:
        names = join_names([each.name for each in cloud.compute.flavors])
        problem = f"unknown flavor (got {quote_json(reference)})"
        raise Refusal(400, f"{key}: {problem}; expected one of: {names}")
    return flavor


def _new_server(cloud: Cloud, values: Mapping[str, Any]) -> Server:
    fields = _fields(cloud, values)
    own_flavors: dict[str, Flavor] = {key: fields[key] for key in FLAVOR_KEYS if key in fields}
    return build_server(
        values,
        server_id=values.get("id") or str(uuid4()),
        owner=fields.get("owner", cloud.default_project.id),
        user_id=fields.get("user_id", ""),
        flavors={"flavor": cloud.compute.default_flavor, **own_flavors},
        now=cloud.clock.now(),
        zones=cloud.zones,
    )


def document_of(cloud: Cloud, server: Server) -> dict[str, Any]:
    """Return the document of a server, with the name of its user."""
    return serialize_server(server, reference_to(cloud, server.user_id))


def _servers_response(cloud: Cloud, servers: list[Server] | tuple[Server, ...], status: int) -> Response:
    return json_response({"servers": [document_of(cloud, server) for server in servers]}, status)
