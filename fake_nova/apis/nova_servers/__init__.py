"""Nova's servers API, as far as images need it: list and show servers, and create images of them."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_servers import snapshots, views
from fake_nova.apis.nova_servers.list_schemas import LIST_PARAMETERS
from fake_nova.wire.service import Api, Route

_ACTION = "/servers/{server_id}/action"

_list_route = partial(Route, query_parameters=LIST_PARAMETERS)

ROUTES = (
    _list_route("GET", "/servers", views.index, "servers.list", "list servers (id, name, links)"),
    _list_route("GET", "/servers/detail", views.detail, "servers.detail", "list servers with all fields"),
    Route("GET", "/servers/{server_id}", views.show, "servers.show", "show a server"),
    Route("POST", _ACTION, snapshots.run_action, "servers.action", "`createImage` or `createBackup`"),
)

APIS = (Api("nova_servers", COMPUTE, ROUTES),)
