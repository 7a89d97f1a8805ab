"""Nova's images API: deprecated proxies to Glance, up to microversion 2.35; metadata up to 2.38."""

from fake_nova.apis.nova_images import hints, metadata, views
from fake_nova.wire.api import Api, Route
from fake_nova.wire.services import COMPUTE

#: Last minor version with images, and with their metadata (Nova 34.0.0, measured).
IMAGES, METADATA = 35, 38

#: Why a list is refused, and what is about one image.
LIST, ONE = (hints.on_marker,), (hints.on_image,)

#: What a list does not tell, and what nobody means to ask one for.
UNSEEN, VAIN = (hints.on_saving,), (hints.on_query,)

_IMAGE = "/images/{image_id}"
_METADATA = "/images/{image_id}/metadata"
_KEY = "/images/{image_id}/metadata/{key}"

ROUTES = (
    Route(
        "GET",
        "/images",
        views.index,
        "images.list",
        IMAGES,
        "list images: id, name, links",
        LIST,
        UNSEEN,
        VAIN,
        views.query,
    ),
    Route(
        "GET",
        "/images/detail",
        views.detail,
        "images.detail",
        IMAGES,
        "list whole images",
        LIST,
        UNSEEN,
        VAIN,
        views.query,
    ),
    Route("GET", _IMAGE, views.show, "images.show", IMAGES, "show one image", ONE),
    Route("DELETE", _IMAGE, views.delete, "images.delete", IMAGES, "delete one image", ONE),
    Route("GET", _METADATA, metadata.index, "metadata.list", METADATA, "list metadata", ONE),
    Route("POST", _METADATA, metadata.create, "metadata.create", METADATA, "add metadata", ONE),
    Route("PUT", _METADATA, metadata.replace, "metadata.replace", METADATA, "replace it all", ONE),
    Route("GET", _KEY, metadata.show, "metadata.show", METADATA, "show one key", ONE),
    Route("PUT", _KEY, metadata.update, "metadata.update", METADATA, "set one key", ONE),
    Route("DELETE", _KEY, metadata.delete, "metadata.delete", METADATA, "drop one key", ONE),
)

APIS = (Api("nova_images", COMPUTE, ROUTES),)
