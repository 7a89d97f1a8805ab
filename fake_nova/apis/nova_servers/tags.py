"""The views of a server's tags (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.negotiation import HTML_TYPE, content_type_header
from fake_nova.apis.nova_common.policies import MEMBER, READER, require
from fake_nova.apis.nova_common.requests import is_legacy, json_response, minor_version
from fake_nova.apis.nova_common.validation import check_body, check_storable
from fake_nova.apis.nova_servers import schemas
from fake_nova.apis.nova_servers.action_requests import wrong_state_error
from fake_nova.apis.nova_servers.exclusion import exclusive
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud import server_states as states
from fake_nova.cloud.servers import Server
from fake_nova.wire import json_schema
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The first minor version with tags.
_SINCE: Final = 26

_MAX_TAGS: Final = 50
_STATES: Final = (states.VM_ACTIVE, states.VM_PAUSED, states.VM_SUSPENDED, states.VM_STOPPED)

_TAGS_BODY: Final = schemas.wrapped("tags", {"type": "array", "items": schemas.TAG, "maxItems": _MAX_TAGS})
_NO_BODY: Final = {"type": "null"}


def _server(context: Context, rule: str, roles: frozenset[str]) -> Server:
    """Return the server in the URL; another project's server is a 403 here instead of a 404."""
    if minor_version(context) < _SINCE:
        raise NovaError(404, NOT_FOUND_MESSAGE)
    context.cloud.server_lifecycle.apply_due_steps()
    server_id = context.path_params["server_id"]
    server = context.cloud.servers.find(server_id)
    if server is None:
        raise NovaError(404, f"Instance {server_id} has no mapping to a cell.")
    require(context, f"os-server-tags:{rule}", roles, server.owner)
    return visible_server(context)


def _changeable_server(context: Context, rule: str, verb: str) -> Server:
    server = _server(context, rule, MEMBER)
    if server.vm_state not in _STATES:
        raise wrong_state_error(server, verb, f"vm_state {server.vm_state}")
    return server


def _tag(context: Context) -> str:
    return context.path_params["tag"]  # as bytes in Latin-1: Nova decodes no UTF-8 in paths


def _has_tag(context: Context, server: Server, tag: str) -> bool:
    """Return whether a server has a tag, as the database compares texts."""
    return any(context.cloud.database.are_equal(each, tag) for each in server.tags)


def _store(context: Context, server: Server, tags: Iterable[str]) -> None:
    ordered_tags = tuple(sorted(set(tags), key=context.cloud.database.order_key))
    context.cloud.servers.update(server.id, lambda each: each.replace(tags=ordered_tags))


def _empty_response(context: Context) -> Response:
    return Response(204, (content_type_header(context),))


def index(context: Context) -> Response:
    """List the tags of a server."""
    return json_response(context, 200, {"tags": list(_server(context, "index", READER).tags)})


def show(context: Context) -> Response:
    """Tell whether a server has a tag."""
    server, tag = _server(context, "show", READER), _tag(context)
    if not _has_tag(context, server, tag):
        raise NovaError(404, f"Server {context.path_params['server_id']} has no tag '{tag}'")
    return _empty_response(context)


@exclusive
def add(context: Context) -> Response:
    """Add a tag to a server: 201 with its URL, or 204 if the server has it."""
    if minor_version(context) >= _SINCE:
        check_body(context.json_body, _NO_BODY, is_legacy(context))
    server, tag = _changeable_server(context, "update", "update tag"), _tag(context)
    error = next(json_schema.iterate_errors(tag, schemas.TAG), None)
    if error is not None:
        rule = "It must be a non empty string without characters '/' and ','."
        problem = f"Tag '{tag}' is invalid. {rule} Validation error message: {error.message}"
        raise NovaError(400, problem)
    check_storable(tag)
    if len(server.tags) >= _MAX_TAGS:
        raise NovaError(400, f"The number of tags exceeded the per-server limit {_MAX_TAGS}")
    if tag in server.tags:
        return Response(204, (HTML_TYPE,))
    if not _has_tag(context, server, tag):  # Nova ignores that the database has an equal one
        _store(context, server, (*server.tags, tag))
    url = links.link_builder(context).resource_links("servers", server.id)[0]["href"]
    return Response(201, (HTML_TYPE, ("Location", f"{url}/tags/{context.path_params['tag']}")))


@exclusive
def replace(context: Context) -> Response:
    """Replace the tags of a server."""
    if minor_version(context) >= _SINCE:
        check_body(context.json_body, _TAGS_BODY, is_legacy(context))
        check_storable(context.json_body)
    server = _changeable_server(context, "update_all", "update tags")
    _store(context, server, context.json_body["tags"])
    return json_response(context, 200, {"tags": list(context.cloud.servers.get(server.id).tags)})


@exclusive
def remove(context: Context) -> Response:
    """Remove a tag from a server."""
    server, tag = _changeable_server(context, "delete", "delete tag"), _tag(context)
    if not _has_tag(context, server, tag):
        raise NovaError(404, f"Instance {context.path_params['server_id']} has no tag '{tag}'")
    _store(context, server, (each for each in server.tags if not context.cloud.database.are_equal(each, tag)))
    return _empty_response(context)


@exclusive
def clear(context: Context) -> Response:
    """Remove all tags of a server."""
    _store(context, _changeable_server(context, "delete_all", "delete tags"), ())
    return _empty_response(context)
