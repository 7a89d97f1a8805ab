"""The cache of rendered pages."""

from __future__ import annotations

from fake_nova.images.page_cache import PageCache
from fake_nova.images.store import ImageStore
from fake_nova.images.store_state import StoreState
from tests.images.test_store import image


def test_a_page_is_cached_until_newer_pages_need_the_room() -> None:
    cache = PageCache()
    cache.put("first", 1, b"x" * 1_000_000)
    assert cache.get("first") == 1
    for number in range(8):
        cache.put(number, number, b"x" * 1_000_000)
    assert cache.get("first") is None
    assert cache.get(7) == 7


def test_a_very_large_page_is_not_cached() -> None:
    cache = PageCache()
    cache.put("large", 1, b"x" * 5_000_000)
    assert cache.get("large") is None


def test_a_new_store_state_starts_with_an_empty_cache() -> None:

    store = ImageStore(StoreState.from_images(()))
    store.state.page_cache.put("a", 1, b"")
    store.add(image(1))
    assert store.state.page_cache.get("a") is None
