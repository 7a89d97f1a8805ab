"""Views of servers: list, add, change and forget."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from fake_nova.apis.admin import body, list_query
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.list_query import ValidValues
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.flavors import Flavor
from fake_nova.cloud.server_states import STATES_BY_STATUS
from fake_nova.cloud.servers import Server
from fake_nova.documents.fields import nested_list_field
from fake_nova.documents.flavor import build_flavor
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.server import (
    ServerSchema,
    build_server,
    serialize_server,
    server_fields,
    states_conflict,
)
from fake_nova.documents.validation import join_names
from fake_nova.support.messages import quote_json
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


class NewServersSchema(StrictSchema):
    """Several servers to add."""

    servers = nested_list_field(ServerSchema, "servers", required=True)


#: Query parameters of the list that match the field of the same name. A value may contain ``*`` and ``?``.
MATCHERS: Final = ("id", "name", "status", "owner")

VALID_VALUES: Final[ValidValues] = {"status": lambda _: STATES_BY_STATUS}


def index(context: Context) -> Response:
    """List the servers that match, deleted ones included, newest first, from just after ``marker``."""
    patterns = list_query.read_patterns(context, MATCHERS, VALID_VALUES)
    context.cloud.server_lifecycle.apply_due_steps()
    tag = list_query.state_tag(context.cloud.servers.state.page_cache)
    if list_query.is_known(context, tag):
        return Response(304, (tag,))
    servers = list_query.page_of(context, context.cloud.servers.all(), patterns)
    return _servers_response(context.cloud, servers, 200).with_headers(tag)


def show(context: Context) -> Response:
    """Show one server."""
    return json_response(
        _document(context.cloud, context.cloud.servers.get(context.path_params["server_id"]))
    )


def add(context: Context) -> Response:
    """Add one server or several. If one is invalid, add none."""
    payload = body.parse_json(context)
    cloud = context.cloud
    if isinstance(payload, list) or (isinstance(payload, dict) and "servers" in payload):
        documents = body.load_wrapped(NewServersSchema(), payload)
        servers = [_new_server(cloud, values) for values in documents]
        cloud.servers.add(*servers)
        return _servers_response(cloud, servers, 201)
    server = _new_server(cloud, body.load(ServerSchema(), payload))
    cloud.servers.add(server)
    return json_response(_document(cloud, server), 201)


def update(context: Context) -> Response:
    """Change the fields in the body. Set ``updated_at`` to now, unless the body has it."""
    values = body.load(ServerSchema(), body.parse_json(context))
    cloud = context.cloud
    server_id = context.path_params["server_id"]
    if values.pop("id", server_id) != server_id:
        raise Refusal(400, f"id: a server's id cannot be changed; expected {json.dumps(server_id)}")
    cloud.server_lifecycle.apply_due_steps()
    changes = {"updated_at": cloud.clock.now(), **_fields(cloud, values)}
    server = cloud.servers.update(server_id, lambda server: server.replace(**changes))
    return json_response(_document(cloud, server))


def forget(context: Context) -> Response:
    """Remove a server from the store, as if it had never existed."""
    context.cloud.servers.forget(context.path_params["server_id"])
    return Response(204)


def _fields(cloud: Cloud, values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded document to fields of `Server`."""
    conflict = states_conflict(values)
    if conflict is not None:
        raise Refusal(400, f"status: {conflict}")
    fields = server_fields(cloud.directory.resolve_owner(values))
    if "user" in values:
        user = cloud.directory.user(values["user"])
        if user is None:
            names = join_names([each.name for each in cloud.directory.users])
            problem = f"unknown user (got {quote_json(values['user'])})"
            raise Refusal(400, f"user: {problem}; expected one of: {names}")
        fields["user_id"] = user.id
    if "flavor" in values:
        fields["flavor"] = _flavor_of(cloud, values["flavor"])
    return fields


def _flavor_of(cloud: Cloud, reference: Any) -> Flavor:
    """Return the flavor with an id or name, or the one that a document describes."""
    if not isinstance(reference, str):
        return build_flavor(reference)
    flavor = cloud.compute.find_flavor(reference)
    if flavor is None:
        names = join_names([each.name for each in cloud.compute.flavors])
        problem = f"unknown flavor (got {quote_json(reference)})"
        raise Refusal(400, f"flavor: {problem}; expected one of: {names}")
    return flavor


def _new_server(cloud: Cloud, values: Mapping[str, Any]) -> Server:
    fields = _fields(cloud, values)
    return build_server(
        values,
        server_id=values.get("id") or str(uuid4()),
        owner=fields.get("owner", cloud.default_project.id),
        user_id=fields.get("user_id", ""),
        flavor=fields.get("flavor", cloud.compute.default_flavor),
        now=cloud.clock.now(),
    )


def _document(cloud: Cloud, server: Server) -> dict[str, Any]:
    user = next((user for user in cloud.directory.users if user.id == server.user_id), None)
    return serialize_server(server, None if user is None else user.name)


def _servers_response(cloud: Cloud, servers: list[Server] | tuple[Server, ...], status: int) -> Response:
    return json_response({"servers": [_document(cloud, server) for server in servers]}, status)
