"""The filters of lists, and how the values of a query are compared (Keystone 30.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fake_nova.images.database import Database

JsonObject = dict[str, Any]

_FALSE_WORDS: Final = ("0", "f", "false", "n", "no", "off")
_TRUE_WORDS: Final = ("1", "t", "true", "on", "y", "yes")


def is_true(text: str, *, default: bool = True) -> bool:
    """Return whether the value of a query parameter means true; *default* for an unknown value."""
    word = text.strip().lower()
    return word not in _FALSE_WORDS if default else word in _TRUE_WORDS


#: Returns whether the value of a field equals the text of a query on a database.
Comparison = Callable[[Any, str, Database], bool]


def column(value: Any, text: str, database: Database) -> bool:
    """Compare a field that is a column: a text as the database compares, or true and false."""
    if isinstance(value, bool):
        return value is is_true(text)
    return database.are_equal(value, text)


def attribute(value: Any, text: str, _: Database) -> bool:
    """Compare a field that Keystone itself compares, exactly."""
    return bool(value is is_true(text)) if isinstance(value, bool) else bool(value == text)


def federated(_: Any, __: str, ___: Database) -> bool:
    """Compare a field of federated users, or of passwords that expire; there are none."""
    return False


#: Fields by which a list can be filtered -> how the field is compared.
Filters = Mapping[str, Comparison]

PROJECT_FILTERS: Final[Filters] = dict.fromkeys(
    ("domain_id", "enabled", "name", "parent_id", "is_domain"), column
)

#: The filters of a user's projects, which Keystone itself applies.
USER_PROJECT_FILTERS: Final[Filters] = dict.fromkeys(("domain_id", "enabled", "name"), attribute)

#: Query parameter about tags -> whether a project with these tags matches the tags of the query.
TAG_FILTERS: Final[Mapping[str, Callable[[set[str], set[str]], bool]]] = {
    "tags": lambda tags, required: required <= tags,
    "tags-any": lambda tags, candidates: bool(candidates & tags),
    "not-tags": lambda tags, excluded: not excluded <= tags,
    "not-tags-any": lambda tags, excluded: not excluded & tags,
}

#: The end of a parameter's name -> whether a part of a text matches.
_PARTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": str.__contains__,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def _matches_part(value: Any, comparator: str, text: str, database: Database) -> bool:
    """Return whether a part of a field matches; an unknown *comparator* always does.

    With an ``i`` in front the database compares, and without regard to case. Without, Keystone compares.
    """
    matches = _PARTS.get(comparator.removeprefix("i"))
    if matches is None or not isinstance(value, str):
        return True
    if comparator.startswith("i"):
        return matches(database.equality_key(value.lower()), database.equality_key(text.lower()))
    return matches(value, text)


def select(
    items: Iterable[JsonObject], params: Iterable[tuple[str, str]], filters: Filters, database: Database
) -> list[JsonObject]:
    """Return the items that match a query.

    Args:
        items: the items.
        params: name and value of each parameter; a parameter that is not a filter does not matter.
        filters: the filters of the list.
        database: the database that compares columns.
    """
    selection = list(items)
    for name, text in params:
        field, _, comparator = name.partition("__")
        if name in filters:
            compare = filters[name]
            selection = [item for item in selection if compare(item.get(name), text, database)]
        elif field in filters and comparator:
            selection = [
                item for item in selection if _matches_part(item.get(field), comparator, text, database)
            ]
        elif name in TAG_FILTERS and "parent_id" in filters:
            matches, tags = TAG_FILTERS[name], set(text.split(","))
            selection = [item for item in selection if matches(set(item["tags"]), tags)]
    return selection
