"""The views of changed images and servers, for clients that show them live."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from fake_nova.apis.admin import body, servers
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.history import History, Version
from fake_nova.documents.image import serialize_image
from fake_nova.images.overlay_map import OverlayMap
from fake_nova.support.messages import quote_python
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: The maximum number of versions in a response, so that a poll is cheap while many images change.
MAX_VERSIONS: Final = 500

_CURSOR: Final = re.compile(r"([0-9]{1,19})-([0-9]{1,15})", re.ASCII)


class _HasId(Protocol):
    @property
    def id(self) -> str:
        """The id."""


Item = TypeVar("Item", bound=_HasId)


def changes(context: Context) -> Response:
    """List the images that changed since a cursor, and the ids of those that were removed.

    The response has the next cursor. Without a cursor, after a reset, or after more changes than the history
    remembers, ``complete`` is false: the client then has to list all images. It takes the cursor first.
    """
    cloud = context.cloud
    seed_images = cloud.initial_state.store_state.by_key
    return _changes(context, "images", cloud.history, seed_images, serialize_image)


def server_changes(context: Context) -> Response:
    """List the servers that changed since a cursor, and the ids of those that were removed.

    Cursors and ``complete`` are as for images.
    """
    cloud = context.cloud
    cloud.server_lifecycle.apply_due_steps()
    seed_servers = cloud.initial_state.compute.servers.by_key
    return _changes(
        context,
        "servers",
        cloud.server_history,
        seed_servers,
        lambda server: servers.document_of(cloud, server),
    )


def _changes(
    context: Context,
    nouns: str,
    history: History[Item],
    seed_items: OverlayMap[str, Item],
    serialize: Callable[[Item], Any],
) -> Response:
    """Return the response with the items that changed.

    Args:
        context: the context of the request, with the cursor in its query.
        nouns: the key of the items in the document.
        history: the writes to the items.
        seed_items: the items of the initial state by key.
        serialize: returns the document of an item.
    """
    cursor = body.query_params(context.request).get("since")
    number = history.last_number  # read first: a version that is written now belongs to the next cursor
    versions = None if cursor is None else _versions_since(history, cursor)
    if versions:
        versions = versions[:MAX_VERSIONS]
        number = versions[-1].number
    latest = {version.key: version.item for version in versions or ()}
    return json_response(
        {
            "cursor": f"{history.id}-{number}",
            "complete": versions is not None,
            nouns: [serialize(item) for item in latest.values() if item is not None],
            "removed": [_id_of(history, seed_items, key) for key, item in latest.items() if item is None],
        }
    )


def _versions_since(history: History[Item], cursor: str) -> tuple[Version[Item], ...] | None:
    """Return the versions after a cursor; None if they are unknown.

    Raises:
        Refusal: 400 if the cursor is malformed.
    """
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise Refusal(400, f"since: not a cursor (got {quote_python(cursor)}); expected one of a response")
    history_id, number = map(int, match.groups())
    return history.since(number) if history_id == history.id else None


def _id_of(history: History[Item], seed_items: OverlayMap[str, Item], key: str) -> str:
    """Return the id of a removed item; its key if no version is remembered."""
    items = [seed_items.get(key), *(version.item for version in history.versions_of(key))]
    return next((item.id for item in reversed(items) if item is not None), key)
