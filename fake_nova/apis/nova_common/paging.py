"""Pages of lists, and the words that mean true or false, as Nova and oslo.utils read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from fake_nova.apis.nova_common import links
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.requests import NovaQuery
from fake_nova.wire import query_string

#: The maximum number of items in a page.
MAX_PAGE_SIZE: Final = 1000

TRUE_WORDS: Final = ("1", "t", "true", "on", "y", "yes")
FALSE_WORDS: Final = ("0", "f", "false", "off", "n", "no")

Item = TypeVar("Item")


def parse_word(text: str) -> bool:
    """Return the truth value that a word means.

    Raises:
        NovaError: 400 for another word.
    """
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    words = ", ".join(f"'{each}'" for each in sorted((*TRUE_WORDS, *FALSE_WORDS)))
    raise NovaError(400, f"Unrecognized value '{text}', acceptable values are: {words}")


def parse_limit(query: NovaQuery) -> int:
    """Return the size of a page, at most `MAX_PAGE_SIZE`.

    Raises:
        NovaError: 400 if it is no number.
    """
    if "limit" not in query.values:
        return MAX_PAGE_SIZE
    try:
        limit = query_string.parse_int(query.last["limit"])
    except ValueError:
        raise NovaError(400, "Invalid input received: limit must be an integer") from None
    if limit < 0:
        raise NovaError(400, "Invalid input received: limit must be >= 0")
    return min(limit, MAX_PAGE_SIZE)


def after_marker(
    items: Sequence[Item], marker: str | None, key: Callable[[Item], str]
) -> Sequence[Item] | None:
    """Return the items after the one whose key is *marker*, all without a marker; None if there is none."""
    if marker is None:
        return items
    keys = list(map(key, items))
    return items[keys.index(marker) + 1 :] if marker in keys else None


def limited(items: Sequence[Item], query: NovaQuery) -> Sequence[Item]:
    """Return a page by ``offset`` and ``limit``, where 0 is the maximum."""
    offset = query_string.parse_int(query.last.get("offset", "0"))
    return items[offset:][: parse_limit(query) or MAX_PAGE_SIZE]


def next_url(
    query: NovaQuery, link_builder: links.LinkBuilder, collection: str, keys: Sequence[str]
) -> str | None:
    """Return the URL of the page after the items with *keys*; None if the page is not full."""
    if not keys or len(keys) < parse_limit(query):
        return None
    collection_url = link_builder.collection_url(collection)
    return links.next_link(collection_url, tuple(sorted(query.pairs)), keys[-1])
