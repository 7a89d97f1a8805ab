"""The filters of a list of projects, and the rules of their values (Keystone 30.0.0, measured)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from fake_nova.images.database import Database

_FALSE_WORDS: Final = ("0", "f", "false", "n", "no", "off")
_TRUE_WORDS: Final = ("1", "t", "true", "on", "y", "yes")


def is_true(text: str, *, default: bool = True) -> bool:
    """Return whether the value of a query parameter means true; *default* for an unknown value."""
    word = text.strip().lower()
    return word not in _FALSE_WORDS if default else word in _TRUE_WORDS


ProjectFilter = Callable[[Mapping[str, Any], str, Database], bool]


def _matches_part(is_part: Callable[[str, str], bool]) -> ProjectFilter:
    """Return a filter by a part of the name. SQLite ignores its case, and MariaDB does not (measured)."""

    def matches(project: Mapping[str, Any], text: str, database: Database) -> bool:
        name: str = project["name"]
        return is_part(name.lower(), text.lower()) if database.compares_exactly else is_part(name, text)

    return matches


#: Query parameter of a list of projects -> whether a project matches its value on a database.
PROJECT_FILTERS: Final[Mapping[str, ProjectFilter]] = {
    "name": lambda project, text, database: database.are_equal(project["name"], text),
    "name__contains": _matches_part(str.__contains__),
    "name__startswith": _matches_part(str.startswith),
    "name__endswith": _matches_part(str.endswith),
    "domain_id": lambda project, text, database: database.are_equal(project["domain_id"], text),
    "parent_id": lambda project, text, database: database.are_equal(project["parent_id"], text),
    "enabled": lambda project, text, _: bool(project["enabled"] is is_true(text)),
    "tags": lambda project, text, _: set(text.split(",")) <= set(project["tags"]),
}


class QueryRule(NamedTuple):
    """A test of a query parameter's value, and the message if it fails."""

    is_valid: Callable[[str], object]
    message: str


#: Query parameter of a list of projects -> its rule, checked before the caller's roles.
PROJECT_QUERY_RULES: Final[Mapping[str, QueryRule]] = {
    "name": QueryRule(bool, "should be non-empty"),
    "parent_id": QueryRule(re.compile("[0-9a-f]{32}").fullmatch, "is not a 'uuid'"),
}
