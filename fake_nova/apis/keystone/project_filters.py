"""The filters of lists, and how the values of a query are compared (Keystone 30.0.0, measured)."""

from __future__ import annotations

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


def expiry(_: Any, __: str, ___: Database) -> bool:
    """Compare the end of a password, which no password has."""
    return False


def check_expiries(params: Iterable[tuple[str, str]], filters: Filters) -> None:
    """Check the times of a query, whatever other filters it has.

    Raises:
        KeystoneError: 400 if a value is not a time, or an operator, a colon and a time.
    """
    for name, text in params:
        if filters.get(name.partition("__")[0]) is expiry:
            _check_expiry(text)


def _check_expiry(text: str) -> None:
    operator, time = text.split(":", 1) if ":" in text[2:4] else ("eq", text)
    try:
        timestamps.parse(time)
    except ValueError:
        raise malformed("Timestamp not in expected format.") from None
    if operator not in _OPERATORS:
        names = "'eq', 'neq', 'lt', 'lte', 'gt', or 'gte'"
        problem = f"The given operator {operator} is not valid."
        raise KeystoneError(400, f"{problem} It must be one of the following: {names}.")


def lists_federated_users(params: Iterable[tuple[str, str]], filters: Filters) -> bool:
    """Return whether the first filter about a name or a federated field is federated; then no user is."""
    fields = (name.partition("__")[0] for name, _ in params if is_filter(name, filters))
    first_field = next((field for field in fields if field == "name" or filters[field] is federated), "")
    return filters.get(first_field) is federated


def _matches_part(item: JsonObject, name: str, text: str, filters: Filters, database: Database) -> bool:
    """Return whether a part of a field matches; an unknown comparator always does, if there is the field.

    With an ``i`` in front the database compares, and without regard to case. Without, Keystone compares.

    Raises:
        KeystoneError: 400 for a part of a value that is not a text.
    """
    field, _, comparator = name.partition("__")
    value = item.get(field)
    matches = _PARTS.get(comparator.removeprefix("i"))
    if filters[field] in (federated, expiry):
        return False
    if matches is None:
        return True
    if comparator.startswith("i"):
        return _matches_in_database(_stored_text(field, value), comparator, text, database)
    if not isinstance(value, str):
        raise KeystoneError(400, f"argument of type '{type(value).__name__}' is not iterable")
    return matches(value, text)


def _stored_text(field: str, value: Any) -> str | None:
    """Return a value as the database compares it with a pattern; None for NULL."""
    if isinstance(value, bool):
        return str(int(value))
    if value is None:
        return "<<null>>" if field == "domain_id" else None
    return str(value)


def _matches_in_database(value: str | None, comparator: str, text: str, database: Database) -> bool:
    if value is None:
        return False
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
            selection = [item for item in selection if _matches_part(item, name, text, filters, database)]
    return selection
