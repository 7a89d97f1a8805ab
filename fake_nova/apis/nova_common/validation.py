"""Validation of bodies and queries as Nova does it (Nova 34.0.0's nova.api.validation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.images.model import has_unstorable_character
from fake_nova.support.printable_names import NAME_FORMATS
from fake_nova.wire import json_schema, query_string
from fake_nova.wire.json_schema import Schema

#: The schema of the metadata of images and servers.
METADATA_OBJECT: Final[Mapping[str, Any]] = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}


#: A name, and one that may begin and end with blanks.
STRICT_NAME: Final[Schema] = {"type": "string", "format": "name", "minLength": 1, "maxLength": 255}
RELAXED_NAME: Final[Schema] = {
    "type": "string",
    "format": "name_with_leading_trailing_spaces",
    "minLength": 1,
    "maxLength": 255,
}

#: A truth value as JSON or as a word, and the name of a host.
TRUE_VALUES: Final = (True, "True", "TRUE", "true", "1", "ON", "On", "on", "YES", "Yes", "yes")
WORD: Final[Schema] = {
    "type": ["boolean", "string"],
    "enum": [*TRUE_VALUES, *(False, "False", "FALSE", "false", "0", "OFF", "Off", "off", "NO", "No", "no")],
}
HOST_NAME: Final[Schema] = {
    "type": "string",
    "pattern": "^[a-zA-Z0-9-._]*$",
    "minLength": 1,
    "maxLength": 255,
}


def each_value(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a query parameter, each value of which matches *schema*."""
    return {"type": "array", "items": schema}


def only_value(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema of a query parameter with one value, which matches *schema*."""
    return {**each_value(schema), "maxItems": 1}


#: Query parameters: any text, a regular expression, a time, and a number of items.
TEXT: Final = each_value({"type": "string"})
REGEX: Final = each_value({"type": "string", "format": "regex"})
TIME: Final = each_value({"type": "string", "format": "date-time"})
LIMIT: Final = each_value(
    {"type": ["integer", "string"], "pattern": "^[0-9]*$", "minimum": 0, "minLength": 1}
)


def check_body(body: Any, schema: Schema, relaxed: bool) -> None:
    """Validate the body of a request to Nova.

    Args:
        body: parsed JSON; if *relaxed*, unknown properties are removed from it.
        schema: the JSON Schema of the body.
        relaxed: whether the request went to /v2.

    Raises:
        NovaError: 400 with the first error, if the body is invalid.
    """
    error = next(json_schema.iterate_errors(body, schema, relaxed), None)
    if error is not None:
        message = error.message
        if error.validator == "format" and error.validator_value in NAME_FORMATS:
            expectation = NAME_FORMATS[str(error.validator_value)]
            message = f"An invalid 'name' value was provided. The name must be: {expectation}"
        elif error.path:
            location = f"field/attribute {error.path[-1]}. Value: {error.instance}"
            message = f"Invalid input for {location}. {message}"
        raise NovaError(400, message)


def check_storable(value: Any) -> None:
    """Check that the database of Nova can store all texts in a body.

    Raises:
        NovaError: 400 if a text has a character beyond the Basic Multilingual Plane, or half of one.
    """
    if isinstance(value, str) and has_unstorable_character(value):
        reason = "The database of the real service cannot store this character, and it fails with a 500."
        raise NovaError(400, "Invalid input received: a character cannot be stored", reason=reason)
    if isinstance(value, Mapping):
        value = [*value.keys(), *value.values()]
    for part in value if isinstance(value, list) else ():
        check_storable(part)


#: The maximum number of digits of a number that is read exactly; Python reads at most 4,300.
_MAX_EXACT_DIGITS: Final = 1000


def whole_number(value: str | float) -> int:
    """Return the number that digits, an integer, or a float such as 1.0 stand for.

    Raises:
        NovaError: 400 for a line break alone, which the pattern of Nova lets pass.
    """
    if value == "\n":
        reason = "The real service fails with a 500 here."
        raise NovaError(400, "Invalid input received: a line break is not a number", reason=reason)
    if isinstance(value, str) and len(value) > _MAX_EXACT_DIGITS:
        return query_string.parse_int(value)
    return int(value)


def check_query(parameters: Mapping[str, list[str]], schema: Schema) -> None:
    """Validate the query parameters of a request to Nova.

    If none is in the schema, and it allows others, they are valid.

    Args:
        parameters: name -> all values.
        schema: the JSON Schema of *parameters*.

    Raises:
        NovaError: 400 with the first error, if a parameter is invalid.
    """
    if schema["properties"].keys().isdisjoint(parameters) and schema.get("additionalProperties", True):
        return
    error = next(json_schema.iterate_errors(parameters, schema), None)
    if error is not None:
        message = error.message
        if error.path:
            where = f"query parameters {error.path[0]}. Value: {error.instance}"
            message = f"Invalid input for {where}. {message}"
        raise NovaError(400, message)
