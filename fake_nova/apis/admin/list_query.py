"""Query parameters that several lists take: patterns of values, numbers, and a page of a list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any, Final, Protocol, TypeVar

from fake_nova.apis.admin import body
from fake_nova.apis.admin.errors import Refusal
from fake_nova.images.page_cache import PageCache
from fake_nova.support import glob
from fake_nova.support.messages import quote_python, suggest
from fake_nova.wire.context import Context

#: Parameter -> the pattern, which may contain ``*`` and ``?``.
Patterns = Mapping[str, str]

#: Parameter -> all values that it can match. A pattern that matches none is misspelt, and an empty list would
#: hide the mistake.
ValidValues = Mapping[str, Callable[[Context], Iterable[str]]]


class HasId(Protocol):
    """An item of a list with pages."""

    @property
    def id(self) -> str:
        """What the parameter ``marker`` names it by."""


Number = TypeVar("Number", int, float)
Item = TypeVar("Item")

#: The key of the tag among the pages of a state.
_TAG_KEY: Final = "admin list"

#: The greatest valid limit of a page.
MAX_LIMIT: Final = 10**6

_MAX_PART: Final = glob.MAX_WILDCARD_PART_LENGTH
_EXPECTED_LENGTH: Final = f"at most {glob.MAX_PATTERN_LENGTH}, and {_MAX_PART} in a part with ? between two *"


def read_patterns(context: Context, names: Sequence[str], valid_values: ValidValues) -> Patterns:
    """Read the patterns that the items of a list have to match.

    Args:
        context: the context of the request.
        names: the parameters that are patterns.
        valid_values: the values of those of them that have only some.

    Raises:
        Refusal: 400 if a pattern is too long, or if no item can match it.
    """
    params = body.query_params(context.request)
    patterns = {name: value for name, value in params.items() if name in names}
    for name, pattern in patterns.items():
        if glob.is_too_long(pattern):
            raise Refusal(
                400, f"{name}: pattern too long (got {len(pattern)} characters); expected {_EXPECTED_LENGTH}"
            )
    for name, pattern in patterns.items():
        candidates = tuple(valid_values[name](context)) if name in valid_values else ()
        if candidates and not any(glob.matches(candidate, pattern) for candidate in candidates):
            choices = ", ".join(filter(None, candidates)) + suggest(pattern, candidates)
            raise Refusal(
                400, f"{name}: matches nothing (got {quote_python(pattern)}); expected one of: {choices}"
            )
    return patterns


def mismatches(item: Any, patterns: Patterns) -> dict[str, str]:
    """Return the attributes of an item that do not match their patterns, as text; None counts as ""."""
    values = {name: getattr(item, name) for name in patterns}
    texts = {name: "" if value is None else str(value) for name, value in values.items()}
    return {name: text for name, text in texts.items() if not glob.matches(text, patterns[name])}


def read_number(
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


def read_integer(context: Context, name: str, maximum: int) -> int | None:
    """Return the whole number in a query parameter, or None without the parameter.

    Raises:
        Refusal: 400 if the parameter is invalid.
    """
    return read_number(context, name, maximum, _parse_digits, "a whole number")


def _parse_digits(text: str) -> int:
    """Convert decimal digits; `int` would also take spaces, signs, underscores and other digits."""
    if not (text.isascii() and text.isdecimal()):
        return -1
    return int(text)


def read_boolean(context: Context, name: str) -> bool:
    """Return whether a query parameter is ``true``; without the parameter, it is not.

    Raises:
        Refusal: 400 if it is neither ``true`` nor ``false``.
    """
    text = body.query_params(context.request).get(name, "false")
    if text not in ("true", "false"):
        raise Refusal(400, f"{name}: invalid value (got {quote_python(text)}); expected true or false")
    return text == "true"


def state_tag(cache: PageCache) -> tuple[str, str]:
    """Return the header ETag of a list, which differs for each state of a store.

    Args:
        cache: the cache of the pages of that state; it keeps the tag.
    """
    tag = cache.get(_TAG_KEY)
    if tag is None:
        tag = f'"{token_hex(8)}"'
        cache.put(_TAG_KEY, tag, tag)
    return "ETag", tag


def is_known(context: Context, tag: tuple[str, str], find: Callable[[str], HasId | None]) -> bool:
    """Return whether the client has the list with this ETag already.

    Args:
        context: the context of the request.
        tag: the header.
        find: returns the item of the list with an id.

    Raises:
        Refusal: 400 if the limit is invalid, or if no item has the id of the marker.
    """
    read_integer(context, "limit", MAX_LIMIT)
    marker = body.query_params(context.request).get("marker")
    if marker is not None:
        item = find(marker)
        if item is None or item.id != marker:  # MariaDB takes ids in upper case for equal
            raise _unknown_marker_error(marker)
    return context.request.header("If-None-Match") == tag[1]


def page_of(context: Context, items: Sequence[Item], patterns: Patterns) -> list[Item]:
    """Return the items that match, at most ``limit`` of them, from just after the one whose id is ``marker``.

    Raises:
        Refusal: 400 if the limit is invalid, or if no item has the id.
    """
    limit = read_integer(context, "limit", MAX_LIMIT)
    marker = body.query_params(context.request).get("marker")
    start = 0 if marker is None else _position_after(items, marker)
    matches = (item for item in islice(items, start, None) if not mismatches(item, patterns))
    return list(islice(matches, limit))


def _position_after(items: Sequence[Any], marker: str) -> int:
    for position, item in enumerate(items, 1):
        if item.id == marker:
            return position
    raise _unknown_marker_error(marker)


def _unknown_marker_error(marker: str) -> Refusal:
    return Refusal(400, f"marker: unknown id (got {quote_python(marker)}); expected the last id of a page")
