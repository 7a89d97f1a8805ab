"""Nova's API of availability zones. There is one, with one host."""

from fake_nova.apis.nova_availability_zones import views
from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.wire.service import Api, Route

_ZONES = "/os-availability-zone"

ROUTES = (
    Route("GET", _ZONES, views.index, "zones.list", "list the availability zones"),
    Route("GET", f"{_ZONES}/detail", views.detail, "zones.detail", "list them with their hosts, to an admin"),
)

APIS = (Api("nova_availability_zones", COMPUTE, ROUTES),)
