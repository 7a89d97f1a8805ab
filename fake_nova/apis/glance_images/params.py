"""The query of a list: read once, into a type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import DEFAULT_LIMIT, MAX_LIMIT, NOT_UTF8_MESSAGE
from fake_nova.images import glance_filters
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import Condition, FieldIsOneOf, ImageQuery, PropertyEquals
from fake_nova.images.status import ImageStatus
from fake_nova.wire import query_string
from fake_nova.wire.nova_errors import NovaError


class HasTag(NamedTuple):
    """An image has a tag of exactly this text."""

    tag: str

    def matches(self, image: Image) -> bool:
        """Whether it has the tag."""
        return self.tag in image.tags

    def index_keys(self) -> None:
        """No index: the list's own order is walked."""
        return

    def __str__(self) -> str:
        return f'it has no tag "{self.tag}"'


@dataclass(frozen=True, slots=True, eq=False)
class GlanceListParams:
    """What a list is asked for; the same query gives the same object as long as `parse` remembers it.

    Attributes:
        filters: what is made of the filters, the tags and the order.
        marker: the id of the image that the page starts behind, or None.
        limit: the most images in the page.
        link_query: what the links to other pages repeat, as a query.
    """

    filters: glance_filters.Filters
    marker: str | None
    limit: int
    link_query: str

    def build_query(self, caller: Caller) -> ImageQuery:
        """Return the store's question for *caller*; killed images are in no list (Glance 33.0.0)."""
        return ImageQuery(
            caller,
            **self.filters._asdict(),
            excluded_statuses=frozenset((ImageStatus.KILLED,)),
            marker=self.marker,
            limit=self.limit,
        )


#: The parameters that are not read yet, in their order.
Unread = list[tuple[str, str]]


def _pop_first(unread: Unread, name: str) -> str | None:
    """Take the first parameter of this name; another one stays and is taken for a filter."""
    at = next((at for at, pair in enumerate(unread) if pair[0] == name), None)
    return None if at is None else unread.pop(at)[1]


def _pop_all(unread: Unread, name: str) -> list[str]:
    """Take every parameter of this name."""
    values = [value.strip() for key, value in unread if key == name]
    unread[:] = [pair for pair in unread if pair[0] != name]
    return values


#: Filters that are read before all others, unless they are empty.
_WORDS = ("visibility", "changes-since")


def parse(query: str) -> GlanceListParams:
    """Read the raw query of a list, in the order in which the service looks at it (Glance 33.0.0).

    Args:
        query: as in the WSGI environment.

    Raises:
        GlanceError: 400 for bytes that are not UTF-8, and for a limit that is no number or below 0.
        Invalid: a filter, an order or a fixed word is none that the service takes.
    """
    return (_cached_parse if len(query) <= query_string.MAX_CACHED_CHARS else _parse)(query)


def _parse(query: str) -> GlanceListParams:
    try:
        pairs = query_string.parse(query)
    except NovaError as error:
        raise GlanceError(400, NOT_UTF8_MESSAGE, reason=error.reason) from error
    unread = list(pairs)
    limit, marker = _pop_first(unread, "limit"), _pop_first(unread, "marker")
    member_status, tags = _pop_first(unread, "member_status"), _pop_all(unread, "tag")
    early_filters = {name: value for name, value in dict(unread).items() if name in _WORDS and value}
    if member_status is not None:
        early_filters["member_status"] = member_status
    glance_filters.parse_filters(early_filters)
    page_size = _parse_limit(limit)
    sort_parameters, other_filters = _pop_sort_parameters(unread), dict(unread)
    more: list[Condition] = []
    if "sort" in sort_parameters and "sort" in other_filters:
        more.append(PropertyEquals("sort", other_filters.pop("sort")))
    list_filters = glance_filters.parse_filters({**sort_parameters, **other_filters, **early_filters})
    visibilities = [value for name, value in unread if name == "visibility"]
    if len(visibilities) > 1:  # the first says which images there are, and the last is a filter on them
        list_filters = list_filters._replace(visibility=visibilities[0])
        more.append(FieldIsOneOf("visibility", frozenset(visibilities[-1:])))
    more += map(HasTag, dict.fromkeys(tags))
    return GlanceListParams(
        filters=list_filters._replace(conditions=(*list_filters.conditions, *more)),
        marker=marker,
        limit=page_size,
        link_query=urlencode({name: value for name, value in dict(pairs).items() if name != "marker"}),
    )


_cached_parse: Final = lru_cache(maxsize=512)(_parse)


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


def _pop_sort_parameters(unread: Unread) -> dict[str, str]:
    """Take the order of the list, and give it in the one form that several fields can be written in."""
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
        glance_filters.parse_filters({"sort_key": key})
    for direction in directions:
        glance_filters.parse_filters({"sort_dir": direction})
    if len(directions) > 1 and len(directions) != len(keys):
        raise GlanceError(400, "Number of sort dirs does not match the number of sort keys")
    directions = directions or ["desc"]
    if len(directions) == 1:
        directions *= len(keys)
    return {"sort": ",".join(map(":".join, zip(keys, directions, strict=True)))}
