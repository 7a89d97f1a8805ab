"""Nova's images API: deprecated proxies to Glance, up to microversion 2.35 (metadata up to 2.38)."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_images import hints, metadata, views
from fake_nova.wire.service import Api, Route

#: The last minor versions with images and with their metadata (Nova 34.0.0, measured).
IMAGES, METADATA = 35, 38

_IMAGE = "/images/{image_id}"
_METADATA = f"{_IMAGE}/metadata"
_KEY = f"{_METADATA}/{{key}}"

_image = partial(Route, last_microversion=IMAGES, error_hints=(hints.explain_image,))
_metadata = partial(Route, last_microversion=METADATA, error_hints=(hints.explain_image,))
_list = partial(
    Route, last_microversion=IMAGES, error_hints=(hints.explain_marker,), build_query=views.build_query
)

ROUTES = (
    _list("GET", "/images", views.index, "images.list", "list images (id, name, links)"),
    _list("GET", "/images/detail", views.detail, "images.detail", "list images with all fields"),
    _image("GET", _IMAGE, views.show, "images.show", "show an image"),
    _image("DELETE", _IMAGE, views.delete, "images.delete", "delete an image"),
    _metadata("GET", _METADATA, metadata.index, "metadata.list", "list the metadata"),
    _metadata("POST", _METADATA, metadata.create, "metadata.create", "add or change metadata keys"),
    _metadata("PUT", _METADATA, metadata.replace, "metadata.replace", "replace all metadata"),
    _metadata("GET", _KEY, metadata.show, "metadata.show", "show a key"),
    _metadata("PUT", _KEY, metadata.update, "metadata.update", "set a key"),
    _metadata("DELETE", _KEY, metadata.delete, "metadata.delete", "delete a key"),
)

APIS = (Api("nova_images", COMPUTE, ROUTES),)
