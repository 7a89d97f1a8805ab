"""The views of volumes, ports, security groups and so on of a server, all to read (Nova 34.0.0)."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.paging import limited
from fake_nova.apis.nova_common.policies import ADMIN, MANAGER, READER, allows, require
from fake_nova.apis.nova_common.requests import (
    STRICT_QUERIES_SINCE,
    check_no_query,
    json_response,
    minor_version,
    query_schema,
    read_query,
)
from fake_nova.apis.nova_common.security_groups import visible_groups
from fake_nova.apis.nova_common.validation import LIMIT
from fake_nova.apis.nova_servers.views import visible_server
from fake_nova.cloud.roles import stable_id
from fake_nova.cloud.servers import Address, Server, Volume
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response

Document = dict[str, Any]

#: The first minor versions with a change.
_DEVICE_TAGS_SINCE: Final = 70
_STRICT_VOLUMES_SINCE: Final = 75
_TERMINATION_SINCE: Final = 79
_ATTACHMENT_IDS_SINCE: Final = 89

_MIGRATIONS_SINCE: Final = 23
_TOPOLOGY_SINCE: Final = 78
_SHARES_SINCE: Final = 97


def _require_since(context: Context, minor: int) -> None:
    """Raise the 404 of a route that the microversion does not have yet."""
    if minor_version(context) < minor:
        raise NovaError(404, NOT_FOUND_MESSAGE)


def _server(context: Context, rule: str, roles: frozenset[str] = READER) -> Server:
    """Return the server in the URL, if the caller may do what *rule* names."""
    context.cloud.server_lifecycle.apply_due_steps()
    server = visible_server(context)
    require(context, rule, roles, server.owner)
    return server


def _uuid(*names: str) -> str:
    return str(UUID(stable_id(*names)))


@cache
def _volumes_schema(minor: int) -> Schema:
    return query_schema(minor, _STRICT_VOLUMES_SINCE, {"limit": LIMIT, "offset": LIMIT})


def list_volumes(context: Context) -> Response:
    """List the volumes of a server."""
    query = read_query(context, _volumes_schema(minor_version(context)), legacy_too=True)
    server = _server(context, "os-volumes-attachments:index")
    disks = (*(() if server.image is None else (None,)), *server.volumes)  # pages count the disk of an image
    attachments = [_attachment(context, server, volume) for volume in limited(disks, query) if volume]
    return json_response(context, 200, {"volumeAttachments": attachments})


def show_volume(context: Context) -> Response:
    """Show the attachment of a volume."""
    server = _server(context, "os-volumes-attachments:show")
    volume_id = context.path_params["volume_id"]
    for volume in server.volumes:
        if volume.id == volume_id:
            return json_response(context, 200, {"volumeAttachment": _attachment(context, server, volume)})
    raise NovaError(404, f"Instance {server.id} is not attached to volume {volume_id}")


def device_of(server: Server, volume: Volume) -> str:
    """Return the name of a volume's device in its server."""
    letter = chr(ord("a") + server.volumes.index(volume) % 26)
    return f"/dev/vd{letter}"


def _attachment(context: Context, server: Server, volume: Volume) -> Document:
    minor = minor_version(context)
    document: Document = {} if minor >= _ATTACHMENT_IDS_SINCE else {"id": volume.id}
    document |= {"volumeId": volume.id, "serverId": server.id, "device": device_of(server, volume)}
    if minor >= _DEVICE_TAGS_SINCE:
        document["tag"] = None
    if minor >= _TERMINATION_SINCE:
        document["delete_on_termination"] = volume.delete_on_termination
    if minor >= _ATTACHMENT_IDS_SINCE:
        document["attachment_id"] = _uuid("attachment", server.id, volume.id)
        document["bdm_uuid"] = _uuid("block device", server.id, volume.id)
    return document


class Port(NamedTuple):
    """A port: what connects a server with a network in which it has a fixed address.

    Attributes:
        id: its id.
        network: the name of the network.
        addresses: its fixed addresses.
    """

    id: str
    network: str
    addresses: tuple[Address, ...]


def ports_of(server: Server) -> list[Port]:
    """Return the ports of a server: one for each network in which it has a fixed address."""
    fixed_addresses = {
        network: tuple(address for address in addresses if not address.is_floating)
        for network, addresses in server.shown_addresses.items()
    }
    return [
        Port(_uuid("port", server.id, network), network, addresses)
        for network, addresses in fixed_addresses.items()
        if addresses
    ]


def _ports(context: Context, server: Server) -> list[Document]:
    """Return the documents of the ports of a server."""
    tag = {"tag": None} if minor_version(context) >= _DEVICE_TAGS_SINCE else {}
    return [
        {
            "net_id": _uuid("network", server.owner, port.network),
            "port_id": port.id,
            "mac_addr": port.addresses[0].mac,
            "port_state": "ACTIVE",
            "fixed_ips": [
                {
                    "ip_address": address.address,
                    "subnet_id": _uuid("subnet", server.owner, port.network, str(address.version)),
                }
                for address in port.addresses
            ],
            **tag,
        }
        for port in ports_of(server)
    ]


def list_ports(context: Context) -> Response:
    """List the ports of a server."""
    check_no_query(context)
    server = _server(context, "os-attach-interfaces:list")
    return json_response(context, 200, {"interfaceAttachments": _ports(context, server)})


def show_port(context: Context) -> Response:
    """Show a port of a server."""
    check_no_query(context)
    server = _server(context, "os-attach-interfaces:show")
    port_id = context.path_params["port_id"]
    for port in _ports(context, server):
        if port["port_id"] == port_id:
            return json_response(context, 200, {"interfaceAttachment": port})
    raise NovaError(404, f"Port id {port_id} could not be found.")


def list_security_groups(context: Context) -> Response:
    """List the security groups of a server."""
    check_no_query(context)
    server = _server(context, "os-security-groups:list")
    groups = [
        group
        for group in visible_groups(context)
        if group["tenant_id"] == server.owner and group["name"] in server.security_groups
    ]
    return json_response(context, 200, {"security_groups": groups})


def show_password(context: Context) -> Response:
    """Show the encrypted password of a server: none."""
    check_no_query(context)
    _server(context, "os-server-password:show")
    return json_response(context, 200, {"password": ""})


def show_diagnostics(context: Context) -> Response:
    """Show measurements of a running server: none."""
    check_no_query(context)
    server = _server(context, "os-server-diagnostics", ADMIN)
    if server.host is None:
        raise NovaError(409, f"Instance {server.id} is not ready")
    reason = "The emulator runs no servers, and has nothing to measure."
    raise NovaError(501, "The requested functionality is not supported.", reason=reason)


def list_migrations(context: Context) -> Response:
    """List the live migrations of a server that go on: none."""
    _require_since(context, _MIGRATIONS_SINCE)
    check_no_query(context)
    _server(context, "servers:migrations:index", MANAGER)
    return json_response(context, 200, {"migrations": []})


def show_topology(context: Context) -> Response:
    """Show the NUMA topology of a server: none."""
    _require_since(context, _TOPOLOGY_SINCE)
    check_no_query(context)
    if not allows(context, READER, visible_server(context).owner):
        raise NovaError(403, "Policy doesn't allow compute:server:topology:index to be performed.")
    return json_response(context, 200, {"nodes": [], "pagesize_kb": None})


def list_shares(context: Context) -> Response:
    """List the shares of a server: none. Unknown parameters are refused at every version."""
    _require_since(context, _SHARES_SINCE)
    read_query(context, query_schema(STRICT_QUERIES_SINCE, STRICT_QUERIES_SINCE, {}))
    server_id = context.path_params["server_id"]
    server = context.cloud.servers.find(server_id)
    if server is None:
        raise NovaError(404, f"Instance {server_id} has no mapping to a cell.")
    require(context, "os-server-shares:index", READER, server.owner)
    _server(context, "os-server-shares:index")
    return json_response(context, 200, {"shares": []})
