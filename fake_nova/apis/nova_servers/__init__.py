"""Nova's servers API: servers, their actions, metadata, addresses, tags and volumes."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_servers import action_requests, changes, create, instance_actions, views
from fake_nova.apis.nova_servers.list_schemas import LIST_PARAMETERS
from fake_nova.wire.service import Api, Route

_SERVER = "/servers/{server_id}"
_METADATA = f"{_SERVER}/metadata"
_META = f"{_METADATA}/{{key}}"
_IPS = f"{_SERVER}/ips"

_ACTIONS = f"{_SERVER}/os-instance-actions"

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
    Route("GET", f"{_SERVER}/tags", changes.list_tags, "servers.tags.list", "list a server's tags"),
    Route(
        "GET",
        f"{_SERVER}/os-volume_attachments",
        changes.list_attachments,
        "servers.volumes.list",
        "list a server's volumes",
    ),
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
)

APIS = (Api("nova_servers", COMPUTE, ROUTES),)
