"""The filters of lists, and how the values of a query are compared (Keystone 30.0.0, measured)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fake_nova.apis.keystone.errors import KeystoneError, malformed
from fake_nova.images import timestamps
from fake_nova.images.database import Database
from fake_nova.support import glob

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
    """Compare a field of federated users; there are none."""
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


#: Characters of SQL's LIKE in a text -> those of a glob pattern, whose own wildcards mean themselves here.
_LITERAL: Final = str.maketrans({"*": "\ue000", "?": "\ue001"})
_LIKE: Final = {**_LITERAL, **str.maketrans({"%": "*", "_": "?"})}

_OPERATORS: Final = ("eq", "neq", "lt", "lte", "gt", "gte")


def expiry(__: Any, text: str, ___: Database) -> bool:
    """Compare the end of a password, which no password has.

    Raises:
        KeystoneError: 400 if the text is not an operator, a colon and a time.
    """
    operator, _, time = text.partition(":")
    if not re.fullmatch("[a-z]+", operator) or not time:
        time = text
    elif operator not in _OPERATORS:
        names = "'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'"
        problem = f"The given operator {operator} is not valid."
        raise KeystoneError(400, f"{problem} It must be one of the following: {names}.")
    try:
        timestamps.parse(time)
    except ValueError:
        raise malformed("Timestamp not in expected format.") from None
    return False


def _matches_part(value: Any, comparator: str, text: str, database: Database) -> bool:
    """Return whether a part of a field matches; an unknown *comparator* always does.

    With an ``i`` in front the database compares, and without regard to case. Without, Keystone compares.
    """
    matches = _PARTS.get(comparator.removeprefix("i"))
    if matches is None or not isinstance(value, str):
        return True
    if not comparator.startswith("i"):
        return matches(value, text)
    pattern = database.equality_key(text.lower()).translate(_LIKE)
    if comparator in ("icontains", "iendswith"):
        pattern = f"*{pattern}"
    if comparator in ("icontains", "istartswith"):
        pattern = f"{pattern}*"
    return glob.matches(database.equality_key(value.lower()).translate(_LITERAL), pattern)


def is_filter(name: str, filters: Filters) -> bool:
    """Return whether a parameter of a query filters a list."""
    field, _, comparator = name.partition("__")
    return name in filters or (field in filters and bool(comparator))


def is_filter_of_keystone(name: str, filters: Filters) -> bool:
    """Return whether a parameter is a filter that Keystone applies itself, after it has read a page."""
    return is_filter(name, filters) and name not in filters and not name.partition("__")[2].startswith("i")


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
