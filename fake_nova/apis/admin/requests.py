"""Views that list, count and await the requests in a cloud's journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, TypeVar

from fake_nova.apis.admin import body
from fake_nova.apis.admin.errors import Refusal
from fake_nova.cloud.journal import Entry
from fake_nova.documents.fault import METHODS
from fake_nova.images import timestamps
from fake_nova.support import glob
from fake_nova.support.messages import count_of, quote_python, suggest
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response, json_response

#: Query parameters that match the attribute of the same name of a journal entry. A value is a pattern: it may
#: contain ``*`` and ``?``.
MATCHERS: Final = (
    *("operation", "method", "path", "query", "project", "status"),
    *("body", "user_agent", "global_request_id"),
)

#: Parameter -> all values that a request can have. A pattern that matches none is misspelt, and a count of 0
#: would hide the mistake.
VALID_VALUES: Final[Mapping[str, Callable[[Context], Iterable[str]]]] = {
    "operation": lambda context: ("", *sorted(context.router.operations)),
    "method": lambda _: METHODS,
    "status": lambda _: ("", "0", *(str(int(status)) for status in HTTPStatus)),  # "": still in flight
}

#: The maximum number of seconds that a request waits.
MAX_WAIT_SECONDS = 60.0

_MAX_PART = glob.MAX_WILDCARD_PART_LENGTH
_EXPECTED_LENGTH = f"at most {glob.MAX_PATTERN_LENGTH}, and {_MAX_PART} in a part with ? between two *"

Patterns = Mapping[str, str]
Number = TypeVar("Number", int, float)


def _read_patterns(context: Context) -> Patterns:
    """Read the patterns that requests have to match.

    Raises:
        Refusal: 400 if a pattern is too long, or if no request can match it.
    """
    params = body.query_params(context.request)
    patterns = {name: value for name, value in params.items() if name in MATCHERS}
    for name, pattern in patterns.items():
        if glob.is_too_long(pattern):
            raise Refusal(
                400, f"{name}: pattern too long (got {len(pattern)} characters); expected {_EXPECTED_LENGTH}"
            )
    for name, pattern in patterns.items():
        valid_values = tuple(VALID_VALUES[name](context)) if name in VALID_VALUES else ()
        if valid_values and not any(glob.matches(candidate, pattern) for candidate in valid_values):
            choices = ", ".join(filter(None, valid_values)) + suggest(pattern, valid_values)
            raise Refusal(
                400, f"{name}: matches nothing (got {quote_python(pattern)}); expected one of: {choices}"
            )
    return patterns


def _mismatches(entry: Entry, patterns: Patterns) -> dict[str, str]:
    """Return the values of an entry that do not match, by parameter."""
    values = {name: getattr(entry, name) for name in patterns}
    texts = {name: "" if value is None else str(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if not glob.matches(text, patterns[name])}


def _read_number(
    context: Context, name: str, maximum: float, convert: Callable[[str], Number], kind: str
) -> Number | None:
    """Return the number in a query parameter, or None without the parameter.

    Args:
        context: the context of the request.
        name: the name of the parameter.
        maximum: the greatest valid number; the least one is 0.
        convert: converts the text; raises ValueError if it is no number.
        kind: the valid numbers in words.

    Raises:
        Refusal: 400 if the parameter is invalid.
    """
    text = body.query_params(context.request).get(name)
    if text is None:
        return None
    try:
        value = convert(text)
    except ValueError:
        value = convert("-1")
    if not 0 <= value <= maximum:
        raise Refusal(
            400, f"{name}: invalid value (got {quote_python(text)}); expected {kind} from 0 to {maximum:g}"
        )
    return value


def _read_integer(context: Context, name: str, maximum: int) -> int | None:
    return _read_number(context, name, maximum, int, "a whole number")


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

    A request without a response has no ``status``, ``milliseconds``, ``listed`` and ``hint``, and no body.
    """
    patterns = _read_patterns(context)
    marker = _read_integer(context, "marker", 10**12) or 0
    limit = _read_integer(context, "limit", 10**6)
    later = [entry for entry in context.cloud.journal.entries() if entry.number > marker]
    matches = [entry for entry in later if not _mismatches(entry, patterns)]
    return json_response({"requests": [_serialize_entry(entry) for entry in matches[:limit]]})


def count(context: Context) -> Response:
    """Count the requests that match. If ``expect`` differs, show the requests that match most closely."""
    patterns = _read_patterns(context)
    entries = context.cloud.journal.entries()
    compared_entries = [(entry, _mismatches(entry, patterns)) for entry in entries]
    near_misses = [(entry, mismatches) for entry, mismatches in compared_entries if mismatches]
    result: dict[str, Any] = {"count": len(entries) - len(near_misses)}
    expected_count = _read_integer(context, "expect", 10**9)
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
    timeout = _read_number(context, "timeout", MAX_WAIT_SECONDS, float, "seconds")
    seconds = MAX_WAIT_SECONDS / 2 if timeout is None else timeout
    matching_entry = context.cloud.journal.wait(lambda entry: not _mismatches(entry, patterns), seconds)
    if matching_entry is None:
        raise Refusal(408, f"requests: no match within {count_of(seconds, 'second')}; expected one")
    return json_response({"request": _serialize_entry(matching_entry)})


def clear(context: Context) -> Response:
    """Clear the journal."""
    context.cloud.journal.clear()
    return Response(204)
