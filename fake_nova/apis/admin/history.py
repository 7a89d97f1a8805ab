"""The views of the history of an image and of a server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fake_nova.apis.admin import servers
from fake_nova.cloud.history import History
from fake_nova.documents.image import serialize_image
from fake_nova.images import timestamps
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

Item = TypeVar("Item")


def history(context: Context) -> Response:
    """List the versions of an image, with their times and the requests or plans that made them."""
    image_id = context.path_params["image_id"]
    cloud = context.cloud
    seed_image = cloud.initial_state.store_state.get(image_id)
    key = cloud.database.equality_key(image_id)
    versions = _versions(seed_image, cloud.history, key, "image", serialize_image)
    if not versions:
        cloud.images.get(image_id)  # raises ImageNotFound for an unknown id
    return json_response({"versions": versions})


def server_history(context: Context) -> Response:
    """List the versions of a server, with their times and the requests or plans that made them."""
    server_id = context.path_params["server_id"]
    cloud = context.cloud
    cloud.server_lifecycle.apply_due_steps()
    seed_server = cloud.initial_state.compute.servers.get(server_id)
    key = cloud.database.equality_key(server_id)
    versions = _versions(
        seed_server, cloud.server_history, key, "server", lambda server: servers.document_of(cloud, server)
    )
    if not versions:
        cloud.servers.get(server_id)  # raises ServerNotFound for an unknown id
    return json_response({"versions": versions})


def _versions(
    seed_item: Item | None, history: History[Item], key: str, noun: str, serialize: Callable[[Item], Any]
) -> list[dict[str, Any]]:
    """Return the versions of one item, oldest first; the first is that of the seed, if it is there.

    Args:
        seed_item: the item of the initial state, or None.
        history: the writes to all items.
        key: the key of the item.
        noun: the key of the item's document in a version.
        serialize: returns the document of an item.
    """
    versions: list[dict[str, Any]] = []
    if seed_item is not None:
        versions.append({"at": None, "by": {"seed": True}, noun: serialize(seed_item)})
    for version in history.versions_of(key):
        document = None if version.item is None else serialize(version.item)
        at = timestamps.isoformat_exact(version.written_at)
        versions.append({"at": at, "by": dict(version.author), noun: document})
    return versions
