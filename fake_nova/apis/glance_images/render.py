"""The image service's view of an image: pure functions from an image to the bytes on the wire."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from fake_nova.apis.glance_images.tables import ATTRIBUTES, CURRENT, STORE, VERSIONS, WITHOUT_HASHES
from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import ImageStatus

#: Attributes that are known once the data is there.
_OF_DATA = ("checksum", "os_hash_algo", "os_hash_value", "virtual_size")


def dumps(document: object) -> bytes:
    """Write JSON as the service does: UTF-8."""
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def document(image: Image) -> dict[str, Any]:
    """Return an image with all it has, its keys in the service's order."""
    path = f"/v2/images/{image.id}"
    shown: dict[str, Any] = {
        **image.properties,
        **{name: getattr(image, name) for name in ATTRIBUTES},
        "created_at": timestamps.whole_seconds(image.created_at),
        "updated_at": timestamps.whole_seconds(image.updated_at),
        "tags": sorted(image.tags),  # a set there, so in no order at all
        "self": path,
        "file": f"{path}/file",
        "schema": "/v2/schemas/image",
    }
    if image.status in WITHOUT_HASHES:
        shown.update(dict.fromkeys(_OF_DATA))
    elif image.os_hash_value is not None and image.status is not ImageStatus.DEACTIVATED:
        shown["stores"] = STORE
    return shown


class _Rendered(dict[Image, bytes]):
    """Images as JSON, each rendered once; all are forgotten when they take too many bytes."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MOST

    def __missing__(self, image: Image) -> bytes:
        rendered = dumps(document(image))
        self._left -= len(rendered) + _OVERHEAD
        if self._left < 0:
            self.clear()
            self._left = _MOST
        self[image] = rendered
        return rendered


#: How many bytes of rendered images are kept, and how many each takes beside its own.
_MOST = 12_000_000
_OVERHEAD = 300

_RENDERED = _Rendered()


def one(image: Image) -> bytes:
    """Return an image as JSON."""
    return _RENDERED[image]


def page(images: Iterable[Image], repeated: str, following: str | None) -> bytes:
    """Return a page of images as JSON.

    Args:
        images: those of the page.
        repeated: the request's own query, without its marker.
        following: the marker of the next page, or None where there is none.
    """
    query = f"?{repeated}" if repeated else ""
    links = {"first": f"/v2/images{query}", "schema": "/v2/schemas/images"}
    if following is not None:
        links["next"] = f"/v2/images{query}{'&' if query else '?'}marker={following}"
    return b'{"images": [' + b", ".join(map(_RENDERED.__getitem__, images)) + b"], " + dumps(links)[1:]


def member(image: Image, of: Member) -> dict[str, Any]:
    """Return a project that an image is shared with."""
    created = of.created_at or image.created_at
    return {
        "member_id": of.project_id,
        "image_id": image.id,
        "status": str(of.status),
        "created_at": timestamps.whole_seconds(created),
        "updated_at": timestamps.whole_seconds(of.updated_at or created),
        "schema": "/v2/schemas/member",
    }


def import_headers(methods: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the headers of a new image that say how it may get its data."""
    ways = (("OpenStack-image-import-methods", ",".join(methods)),) if methods else ()
    return (*ways, ("OpenStack-image-store-ids", STORE))


def versions(root: str) -> dict[str, Any]:
    """Return the versions that there are, at *root*."""
    links = [{"rel": "self", "href": f"{root}/v2/"}]
    statuses = {version: "CURRENT" if version == CURRENT else "SUPPORTED" for version in VERSIONS}
    rows = [{"id": f"v{version}", "status": status, "links": links} for version, status in statuses.items()]
    return {"versions": rows}
