"""Requests about volumes, ports, shares, migrations, consoles and the password of a server (Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import cache, partial
from typing import Any, Final, NamedTuple

from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.policies import ADMIN, MANAGER, MEMBER, READER, require
from fake_nova.apis.nova_common.requests import (
    STRICT_QUERIES_SINCE,
    check_no_query,
    is_legacy,
    minor_version,
    named_action,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.validation import check_body
from fake_nova.apis.nova_servers import part_effects, part_schemas
from fake_nova.apis.nova_servers.schemas import Schema, wrapped
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud.servers import Server
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.service import Route

_SHARES_SINCE: Final = 97
_FORCE_SINCE: Final = 22

#: Responds to a request about a server.
Finish = Callable[[Context, Server], Response]


class PartChange(NamedTuple):
    """A request about a part of a server.

    Attributes:
        method: the HTTP method.
        path: the path of the route.
        operation: the operation of the route.
        summary: the effect in one line, for the documentation.
        rule: the rule of Nova's policy; "" if *finish* looks at the rules.
        roles: the roles that it allows.
        finish: does it.
        schema: returns the schema of the body for a minor version; None for a request without a body.
        since: the first minor version with the route.
        is_share: whether the rule comes before the server's visibility, and an unknown server has no mapping.
    """

    method: str
    path: str
    operation: str
    summary: str
    rule: str
    roles: Collection[str]
    finish: Finish
    schema: Callable[[int], Schema] | None = None
    since: int = 1
    is_share: bool = False


_SERVER: Final = "/servers/{server_id}"
_PORTS: Final = f"{_SERVER}/os-interface"
_VOLUMES: Final = f"{_SERVER}/os-volume_attachments"
_SHARES: Final = f"{_SERVER}/shares"
_MIGRATION: Final = f"{_SERVER}/migrations/{{migration_id}}"
_PASSWORD: Final = f"{_SERVER}/os-server-password"

_share_change = partial(PartChange, since=_SHARES_SINCE, is_share=True)

_CHANGES: Final = (
    PartChange(
        "POST",
        _PORTS,
        "servers.ports.create",
        "refused: there are no networks",
        "os-attach-interfaces:create",
        MEMBER,
        part_effects.attach_port,
        part_schemas.port_schema,
    ),
    PartChange(
        "DELETE",
        f"{_PORTS}/{{port_id}}",
        "servers.ports.delete",
        "detach a port from a server",
        "os-attach-interfaces:delete",
        MEMBER,
        part_effects.detach_port,
    ),
    PartChange(
        "POST",
        _VOLUMES,
        "servers.volumes.create",
        "refused: there are no other volumes",
        "os-volumes-attachments:create",
        MEMBER,
        part_effects.attach_volume,
        part_schemas.volume_schema,
    ),
    PartChange(
        "PUT",
        f"{_VOLUMES}/{{volume_id}}",
        "servers.volumes.update",
        "set whether a volume is deleted with its server",
        "",
        (),
        part_effects.change_volume,
        part_schemas.volume_change_schema,
    ),
    PartChange(
        "DELETE",
        f"{_VOLUMES}/{{volume_id}}",
        "servers.volumes.delete",
        "detach a volume from a server",
        "os-volumes-attachments:delete",
        MEMBER,
        part_effects.detach_volume,
    ),
    PartChange(
        "POST",
        f"{_SERVER}/remote-consoles",
        "servers.consoles.open",
        "refused: there are no consoles",
        "os-remote-consoles",
        MEMBER,
        part_effects.open_console,
        part_schemas.console_schema,
        since=6,
    ),
    _share_change(
        "POST",
        _SHARES,
        "servers.shares.create",
        "refused: there are no shares",
        "os-server-shares:create",
        MEMBER,
        part_effects.attach_share,
        part_schemas.share_schema,
    ),
    _share_change(
        "GET",
        f"{_SHARES}/{{share_id}}",
        "servers.shares.show",
        "show a share (there is none)",
        "os-server-shares:show",
        READER,
        part_effects.show_share,
    ),
    _share_change(
        "DELETE",
        f"{_SHARES}/{{share_id}}",
        "servers.shares.delete",
        "detach a share (there is none)",
        "os-server-shares:delete",
        MEMBER,
        part_effects.detach_share,
    ),
    PartChange(
        "GET",
        _MIGRATION,
        "servers.migrations.show",
        "show a live migration (there is none)",
        "servers:migrations:show",
        ADMIN,
        part_effects.show_migration,
        since=23,
    ),
    PartChange(
        "DELETE",
        _MIGRATION,
        "servers.migrations.delete",
        "abort a live migration (there is none)",
        "servers:migrations:delete",
        MANAGER,
        part_effects.abort_migration,
        since=24,
    ),
    PartChange(
        "DELETE",
        _PASSWORD,
        "servers.password.clear",
        "clear the encrypted password of a server (none)",
        "os-server-password:clear",
        MEMBER,
        part_effects.clear_password,
    ),
)

_FORCE: Final = PartChange(
    "POST",
    f"{_MIGRATION}/action",
    "servers.migrations.action",
    "force the end of a live migration (there is none)",
    "servers:migrations:force_complete",
    MANAGER,
    part_effects.force_migration,
    lambda _: wrapped("force_complete", {"type": "null"}),
    since=_FORCE_SINCE,
)


@cache
def _schema(build: Callable[[int], Schema], minor: int) -> Schema:
    """Return the schema of a body, always the same object: validators are kept by schema."""
    return build(minor)


@cache
def _no_query_schema() -> Schema:
    return query_schema(STRICT_QUERIES_SINCE, STRICT_QUERIES_SINCE, {})


def _run(change: PartChange, context: Context) -> Response:
    """Check a request in Nova's order, and do what it asks for."""
    minor = minor_version(context)
    if minor < change.since:
        raise NovaError(404, NOT_FOUND_MESSAGE)
    if change.schema is not None:
        check_body(context.json_body, _schema(change.schema, minor), is_legacy(context))
    elif change.method == "GET" and change.is_share:
        read_query(context, _no_query_schema())
    elif change.method == "GET":
        check_no_query(context)
    context.cloud.server_lifecycle.apply_due_steps()
    if change.is_share:
        _check_share_rule(context, change)
    server = visible_server(context)
    if change.rule:
        require(context, change.rule, change.roles, server.owner)
    return change.finish(context, server)


def _check_share_rule(context: Context, change: PartChange) -> None:
    server_id = context.path_params["server_id"]
    server = context.cloud.servers.find(server_id)
    if server is None:
        raise NovaError(404, f"Instance {server_id} has no mapping to a cell.")
    require(context, change.rule, change.roles, server.owner)


def _act_on_migration(context: Context) -> Response:
    """Do the only action on a migration."""
    name = named_action(context)
    if name != "force_complete":
        raise NovaError(400, f"There is no such action: {name}")
    return _run(_FORCE, context)


def _route(change: PartChange, view: Callable[[Context], Response]) -> Route[Any]:
    return Route(change.method, change.path, view, change.operation, change.summary)


ROUTES: Final = (
    *(_route(change, partial(_run, change)) for change in _CHANGES),
    _route(_FORCE, _act_on_migration),
)
