"""Nova's key pairs API."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_keypairs import views
from fake_nova.wire.service import Api, Route

_KEYPAIRS = "/os-keypairs"
_KEYPAIR = f"{_KEYPAIRS}/{{keypair_name}}"

_USER = ("user_id",)

ROUTES = (
    Route(
        "GET",
        _KEYPAIRS,
        views.index,
        "keypairs.list",
        "list the key pairs of a user",
        query_parameters=(*_USER, "limit", "marker"),
    ),
    Route("POST", _KEYPAIRS, views.create, "keypairs.create", "import a public key, or create a key pair"),
    Route("GET", _KEYPAIR, views.show, "keypairs.show", "show a key pair", query_parameters=_USER),
    Route("DELETE", _KEYPAIR, views.delete, "keypairs.delete", "delete a key pair", query_parameters=_USER),
)

APIS = (Api("nova_keypairs", COMPUTE, ROUTES),)
