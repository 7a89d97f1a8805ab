"""Nova's images API: deprecated proxies to Glance, up to microversion 2.35; metadata up to 2.38."""

from fake_nova.apis.nova_images import metadata, views
from fake_nova.wire.api import Api, Route
from fake_nova.wire.services import COMPUTE

#: Last minor version with images, and with their metadata (Nova 34.0.0, measured).
IMAGES, METADATA = 35, 38

ROUTES = (
    Route("GET", "/images", views.index, "images.list", IMAGES, "list images: id, name, links"),
    Route("GET", "/images/detail", views.detail, "images.detail", IMAGES, "list images with all they have"),
    Route("GET", "/images/{image_id}", views.show, "images.show", IMAGES, "show one image"),
    Route("DELETE", "/images/{image_id}", views.delete, "images.delete", IMAGES, "delete one image"),
    Route("GET", "/images/{image_id}/metadata", metadata.index, "metadata.list", METADATA, "list metadata"),
    Route(
        "POST", "/images/{image_id}/metadata", metadata.create, "metadata.create", METADATA, "add metadata"
    ),
    Route(
        "PUT", "/images/{image_id}/metadata", metadata.replace, "metadata.replace", METADATA, "replace it all"
    ),
    Route(
        "GET", "/images/{image_id}/metadata/{key}", metadata.show, "metadata.show", METADATA, "show one key"
    ),
    Route(
        "PUT",
        "/images/{image_id}/metadata/{key}",
        metadata.update,
        "metadata.update",
        METADATA,
        "set one key",
    ),
    Route(
        "DELETE",
        "/images/{image_id}/metadata/{key}",
        metadata.delete,
        "metadata.delete",
        METADATA,
        "drop one key",
    ),
)

APIS = (Api("nova_images", COMPUTE, ROUTES),)
