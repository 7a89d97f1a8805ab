"""What the views of Nova read from a request, and the responses that they share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple
from urllib.parse import urlencode

from fake_nova.apis.nova_common import checks as nova_checks
from fake_nova.apis.nova_common.errors import NOT_FOUND_MESSAGE, NovaError
from fake_nova.apis.nova_common.negotiation import content_type_header
from fake_nova.apis.nova_common.validation import check_query
from fake_nova.wire import query_string
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema
from fake_nova.wire.response import Response, dumps

#: The first minor version in which every GET refuses unknown parameters.
STRICT_QUERIES_SINCE = 102

#: The schema of the query of a resource that has no parameters, from that version on.
NO_PARAMETERS: Schema = {"type": "object", "properties": {}, "additionalProperties": False}


def minor_version(context: Context) -> int:
    """Return the minor version that a request asks for. /v2 is like 2.1."""
    return context.microversion.minor if context.microversion is not None else 1


def is_legacy(context: Context) -> bool:
    """Return whether a request went to /v2."""
    return nova_checks.is_legacy_path(context.request.path)


def json_response(context: Context, status: int, body: object, *headers: tuple[str, str]) -> Response:
    """Return a JSON response in a media type that the client accepts."""
    return Response(status, (content_type_header(context), *headers), dumps(body))


def query_schema(minor: int, strict_since: int, properties: Mapping[str, Schema]) -> Schema:
    """Return the schema of a query that refuses unknown parameters from a minor version on."""
    return {"type": "object", "properties": properties, "additionalProperties": minor < strict_since}


@dataclass(frozen=True, eq=False)
class NovaQuery:
    """The query of a request after its check; parameters without an effect are left out.

    Attributes:
        pairs: the names and values.
        minor: the minor version of the request.
        is_cut: whether parameters were left out.
    """

    pairs: query_string.Pairs
    minor: int
    is_cut: bool = False

    @cached_property
    def values(self) -> Mapping[str, list[str]]:
        """Name -> all values."""
        values: dict[str, list[str]] = {}
        for name, value in self.pairs:
            values.setdefault(name, []).append(value)
        return values

    @cached_property
    def last(self) -> dict[str, str]:
        """Name -> the last value."""
        return dict(self.pairs)

    @property
    def url_query(self) -> str | None:
        """The query in which Nova looks for the project id; None for that of the request."""
        return urlencode(self.pairs) if self.is_cut else None


def read_query(context: Context, schema: Schema, legacy_too: bool = False) -> NovaQuery:
    """Check the query of a request, and return it without unknown parameters.

    Args:
        context: the context of the request.
        schema: the schema of the parameters.
        legacy_too: whether the schema holds on /v2, too. It does if its first version is 2.0 (Nova 34.0.0).

    Raises:
        NovaError: 400 for an invalid parameter, or for an unknown one if the schema allows none.
        InvalidQuery: if it is not UTF-8, or has too many parameters.
    """
    minor = minor_version(context)
    text = context.request.query_string
    if not text:
        return NovaQuery((), minor)
    if is_legacy(context) and not legacy_too:
        return NovaQuery(query_string.parse(text), minor)
    key = text, minor, id(schema)
    entry = _CHECKED_QUERIES.get(key)
    if entry is not None:
        return entry.query
    query = _checked_query(text, minor, schema)
    if len(text) <= query_string.MAX_CACHED_CHARS:
        if len(_CHECKED_QUERIES) >= _MAX_CHECKED_QUERIES:
            _CHECKED_QUERIES.clear()
        _CHECKED_QUERIES[key] = _CheckedQuery(schema, query)
    return query


class _CheckedQuery(NamedTuple):
    """A query that matches a schema. It refers to the schema, so that the schema's id stays in use."""

    schema: Schema
    query: NovaQuery


_MAX_CHECKED_QUERIES: Final = 512

#: Text of a query, minor version, and id of a schema -> the query that matches the schema.
_CHECKED_QUERIES: Final[dict[tuple[str, int, int], _CheckedQuery]] = {}


def _checked_query(text: str, minor: int, schema: Schema) -> NovaQuery:
    query = NovaQuery(query_string.parse(text), minor)
    check_query(query.values, schema)
    known_pairs = tuple(pair for pair in query.pairs if pair[0] in schema["properties"] or pair[0][:1] == "_")
    return NovaQuery(known_pairs, minor, is_cut=len(known_pairs) < len(query.pairs))


def check_no_query(context: Context) -> None:
    """Check the query of a resource that has no parameters: below 2.102 it is ignored.

    Raises:
        NovaError: 400 for any parameter.
        InvalidQuery: if it is not UTF-8, or has too many parameters.
    """
    text = context.request.query_string
    if text:
        values = NovaQuery(query_string.parse(text), 0).values
        if minor_version(context) >= STRICT_QUERIES_SINCE:
            check_query(values, NO_PARAMETERS)


def named_action(context: Context) -> str:
    """Return the name of the action in a body: its only key.

    Raises:
        NovaError: 400 for an object, a list or a text whose size is not 1, 404 for another body that is no
            object: Nova measures whatever JSON it reads.
    """
    body = context.json_body
    has_size = isinstance(body, dict | list | str)
    if not context.request.content_length or (has_size and len(body) != 1):
        raise NovaError(400, "Malformed request body")
    if not isinstance(body, dict):
        raise NovaError(404, NOT_FOUND_MESSAGE)
    return str(next(iter(body)))
