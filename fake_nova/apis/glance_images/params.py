"""Parsing of a list's query string into a `GlanceListParams`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.page_params import parse_limit
from fake_nova.images import glance_filters
from fake_nova.images.conditions import Condition, FieldIsOneOf, HasTag, PropertyEquals
from fake_nova.images.database import Database
from fake_nova.images.model import Caller
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import ImageStatus
from fake_nova.support.caching import cached_if_short
from fake_nova.wire import query_string


@dataclass(frozen=True, slots=True, eq=False)
class GlanceListParams:
    """The parameters of a list. Equal queries give the same object while the cache of `parse` holds it.

    Attributes:
        filters: the filters and the sort order.
        marker: the id of the image before the page, or None.
        limit: the maximum number of images in the page.
        link_query: the query that links to other pages repeat.
    """

    filters: glance_filters.Filters
    marker: str | None
    limit: int
    link_query: str

    def build_query(self, caller: Caller) -> ImageQuery:
        """Return the query of the store for *caller*. Glance 33.0.0 never lists killed images."""
        return ImageQuery(
            caller,
            **self.filters._asdict(),
            excluded_statuses=frozenset((ImageStatus.KILLED,)),
            marker=self.marker,
            limit=self.limit,
        )


#: Parameters of which Glance takes the first. The others of the same name become filters.
_TAKEN_ONCE: Final = ("limit", "marker", "member_status")

_SORT_PARAMETERS: Final = ("sort", "sort_key", "sort_dir")


class _Parameters(NamedTuple):
    """The parameters of a list, grouped by what Glance does with them.

    Attributes:
        limit: the first ``limit``, or None.
        marker: the first ``marker``, or None.
        tags: the tags, each once.
        visibilities: the values of ``visibility``, in order.
        early_filters: each of `CHECKED_BEFORE_SORT` -> the value that Glance checks.
        sort_pairs: the sort parameters, in order.
        filters: each other parameter -> its last value.
        second_member_status: the last ``member_status`` but the first, which asks for a property; or None.
    """

    limit: str | None
    marker: str | None
    tags: tuple[str, ...]
    visibilities: list[str]
    early_filters: dict[str, str]
    sort_pairs: query_string.Pairs
    filters: dict[str, str]
    second_member_status: str | None


@cached_if_short(maxsize=512, max_chars=query_string.MAX_CACHED_CHARS)
def parse(query: str, database: Database) -> GlanceListParams:
    """Read the raw query of a list. Parameters are checked in the order of Glance 33.0.0.

    Args:
        query: the query string of the WSGI environment.
        database: the database that compares and sorts.

    Raises:
        InvalidQuery: if the query is not UTF-8 or has too many parameters.
        GlanceError: 400 if the limit is not a number or negative.
        Invalid: if a filter or a sort order is invalid.
    """
    pairs = query_string.parse(query)
    parameters = _group(pairs)
    early_filters = glance_filters.parse_filters(parameters.early_filters, database)
    page_size = parse_limit(parameters.limit)
    sort_parameters = _join_sort_parameters(parameters.sort_pairs, database)
    other_filters = glance_filters.parse_filters({**sort_parameters, **parameters.filters}, database)
    extra_conditions = _extra_conditions(parameters, database)
    filters = other_filters._replace(
        conditions=(*early_filters.conditions, *other_filters.conditions, *extra_conditions),
        visibility=next(iter(parameters.visibilities), None),
        member_status=early_filters.member_status,
    )
    link_query = urlencode({name: value for name, value in dict(pairs).items() if name != "marker"})
    return GlanceListParams(filters, parameters.marker, page_size, link_query)


def _group(pairs: query_string.Pairs) -> _Parameters:
    first_values: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for name, value in pairs:
        if name in _TAKEN_ONCE and name not in first_values:
            first_values[name] = value
        else:
            others.append((name, value))
    last_values = {**dict(others), **first_values}
    used_names = {"tag", *glance_filters.CHECKED_BEFORE_SORT, *_SORT_PARAMETERS}
    return _Parameters(
        limit=first_values.get("limit"),
        marker=first_values.get("marker"),
        tags=tuple(dict.fromkeys(value.strip() for name, value in others if name == "tag")),
        visibilities=[value for name, value in others if name == "visibility"],
        early_filters={
            name: last_values[name] for name in glance_filters.CHECKED_BEFORE_SORT if name in last_values
        },
        sort_pairs=tuple(pair for pair in others if pair[0] in _SORT_PARAMETERS),
        filters={name: value for name, value in others if name not in used_names},
        second_member_status=dict(others).get("member_status"),
    )


def _extra_conditions(parameters: _Parameters, database: Database) -> Iterator[Condition]:
    """Yield the conditions of repeated parameters and of tags."""
    sorts = [value for name, value in parameters.sort_pairs if name == "sort"]
    if len(sorts) > 1:  # Glance sorts by the first, and takes the last for a property
        yield PropertyEquals.of("sort", sorts[-1], database)
    if parameters.second_member_status is not None:
        yield PropertyEquals.of("member_status", parameters.second_member_status, database)
    if len(parameters.visibilities) > 1:  # Glance lists by the first, and filters that list by the last
        yield FieldIsOneOf("visibility", frozenset(parameters.visibilities[-1:]))
    yield from (HasTag(tag, database) for tag in parameters.tags)


def _join_sort_parameters(pairs: query_string.Pairs, database: Database) -> dict[str, str]:
    """Return the sort parameters that count. Several ``sort_key`` and ``sort_dir`` become one ``sort``.

    Raises:
        Invalid: if one of several sort keys or directions is unknown.
        GlanceError: 400 if there are several directions, but not one for each key.
    """
    first_values = dict(reversed(pairs))
    keys = [value.strip() for name, value in pairs if name == "sort_key"]
    directions = [value.strip() for name, value in pairs if name == "sort_dir"]
    if "sort" in first_values or (len(keys) <= 1 and len(directions) <= 1):
        return first_values
    _check_each("sort_key", keys, database)
    _check_each("sort_dir", directions, database)
    if len(directions) > 1 and len(directions) != len(keys):
        raise GlanceError(400, "Number of sort dirs does not match the number of sort keys")
    if len(directions) <= 1:
        directions = (directions or ["desc"]) * len(keys)
    return {"sort": ",".join(map(":".join, zip(keys, directions, strict=True)))}


def _check_each(name: str, values: Iterable[str], database: Database) -> None:
    """Raise Invalid if one of *values* is not a valid value of the parameter *name*."""
    for value in values:
        glance_filters.parse_filters({name: value}, database)
