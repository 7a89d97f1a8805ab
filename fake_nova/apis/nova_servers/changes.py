"""The views that change or delete a server, and those of its metadata and its addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.policies import MEMBER, READER, require
from fake_nova.apis.nova_common.requests import check_no_query, is_legacy, json_response, minor_version
from fake_nova.apis.nova_common.validation import METADATA_OBJECT, check_body, check_storable
from fake_nova.apis.nova_servers import instance_actions, schemas
from fake_nova.apis.nova_servers.action_requests import check_launched, check_lock, wrong_state_error
from fake_nova.apis.nova_servers.effects import delete_server
from fake_nova.apis.nova_servers.exclusion import exclusive
from fake_nova.apis.nova_servers.fields import hostname_of
from fake_nova.apis.nova_servers.lookups import Lookups
from fake_nova.apis.nova_servers.rebuild import changed_response, fields_from
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud import server_states as states
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

_METADATA_STATES: Final = (states.VM_ACTIVE, states.VM_STOPPED, states.VM_PAUSED, states.VM_SUSPENDED)
_METADATA_VERB: Final = "update metadata"

_METADATA_BODY: Final = schemas.wrapped("metadata", METADATA_OBJECT)
_META_BODY: Final = schemas.wrapped("meta", {**METADATA_OBJECT, "minProperties": 1, "maxProperties": 1})


def _server(context: Context, rule: str, roles: frozenset[str]) -> Server:
    """Return the server in the URL, if the caller may do what *rule* names."""
    context.cloud.server_lifecycle.apply_due_steps()
    server = visible_server(context)
    require(context, rule, roles, server.owner)
    return server


def _body(context: Context, schema: schemas.Schema) -> dict[str, Any]:
    check_body(context.json_body, schema, is_legacy(context))
    check_storable(context.json_body)
    body: dict[str, Any] = context.json_body
    return body


@exclusive
def update(context: Context) -> Response:
    """Change the name, the description and so on of a server.

    The response has the time of the change before this one (Nova 34.0.0, measured).
    """
    body = _body(context, schemas.update_schema(minor_version(context), is_legacy(context)))
    server = _server(context, "servers:update", MEMBER)
    changes = fields_from(server, body["server"])
    if _are_new(context, server, changes):
        changes["updated_at"] = context.cloud.clock.now()
    if "pinned_availability_zone" in body["server"]:
        changes["pinned_zone"] = _pinned_zone(server, body["server"]["pinned_availability_zone"])
    new_server = context.cloud.servers.update(server.id, lambda each: each.replace(**changes))
    return changed_response(context, new_server.replace(updated_at=server.updated_at))


def _are_new(context: Context, server: Server, changes: Mapping[str, Any]) -> bool:
    """Return whether a server has other values; if not, the database leaves the time of the change alone."""
    present_values = {name: getattr(server, name) for name in changes}
    if "disk_config" in changes:
        present_values["disk_config"] = Lookups(context.cloud).disk_config_of(server)
    if "hostname" in changes:
        present_values["hostname"] = hostname_of(server)
    return present_values != changes


def _pinned_zone(server: Server, zone: str | None) -> str | None:
    """Return the zone that a server is pinned to from now on; None removes the pin (Nova 34.0.0).

    Raises:
        NovaError: 409 if it is pinned to another zone, or runs in another one.
    """
    if zone is None or zone == server.pinned_zone:
        return zone
    if server.pinned_zone is not None:
        hint = "Unpin first by setting pinned_availability_zone to null."
        raise NovaError(409, f"Cannot change pinned availability zone directly. {hint}")
    present_zone = server.availability_zone or None
    if zone != present_zone:
        problem = f"'{present_zone}', but '{zone}' was requested."
        raise NovaError(409, f"Server can only be pinned to its current availability zone {problem}")
    return zone


def delete(context: Context) -> Response:
    """Delete a server, in any state unless it is locked."""
    with context.cloud.lifecycle.lock():
        server = _server(context, "servers:delete", MEMBER)
        check_lock(context, server)
        delete_server(context, server)
        instance_actions.record(context, server.id, instance_actions.DELETE)
    return Response(204, (content_type_header(context),))


def list_metadata(context: Context) -> Response:
    """List the metadata of a server."""
    check_no_query(context)
    server = _server(context, "server-metadata:index", READER)
    return json_response(context, 200, {"metadata": dict(server.metadata)})


def show_metadata(context: Context) -> Response:
    """Show one key of the metadata of a server."""
    check_no_query(context)
    server = _server(context, "server-metadata:show", READER)
    key = _key(context)
    if key not in server.metadata:
        raise NovaError(404, "Metadata item was not found")
    return json_response(context, 200, {"meta": {key: server.metadata[key]}})


def _key(context: Context) -> str:
    return context.path_params["key"]  # as bytes in Latin-1: Nova decodes no UTF-8 in paths


def _set_metadata(context: Context, server: Server, metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Set the metadata of a server, if its lock, its state and the quota allow it."""
    check_lock(context, server)
    limit = context.cloud.quotas_of(server.owner).metadata_items
    if limit is not None and 0 <= limit < len(metadata):
        raise NovaError(403, f"Maximum number of metadata items exceeds {limit}")
    _check_state(server)
    now = context.cloud.clock.now()
    context.cloud.servers.update(server.id, lambda each: each.replace(metadata=metadata, updated_at=now))
    return metadata


def _check_state(server: Server) -> None:
    if server.vm_state not in _METADATA_STATES:
        raise wrong_state_error(server, _METADATA_VERB, f"vm_state {server.vm_state}")
    check_launched(server, _METADATA_VERB)


@exclusive
def add_metadata(context: Context) -> Response:
    """Add or change keys of the metadata of a server."""
    new_items = _body(context, _METADATA_BODY)["metadata"]
    server = _server(context, "server-metadata:create", MEMBER)
    metadata = _set_metadata(context, server, {**server.metadata, **new_items})
    return json_response(context, 200, {"metadata": metadata})


@exclusive
def replace_metadata(context: Context) -> Response:
    """Replace the metadata of a server."""
    metadata = _body(context, _METADATA_BODY)["metadata"]
    server = _server(context, "server-metadata:update_all", MEMBER)
    return json_response(context, 200, {"metadata": _set_metadata(context, server, metadata)})


@exclusive
def set_metadata(context: Context) -> Response:
    """Set one key of the metadata of a server."""
    meta = _body(context, _META_BODY)["meta"]
    server = _server(context, "server-metadata:update", MEMBER)
    if _key(context) not in meta:
        raise NovaError(400, "Request body and URI mismatch")
    _set_metadata(context, server, {**server.metadata, **meta})
    return json_response(context, 200, {"meta": meta})


@exclusive
def delete_metadata(context: Context) -> Response:
    """Delete one key of the metadata of a server."""
    server = _server(context, "server-metadata:delete", MEMBER)
    key = _key(context)
    if key not in server.metadata:
        raise NovaError(404, "Metadata item was not found")
    _set_metadata(context, server, {name: value for name, value in server.metadata.items() if name != key})
    return Response(204, (content_type_header(context),))


def _addresses(server: Server) -> dict[str, list[dict[str, Any]]]:
    return {
        network: [{"version": each.version, "addr": each.address} for each in addresses]
        for network, addresses in server.shown_addresses.items()
    }


def list_addresses(context: Context) -> Response:
    """List the addresses of a server by network."""
    check_no_query(context)
    return json_response(context, 200, {"addresses": _addresses(_server(context, "ips:index", READER))})


def show_addresses(context: Context) -> Response:
    """Show the addresses of a server in one network."""
    check_no_query(context)
    addresses = _addresses(_server(context, "ips:show", READER))
    network = context.path_params["network"].encode("latin-1").decode("utf-8", "replace")
    if network not in addresses:
        raise NovaError(404, "Instance is not a member of specified network")
    return json_response(context, 200, {network: addresses[network]})
