"""A JSON reader with a fixed limit of nesting, for requests and fixtures."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

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
        level = [
            inner
            for container in level
            for inner in (container.values() if isinstance(container, dict) else container)
        ]


def is_too_deep(value: object) -> bool:
    """Return whether a value has more than `MAX_DEPTH` nested levels of lists and mappings."""
    return any(islice(_levels(value), MAX_DEPTH, None))


def has_more_values(value: object, limit: int) -> bool:
    """Return whether the lists and mappings of a value contain more than *limit* values in total."""
    return sum(len(child) for level in _levels(value) for child in level) > limit
