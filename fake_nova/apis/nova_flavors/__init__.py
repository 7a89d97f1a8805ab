"""Nova's flavors API, to read."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_flavors import views
from fake_nova.wire.service import Api, Route

_FLAVOR = "/flavors/{flavor_id}"
_SPECS = f"{_FLAVOR}/os-extra_specs"

_list_route = partial(Route, query_parameters=views.LIST_PARAMETERS)

ROUTES = (
    _list_route("GET", "/flavors", views.index, "flavors.list", "list flavors (id, name, links)"),
    _list_route("GET", "/flavors/detail", views.detail, "flavors.detail", "list flavors with all fields"),
    Route("GET", _FLAVOR, views.show, "flavors.show", "show a flavor"),
    Route("GET", _SPECS, views.list_specs, "flavors.specs.list", "list the extra specs of a flavor"),
    Route("GET", f"{_SPECS}/{{key}}", views.show_spec, "flavors.specs.show", "show an extra spec"),
    Route(
        "GET",
        f"{_FLAVOR}/os-flavor-access",
        views.list_access,
        "flavors.access.list",
        "list the projects that may use a private flavor, to an admin",
    ),
)

APIS = (Api("nova_flavors", COMPUTE, ROUTES),)
