"""The image service's own API, v2, over the same images (Glance 33.0.0, measured)."""

from fake_nova.apis.glance_images import access, data, errors, members, patch, tags, views, writes
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
    headers=views.headers,
    hints=(hints.on_token, views.on_route, views.on_image),
    canonical=access.canonical,
)

_IMAGES = "/v2/images"
_IMAGE = "/v2/images/{image_id}"
_TAG = f"{_IMAGE}/tags/{{tag}}"
_MEMBERS = f"{_IMAGE}/members"
_MEMBER = f"{_MEMBERS}/{{member_id}}"
_DEACTIVATE = f"{_IMAGE}/actions/deactivate"

ROUTES = (
    Route("GET", "", views.versions, "glance.versions"),
    Route("GET", "/", views.versions, "glance.versions", "the image service's versions"),
    Route("GET", "/versions", views.all_versions, "glance.versions.all", "the same, with a 200"),
    Route(ANY, "/v2", views.root, "glance.root"),
    *(
        Route("GET", f"/v2/schemas/{name}", views.schema, f"glance.schemas.{name}", f"schema: {name}")
        for name in SCHEMAS
    ),
    Route("GET", "/v2/info/import", views.import_info, "glance.info.import", "ways to import data"),
    Route("GET", "/v2/info/stores", views.stores_info, "glance.info.stores", "where data goes to"),
    Route("GET", "/v2/info/usage", views.usage, "glance.info.usage", "what is used of quotas: none"),
    Route("GET", _IMAGES, views.index, "glance.images.list", "list images", query=views.query),
    Route("POST", _IMAGES, writes.create, "glance.images.create", "make an image"),
    Route("GET", _IMAGE, views.show, "glance.images.show", "show one image"),
    Route("PATCH", _IMAGE, patch.update, "glance.images.update", "change it by a JSON patch"),
    Route("DELETE", _IMAGE, writes.delete, "glance.images.delete", "delete one image"),
    Route(
        "POST", _DEACTIVATE, writes.deactivate, "glance.images.deactivate", "let only an admin download it"
    ),
    Route("POST", f"{_IMAGE}/actions/reactivate", writes.reactivate, "glance.images.reactivate", "undo that"),
    Route("GET", f"{_IMAGE}/file", data.download, "glance.data.download", "download its data"),
    Route("PUT", f"{_IMAGE}/file", data.upload, "glance.data.upload", "upload its data"),
    Route("PUT", f"{_IMAGE}/stage", data.stage, "glance.data.stage", "lay data aside for it"),
    Route("POST", f"{_IMAGE}/import", data.import_data, "glance.data.import", "import its data"),
    Route("GET", f"{_IMAGE}/tasks", views.tasks, "glance.images.tasks", "its tasks: none"),
    Route("PUT", _TAG, tags.add, "glance.tags.add", "add a tag"),
    Route("DELETE", _TAG, tags.remove, "glance.tags.remove", "take a tag away"),
    Route("GET", _MEMBERS, members.index, "glance.members.list", "list whom it is shared with"),
    Route("POST", _MEMBERS, members.create, "glance.members.create", "share it with a project"),
    Route("GET", _MEMBER, members.show, "glance.members.show", "show one member"),
    Route("PUT", _MEMBER, members.update, "glance.members.update", "accept or reject it"),
    Route("DELETE", _MEMBER, members.delete, "glance.members.delete", "share it no longer"),
)

APIS = (Api("glance_images", IMAGE, ROUTES),)
