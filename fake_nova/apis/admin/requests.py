"""Views that list, count and await the requests in a cloud's journal."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fake_nova.apis.admin import list_query
from fake_nova.apis.admin.errors import Refusal
from fake_nova.apis.admin.list_query import (
    MAX_LIMIT,
    Patterns,
    ValidValues,
    mismatches,
    read_integer,
    read_number,
)
from fake_nova.cloud.exchanges import Exchange
from fake_nova.cloud.journal import Entry
from fake_nova.documents.fault import METHODS
from fake_nova.images import timestamps
from fake_nova.support.messages import count_of, quote_python
from fake_nova.wire import exchanges
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters that match the attribute of the same name of a journal entry. A value is a pattern: it may
#: contain ``*`` and ``?``.
MATCHERS: Final = (
    *("operation", "method", "path", "query", "project", "status"),
    *("body", "user_agent", "global_request_id", "fault"),
)

#: Parameter -> all values that a request can have.
VALID_VALUES: Final[ValidValues] = {
    "operation": lambda context: ("", *sorted(context.router.operations)),
    "method": lambda _: METHODS,
    "status": lambda _: ("", "0", *(str(int(status)) for status in HTTPStatus)),  # "": still in flight
}

#: The maximum number of seconds that a request waits.
MAX_WAIT_SECONDS = 60.0

#: Parameters of the list besides the patterns.
LIST_PARAMETERS: Final = ("limit", "marker", "newest", "exchanges")

#: The greatest valid number of a request.
MAX_NUMBER: Final = 10**12


def _read_patterns(context: Context) -> Patterns:
    return list_query.read_patterns(context, MATCHERS, VALID_VALUES)


def _serialize_entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "at": timestamps.isoformat_exact(entry.received_at),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "operation": entry.operation,
        "project": entry.project,
        "status": entry.status,
        "milliseconds": entry.milliseconds,
        "listed": entry.image_count,
        "image_status": entry.image_status,
        "fault": entry.fault,
        "hint": entry.hint,
        "hint_code": entry.hint_code,
        "body": entry.body,
        "body_bytes": entry.body_bytes,
        "request_id": entry.request_id,
        "global_request_id": entry.global_request_id,
        "user_agent": entry.user_agent,
    }


def index(context: Context) -> Response:
    """List the requests that match, oldest first. A page starts after the request number ``marker``.

    ``newest`` leaves out all but the last ones. ``exchanges`` records whole exchanges for a minute, for
    `show`. A request without a response has no ``status``, ``milliseconds``, ``listed`` and ``hint``, and no
    body.
    """
    patterns = _read_patterns(context)
    marker = read_integer(context, "marker", MAX_NUMBER) or 0
    limit = read_integer(context, "limit", MAX_LIMIT)
    newest = read_integer(context, "newest", MAX_LIMIT)
    journal = context.cloud.journal
    if list_query.read_boolean(context, "exchanges"):
        journal.exchanges.watch()
    later = journal.entries(after=marker)
    matches = [entry for entry in later if not mismatches(entry, patterns)]
    if newest is not None:
        matches = matches[max(len(matches) - newest, 0) :]
    page = [_serialize_entry(entry) for entry in matches[:limit]]
    return json_response({"requests": page, "generation": journal.generation})


def show(context: Context) -> Response:
    """Show one request, with its whole exchange if that was recorded, without secrets.

    Exchanges are recorded for a minute after a list with ``exchanges=true``.
    """
    text = context.path_params["number"]
    entries = context.cloud.journal.entries()
    entry = next((entry for entry in entries if str(entry.number) == text), None)
    if entry is None:
        numbers = f"one of {entries[0].number} to {entries[-1].number}" if entries else "none: it is empty"
        problem = f"request: not in the journal (got {quote_python(text)})"
        raise Refusal(404, f"{problem}; expected {numbers}")
    exchange = context.cloud.journal.exchanges.find(entry.number)
    document = None if exchange is None else _serialize_exchange(exchange)
    return json_response({**_serialize_entry(entry), "exchange": document})


def _serialize_exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "request_headers": [list(pair) for pair in exchange.request_headers],
        "response_headers": exchanges.response_headers(exchange),
        "response_body": exchanges.response_body(exchange),
        "response_bytes": exchange.body_bytes,
    }


def count(context: Context) -> Response:
    """Count the requests that match. If ``expect`` differs, show the requests that match most closely."""
    patterns = _read_patterns(context)
    entries = context.cloud.journal.entries()
    compared_entries = [(entry, mismatches(entry, patterns)) for entry in entries]
    near_misses = [(entry, mismatches) for entry, mismatches in compared_entries if mismatches]
    result: dict[str, Any] = {"count": len(entries) - len(near_misses)}
    expected_count = read_integer(context, "expect", 10**9)
    if expected_count is not None:
        result["met"] = result["count"] == expected_count
        if not result["met"]:
            nearest = sorted(near_misses, key=lambda pair: len(pair[1]))[:3]
            result["nearest"] = [_serialize_near_miss(*pair, patterns) for pair in nearest]
    return json_response(result)


def _serialize_near_miss(entry: Entry, mismatches: Mapping[str, str], patterns: Patterns) -> dict[str, Any]:
    differences = {name: [patterns[name], actual] for name, actual in mismatches.items()}
    return {"request": _serialize_entry(entry), "differs": differences}


def wait(context: Context) -> Response:
    """Wait until the journal has a response to a request that matches.

    Raises:
        Refusal: 408 if the time is over before that.
    """
    patterns = _read_patterns(context)
    timeout = read_number(context, "timeout", MAX_WAIT_SECONDS, float, "seconds")
    seconds = MAX_WAIT_SECONDS / 2 if timeout is None else timeout
    matching_entry = context.cloud.journal.wait(lambda entry: not mismatches(entry, patterns), seconds)
    if matching_entry is None:
        raise Refusal(408, f"requests: no match within {count_of(seconds, 'second')}; expected one")
    return json_response({"request": _serialize_entry(matching_entry)})


def clear(context: Context) -> Response:
    """Clear the journal."""
    context.cloud.journal.clear()
    return Response(204)
