"""The query of a list: read once, into a type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from fake_nova.apis.nova_images.tables import (
    FILTERS,
    LIST_SCHEMA,
    NOT_DECODED,
    OVERRULED_FILTERS,
    PAGE_PARAMETERS,
    PROPERTY_PREFIX,
)
from fake_nova.dialects import DIALECTS, Dialect
from fake_nova.errors import Invalid
from fake_nova.images import glance_filters
from fake_nova.images.model import Caller
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import ImageStatus
from fake_nova.wire import query_string
from fake_nova.wire.json_schema import check_query
from fake_nova.wire.nova_errors import Refused


@dataclass(frozen=True, slots=True, eq=False)
class ListRequest:
    """What a list is asked for; the same query gives the same object as long as `read` remembers it.

    Attributes:
        filters: what the image service makes of the filters.
        marker: the id of the image that the page starts behind, or None.
        limit: the most images in the page, or None for all.
        full: a page of this many images has a next link.
        known: the parameters that a next link repeats, sorted.
        is_long: nothing that is made of it is remembered.
    """

    filters: glance_filters.Filters
    marker: str | None
    limit: int | None
    full: int
    known: query_string.Pairs
    is_long: bool

    def query(self, caller: Caller, dialect: Dialect) -> ImageQuery:
        """Return the store's question for *caller*."""
        is_long = self.is_long or len(caller.project_id or "") > query_string.LONGEST_REMEMBERED
        ask = _query.__wrapped__ if is_long else _query
        return ask(self, caller, dialect.name)


@lru_cache(maxsize=512)
def _query(asked: ListRequest, caller: Caller, dialect_name: str) -> ImageQuery:
    dialect = DIALECTS[dialect_name]
    return ImageQuery(
        caller,
        **asked.filters._asdict(),
        without=frozenset() if dialect.lists_killed else frozenset((ImageStatus.KILLED,)),
        marker=asked.marker,
        limit=asked.limit,
        ascending=dialect.ascending,
    )


def read(query: str, dialect_name: str, max_limit: int) -> ListRequest:
    """Read the raw query of a list; a short one that was read before gives the same object.

    Args:
        query: as in the WSGI environment.
        dialect_name: whose rules hold.
        max_limit: the setting.

    Raises:
        Refused: 400 for a limit, offset or page_size that is no positive number and for bytes that are not
            UTF-8; 403 for a limit above the maximum, in a dialect that caps it.
        Invalid: a filter that the image service refuses.
    """
    if len(query) > query_string.LONGEST_REMEMBERED:
        return _read(query, dialect_name, max_limit)
    return _remembered(query, dialect_name, max_limit)


def _read(query: str, dialect_name: str, max_limit: int) -> ListRequest:
    dialect = DIALECTS[dialect_name]
    pairs = query_string.read(query)
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    check_query(values, LIST_SCHEMA)
    for name in LIST_SCHEMA["properties"]:
        if name in values and not values[name][-1].strip():  # the schema lets a line's end pass for a number
            raise Refused(400, f"Invalid input received: {name} must be an integer")
    asked = query_string.whole(values["limit"][-1]) if "limit" in values else None
    limit = asked
    if dialect.caps_limit:
        limit = max_limit if asked is None else asked
        if limit > max_limit:
            raise Refused(
                403,
                f"limit is {limit}; the maximum is {max_limit}",
                why=f"Dialect {dialect_name} refuses a limit above --max-limit, which is {max_limit}; "
                "dialect nova takes any.",
            )
    parameters, marker = _received(_glance_filters(pairs, values, dialect), values.get("marker", [""])[-1])
    return ListRequest(
        filters=glance_filters.read(parameters),
        marker=marker,
        limit=limit,
        full=min(max_limit if asked is None else asked, max_limit),
        known=tuple(sorted(pair for pair in pairs if pair[0] in PAGE_PARAMETERS or _is_filter(pair[0]))),
        is_long=len(query) > query_string.LONGEST_REMEMBERED,
    )


_remembered: Final = lru_cache(maxsize=512)(_read)


def _is_filter(name: str) -> bool:
    return name in FILTERS or name.startswith(PROPERTY_PREFIX)


def _glance_filters(
    pairs: query_string.Pairs, values: dict[str, list[str]], dialect: Dialect
) -> dict[str, str]:
    """Translate Nova's filters into the image service's, in the order of Nova's own code.

    A repeated parameter has its last value; of two parameters that are the same filter, the later in the
    query wins.
    """
    asked: dict[str, str] = {}
    for name, _ in pairs:
        if _is_filter(name):
            asked[FILTERS.get(name, name)] = values[name][-1]
    server = asked.get("property-instance_uuid")
    if server is not None:
        asked["property-instance_uuid"] = server.rpartition("/")[2]
    translated: dict[str, str] = {}
    for name, value in asked.items():
        if name == "changes-since":
            translated["updated_at"] = f"gte:{value}"
        elif name == "status":
            translated["status"] = _status(value.lower(), dialect)
        else:
            translated[name.lstrip(PROPERTY_PREFIX) if name.startswith(PROPERTY_PREFIX) else name] = value
    for name in OVERRULED_FILTERS:
        translated.pop(name, None)
    return translated


def _received(asked: dict[str, str], marker: str) -> tuple[dict[str, str], str | None]:
    """Return the parameters and the marker that the image service receives.

    Nova's client library puts the marker behind the encoded filters as it is. So what has a meaning in a URL
    has it there: ``%41`` is an A, ``+`` a blank, ``&`` begins another parameter and ``#`` ends them all; and
    where ``property-marker`` asks for a marker that one comes first and counts, while the other is taken for
    a property (python-glanceclient's v2.images, Glance 33.0.0).

    Raises:
        Invalid: it is not UTF-8 once it is decoded again.
    """
    query = urlencode(asked)
    if marker:
        query = f"{query}&marker={marker}".partition("#")[0]
        if "%" in _ESCAPE.sub("", query):
            query = query.replace("%", "%25")  # requests takes no escape for one if there is any that is none
    try:
        pairs = query_string.read(query.encode().decode("latin-1"))
    except Refused as error:
        raise Invalid(NOT_DECODED) from error
    at = next((at for at, (name, _) in enumerate(pairs) if name == "marker"), None)
    if at is None:
        return dict(pairs), None
    return dict((*pairs[:at], *pairs[at + 1 :])), pairs[at][1]


_ESCAPE = re.compile("%[0-9A-Fa-f]{2}")


def _status(text: str, dialect: Dialect) -> str:
    """Translate the words of a status filter into Glance's, where the dialect has a mapping for them."""
    operator, operand = glance_filters.split_operator(text)
    if not dialect.status_words or operator not in ("eq", "in"):
        return text
    words = glance_filters.split_values(operand) if operator == "in" else [operand]
    statuses = [status for word in words for status in dialect.status_words.get(word, (word,))]
    return "in:" + ",".join(f'"{status}"' for status in statuses)
