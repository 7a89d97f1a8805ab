"""The JSON Schemas of the queries of lists (`keystone.*.schema` of Keystone 30.0.0).

Keystone checks a query before the token. Its error messages print the violated part, so its layout matters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.keystone.errors import KeystoneError
from fake_nova.wire.context import Context
from fake_nova.wire.json_schema import Schema, first_error

_SURROGATE: Final = re.compile("[\ud800-\udfff]")

#: Words for true and false in a query, in the order in which an error lists them.
_BOOLEAN_WORDS: Final = (
    *(True, "True", "TRUE", "true", False, "False", "FALSE", "false", "", "1", "0"),
    *("y", "Y", "n", "N", "on", "ON", "off", "OFF", "yes", "no"),
)

BOOLEAN: Final = {"type": ["boolean", "string", "null"], "enum": list(_BOOLEAN_WORDS)}
ID: Final = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": r"^[a-zA-Z0-9-]+$"}
NAME: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"[\S]+"}
SHORT_NAME: Final = {**NAME, "maxLength": 64}
_REGION_ID: Final = {"type": ["string", "null"], "minLength": 1, "maxLength": 255}


def _query(**properties: Mapping[str, Any]) -> Schema:
    return {"type": "object", "properties": properties}


def _is_missing(*names: str) -> dict[str, Any]:
    return {"allOf": [{"not": {"required": [name]}} for name in names]}


_DIRECTION: Final = {"type": "string", "enum": ["asc", "desc"]}

USERS: Final = _query(domain_id=ID, enabled=BOOLEAN, name=NAME, sort_dir=_DIRECTION)
GROUPS: Final = _query(domain_id=ID, name=NAME, sort_dir=_DIRECTION)
DOMAINS: Final = _query(enabled=BOOLEAN, name=SHORT_NAME)
PROJECTS: Final = _query(
    domain_id=ID,
    enabled=BOOLEAN,
    name=SHORT_NAME,
    parent_id={"type": "string", "format": "uuid"},
    is_domain=BOOLEAN,
)
ROLES: Final = _query(name=NAME, domain_id=ID)
SERVICES: Final = _query()
ENDPOINTS: Final = _query(interface={"type": "string", "enum": ["admin", "internal", "public"]})
REGIONS: Final = {**_query(parent_region_id=_REGION_ID), "additionalProperties": False}
ROLE_ASSIGNMENTS: Final[Schema] = {
    "type": "object",
    "properties": {"group.id": ID, "role.id": ID, "scope.domain.id": ID, "scope.project.id": ID},
    "dependentRequired": {"include_subtree": ["scope.project.id"]},
    "oneOf": [{"required": ["user.id"]}, {"required": ["group.id"]}, _is_missing("user.id", "group.id")],
}


class _Query(dict[str, str]):
    """The first value of each parameter; an error message prints all, as Keystone's web framework does."""

    def __init__(self, params: Mapping[str, list[str]]) -> None:
        super().__init__((name, values[0]) for name, values in params.items())
        self._pairs: Final = [(name, text) for name, values in params.items() for text in values]

    def __repr__(self) -> str:
        return f"ImmutableMultiDict({self._pairs!r})"


def read_query(context: Context, schema: Schema) -> dict[str, str]:
    """Return the first value of each parameter of a query.

    Raises:
        KeystoneError: 400 if the query violates its schema.
    """
    params = _Query(context.query_params)
    check_input(params, schema)
    return dict(params)


def check_body(body: Any, schema: Schema) -> None:
    """Raise a 400 if a body violates its schema, or has a lone surrogate, at which Keystone itself fails."""
    check_input(body, schema)
    if _SURROGATE.search(json.dumps(body, ensure_ascii=False)):
        problem = "Invalid input: UTF-8 cannot encode it."
        raise KeystoneError(400, problem, "Keystone 30.0.0 fails here with a 500.")


def check_input(value: Any, schema: Schema) -> None:
    """Raise a 400 if a query or a body violates its schema."""
    error = first_error(value, schema)
    if error is None:
        return
    message = error.message
    if error.path:
        message = f"Invalid input for field/attribute {error.path[-1]}. Value: {error.instance}. {message}"
    raise KeystoneError(400, message)
