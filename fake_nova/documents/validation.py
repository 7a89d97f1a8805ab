"""What is wrong with a document, and where."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any, Final, NamedTuple

DocumentPath = tuple[str | int, ...]


class AmbiguousNumber:
    """A number that people read in two ways, such as 0100, or one that is too long; no field takes it."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text

    def __str__(self) -> str:
        return self.text


class Problem(NamedTuple):
    """One thing that is wrong with a document: where, and what is there against what is allowed."""

    path: DocumentPath
    message: str

    @property
    def location(self) -> str:
        """The path as people write it: ``images[3].status``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "document"

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


def abbreviate(value: object) -> str:
    """Write a value as it stands in a document, cut where it is long."""
    if isinstance(value, AmbiguousNumber):
        return value.text if len(value.text) <= 80 else f"{value.text[:77]}..."
    if isinstance(value, str):
        value = value[:100]  # what is cut off below is not written before
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > 80:  # the rest may be without end
            text = text[:77] + "..."
            break
    return text.encode("utf-8", "backslashreplace").decode()


def join_names(names: Collection[str], limit: int = 20) -> str:
    """List *names* for people, and say how many more there are than *limit*."""
    joined_names = ", ".join(islice(names, limit))
    return joined_names if len(names) <= limit else f"{joined_names} and {len(names) - limit} more"


def first_duplicate(items: Iterable[Any]) -> Any:
    """Return the first item that comes more than once, or None."""
    return next((item for item, times in Counter(items).items() if times > 1), None)


#: The most keys of one mapping.
MAX_KEYS: Final = 5_000


def too_many_keys_message(count: int) -> str:
    """Say that a mapping has too many keys."""
    return f"too many keys in a mapping (got {count}); expected at most {MAX_KEYS}"


def reject_duplicate_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a mapping of what JSON has in braces.

    Raises:
        ValueError: for a key that comes twice, and would be lost, and for too many keys.
    """
    if len(pairs) > MAX_KEYS:
        raise ValueError(too_many_keys_message(len(pairs)))
    mapping = dict(pairs)
    if len(mapping) != len(pairs):
        raise ValueError(f"duplicate key (got {abbreviate(first_duplicate(key for key, _ in pairs))} twice)")
    return mapping


class DocumentError(Exception):
    """A document is wrong; *problems* is everything that is."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems: Final = problems
