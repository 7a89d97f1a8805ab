"""Nova's quota sets API, to read."""

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_quota_sets import views
from fake_nova.wire.service import Api, Route

_QUOTAS = "/os-quota-sets/{quota_project_id}"

ROUTES = (
    Route("GET", _QUOTAS, views.show, "quotas.show", "show the quotas of a project"),
    Route("GET", f"{_QUOTAS}/detail", views.show_detail, "quotas.detail", "show them with what is used"),
    Route("GET", f"{_QUOTAS}/defaults", views.show_defaults, "quotas.defaults", "show the default quotas"),
    Route("PUT", _QUOTAS, views.update, "quotas.update", "refused, or ignored: quotas come from fixtures"),
    Route(
        "GET",
        "/os-quota-class-sets/{class_id}",
        views.show_class,
        "quota_classes.show",
        "show the quotas of a class, to an admin",
    ),
)

APIS = (Api("nova_quota_sets", COMPUTE, ROUTES),)
