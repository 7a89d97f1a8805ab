"""The view of an image's history."""

from __future__ import annotations

from typing import Any

from fake_nova.documents.image import serialize_image
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response


def history(context: Context) -> Response:
    """List the versions of an image, with their times and the requests or plans that made them."""
    image_id = context.path_params["image_id"]
    seed_image = context.cloud.initial_state.store_state.get(image_id)
    changes = context.cloud.history.for_image(context.cloud.database.equality_key(image_id))
    if seed_image is None and not changes:
        context.cloud.images.get(image_id)  # raises ImageNotFound for an unknown id
    versions = [] if seed_image is None else [_version(None, {"seed": True}, seed_image)]
    versions += [_version(timestamps.isoformat_exact(at), dict(by), image) for _, image, at, by, _ in changes]
    return json_response({"versions": versions})


def _version(at: str | None, by: dict[str, Any], image: Image | None) -> dict[str, Any]:
    document = None if image is None else serialize_image(image)
    return {"at": at, "by": by, "image": document}
