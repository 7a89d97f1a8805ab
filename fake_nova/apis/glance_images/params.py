"""Parsing of a list's query string into a `GlanceListParams`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import DEFAULT_LIMIT, MAX_LIMIT
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


#: The parameters that are not read yet, in the order of the query.
Unread = list[tuple[str, str]]


def _pop_first(unread: Unread, name: str) -> str | None:
    """Remove the first parameter of this name, and return its value. Others stay, and become filters."""
    index = next((index for index, pair in enumerate(unread) if pair[0] == name), None)
    return None if index is None else unread.pop(index)[1]


def _pop_all(unread: Unread, name: str) -> list[str]:
    """Remove all parameters of this name, and return their values."""
    values = [value.strip() for key, value in unread if key == name]
    unread[:] = [pair for pair in unread if pair[0] != name]
    return values


#: Filters that are read first, unless they are empty.
_EARLY_FILTERS = ("visibility", "changes-since")


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
    unread = list(pairs)
    limit, marker = _pop_first(unread, "limit"), _pop_first(unread, "marker")
    member_status, tags = _pop_first(unread, "member_status"), _pop_all(unread, "tag")
    early_filters = {name: value for name, value in dict(unread).items() if name in _EARLY_FILTERS and value}
    if member_status is not None:
        early_filters["member_status"] = member_status
    glance_filters.parse_filters(early_filters, database)
    page_size = _parse_limit(limit)
    sort_parameters, other_filters = _pop_sort_parameters(unread, database), dict(unread)
    extra_conditions: list[Condition] = []
    if "sort" in sort_parameters and "sort" in other_filters:
        extra_conditions.append(PropertyEquals.of("sort", other_filters.pop("sort"), database))
    list_filters = glance_filters.parse_filters(
        {**sort_parameters, **other_filters, **early_filters}, database
    )
    visibilities = [value for name, value in unread if name == "visibility"]
    if len(visibilities) > 1:  # Glance lists by the first, and filters that list by the last
        list_filters = list_filters._replace(visibility=visibilities[0])
        extra_conditions.append(FieldIsOneOf("visibility", frozenset(visibilities[-1:])))
    extra_conditions += (HasTag(tag, database) for tag in dict.fromkeys(tags))
    return GlanceListParams(
        filters=list_filters._replace(conditions=(*list_filters.conditions, *extra_conditions)),
        marker=marker,
        limit=page_size,
        link_query=urlencode({name: value for name, value in dict(pairs).items() if name != "marker"}),
    )


def _parse_limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    try:
        limit = int(text)
    except ValueError as error:
        raise GlanceError(400, "limit param must be an integer") from error
    if limit < 0:
        raise GlanceError(400, "limit param must be positive")
    return min(limit, MAX_LIMIT)


def _pop_sort_parameters(unread: Unread, database: Database) -> dict[str, str]:
    """Remove the sort parameters. Join several ``sort_key`` and ``sort_dir`` into one ``sort``."""
    names = {name for name, _ in unread}
    if "sort" in names:
        if names & {"sort_key", "sort_dir"}:
            return {}
        return {"sort": _pop_first(unread, "sort") or ""}
    keys, directions = _pop_all(unread, "sort_key"), _pop_all(unread, "sort_dir")
    if len(keys) <= 1 and len(directions) <= 1:
        first = (("sort_key", keys), ("sort_dir", directions))
        return {name: values[0] for name, values in first if values}
    for key in keys:
        glance_filters.parse_filters({"sort_key": key}, database)
    for direction in directions:
        glance_filters.parse_filters({"sort_dir": direction}, database)
    if len(directions) > 1 and len(directions) != len(keys):
        raise GlanceError(400, "Number of sort dirs does not match the number of sort keys")
    directions = directions or ["desc"]
    if len(directions) == 1:
        directions *= len(keys)
    return {"sort": ",".join(map(":".join, zip(keys, directions, strict=True)))}
