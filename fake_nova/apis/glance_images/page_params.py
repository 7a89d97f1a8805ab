"""The query parameters of lists of other things than images: tasks and metadata definitions."""

from __future__ import annotations

from typing import NamedTuple

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.apis.glance_images.tables import DEFAULT_LIMIT, MAX_LIMIT
from fake_nova.wire import query_string
from fake_nova.wire.context import Context

#: Parameters of which Glance takes the first. The others of the same name become filters.
_TAKEN_ONCE = ("limit", "marker", "sort_dir", "sort_key")


class PageParams(NamedTuple):
    """The parameters of a list.

    Attributes:
        limit: the first ``limit``, or None.
        marker: the first ``marker``, or None.
        sort_key: the first ``sort_key``.
        sort_dir: the first ``sort_dir``, which is valid.
        filters: the other parameters.
        link_params: the parameters that links to other pages repeat.
    """

    limit: str | None
    marker: str | None
    sort_key: str
    sort_dir: str
    filters: query_string.Pairs
    link_params: dict[str, str]


def parse(context: Context) -> PageParams:
    """Read the query of a list.

    Raises:
        InvalidQuery: if the query is not UTF-8 or has too many parameters.
        GlanceError: 400 if the sort direction is invalid.
    """
    pairs = query_string.parse(context.request.query_string)
    first_values: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for name, value in pairs:
        if name in _TAKEN_ONCE and name not in first_values:
            first_values[name] = value
        else:
            others.append((name, value))
    sort_dir = first_values.get("sort_dir", "desc")
    if sort_dir not in ("asc", "desc"):
        raise GlanceError(400, f"Invalid sort direction: {sort_dir}")
    return PageParams(
        first_values.get("limit"),
        first_values.get("marker"),
        first_values.get("sort_key", "created_at"),
        sort_dir,
        tuple(others),
        {name: value for name, value in dict(pairs).items() if name != "marker"},
    )


def parse_limit(text: str | None) -> int:
    """Return the maximum number of rows of a page.

    Raises:
        GlanceError: 400 if it is not a number or negative.
    """
    if text is None:
        return DEFAULT_LIMIT
    try:
        limit = int(text)
    except ValueError as error:
        raise GlanceError(400, "limit param must be an integer") from error
    if limit < 0:
        raise GlanceError(400, "limit param must be positive")
    return min(limit, MAX_LIMIT)
