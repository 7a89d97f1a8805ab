"""The filters of a list of projects, and the rules of their values (Keystone 30.0.0, measured)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple


def is_true(text: str) -> bool:
    """Return whether the value of a query parameter means true; an unknown value does."""
    return text.strip().lower() not in ("0", "f", "false", "n", "no", "off")


#: Query parameter of a list of projects -> whether a project matches its value. Comparisons with a part of a
#: name ignore case.
PROJECT_FILTERS: Final[Mapping[str, Callable[[Mapping[str, Any], str], bool]]] = {
    "name": lambda project, text: bool(project["name"] == text),
    "name__contains": lambda project, text: text.lower() in project["name"].lower(),
    "name__startswith": lambda project, text: project["name"].lower().startswith(text.lower()),
    "name__endswith": lambda project, text: project["name"].lower().endswith(text.lower()),
    "domain_id": lambda project, text: bool(project["domain_id"] == text),
    "parent_id": lambda project, text: bool(project["parent_id"] == text),
    "enabled": lambda project, text: bool(project["enabled"] is is_true(text)),
    "tags": lambda project, text: set(text.split(",")) <= set(project["tags"]),
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
