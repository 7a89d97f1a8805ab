"""Rendering of images, members and versions as Glance's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fake_nova.apis.glance_images import tables
from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import ImageStatus
from fake_nova.support.caching import ENTRY_OVERHEAD, MAX_CACHED_BYTES

#: Attributes that are known only after the data is stored.
_DATA_ATTRIBUTES = ("checksum", "os_hash_algo", "os_hash_value", "virtual_size")


def dumps(value: object) -> bytes:
    """Return *value* as JSON in UTF-8, as Glance writes it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def serialize_image(image: Image, *, for_admin: bool = False) -> dict[str, Any]:
    """Return an image as a dict, with the keys in Glance's order.

    Glance shows the stores of a deactivated image to admins only (Glance 33.0.0, measured).
    """
    path = f"/v2/images/{image.id}"
    body: dict[str, Any] = {
        **image.properties,
        **{name: getattr(image, name) for name in tables.ATTRIBUTES},
        "created_at": timestamps.isoformat_seconds(image.created_at),
        "updated_at": timestamps.isoformat_seconds(image.updated_at),
        "tags": sorted(image.tags),  # Glance keeps a set, so its order is arbitrary
        "self": path,
        "file": f"{path}/file",
        "schema": "/v2/schemas/image",
    }
    if image.status in tables.STATUSES_WITHOUT_HASHES:
        body.update(dict.fromkeys(_DATA_ATTRIBUTES))
    elif image.os_hash_value is not None and (for_admin or image.status is not ImageStatus.DEACTIVATED):
        stores = tables.STORE if image.stores is None else image.stores
        if stores:
            body["stores"] = stores
    return body


class _ImageBodyCache(dict[Image, bytes]):
    """A cache of images as JSON for all but admins. It is cleared when it holds too many bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._remaining_bytes = MAX_CACHED_BYTES

    def __missing__(self, image: Image) -> bytes:
        body = dumps(serialize_image(image))
        self._remaining_bytes -= len(body) + ENTRY_OVERHEAD
        if self._remaining_bytes < 0:
            self.clear()
            self._remaining_bytes = MAX_CACHED_BYTES
        self[image] = body
        return body


_IMAGE_BODIES = _ImageBodyCache()


def image_body(image: Image, *, for_admin: bool) -> bytes:
    """Return an image as JSON. Only that of a deactivated image differs for admins."""
    if for_admin and image.status is ImageStatus.DEACTIVATED:
        return dumps(serialize_image(image, for_admin=True))
    return _IMAGE_BODIES[image]


def page_body(images: Iterable[Image], link_query: str, next_marker: str | None, *, for_admin: bool) -> bytes:
    """Return a page of images as JSON.

    Args:
        images: the images of the page.
        link_query: the query of the request without the marker.
        next_marker: the marker of the next page, or None if this is the last page.
        for_admin: whether the caller is an admin.
    """
    url = f"/v2/images?{link_query}" if link_query else "/v2/images"
    links = {"first": url, "schema": "/v2/schemas/images"}
    if next_marker is not None:
        separator = "&" if link_query else "?"
        links["next"] = f"{url}{separator}marker={next_marker}"
    bodies: Iterable[bytes] = map(_IMAGE_BODIES.__getitem__, images)
    if for_admin:
        bodies = (image_body(image, for_admin=True) for image in images)
    return b'{"images": [' + b", ".join(bodies) + b"], " + dumps(links)[1:]


def serialize_member(image: Image, member: Member) -> dict[str, Any]:
    """Return a member of an image as a dict."""
    created_at = member.created_at or image.created_at
    return {
        "member_id": member.project_id,
        "image_id": image.id,
        "status": str(member.status),
        "created_at": timestamps.isoformat_seconds(created_at),
        "updated_at": timestamps.isoformat_seconds(member.updated_at or created_at),
        "schema": "/v2/schemas/member",
    }


def import_headers(methods: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers of a new image that list its import methods and stores."""
    method_headers = (("OpenStack-image-import-methods", ",".join(methods)),) if methods else ()
    return (*method_headers, ("OpenStack-image-store-ids", tables.STORE))


def serialize_versions(base_url: str) -> dict[str, Any]:
    """Return the list of API versions, with links below *base_url*."""
    links = [{"rel": "self", "href": f"{base_url}/v2/"}]
    statuses = {**dict.fromkeys(tables.API_VERSIONS, "SUPPORTED"), tables.CURRENT_VERSION: "CURRENT"}
    rows = [{"id": f"v{version}", "status": status, "links": links} for version, status in statuses.items()]
    return {"versions": rows}
