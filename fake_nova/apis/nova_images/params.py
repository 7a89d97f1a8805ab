"""The parameters of a list, parsed from its query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.validation import check_query
from fake_nova.apis.nova_images import tables
from fake_nova.dialects import DIALECTS, Dialect
from fake_nova.errors import Invalid, QueryNotUTF8
from fake_nova.images import glance_filters
from fake_nova.images.database import DATABASES
from fake_nova.images.model import Caller
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import ImageStatus
from fake_nova.support.caching import cached_if_all_short, cached_if_short
from fake_nova.wire import query_string
from fake_nova.wire.context import Context

_PERCENT_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class NovaListParams:
    """The parameters of a list. While `parse` caches them, the same query gives the same object.

    Attributes:
        filters: the filters as the image service reads them.
        marker: the id of the image before the page, or None.
        limit: the maximum number of images in the page, or None for all.
        full_page_size: the number of images from which a page has a next link.
        link_params: the parameters that a next link repeats, sorted.
        url_query: the query after Nova dropped the parameters without an effect and encoded it anew. Nova
            looks for the project id there (Nova 34.0.0, measured).
        query_length: the number of characters of the query.
    """

    filters: glance_filters.Filters
    marker: str | None
    limit: int | None
    full_page_size: int
    link_params: query_string.Pairs
    url_query: str
    query_length: int

    def build_query(self, caller: Caller, dialect: Dialect) -> ImageQuery:
        """Return the query that *caller* sends to the store."""
        return _build_query(self, caller, dialect.name)


@cached_if_all_short(
    maxsize=512,
    max_chars=query_string.MAX_CACHED_CHARS,
    count_chars=lambda params, caller, _: params.query_length + len(caller.project_id or ""),
)
def _build_query(params: NovaListParams, caller: Caller, dialect_name: str) -> ImageQuery:
    dialect = DIALECTS[dialect_name]
    excluded_statuses = () if dialect.lists_killed_images else (ImageStatus.KILLED,)
    return ImageQuery(
        caller,
        **params.filters._asdict(),
        excluded_statuses=frozenset(excluded_statuses),
        marker=params.marker,
        limit=params.limit,
        ascending=dialect.lists_oldest_first,
    )


def parse(context: Context) -> NovaListParams:
    """Parse the query of a list. A cached query gives the same object; a long query is not cached.

    Raises:
        NovaError: 400 if limit, offset or page_size is not a positive number; 403 if the limit is above
            ``--max-limit``, in a dialect that caps it.
        InvalidQuery: if the query is not UTF-8 or has too many parameters.
        Invalid: if the image service rejects a filter.
    """
    settings = context.cloud.settings
    query = context.request.query_string
    return _parse(query, settings.dialect, settings.database, settings.max_limit)


@cached_if_short(maxsize=512, max_chars=query_string.MAX_CACHED_CHARS)
def _parse(query: str, dialect_name: str, database_name: str, max_limit: int) -> NovaListParams:
    dialect = DIALECTS[dialect_name]
    pairs = query_string.parse(query)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    check_query(values, tables.LIST_SCHEMA)
    for name in tables.LIST_SCHEMA["properties"]:
        if name in values and not values[name][-1].strip():  # the schema accepts a line break
            raise NovaError(400, f"Invalid input received: {name} must be an integer")
    requested_limit = query_string.parse_int(values["limit"][-1]) if "limit" in values else None
    limit = max_limit if requested_limit is None else requested_limit
    page_size = limit if dialect.caps_limit else requested_limit
    if dialect.caps_limit and limit > max_limit:
        reason = f"Dialect {dialect_name} refuses a limit above --max-limit, which is {max_limit}"
        message = f"limit is {limit}; the maximum is {max_limit}"
        raise NovaError(403, message, f"{reason}; dialect nova takes any.")
    filters = _translate_filters(pairs, dialect)
    parameters, marker = _as_glance_receives(filters, values.get("marker", [""])[-1])
    known_pairs = tuple(pair for pair in pairs if is_known(pair[0]))
    return NovaListParams(
        filters=glance_filters.parse_filters(parameters, DATABASES[database_name]),
        marker=marker,
        limit=page_size,
        full_page_size=min(limit, max_limit),
        link_params=tuple(sorted(known_pairs)),
        url_query=urlencode(known_pairs),
        query_length=len(query),
    )


def is_known(name: str) -> bool:
    """Return whether the parameter *name* has an effect on a list."""
    return name in tables.PAGE_PARAMETERS or _is_filter(name)


def _is_filter(name: str) -> bool:
    return name in tables.GLANCE_FILTER_BY_PARAMETER or name.startswith(tables.PROPERTY_PREFIX)


def _translate_filters(pairs: query_string.Pairs, dialect: Dialect) -> dict[str, str]:
    """Translate Nova's filters into the image service's, in the order of Nova's code.

    The last value of a repeated parameter counts. If two parameters are the same filter, the later one wins.
    """
    values = dict(pairs)
    filters = {
        tables.GLANCE_FILTER_BY_PARAMETER.get(name, name): values[name]
        for name, _ in pairs
        if _is_filter(name)
    }
    parameters: dict[str, str] = {}
    for name, value in filters.items():
        if name == "changes-since":
            parameters["updated_at"] = f"gte:{value}"
        elif name == "status":
            parameters["status"] = _translate_status(value.lower(), dialect)
        else:
            # Nova 34.0.0 strips the letters of the prefix: property-os_distro becomes s_distro.
            key = name.lstrip(tables.PROPERTY_PREFIX) if name.startswith(tables.PROPERTY_PREFIX) else name
            parameters[key] = value.rpartition("/")[2] if name == "property-instance_uuid" else value
    return {name: value for name, value in parameters.items() if name not in tables.OVERRULED_FILTERS}


def _as_glance_receives(parameters: dict[str, str], marker: str) -> tuple[dict[str, str], str | None]:
    """Return the parameters and the marker that the image service receives.

    Nova's client library appends the marker to the encoded filters without encoding it. So in a marker
    ``%41`` becomes an A and ``+`` a blank, ``&`` begins another parameter, and ``#`` ends the query. If
    ``property-marker`` gives a marker too, that one comes first and counts; the other becomes a filter by
    property (python-glanceclient's v2.images, Glance 33.0.0).

    Raises:
        Invalid: if the marker is not UTF-8 after it is decoded again.
    """
    query = urlencode(parameters)
    if marker:
        query = f"{query}&marker={marker}".partition("#")[0]
        if "%" in _PERCENT_ESCAPE.sub("", query):
            query = query.replace("%", "%25")  # one invalid escape, and requests encodes every %
    try:
        pairs = query_string.parse(query.encode().decode("latin-1"))
    except QueryNotUTF8 as error:
        raise Invalid(glance_filters.GLANCE_NOT_UTF8_MESSAGE) from error
    index = next((index for index, (name, _) in enumerate(pairs) if name == "marker"), None)
    if index is None:
        return dict(pairs), None
    return dict((*pairs[:index], *pairs[index + 1 :])), pairs[index][1]


def _translate_status(text: str, dialect: Dialect) -> str:
    """Translate the values of a status filter into Glance's statuses, if the dialect has aliases."""
    operator, operand = glance_filters.split_operator(text)
    aliases = dialect.status_filter_aliases
    if not aliases or operator not in ("eq", "in"):
        return text
    values = glance_filters.split_values(operand) if operator == "in" else [operand]
    statuses = [status for value in values for status in aliases.get(value, (value,))]
    return "in:" + ",".join(f'"{status}"' for status in statuses)
