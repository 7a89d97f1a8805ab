"""Nova's images API: deprecated proxies to Glance, up to microversion 2.35 (metadata up to 2.38)."""

from functools import partial

from fake_nova.apis.nova_common.compute_service import COMPUTE
from fake_nova.apis.nova_images import hints, metadata, tables, views
from fake_nova.wire.service import Api, Route

#: The last minor versions with images and with their metadata (Nova 34.0.0, measured).
_LAST_IMAGES_VERSION = 35
_LAST_METADATA_VERSION = 38

_IMAGE_PATH = "/images/{image_id}"
_METADATA_PATH = f"{_IMAGE_PATH}/metadata"
_KEY_PATH = f"{_METADATA_PATH}/{{key}}"

_image_route = partial(Route, last_microversion=_LAST_IMAGES_VERSION, error_hints=(hints.explain_image,))
_metadata_route = partial(Route, last_microversion=_LAST_METADATA_VERSION, error_hints=(hints.explain_image,))
_list_route = partial(
    Route,
    last_microversion=_LAST_IMAGES_VERSION,
    error_hints=(hints.explain_marker,),
    build_query=views.build_query,
    query_parameters=tables.LIST_PARAMETERS,
)

ROUTES = (
    _list_route("GET", "/images", views.index, "images.list", "list images (id, name, links)"),
    _list_route("GET", "/images/detail", views.detail, "images.detail", "list images with all fields"),
    _image_route("GET", _IMAGE_PATH, views.show, "images.show", "show an image"),
    _image_route("DELETE", _IMAGE_PATH, views.delete, "images.delete", "delete an image"),
    _metadata_route("GET", _METADATA_PATH, metadata.index, "metadata.list", "list the metadata"),
    _metadata_route(
        "POST", _METADATA_PATH, metadata.create, "metadata.create", "add or change metadata keys"
    ),
    _metadata_route("PUT", _METADATA_PATH, metadata.replace, "metadata.replace", "replace all metadata"),
    _metadata_route("GET", _KEY_PATH, metadata.show, "metadata.show", "show a key"),
    _metadata_route("PUT", _KEY_PATH, metadata.update, "metadata.update", "set a key"),
    _metadata_route("DELETE", _KEY_PATH, metadata.delete, "metadata.delete", "delete a key"),
)

APIS = (Api("nova_images", COMPUTE, ROUTES),)
