"""Views of the locations of an image's data: only services and admins see them, and nobody adds one."""

from __future__ import annotations

from fake_nova.apis.glance_images import body, policies
from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.schemas import check_body
from fake_nova.apis.glance_images.tables import STATUSES_WITHOUT_HASHES, STORE, STORE_FOLDER
from fake_nova.images.status import ImageStatus
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def index(context: Context) -> Response:
    """List the location of the data, if the image has data."""
    body.check_no_json_body(context)
    image = policies.get_visible_image(context)
    policies.enforce("fetch_image_location", image, context.caller)
    if image.os_hash_value is None or image.status in STATUSES_WITHOUT_HASHES:
        return json_response([])
    return json_response([{"url": f"file://{STORE_FOLDER}/{image.id}", "metadata": {"store": STORE}}])


def add(context: Context) -> Response:
    """Refuse to add a location: the service has no store of the type ``http``.

    Raises:
        GlanceError: 400 if the body is invalid; 409 if the image is not queued; otherwise 403.
    """
    payload = body.parse_json(context)
    check_body({"add_location": payload}, "location")
    image = policies.get_visible_image(context)
    if image.status is not ImageStatus.QUEUED:
        raise GlanceError(409, f"It's not allowed to add locations if image status is {image.status}.")
    policies.enforce("add_image_location", image, context.caller)
    raise GlanceError(403, "http store must be enabled to use location API by normal user.")
