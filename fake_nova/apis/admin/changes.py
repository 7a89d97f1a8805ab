"""The view of changed images, for clients that show them live."""

from __future__ import annotations

import re
from typing import Final

from fake_nova.apis.admin import body
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.history import ImageVersion
from fake_nova.documents.image import serialize_image
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: The maximum number of versions in a response, so that a poll is cheap while many images change.
MAX_VERSIONS: Final = 500

_CURSOR: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,15})", re.ASCII)


def changes(context: Context) -> Response:
    """List the images that changed since a cursor, and the ids of those that were removed.

    The response has the next cursor. Without a cursor, after a reset, or after more changes than the history
    remembers, ``complete`` is false: the client then has to list all images. It takes the cursor first.
    """
    cloud = context.cloud
    cursor = body.query_params(context.request).get("since")
    number = cloud.history.last_number  # read first: a version that is written now belongs to the next cursor
    versions = None if cursor is None else _versions_since(cloud, cursor)
    if versions:
        versions = versions[:MAX_VERSIONS]
        number = versions[-1].number
    latest = {version.image_key: version for version in versions or ()}
    images = [serialize_image(version.image) for version in latest.values() if version.image is not None]
    removed = [_id_of(cloud, version) for version in latest.values() if version.image is None]
    return json_response(
        {
            "cursor": f"{cloud.history.id}-{number}",
            "complete": versions is not None,
            "images": images,
            "removed": removed,
        }
    )


def _versions_since(cloud: Cloud, cursor: str) -> tuple[ImageVersion, ...] | None:
    """Return the versions after a cursor; None if they are unknown.

    Raises:
        Refusal: 400 if the cursor is malformed.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Refusal(400, f"since: not a cursor (got {quote_python(cursor)}); expected one of a response")
    history_id, number = map(int, match.groups())
    return cloud.history.since(number) if history_id == cloud.history.id else None


def _id_of(cloud: Cloud, removal: ImageVersion) -> str:
    """Return the id of a removed image; its key if no version is remembered."""
    key = removal.image_key
    images = [cloud.initial_state.store_state.by_key.get(key)]
    images += [version.image for version in cloud.history.for_image(key)]
    return next((image.id for image in reversed(images) if image is not None), key)
