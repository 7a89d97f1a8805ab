"""CPU of one process a request for servers: beside the same for images, and in a large cloud beside a small one."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from tests.speed.exchange import Request
from tests.speed.measure import Figure, Subject, compare_cpu
from tests.speed.subjects import PROJECT
from tests.speed.worlds import World, get, post

_ROOT: Final = f"/v2.1/{PROJECT}"
_SERVERS: Final = f"{_ROOT}/servers"
_IMAGES: Final = f"{_ROOT}/images"

#: The image of all servers but one, and that of one.
_IMAGE: Final = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"
_RARE_IMAGE: Final = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f51"

#: Sizes of the small and of the large cloud.
_SMALL: Final = 1_000
_LARGE: Final = 100_000

#: Lists of servers and of images: title -> what follows the collection.
_LISTS: Final = {"list of 25": "?limit=25", "detail of 25": "/detail?limit=25", "detail of 1,000": "/detail"}

#: What of a list must not cost more in a large cloud: title -> query, and what it may cost beside a small one.
_QUERIES: Final = {
    "first page": ("", 1.3),
    "deep page": ("marker={deep}", 1.3),
    "by status": ("status=ACTIVE", 1.3),
    "by status, deep": ("status=ACTIVE&marker={deep}", 1.3),
    "by status, rare": ("status=SHUTOFF", 1.3),
    "by status, none": ("status=PAUSED", 1.3),
    "by a name that all contain": ("name=server", 1.3),
    "by the name of one": ("name={name}", 1.8),
    "by the name of none": ("name=nothing", 1.3),
    "by a pattern of one": ("name=^{name}$", 1.3),
    "by image": (f"image={_IMAGE}", 1.3),
    "by the image of one": (f"image={_RARE_IMAGE}", 1.3),
    "by flavor": ("flavor=2", 1.3),
    "by the flavor of one": ("flavor=4", 1.3),
    "by the address of one": ("ip={address}", 1.5),
    "by address, none": ("ip=192.0.2.1", 1.3),
}


class _Cloud(NamedTuple):
    """A cloud.

    Attributes:
        world: the cloud.
        texts: what stands in braces in a query -> a text of this cloud.
        server_id: the id of a server.
    """

    world: World
    texts: dict[str, str]
    server_id: str


def servers() -> Iterator[Figure]:
    """Measure reads and writes."""
    small, large = _cloud_of(_SMALL), _cloud_of(_LARGE)
    gc.freeze()
    yield from _beside_images(small)
    yield from _beside_small(small, large)
    yield from _writes(small, large)


def _cloud_of(size: int) -> _Cloud:
    """Return a cloud with so many servers and 1,000 images; one server in a thousand, and at least 25, is off."""
    step = size // max(size // 1000, 25)
    entries = [_entry(number, "ACTIVE" if number % step else "SHUTOFF") for number in range(size)]
    entries[size // 2] |= {"image": _RARE_IMAGE, "flavor": "4"}
    unlimited = {"instances": -1, "cores": -1, "ram": -1}
    images = [{"name": f"image-{number}", "size": 1, "disk_format": "raw"} for number in range(_SMALL - 1)]
    document = {
        "projects": [{"id": PROJECT, "name": "demo"}],
        "images": [*(_bootable_image(image_id) for image_id in (_IMAGE, _RARE_IMAGE)), *images[1:]],
        "servers": entries,
        "quotas": [{"project": "demo", **unlimited}],
    }
    world = World(document)
    stored_servers = world.emulator.cloud.servers.all()
    middle = entries[size // 2]
    texts = {
        "deep": stored_servers[size // 3].id,
        "name": middle["name"],
        "address": middle["addresses"]["private"][0],
    }
    return _Cloud(world, texts, stored_servers[size // 2].id)


def _entry(number: int, status: str) -> dict[str, Any]:
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return {
        "name": f"server-{number:06}",
        "status": status,
        "image": _IMAGE,
        "flavor": "2",
        "addresses": {"private": [address]},
    }


def _bootable_image(image_id: str) -> dict[str, Any]:
    return {"id": image_id, "size": 1, "disk_format": "raw", "container_format": "bare"}


def _subject(cloud: _Cloud, target: str, has_pages: bool = False) -> Subject:
    """Return a function that GETs a target; without *has_pages* from no cache of pages, as after a write."""
    action = cloud.world.prepare(get(target.format(**cloud.texts)))
    action()  # the first one imports what it needs, and is no measure of the others
    state = cloud.world.emulator.cloud
    if has_pages:
        return action

    def get_uncached() -> None:
        state.servers.state.page_cache.clear()
        state.images.state.page_cache.clear()
        action()

    return get_uncached


def _beside_images(cloud: _Cloud) -> Iterator[Figure]:
    for has_pages, remark in ((True, ""), (False, ", page not kept")):
        for title, end in _LISTS.items():
            subject, reference = (_subject(cloud, f"{root}{end}", has_pages) for root in (_SERVERS, _IMAGES))
            goal = 1.5 if end == "?limit=25" else None
            what = f"{title} servers beside as many images{remark}"
            yield compare_cpu(subject, reference).figure("servers", what, "µs CPU", goal)
    show = _subject(cloud, f"{_SERVERS}/{cloud.server_id}")
    show_image = _subject(cloud, f"{_IMAGES}/{_IMAGE}")
    yield compare_cpu(show, show_image).figure("servers", "show of a server beside an image", "µs CPU", 2)


def _beside_small(small: _Cloud, large: _Cloud) -> Iterator[Figure]:
    for title, (query, goal) in _QUERIES.items():
        subject, reference = (_subject(cloud, f"{_SERVERS}?limit=25&{query}") for cloud in (large, small))
        what = f"{title}: {_LARGE:,} servers beside 1,000"
        yield compare_cpu(subject, reference).figure("servers", what, "µs CPU", goal)
    show, show_small = (_subject(cloud, f"{_SERVERS}/{cloud.server_id}") for cloud in (large, small))
    yield compare_cpu(show, show_small).figure(
        "servers", f"show: {_LARGE:,} servers beside 1,000", "µs CPU", 1.3
    )


def _writes(small: _Cloud, large: _Cloud) -> Iterator[Figure]:
    """Measure requests that write, each together with the reset that takes what it wrote away."""
    new_server = {"server": {"name": "new", "imageRef": _IMAGE, "flavorRef": "2"}}
    pairs = {
        "POST /servers": tuple(post(_SERVERS, new_server) for _ in (large, small)),
        "createImage": tuple(_action(cloud, {"createImage": {"name": "new"}}) for cloud in (large, small)),
        "os-stop": tuple(_action(cloud, {"os-stop": None}) for cloud in (large, small)),
    }
    for title, (request, request_to_small) in pairs.items():
        subject, reference = _write(large, request), _write(small, request_to_small)
        what = f"{title} and a reset: {_LARGE:,} servers beside 1,000"
        yield compare_cpu(subject, reference).figure("servers", what, "µs CPU", 1.5)


def _action(cloud: _Cloud, body: dict[str, object]) -> Request:
    return post(f"{_SERVERS}/{cloud.texts['deep']}/action", body)


def _write(cloud: _Cloud, request: Request) -> Subject:
    send, emulator = cloud.world.prepare(request), cloud.world.emulator
    status = cloud.world.ask(request).status
    if status != 202:
        raise RuntimeError(f"{request.target}: {status}")

    def write() -> None:
        send()
        emulator.reset()

    emulator.reset()
    return write
