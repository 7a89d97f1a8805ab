"""JSON of clients and fixtures, read within bounds of our own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final

#: The most levels of lists and mappings in each other. Python's own limit depends on its version.
DEEPEST: Final = 64

Pairs = Callable[[list[tuple[str, Any]]], Any]


class TooDeep(ValueError):
    """Lists and mappings are nested deeper than `DEEPEST` levels."""

    def __init__(self) -> None:
        super().__init__(f"nested too deep; expected at most {DEEPEST} levels")


def loads(
    text: str | bytes,
    *,
    pairs: Pairs | None = None,
    whole_number: Callable[[str], Any] | None = None,
) -> Any:
    """Parse JSON.

    Args:
        text: the JSON; bytes are in UTF-8, -16 or -32.
        pairs: makes a mapping of its pairs; None for a dict.
        whole_number: makes a value of the digits of a whole number; None for an int.

    Raises:
        TooDeep: if it has more than `DEEPEST` levels.
        ValueError: if it is not JSON.
    """
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=whole_number)
    except RecursionError as error:
        raise TooDeep from error
    if is_too_deep(value):
        raise TooDeep
    return value


def _levels(value: object) -> Iterator[list[Any]]:
    """Give the lists and mappings of each level of a value, the outermost first."""
    level = [value]
    while level := [inner for inner in level if isinstance(inner, (dict, list))]:
        yield level
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]


def is_too_deep(value: object) -> bool:
    """Whether a value has more than `DEEPEST` levels of lists and mappings."""
    return any(islice(_levels(value), DEEPEST, None))


def has_more_values(value: object, most: int) -> bool:
    """Whether all the lists and mappings of a value together have more than *most* values."""
    return sum(len(one) for level in _levels(value) for one in level) > most
