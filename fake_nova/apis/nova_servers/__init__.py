"""Nova's servers API, as far as images need it: list and show servers, and create images of them."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_servers import views
from fake_nova.wire.service import Api, Route

_ACTION = "/servers/{server_id}/action"

ROUTES = (
    Route("GET", "/servers", views.index, "servers.list", "list servers (id, name, links)"),
    Route("GET", "/servers/detail", views.detail, "servers.detail", "list servers with all fields"),
    Route("GET", "/servers/{server_id}", views.show, "servers.show", "show a server"),
    Route("POST", _ACTION, views.run_action, "servers.action", "`createImage` or `createBackup`"),
)

APIS = (Api("nova_servers", COMPUTE, ROUTES),)
