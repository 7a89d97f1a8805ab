"""The security groups of servers with ports, as Nova shows those of the network service."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fake_nova.cloud.server_store import ListKey
from fake_nova.wire.context import Context

Group = dict[str, Any]


def visible_groups(context: Context) -> list[Group]:
    """Return the security groups of the servers of the caller's project; to an admin, those of all projects.

    Their ids are numbers in the order of projects and names.
    """
    servers = context.cloud.servers.state.servers_of(ListKey(None, has_deleted=False))
    pairs = sorted({(server.owner, name) for server in servers for name in server.security_groups})
    return [
        {
            "id": str(UUID(int=(0x60000000 << 96) | (0x40008 << 60) | number)),
            "description": f"{name.capitalize()} security group",
            "name": name,
            "tenant_id": project_id,
            "rules": [],
        }
        for number, (project_id, name) in enumerate(pairs, 1)
        if context.caller.is_admin or project_id == context.caller.project_id
    ]
