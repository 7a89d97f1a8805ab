"""JSON of clients and fixtures, read within bounds of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

#: The most levels of lists and mappings in each other. Python's own limit depends on its version.
MAX_DEPTH: Final = 64

PairsHook = Callable[[list[tuple[str, Any]]], Any]


class NestingTooDeep(ValueError):
    """Lists and mappings are nested deeper than `MAX_DEPTH` levels."""

    def __init__(self) -> None:
        super().__init__(f"nested too deep; expected at most {MAX_DEPTH} levels")


def loads(
    text: str | bytes,
    *,
    pairs_hook: PairsHook | None = None,
    parse_int: Callable[[str], Any] | None = None,
) -> Any:
    """Parse JSON.

    Args:
        text: the JSON; bytes are in UTF-8, -16 or -32.
        pairs_hook: makes a mapping of its pairs; None for a dict.
        parse_int: makes a value of the digits of a whole number; None for an int.

    Raises:
        NestingTooDeep: if it has more than `MAX_DEPTH` levels.
        ValueError: if it is not JSON.
    """
    try:
        value = json.loads(text, object_pairs_hook=pairs_hook, parse_int=parse_int)
    except RecursionError as error:
        raise NestingTooDeep from error
    if is_too_deep(value):
        raise NestingTooDeep
    return value


def _levels(value: object) -> Iterator[list[Any]]:
    """Give the lists and mappings of each level of a value, the outermost first."""
    level = [value]
    while level := [inner for inner in level if isinstance(inner, (dict, list))]:
        yield level
        level = [
            inner
            for container in level
            for inner in (container.values() if isinstance(container, dict) else container)
        ]


def is_too_deep(value: object) -> bool:
    """Whether a value has more than `MAX_DEPTH` levels of lists and mappings."""
    return any(islice(_levels(value), MAX_DEPTH, None))


def has_more_values(value: object, limit: int) -> bool:
    """Whether all the lists and mappings of a value together have more than *limit* values."""
    return sum(len(child) for level in _levels(value) for child in level) > limit
