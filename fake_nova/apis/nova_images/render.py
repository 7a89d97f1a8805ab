"""Images as Nova writes them: pure functions from an image and its links to the bytes on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_images.tables import JSON_PROPERTIES, TRUE_STRINGS
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.images.status import NOVA_PROGRESS, NOVA_STATUS
from fake_nova.support import json_reader
from fake_nova.support.caching import ENTRY_OVERHEAD, MAX_CACHED_BYTES
from fake_nova.wire.response import dumps

#: The maximum number of link builders in one cache.
_MAX_LINK_BUILDERS = 512


def serialize_metadata(image: Image) -> dict[str, Any]:
    """Return an image's properties as Nova shows them, with JSON parsed in those of `JSON_PROPERTIES`."""
    body: dict[str, Any] = dict(image.properties)
    for key in JSON_PROPERTIES:
        if key in body:
            with suppress(ValueError):  # the real service responds 500
                body[key] = json_reader.loads(body[key])
    return body


def serialize_image(image: Image, link_builder: LinkBuilder) -> dict[str, Any]:
    """Return an image with all its fields, in Nova's order."""
    body = {
        "id": image.id,
        "name": image.name,
        "minRam": image.min_ram,
        "minDisk": image.min_disk,
        "metadata": serialize_metadata(image),
        "created": timestamps.isoformat_seconds(image.created_at),
        "updated": timestamps.isoformat_seconds(image.updated_at),
        "status": NOVA_STATUS[image.status],
        "progress": NOVA_PROGRESS.get(image.status, 0),
        "OS-EXT-IMG-SIZE:size": image.size or 0,
        "links": link_builder.image_links(image.id),
    }
    server_id = image.properties.get("instance_uuid")
    if server_id is not None:
        body["server"] = {"id": server_id, "links": link_builder.resource_links("servers", server_id)}
    disk_config = image.properties.get("auto_disk_config")
    if disk_config is not None:
        body["OS-DCF:diskConfig"] = "AUTO" if disk_config.strip().lower() in TRUE_STRINGS else "MANUAL"
    return body


def _detail_fragment(image: Image, link_builder: LinkBuilder) -> bytes:
    return dumps(serialize_image(image, link_builder))


def _show_body(image: Image, link_builder: LinkBuilder) -> bytes:
    return b'{"image": %b}' % DETAIL_FRAGMENTS.for_links(link_builder)[image]


def _summary_fragment(image: Image, link_builder: LinkBuilder) -> bytes:
    return dumps({"id": image.id, "name": image.name, "links": link_builder.image_links(image.id)})


class Fragments(dict[Image, bytes]):
    """The rendered fragments of responses with the same links, by image. A lookup renders a missing one."""

    def __init__(self, cache: FragmentCache, link_builder: LinkBuilder) -> None:
        super().__init__()
        self._cache: Final = cache
        self._link_builder: Final = link_builder

    def __missing__(self, image: Image) -> bytes:
        fragment = self._cache.build(image, self._link_builder)
        self[image] = fragment
        return fragment


class FragmentCache:
    """A cache of rendered fragments of one kind. It renders each version of an image once.

    A dict by image is faster here than an `lru_cache`, and leaves the garbage collector far fewer objects to
    visit.

    Args:
        render: renders an image.
    """

    def __init__(self, render: Callable[[Image, LinkBuilder], bytes]) -> None:
        self._render: Final = render
        self._by_link_builder: dict[LinkBuilder, Fragments] = {}
        self._remaining_bytes = MAX_CACHED_BYTES

    def for_links(self, link_builder: LinkBuilder) -> Fragments:
        """Return the fragments with the links of *link_builder*; uncached ones if it is too long to cache."""
        if link_builder.is_too_long_to_cache:
            return Fragments(self, link_builder)
        fragments = self._by_link_builder.get(link_builder)
        if fragments is None:
            if len(self._by_link_builder) >= _MAX_LINK_BUILDERS:
                self._clear()
            fragments = Fragments(self, link_builder)
            self._by_link_builder[link_builder] = fragments
        return fragments

    def build(self, image: Image, link_builder: LinkBuilder) -> bytes:
        """Render a fragment. Clear the cache if it exceeds its limit."""
        fragment = self._render(image, link_builder)
        self._remaining_bytes -= len(fragment) + ENTRY_OVERHEAD
        if self._remaining_bytes < 0:
            self._clear()
        return fragment

    def _clear(self) -> None:
        for fragments in list(self._by_link_builder.values()):
            fragments.clear()
        self._by_link_builder = {}
        self._remaining_bytes = MAX_CACHED_BYTES


#: As JSON: images with all fields, images with id, name and links, and the bodies of `views.show`.
DETAIL_FRAGMENTS: Final = FragmentCache(_detail_fragment)
SUMMARY_FRAGMENTS: Final = FragmentCache(_summary_fragment)
_SHOW_BODIES: Final = FragmentCache(_show_body)


def image_body(image: Image, link_builder: LinkBuilder) -> bytes:
    """Return the body of a response with one image, as JSON."""
    return _SHOW_BODIES.for_links(link_builder)[image]


def page_body(images: Iterable[Image], fragments: Fragments, next_url: str | None) -> bytes:
    """Return a page of images as JSON. It has ``images_links`` only if there is a next page.

    One join builds the whole body; two steps take several times as long for a long page.
    """
    links = b""
    if next_url is not None:
        links = b', "images_links": [{"rel": "next", "href": %b}]' % dumps(next_url)
    chunks = list(map(fragments.__getitem__, images)) or [b""]
    chunks[0] = b'{"images": [' + chunks[0]
    chunks[-1] += b"]" + links + b"}"
    return b", ".join(chunks)
