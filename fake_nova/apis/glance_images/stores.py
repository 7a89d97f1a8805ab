"""Views of the stores: one store, which belongs to the operator's files."""

from __future__ import annotations

from fake_nova.apis.glance_images import body, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import STORE, STORE_FOLDER
from fake_nova.errors import ImageNotFound
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

_DETAILS = {
    "type": "file",
    "properties": {"data_dir": STORE_FOLDER, "chunk_size": 65536, "thin_provisioning": False},
    "weight": 0,
}


def index(context: Context) -> Response:
    """List the stores."""
    body.check_no_body(context)
    return json_response({"stores": [_serialize()]})


def details(context: Context) -> Response:
    """List the stores with their properties, which only admins and services may see."""
    body.check_no_body(context)
    policies.enforce_for_cloud("stores_info_detail", context.caller)
    return json_response({"stores": [{**_serialize(), **_DETAILS}]})


def delete_image(context: Context) -> Response:
    """Refuse to delete the data of an image from the only store.

    Raises:
        GlanceError: 409 if there is no such store, or the image is not active; 404 if the caller does not see
            the image, or it has no data; otherwise 403.
    """
    body.check_no_body(context)
    store = context.path_params["store_id"]
    image_id = context.path_params["image_id"]
    if store != STORE:
        raise GlanceError(409, f"The selected store {store} is not available on this node.")
    try:
        image = policies.get_visible_image(context)
    except ImageNotFound as error:
        raise GlanceError(404, f"Failed to find image {image_id}") from error
    for policy in ("get_image_location", "delete_image_location"):
        policies.enforce(policy, image, context.caller)
    if image.status is not ImageStatus.ACTIVE:
        message = "It's not allowed to remove image data from store if image status is not 'active'"
        raise GlanceError(409, message)
    if image.os_hash_value is None:
        raise GlanceError(404, f"Image {image_id} is not stored in store {store}.")
    message = (
        "Cannot delete image data from the only store containing it. Consider deleting the image instead."
    )
    raise GlanceError(403, message)


def _serialize() -> dict[str, str]:
    return {"id": STORE, "default": "true"}
