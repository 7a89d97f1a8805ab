"""Problems of documents: types, messages and checks that all documents share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from itertools import islice
from typing import Any, Final, NamedTuple

from fake_nova.errors import quote_value

DocumentPath = tuple[str | int, ...]


class AmbiguousNumber:
    """A number that no field accepts: it is too long, or read in two ways, such as 0100."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text

    def __str__(self) -> str:
        return self.text


class Problem(NamedTuple):
    """One problem of a document: its path and its message."""

    path: DocumentPath
    message: str

    @property
    def location(self) -> str:
        """The path in the usual notation, such as ``images[3].status``."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "document"

    def __str__(self) -> str:
        return f"{self.location}: {self.message}"


def abbreviate(value: object) -> str:
    """Return a value as JSON text, cut to 80 characters."""
    if isinstance(value, AmbiguousNumber):
        return value.text if len(value.text) <= 80 else f"{value.text[:77]}..."
    if isinstance(value, str):
        return quote_value(value)
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > 80:  # the rest may be huge
            text = text[:77] + "..."
            break
    return text.encode("utf-8", "backslashreplace").decode()


def join_names(names: Collection[str], limit: int = 20) -> str:
    """Join *names* with commas; after *limit* names, only the number of the others follows."""
    joined_names = ", ".join(islice(names, limit))
    return joined_names if len(names) <= limit else f"{joined_names} and {len(names) - limit} more"


def first_duplicate(items: Iterable[Any]) -> Any:
    """Return the first of *items* that occurs more than once, or None."""
    return next((item for item, times in Counter(items).items() if times > 1), None)


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
        raise ValueError(f"duplicate key (got {abbreviate(first_duplicate(key for key, _ in pairs))} twice)")
    return mapping


class DocumentError(Exception):
    """A document is invalid.

    Attributes:
        problems: the problems found.
        valid_values: the valid values, in the domain's types.
    """

    def __init__(self, problems: list[Problem], valid_values: Mapping[str, Any]) -> None:
        super().__init__(problems)
        self.problems: Final = problems
        self.valid_values: Final = valid_values


class InvalidEntry(dict[str, Any]):
    """The valid values of a list's entry that has an invalid value too."""
