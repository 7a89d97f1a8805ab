"""Nova's view of an image: pure functions from an image and its links to the bytes on the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

from fake_nova import json_reader
from fake_nova.apis.nova_images.tables import JSON_PROPERTIES, NOVA_STATUS, PROGRESS, TRUE_WORDS
from fake_nova.images import timestamps
from fake_nova.images.model import Image
from fake_nova.wire.links import Urls
from fake_nova.wire.query_string import LONGEST_REMEMBERED, Pairs

#: How many bytes of parts of each kind are kept; they may hold as many bytes of images that are gone.
_MOST = 12_000_000

#: Bytes that a part takes beside its own.
_OVERHEAD = 300

#: For how many URLs, at the most.
_URLS = 512


def metadata(image: Image) -> dict[str, Any]:
    """Return an image's properties as Nova shows them: those that hold JSON are parsed."""
    shown: dict[str, Any] = dict(image.properties)
    for key in JSON_PROPERTIES:
        if key in shown:
            shown[key] = _parsed(shown[key])
    return shown


def _parsed(text: str) -> Any:
    try:
        return json_reader.loads(text)
    except ValueError:
        return text  # the real service fails on it with a 500; the text itself is the next best thing


def document(image: Image, urls: Urls) -> dict[str, Any]:
    """Return an image with all it has, its keys in Nova's order."""
    shown = {
        "id": image.id,
        "name": image.name,
        "minRam": image.min_ram,
        "minDisk": image.min_disk,
        "metadata": metadata(image),
        "created": timestamps.whole_seconds(image.created_at),
        "updated": timestamps.whole_seconds(image.updated_at),
        "status": NOVA_STATUS.get(image.status, "UNKNOWN"),
        "progress": PROGRESS.get(image.status, 0),
        "OS-EXT-IMG-SIZE:size": image.size or 0,
        "links": urls.image(image.id),
    }
    server_id = image.properties.get("instance_uuid")
    if server_id is not None:
        shown["server"] = {"id": server_id, "links": urls.resource("servers", server_id)}
    disk_config = image.properties.get("auto_disk_config")
    if disk_config is not None:
        shown["OS-DCF:diskConfig"] = "AUTO" if disk_config.strip().lower() in TRUE_WORDS else "MANUAL"
    return shown


def _detail(image: Image, urls: Urls) -> bytes:
    return json.dumps(document(image, urls)).encode("ascii")


def _alone(image: Image, urls: Urls) -> bytes:
    return b'{"image": %b}' % DETAILS.of(urls)[image]


def _summary(image: Image, urls: Urls) -> bytes:
    return json.dumps({"id": image.id, "name": image.name, "links": urls.image(image.id)}).encode("ascii")


class Made(dict[Image, bytes]):
    """The parts of answers that share their URLs, each made when it is first asked for."""

    def __init__(self, parts: Parts, urls: Urls) -> None:
        super().__init__()
        self._parts: Final = parts
        self._urls: Final = urls

    def __missing__(self, image: Image) -> bytes:
        part = self[image] = self._parts.make(image, self._urls)
        return part


class Parts:
    """The parts of answers of one kind: an image's bytes are made once for each version of it.

    Keeping them in dicts by image, and not with each image's bytes in a cache of calls, leaves a thousandth
    for the garbage collector to look at, and takes 40 ns for a part instead of 120 (measured).

    Args:
        render: makes the bytes of an image.
    """

    def __init__(self, render: Callable[[Image, Urls], bytes]) -> None:
        self._render: Final = render
        self._by_urls: dict[Urls, Made] = {}
        self._left = _MOST

    def of(self, urls: Urls) -> Made:
        """Return the parts of answers whose links have *urls* in common."""
        if urls.is_long:
            return Made(self, urls)
        made = self._by_urls.get(urls)
        if made is None:
            if len(self._by_urls) >= _URLS:
                self._forget()
            made = self._by_urls[urls] = Made(self, urls)
        return made

    def make(self, image: Image, urls: Urls) -> bytes:
        """Make a part; when too many bytes are kept, all are forgotten."""
        part = self._render(image, urls)
        self._left -= len(part) + _OVERHEAD
        if self._left < 0:
            self._forget()
        return part

    def _forget(self) -> None:
        for made in list(self._by_urls.values()):
            made.clear()
        self._by_urls = {}
        self._left = _MOST


#: Images with all they have, images with id, name and links, and the documents of one image, as JSON. To put
#: the last together anew takes 0.2 µs of the 6 that show takes (measured).
DETAILS: Final = Parts(_detail)
SUMMARIES: Final = Parts(_summary)
_ALONE: Final = Parts(_alone)


def one(image: Image, urls: Urls) -> bytes:
    """Return the document of one image as JSON."""
    return _ALONE.of(urls)[image]


def page(images: Iterable[Image], parts: Made, next_link: str | None) -> bytes:
    """Return a page of images as JSON; ``images_links`` is there only where there is a next page.

    It is put together in one piece of memory: a page of 1,000 in two takes five times as long (measured).
    """
    links = b""
    if next_link is not None:
        links = b', "images_links": [{"rel": "next", "href": %b}]' % json.dumps(next_link).encode("ascii")
    listed = list(map(parts.__getitem__, images)) or [b""]
    listed[0] = b'{"images": [' + listed[0]
    listed[-1] += b"]" + links + b"}"
    return b", ".join(listed)


def next_link(collection: str, known: Pairs, marker: str) -> str:
    """Return the link to the page behind the image *marker*.

    Parameters are sorted; of a repeated one the greatest value is kept, and the marker takes its sorted place
    only where the request had one (Nova 34.0.0, measured).
    """
    around = _around_marker if _length(known) <= LONGEST_REMEMBERED else _around_marker.__wrapped__
    before, behind = around(known)
    return f"{collection}?{before}{quote_plus(marker)}{behind}"


def _length(known: Pairs) -> int:
    return sum(len(name) + len(value) for name, value in known)


@lru_cache(maxsize=512)
def _around_marker(known: Pairs) -> tuple[str, str]:
    """Return what a next link's query has before its marker, and behind it."""
    names = list(dict((*known, ("marker", ""))))
    place = names.index("marker")
    written = [urlencode({name: value}) for name, value in dict(known).items() if name != "marker"]
    before = "".join(f"{parameter}&" for parameter in written[:place])
    return f"{before}marker=", "".join(f"&{parameter}" for parameter in written[place:])
