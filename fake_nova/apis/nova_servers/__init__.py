"""Nova's servers API: servers, their actions, metadata, tags and parts."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_servers import (
    action_requests,
    changes,
    create,
    instance_actions,
    part_changes,
    parts,
    tags,
    views,
)
from fake_nova.apis.nova_servers.list_schemas import LIST_PARAMETERS
from fake_nova.wire.service import Api, Route

_SERVER = "/servers/{server_id}"
_METADATA = f"{_SERVER}/metadata"
_META = f"{_METADATA}/{{key}}"
_IPS = f"{_SERVER}/ips"

_TAGS = f"{_SERVER}/tags"
_TAG = f"{_TAGS}/{{tag}}"
_VOLUMES = f"{_SERVER}/os-volume_attachments"
_VOLUME = f"{_VOLUMES}/{{volume_id}}"
_PORTS = f"{_SERVER}/os-interface"
_ACTIONS = f"{_SERVER}/os-instance-actions"

#: An old name of /servers, and the last minor version with it.
_BOOT = "/os-volumes_boot"
_BOOT_UNTIL = 102

_list_route = partial(Route, query_parameters=LIST_PARAMETERS)

ROUTES = (
    _list_route("GET", "/servers", views.index, "servers.list", "list servers (id, name, links)"),
    _list_route("GET", "/servers/detail", views.detail, "servers.detail", "list servers with all fields"),
    Route("POST", "/servers", create.create, "servers.create", "create a server, or several"),
    Route("GET", _SERVER, views.show, "servers.show", "show a server"),
    Route("PUT", _SERVER, changes.update, "servers.update", "change name, description and so on"),
    Route("DELETE", _SERVER, changes.delete, "servers.delete", "delete a server"),
    Route(
        "POST",
        f"{_SERVER}/action",
        action_requests.run_action,
        "servers.action",
        "run an action such as `createImage` or `os-stop`",
    ),
    Route("GET", _METADATA, changes.list_metadata, "servers.metadata.list", "list a server's metadata"),
    Route("POST", _METADATA, changes.add_metadata, "servers.metadata.create", "add or change keys of it"),
    Route("PUT", _METADATA, changes.replace_metadata, "servers.metadata.replace", "replace all of it"),
    Route("GET", _META, changes.show_metadata, "servers.metadata.show", "show a key of it"),
    Route("PUT", _META, changes.set_metadata, "servers.metadata.update", "set a key of it"),
    Route("DELETE", _META, changes.delete_metadata, "servers.metadata.delete", "delete a key of it"),
    Route("GET", _IPS, changes.list_addresses, "servers.ips.list", "list a server's addresses"),
    Route("GET", f"{_IPS}/{{network}}", changes.show_addresses, "servers.ips.show", "of one network"),
    Route("GET", _TAGS, tags.index, "servers.tags.list", "list a server's tags"),
    Route("PUT", _TAGS, tags.replace, "servers.tags.replace", "replace a server's tags"),
    Route("DELETE", _TAGS, tags.clear, "servers.tags.clear", "remove all tags of a server"),
    Route("GET", _TAG, tags.show, "servers.tags.show", "tell whether a server has a tag (204)"),
    Route("PUT", _TAG, tags.add, "servers.tags.add", "add a tag to a server"),
    Route("DELETE", _TAG, tags.remove, "servers.tags.delete", "remove a tag from a server"),
    Route("GET", _VOLUMES, parts.list_volumes, "servers.volumes.list", "list a server's volumes"),
    Route("GET", _VOLUME, parts.show_volume, "servers.volumes.show", "show a volume of a server"),
    Route("GET", _PORTS, parts.list_ports, "servers.ports.list", "list a server's ports"),
    Route("GET", f"{_PORTS}/{{port_id}}", parts.show_port, "servers.ports.show", "show a port of a server"),
    Route(
        "GET",
        f"{_SERVER}/os-security-groups",
        parts.list_security_groups,
        "servers.security_groups.list",
        "list a server's security groups",
    ),
    Route(
        "GET",
        f"{_SERVER}/os-server-password",
        parts.show_password,
        "servers.password.show",
        "show the encrypted password of a server (none)",
    ),
    Route(
        "GET",
        f"{_SERVER}/diagnostics",
        parts.show_diagnostics,
        "servers.diagnostics.show",
        "refused: there is nothing to measure",
    ),
    Route(
        "GET",
        f"{_SERVER}/migrations",
        parts.list_migrations,
        "servers.migrations.list",
        "list live migrations of a server (none)",
    ),
    Route(
        "GET",
        f"{_SERVER}/topology",
        parts.show_topology,
        "servers.topology.show",
        "show the NUMA topology of a server (none)",
    ),
    Route("GET", f"{_SERVER}/shares", parts.list_shares, "servers.shares.list", "list its shares (none)"),
    Route(
        "GET",
        _ACTIONS,
        instance_actions.index,
        "servers.actions.list",
        "list what users did to a server",
        query_parameters=("limit", "marker", "changes-since", "changes-before"),
    ),
    Route(
        "GET",
        f"{_ACTIONS}/{{request_id}}",
        instance_actions.show,
        "servers.actions.show",
        "show one action on a server with its events",
    ),
    *part_changes.ROUTES,
    _list_route("GET", _BOOT, views.index, "volumes_boot.list", "as `/servers`", _BOOT_UNTIL),
    _list_route("GET", f"{_BOOT}/detail", views.detail, "volumes_boot.detail", "as `/servers`", _BOOT_UNTIL),
    Route("POST", _BOOT, create.create, "volumes_boot.create", "as `/servers`", _BOOT_UNTIL),
    Route("GET", f"{_BOOT}/{{server_id}}", views.show, "volumes_boot.show", "as `/servers`", _BOOT_UNTIL),
    Route(
        "PUT", f"{_BOOT}/{{server_id}}", changes.update, "volumes_boot.update", "as `/servers`", _BOOT_UNTIL
    ),
    Route(
        "DELETE",
        f"{_BOOT}/{{server_id}}",
        changes.delete,
        "volumes_boot.delete",
        "as `/servers`",
        _BOOT_UNTIL,
    ),
    Route(
        "POST",
        f"{_BOOT}/{{server_id}}/action",
        action_requests.run_action,
        "volumes_boot.action",
        "as `/servers`",
        _BOOT_UNTIL,
    ),
)

APIS = (Api("nova_servers", COMPUTE, ROUTES),)
