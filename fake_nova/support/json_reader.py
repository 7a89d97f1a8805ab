"""A JSON reader with a fixed limit of nesting, for requests and fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Any, Final

from fake_nova.support.messages import AmbiguousNumber, first_duplicate, quote_json

#: The maximum nesting depth of lists and mappings. Python's own limit depends on its version.
MAX_DEPTH: Final = 64

PairsHook = Callable[[list[tuple[str, Any]]], Any]


class NestingTooDeep(ValueError):
    """Lists and mappings are nested deeper than `MAX_DEPTH` levels."""

    def __init__(self) -> None:
        super().__init__(f"nested too deep; expected at most {MAX_DEPTH} levels")


def loads(
    text: str | bytes, *, pairs_hook: PairsHook | None = None, parse_int: Callable[[str], Any] | None = None
) -> Any:
    """Parse JSON.

    Args:
        text: the JSON; bytes are UTF-8, UTF-16 or UTF-32.
        pairs_hook: converts the key-value pairs of an object; None for a dict.
        parse_int: converts the digits of a whole number; None for an int.

    Raises:
        NestingTooDeep: if it has more than `MAX_DEPTH` nested levels.
        ValueError: if it is not valid JSON.
    """
    try:
        value = json.loads(text, object_pairs_hook=pairs_hook, parse_int=parse_int)
    except RecursionError as error:
        raise NestingTooDeep from error
    if is_too_deep(value):
        raise NestingTooDeep
    return value


def _levels(value: object) -> Iterator[list[Any]]:
    """Yield the lists and mappings of each nesting level of a value, the outermost first."""
    level = [value]
    while level := [inner for inner in level if isinstance(inner, (dict, list))]:
        yield level
        collections = (item.values() if isinstance(item, dict) else item for item in level)
        level = list(chain.from_iterable(collections))


def is_too_deep(value: object) -> bool:
    """Return whether a value has more than `MAX_DEPTH` nested levels of lists and mappings."""
    return any(islice(_levels(value), MAX_DEPTH, None))


def has_more_values(value: object, limit: int) -> bool:
    """Return whether the lists and mappings of a value contain more than *limit* values in total."""
    return sum(len(child) for level in _levels(value) for child in level) > limit


#: The maximum number of keys in one mapping.
MAX_KEYS: Final = 5_000


def too_many_keys_message(count: int) -> str:
    """Return the error message for a mapping with *count* keys, more than `MAX_KEYS`."""
    return f"too many keys in a mapping (got {count}); expected at most {MAX_KEYS}"


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the key-value pairs of a JSON object as a dict.

    Raises:
        ValueError: if a key occurs twice, or if there are more than `MAX_KEYS` keys.
    """
    if len(pairs) > MAX_KEYS:
        raise ValueError(too_many_keys_message(len(pairs)))
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError(f"duplicate key (got {quote_json(first_duplicate(key for key, _ in pairs))} twice)")
    return mapping


def parse_whole_number(digits: str) -> int | AmbiguousNumber:
    """Return the integer that *digits* of JSON mean, or an `AmbiguousNumber` if there are more than 31."""
    return int(digits) if len(digits) <= 31 else AmbiguousNumber(digits)
