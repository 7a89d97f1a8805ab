"""Caches of request data have a limit in bytes: no long text makes a cache grow."""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from fake_nova.apis.glance_images import render as glance_render
from fake_nova.apis.nova_common.links import LinkBuilder
from fake_nova.apis.nova_images import render as nova_render
from fake_nova.images.model import Image
from fake_nova.support.caching import ENTRY_OVERHEAD
from tests.conftest import Cloud

IMAGES = "/v2.1/images"
DETAIL = "/v2.1/images/detail"
GLANCE = "/image/v2/images"
NOW = datetime(2024, 1, 1, tzinfo=UTC)

#: Where a request can contain a client's text -> the request, with ``{}`` for the text.
LOCATIONS: dict[str, dict[str, Any]] = {
    "a query of images": {"url": f"{IMAGES}?name={{}}"},
    "a query of images in detail": {"url": f"{DETAIL}?name={{}}"},
    "a property's name": {"url": f"{IMAGES}?property-{{}}=1"},
    "an unknown parameter": {"url": f"{IMAGES}?{{}}"},
    "a query with a next page": {"url": f"{IMAGES}?limit=1&changes-since=2000-01-01T00:00:00.{{}}Z"},
    "a query of the image service": {"url": f"{GLANCE}?name={{}}"},
    "a property of the image service": {"url": f"{GLANCE}?{{}}=1"},
    "a query of servers": {"url": "/v2.1/servers?status={}"},
    "a query of projects": {"url": "/identity/v3/projects?name={}", "user": "admin"},
    "a query of the admin API": {"url": "/_admin/requests?path={}"},
    "a time": {"url": f"{IMAGES}?changes-since=2024-01-01T00:00:00.{{}}Z"},
    "a time of the image service": {"url": f"{GLANCE}?created_at=gt:2024-01-01T00:00:00.{{}}Z"},
    "a path": {"url": "/v2.1/{}"},
    "a path of no service": {"url": "/{}"},
    "an image's id": {"url": f"{IMAGES}/{{}}"},
    "a project in the path": {"url": "/v2.1/{}/images"},
    "a project in the path of a detailed list": {"url": "/v2.1/{}/images/detail"},
    "a method": {"url": IMAGES, "method": "{}"},
    "Host": {"url": IMAGES, "headers": {"Host": "{}"}},
    "Host of a detailed list": {"url": DETAIL, "headers": {"Host": "{}"}},
    "Host of the versions": {"url": "/", "headers": {"Host": "{}"}},
    "Accept": {"url": IMAGES, "headers": {"Accept": "text/{}"}},
    "Accept of an error": {"url": "/v2.1/nowhere", "headers": {"Accept": "text/{}"}},
    "Accept of the versions": {"url": "/", "headers": {"Accept": "application/json;version={}"}},
    "Content-Type": {"url": IMAGES, "method": "POST", "headers": {"Content-Type": "text/{}"}},
    "a microversion": {"url": IMAGES, "headers": {"OpenStack-API-Version": "compute 2.1,other {}"}},
    "an old microversion": {"url": IMAGES, "headers": {"X-OpenStack-Nova-API-Version": "{},2.1"}},
    "a token": {"url": IMAGES, "headers": {"X-Auth-Token": "{}"}},
    "User-Agent": {"url": IMAGES, "headers": {"User-Agent": "{}"}},
}


def caches() -> Iterator[Any]:
    """Yield every function cache of the package; the garbage collector finds new ones too."""
    gc.unfreeze()  # the collector does not list objects that other tests have frozen
    for candidate in gc.get_objects():
        if isinstance(candidate, functools._lru_cache_wrapper) and candidate.__module__.startswith(
            "fake_nova"
        ):
            yield candidate


def ask(cloud: Cloud, location: str, text: str) -> None:
    options = {"method": "GET", **LOCATIONS[location]}
    headers = {name: value.format(text) for name, value in options.pop("headers", {}).items()}
    url, method = options.pop("url").format(text), options.pop("method").format(text)
    assert cloud.ask(method, url, headers=headers, **options).status_code < 500


def grown_caches(cloud: Cloud, location: str, length: int) -> list[str]:
    """Return the caches that ten requests with different texts of this length fill."""
    ask(cloud, location, "99".rjust(length, "1"))
    before = {}
    for cache in caches():
        if cache.cache_parameters()["maxsize"] is not None:  # a full cache does not grow
            cache.cache_clear()
        before[cache] = cache.cache_info().currsize
    for number in range(1, 11):
        ask(cloud, location, str(number).rjust(length, "1"))
    return [
        f"{cache.__module__}.{cache.__qualname__}"
        for cache in caches()
        if cache.cache_info().currsize >= before.get(cache, 0) + 10
    ]


@pytest.mark.parametrize("location", LOCATIONS)
def test_no_cache_grows_with_long_texts(cloud: Cloud, location: str) -> None:
    assert grown_caches(cloud, location, 3_000) == []


@pytest.mark.parametrize(
    "location", ["a query of images", "a query of the image service", "Accept", "a path"]
)
def test_short_texts_are_cached(cloud: Cloud, location: str) -> None:
    assert grown_caches(cloud, location, 10)


@pytest.mark.parametrize("url", [IMAGES, DETAIL, GLANCE])
def test_pages_of_long_queries_are_not_cached(cloud: Cloud, url: str) -> None:
    page_cache = cloud.emulator.cloud.images.state.page_cache
    page_cache.clear()
    assert cloud.ask("GET", f"{url}?name={'x' * 1_000}").status_code == 200
    assert not page_cache
    assert cloud.ask("GET", f"{url}?name=x").status_code == 200
    assert len(page_cache) == 1


def test_fragments_with_long_links_are_not_cached(cloud: Cloud) -> None:
    for host, is_kept in (("x" * 1_000, False), ("short", True)):
        root = f"http://{host}"
        assert root in cloud.ask("GET", DETAIL, headers={"Host": host}).text
        assert any(urls.base_url == root for urls in nova_render.DETAIL_FRAGMENTS._by_link_builder) is is_kept


def images(count: int) -> list[Image]:
    return [Image(id=str(number), created_at=NOW, updated_at=NOW, name="n" * 200) for number in range(count)]


def test_the_cache_of_image_bodies_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    entry_size = len(glance_render.image_body(images(1)[0], for_admin=False)) + ENTRY_OVERHEAD
    monkeypatch.setattr(glance_render, "MAX_CACHED_BYTES", 5 * entry_size)
    fragments = glance_render._ImageBodyCache()
    for image in images(10):
        assert fragments[image] is fragments[image]
        assert f'"id": "{image.id}"'.encode() in fragments[image]
        assert sum(len(part) + ENTRY_OVERHEAD for part in fragments.values()) <= 6 * entry_size


def test_fragment_caches_of_all_links_share_one_bound_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    size = 100 + ENTRY_OVERHEAD
    monkeypatch.setattr(nova_render, "MAX_CACHED_BYTES", 5 * size)
    parts = nova_render.FragmentCache(lambda _, __: b"x" * 100)
    for number, image in enumerate(images(20)):
        assert (
            parts.for_links(LinkBuilder(f"http://host{number % 3}", "v2.1", "", "nova"))[image] == b"x" * 100
        )
        assert sum(map(len, parts._by_link_builder.values())) <= 6
