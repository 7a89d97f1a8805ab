"""The query of a list: read once, into a type."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import DEFAULT_LIMIT, MOST, NOT_DECODED
from fake_nova.images import glance_filters
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import Condition, FieldIsOneOf, ImageQuery, PropertyIs
from fake_nova.images.status import ImageStatus
from fake_nova.wire import query_string
from fake_nova.wire.nova_errors import Refused


class HasTag(NamedTuple):
    """An image has a tag of exactly this text."""

    tag: str

    def holds(self, image: Image) -> bool:
        """Whether it has the tag."""
        return self.tag in image.tags

    def index_keys(self) -> None:
        """No index: the list's own order is walked."""
        return

    def __str__(self) -> str:
        return f'it has no tag "{self.tag}"'


@dataclass(frozen=True, slots=True, eq=False)
class ListRequest:
    """What a list is asked for; the same query gives the same object as long as `read` remembers it.

    Attributes:
        filters: what is made of the filters, the tags and the order.
        marker: the id of the image that the page starts behind, or None.
        limit: the most images in the page.
        repeated: what the links to other pages repeat, as a query.
    """

    filters: glance_filters.Filters
    marker: str | None
    limit: int
    repeated: str

    def query(self, caller: Caller) -> ImageQuery:
        """Return the store's question for *caller*; killed images are in no list (Glance 33.0.0)."""
        return ImageQuery(
            caller,
            **self.filters._asdict(),
            without=frozenset((ImageStatus.KILLED,)),
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


def read(query: str) -> ListRequest:
    """Read the raw query of a list, in the order in which the service looks at it (Glance 33.0.0).

    Args:
        query: as in the WSGI environment.

    Raises:
        GlanceError: 400 for bytes that are not UTF-8, and for a limit that is no number or below 0.
        Invalid: a filter, an order or a fixed word is none that the service takes.
    """
    return (_remembered if len(query) <= query_string.LONGEST_REMEMBERED else _read)(query)


def _read(query: str) -> ListRequest:
    try:
        pairs = query_string.read(query)
    except Refused as error:
        raise GlanceError(400, NOT_DECODED, why=error.why) from error
    unread = list(pairs)
    limit, marker = _pop_first(unread, "limit"), _pop_first(unread, "marker")
    member_status, tags = _pop_first(unread, "member_status"), _pop_all(unread, "tag")
    words = {name: value for name, value in dict(unread).items() if name in _WORDS and value}
    if member_status is not None:
        words["member_status"] = member_status
    glance_filters.read(words)
    most = _limit(limit)
    order, others = _order(unread), dict(unread)
    more: list[Condition] = []
    if "sort" in order and "sort" in others:
        more.append(PropertyIs("sort", others.pop("sort")))
    read_filters = glance_filters.read({**order, **others, **words})
    visibilities = [value for name, value in unread if name == "visibility"]
    if len(visibilities) > 1:  # the first says which images there are, and the last is a filter on them
        read_filters = read_filters._replace(visibility=visibilities[0])
        more.append(FieldIsOneOf("visibility", frozenset(visibilities[-1:])))
    more += map(HasTag, dict.fromkeys(tags))
    return ListRequest(
        filters=read_filters._replace(conditions=(*read_filters.conditions, *more)),
        marker=marker,
        limit=most,
        repeated=urlencode({name: value for name, value in dict(pairs).items() if name != "marker"}),
    )


_remembered: Final = lru_cache(maxsize=512)(_read)


def _limit(text: str | None) -> int:
    if text is None:
        return DEFAULT_LIMIT
    try:
        limit = int(text)
    except ValueError as error:
        raise GlanceError(400, "limit param must be an integer") from error
    if limit < 0:
        raise GlanceError(400, "limit param must be positive")
    return min(limit, MOST)


def _order(unread: Unread) -> dict[str, str]:
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
        glance_filters.read({"sort_key": key})
    for direction in directions:
        glance_filters.read({"sort_dir": direction})
    if len(directions) > 1 and len(directions) != len(keys):
        raise GlanceError(400, "Number of sort dirs does not match the number of sort keys")
    directions = directions or ["desc"]
    if len(directions) == 1:
        directions *= len(keys)
    return {"sort": ",".join(map(":".join, zip(keys, directions, strict=True)))}
