"""The Image API v2 of Glance, on the same images as Nova's (Glance 33.0.0, measured)."""

from fake_nova.apis.glance_images import (
    cache,
    errors,
    image_data,
    image_imports,
    locations,
    members,
    metadefs,
    patch,
    paths,
    stores,
    tables,
    tags,
    tasks,
    views,
    writes,
)
from fake_nova.apis.glance_images.checks import authenticate, respond_to_preflight, response_headers
from fake_nova.apis.glance_images.hints import explain_image, explain_route
from fake_nova.apis.glance_images.schemas import SCHEMAS
from fake_nova.wire import checks, hints
from fake_nova.wire.service import ANY, Api, Route, Service

#: The service of all paths below /image.
IMAGE = Service(
    name="image",
    prefixes=("image",),
    resolve_cloud=checks.resolve_by_token,
    early_checks=(checks.require_ready, respond_to_preflight, authenticate),
    route_checks=(checks.assign_project, checks.advance_plans),
    no_route_view=views.no_route,
    render_error=errors.render_error,
    render_injected_error=errors.render_injected_error,
    response_headers=response_headers,
    error_hints=(hints.explain_token, explain_route, explain_image),
    cors=tables.CORS_DEFAULTS,
    normalize_segments=paths.normalize_segments,
)

_IMAGES = "/v2/images"
_IMAGE = "/v2/images/{image_id}"
_TAG = f"{_IMAGE}/tags/{{tag}}"
_MEMBERS = f"{_IMAGE}/members"
_MEMBER = f"{_MEMBERS}/{{member_id}}"
_TASKS = "/v2/tasks"
_TASK = "/v2/tasks/{task_id}"
_DEACTIVATE = f"{_IMAGE}/actions/deactivate"
_REACTIVATE = f"{_IMAGE}/actions/reactivate"

ROUTES = (
    Route("GET", "", views.versions, "glance.versions"),
    Route("GET", "/", views.versions, "glance.versions", "list the image service's versions (300)"),
    Route(ANY, "/versions", views.all_versions, "glance.versions.all", "list the same versions (200)"),
    Route(ANY, "/healthcheck", views.health, "glance.healthcheck", "show that the image service is healthy"),
    Route(ANY, "/v2", views.redirect_to_v2, "glance.root"),
    *(
        Route(
            "GET",
            f"/v2/schemas/{name}",
            views.schema,
            f"glance.schemas.{name.replace('/', '.')}",
            f"show schema `{name}`",
        )
        for name in (*SCHEMAS, *tables.TASK_SCHEMAS, *tables.METADEF_SCHEMAS)
    ),
    Route("GET", "/v2/info/import", views.import_info, "glance.info.import", "list the import methods"),
    Route("GET", "/v2/info/stores", stores.index, "glance.info.stores", "list the stores (always one)"),
    Route(
        *("GET", "/v2/info/stores/detail", stores.details, "glance.info.stores.detail"),
        "list the stores with their properties",
    ),
    Route("GET", "/v2/info/usage", views.usage, "glance.info.usage", "show quota usage (always empty)"),
    Route(
        *("GET", _IMAGES, views.index, "glance.images.list", "list images"),
        build_query=views.build_query,
        query_parameters=tables.LIST_PARAMETERS,
    ),
    Route("POST", _IMAGES, writes.create, "glance.images.create", "create an image"),
    Route("GET", _IMAGE, views.show, "glance.images.show", "show an image"),
    Route("PATCH", _IMAGE, patch.update, "glance.images.update", "change an image by a JSON patch"),
    Route("DELETE", _IMAGE, writes.delete, "glance.images.delete", "delete an image"),
    Route(
        "POST", _DEACTIVATE, writes.deactivate, "glance.images.deactivate", "allow downloads to admins only"
    ),
    Route("POST", _REACTIVATE, writes.reactivate, "glance.images.reactivate", "allow downloads again"),
    Route("GET", f"{_IMAGE}/file", image_data.download, "glance.data.download", "download the data"),
    Route("PUT", f"{_IMAGE}/file", image_data.upload, "glance.data.upload", "upload the data"),
    Route("PUT", f"{_IMAGE}/stage", image_data.stage, "glance.data.stage", "stage data for an import"),
    Route("POST", f"{_IMAGE}/import", image_imports.import_data, "glance.data.import", "import the data"),
    Route("GET", f"{_IMAGE}/tasks", tasks.index_of_image, "glance.images.tasks", "list its tasks"),
    Route("GET", f"{_IMAGE}/locations", locations.index, "glance.locations.list", "list where its data lies"),
    Route("POST", f"{_IMAGE}/locations", locations.add, "glance.locations.add", "refuse to add a location"),
    Route(
        *("DELETE", "/v2/stores/{store_id}/{image_id}", stores.delete_image, "glance.stores.delete"),
        "refuse to delete its data from the only store",
    ),
    Route("PUT", _TAG, tags.add, "glance.tags.add", "add a tag"),
    Route("DELETE", _TAG, tags.remove, "glance.tags.remove", "remove a tag"),
    Route("GET", _MEMBERS, members.index, "glance.members.list", "list the members of an image"),
    Route("POST", _MEMBERS, members.create, "glance.members.create", "share an image with a project"),
    Route("GET", _MEMBER, members.show, "glance.members.show", "show a member"),
    Route("PUT", _MEMBER, members.update, "glance.members.update", "accept or reject a shared image"),
    Route("DELETE", _MEMBER, members.delete, "glance.members.delete", "remove a member"),
    Route(
        *("GET", _TASKS, tasks.index, "glance.tasks.list", "list tasks, to admins"),
        query_parameters=("limit", "marker", "sort_key", "sort_dir", "status", "type", "owner", "image_id"),
    ),
    Route("POST", _TASKS, tasks.create, "glance.tasks.create", "create a task, which fails"),
    Route("GET", _TASK, tasks.show, "glance.tasks.show", "show a task, to admins"),
    Route("DELETE", _TASK, tasks.delete, "glance.tasks.delete", "refuse to delete a task"),
    *metadefs.ROUTES,
    *cache.ROUTES,
)

APIS = (Api("glance_images", IMAGE, ROUTES),)
