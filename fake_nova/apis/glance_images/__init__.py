"""The image service's own API, v2, over the same images (Glance 33.0.0, measured)."""

from fake_nova.apis.glance_images import access, errors, views
from fake_nova.apis.glance_images.schemas import SCHEMAS
from fake_nova.wire import checks, hints
from fake_nova.wire.api import ANY, Api, Route, Service

#: Everything below /image.
IMAGE = Service(
    name="image",
    prefixes=("image",),
    before=(checks.is_ready, checks.is_no_preflight, access.has_token),
    after=(checks.is_own_project, checks.is_up_to_date),
    no_route=views.no_route,
    error=errors.error,
    refuse=errors.refusal,
    finish=views.headers,
    hints=(hints.on_token,),
    canonical=access.canonical,
)

_IMAGES = "/v2/images"
_IMAGE = "/v2/images/{image_id}"

ROUTES = (
    Route("GET", "", views.versions, "glance.versions"),
    Route("GET", "/", views.versions, "glance.versions", summary="the image service's versions"),
    Route("GET", "/versions", views.all_versions, "glance.versions.all", summary="the same, with a 200"),
    Route(ANY, "/v2", views.root, "glance.root"),
    *(
        Route("GET", f"/v2/schemas/{name}", views.schema, f"glance.schemas.{name}", summary=f"schema: {name}")
        for name in SCHEMAS
    ),
    Route("GET", "/v2/info/import", views.import_info, "glance.info.import", summary="ways to import data"),
    Route("GET", "/v2/info/stores", views.stores_info, "glance.info.stores", summary="where data goes to"),
    Route("GET", _IMAGES, views.index, "glance.images.list", summary="list images", query=views.query),
    Route("GET", _IMAGE, views.show, "glance.images.show", summary="show one image"),
)

APIS = (Api("glance_images", IMAGE, ROUTES),)
