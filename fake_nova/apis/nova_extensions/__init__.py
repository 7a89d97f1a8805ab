"""Nova's list of extensions, which has been the same since all of them are part of the API."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_extensions import views
from fake_nova.wire.service import Api, Route

ROUTES = (
    Route("GET", "/extensions", views.index, "extensions.list", "list the extensions"),
    Route("GET", "/extensions/{alias}", views.show, "extensions.show", "show an extension"),
)

APIS = (Api("nova_extensions", COMPUTE, ROUTES),)
