"""The selection of one page of a list from the state of a store."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice, repeat
from math import isqrt, prod
from typing import Final, NamedTuple

from fake_nova.errors import MarkerNotFound, MarkerNotVisible
from fake_nova.images.conditions import HasTag, IndexKey
from fake_nova.images.model import Image, is_visible
from fake_nova.images.ordered_index import OrderedIndex, Position, creation_position, name_position
from fake_nova.images.query import BY_NAME, BY_UPDATE_TIME, UNUSUAL_OWNERS, ImageQuery, SortKey
from fake_nova.images.store_state import StoreState

#: The maximum number of predicates that run as nested filters. Nesting is faster, but each level takes space
#: on the C stack.
_MAX_NESTED_FILTERS: Final = 8


def select(state: StoreState, query: ImageQuery) -> tuple[Image, ...]:
    """Return one page of the images of *state*, in the order of the query. This is a pure function.

    Raises:
        MarkerNotFound: if the marker is not an image, or is deleted and the caller is not an admin.
        MarkerNotVisible: if the caller may not see the marker.
    """
    marker = _find_marker(state, query)
    limit = len(state.by_key) if query.limit is None else min(query.limit, len(state.by_key))
    recent_positions = _recently_updated(state, query.updated_since, limit)
    if recent_positions is not None:
        recent_images = filter(query.matches, state.images_at(recent_positions))
        images: Iterable[Image] = _sorted_after_marker(recent_images, query, marker, query.sort_keys)
    else:
        images = _matching_images(state, query, marker, limit)
    return _page(state, query, images, limit)


def _matching_images(
    state: StoreState, query: ImageQuery, marker: Image | None, limit: int
) -> Iterable[Image]:
    """Return the images of a list after its marker, in its order.

    Args:
        state: the images and their indexes.
        query: the query of the list.
        marker: the image after which the page starts; None for the first page.
        limit: the number of images that the page takes at most; it decides which index is cheaper.
    """
    indexes, predicates = _plan_query(state, query)
    if query.is_sorted_by_name and _is_cheaper_by_name(state, sum(map(len, indexes)), limit):
        return _images_by_name(state, query, marker, ascending=not query.order[0].descending)
    ascending, remaining_keys = query.index_order
    start = creation_position(marker, state.database) if marker is not None and not query.order else None
    images = state.images_at(_merge(indexes, ascending, start))
    if len(predicates) > _MAX_NESTED_FILTERS:
        images = filter(lambda image: all(predicate(image) for predicate in predicates), images)
    else:
        for predicate in predicates:
            images = filter(predicate, images)
    return _sorted_after_marker(images, query, marker, remaining_keys) if query.order else images


#: Sorting one image by name takes about as long as checking this many images.
_SORT_COST: Final = 5


def _is_cheaper_by_name(state: StoreState, match_count: int, limit: int) -> bool:
    """Return whether walking the index by name is cheaper than sorting *match_count* images.

    The walk visits about limit * total / match_count images.
    """
    return _SORT_COST * match_count * match_count > limit * len(state.by_key)


def _images_by_name(
    state: StoreState, query: ImageQuery, marker: Image | None, ascending: bool
) -> Iterable[Image]:
    """Return the images of a list that is sorted by name, from the index by name.

    After a marker without a name, or with a blank one, Glance takes both kinds for equal. So the walk begins
    in front of both.
    """
    index = state.indexes.get(BY_NAME) or OrderedIndex()
    if marker is None:
        return filter(query.matches, state.images_at(index.iterate(ascending)))
    blank_key = state.database.order_key("")
    start: Position | None = name_position(marker, state.database)
    if marker.name is None or state.database.order_key(marker.name) == blank_key:
        start = None if ascending else (True, blank_key, datetime.max.replace(tzinfo=UTC), "")
    images = filter(query.matches, state.images_at(index.iterate(ascending, start)))
    return (image for image in images if query.is_after(image, marker))


def _page(state: StoreState, query: ImageQuery, images: Iterable[Image], limit: int) -> tuple[Image, ...]:
    """Return the images of the first *limit* rows of the database's answer that Glance shows.

    On MariaDB, a tag filter gives a row for each tag that equals it. So an image may take several places.
    """
    tag_filters = [condition for condition in query.conditions if isinstance(condition, HasTag)]
    if tag_filters and not state.database.compares_exactly:
        rows = (repeat(image, prod(tag.row_count(image) for tag in tag_filters)) for image in images)
        images = dict.fromkeys(islice(chain.from_iterable(rows), query.limit))  # more rows than images
    page = tuple(islice(images, limit))
    return page if state.indexes.get(UNUSUAL_OWNERS) is None else tuple(filter(query.is_shown, page))


def _find_marker(state: StoreState, query: ImageQuery) -> Image | None:
    """Return the query's marker, or None without one.

    The marker need not be in the list. For an admin it may even be a deleted image.
    """
    if query.marker is None:
        return None
    image = state.get(query.marker)
    if image is None or (image.is_deleted and not query.caller.is_admin):
        raise MarkerNotFound(query.marker)
    if not is_visible(image, query.caller):
        raise MarkerNotVisible(query.marker)
    return image


def _recently_updated(state: StoreState, since: datetime | None, limit: int) -> Iterable[Position] | None:
    """Return the positions of images updated at *since* or later; None if scanning in list order is cheaper.

    A scan visits about limit * total / recent images; sorting costs six times as much per image.
    """
    if since is None:
        return None
    index = state.indexes.get(BY_UPDATE_TIME)
    if index is None:
        return ()
    start = (since, "")
    return index.iterate(start=start) if index.count_after(start) <= isqrt(limit * len(index) // 6) else None


Predicate = Callable[[Image], bool]


class _IndexChoice(NamedTuple):
    """Indexes that a list can be read from, each because of its visibility or of one condition.

    Attributes:
        keys: the keys of the indexes.
        predicate_with_index: the test that images from these indexes still have to pass, or None.
        predicate_without_index: the test that images from other indexes have to pass instead.
    """

    keys: tuple[IndexKey, ...]
    predicate_with_index: Predicate | None
    predicate_without_index: Predicate


def _plan_query(state: StoreState, query: ImageQuery) -> tuple[list[OrderedIndex], list[Predicate]]:
    """Choose the indexes that leave the fewest images to check.

    Returns:
        Indexes that together hold every image of the list, and the predicates that their images still have
        to pass.
    """
    visibility = query.visibility_indexes()
    predicate_beside_index = None if visibility.is_exact else query.is_listable
    choices = [_IndexChoice(visibility.keys, predicate_beside_index, query.is_listable)]
    predicates: list[Predicate] = []
    for condition in query.conditions:
        if (condition_keys := condition.index_keys()) is None:
            predicates.append(condition.matches)
        else:
            choices.append(_IndexChoice(condition_keys, None, condition.matches))
    indexes_by_choice = [
        [index for key in choice.keys if (index := state.indexes.get(key)) is not None] for choice in choices
    ]
    sizes = [sum(map(len, indexes)) for indexes in indexes_by_choice]
    best = sizes.index(min(sizes))
    for number, choice in enumerate(choices):
        predicate = choice.predicate_with_index if number == best else choice.predicate_without_index
        if predicate is not None:
            predicates.append(predicate)
    if any(state.indexes.get(("status", status.value)) is not None for status in query.excluded_statuses):
        predicates.append(lambda image: image.status not in query.excluded_statuses)
    return indexes_by_choice[best], predicates


def _merge(indexes: list[OrderedIndex], ascending: bool, start: Position | None) -> Iterator[Position]:
    iterators = [index.iterate(ascending, start) for index in indexes]
    return iterators[0] if len(iterators) == 1 else heapq.merge(*iterators, reverse=not ascending)


def _sorted_after_marker(
    images: Iterable[Image], query: ImageQuery, marker: Image | None, sort_keys: Sequence[SortKey]
) -> list[Image]:
    """Return those of *images*, which are all in the list, that come after the marker, sorted.

    Args:
        images: the images; those that are equal by all of *sort_keys* stay in this order.
        query: the query of the list.
        marker: the image after which the page starts; None for the first page.
        sort_keys: the fields to sort by, most important first.
    """
    sorted_images = [image for image in images if marker is None or query.is_after(image, marker)]
    for sort_key in reversed(sort_keys):
        sorted_images.sort(key=sort_key.sort_value, reverse=sort_key.descending)
    return sorted_images
