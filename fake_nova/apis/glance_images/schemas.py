"""The JSON schemas that Glance publishes and validates bodies with (Glance 33.0.0, measured)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.wire.json_schema import best_error, best_error_with_references

JsonSchema = Mapping[str, Any]

#: Name in the URL -> recorded schema. The schema of a list contains the schema of its items.
_TEXT = Path(__file__).with_name("schemas.json").read_text("utf-8")
SCHEMAS: Final[Mapping[str, JsonSchema]] = json.loads(_TEXT)
for _list, _item in (("images", "image"), ("members", "member")):
    SCHEMAS[_list]["properties"][_list]["items"] = SCHEMAS[_item]


@cache
def _rare_schemas() -> Mapping[str, JsonSchema]:
    """Return the recorded schemas that few clients ask for."""
    recorded: dict[str, Any] = json.loads(Path(__file__).with_name("rare_schemas.json").read_text("utf-8"))
    return recorded


def schema(name: str) -> JsonSchema:
    """Return the schema of a name: that of a URL, or ``metadefs/tag_list`` or ``location`` for a body."""
    return SCHEMAS[name] if name in SCHEMAS else _rare_schemas()[name]


def check_body(value: Any, name: str) -> None:
    """Check a body against a schema.

    Raises:
        GlanceError: 400 with the error as the jsonschema library prints it, if the body is invalid.
    """
    rules = schema(name)
    if name == "task":
        rules = {**rules, "additionalProperties": False}
    error = best_error_with_references(value, rules)
    if error is not None:
        raise GlanceError(400, f"Provided object does not match schema '{rules['name']}': {error}")


IMAGE_SCHEMA: Final = SCHEMAS["image"]

#: Attribute of an image -> its schema.
IMAGE_PROPERTIES: Final[Mapping[str, Any]] = IMAGE_SCHEMA["properties"]


def check_image(values: Mapping[str, Any]) -> None:
    """Check attributes of an image against its schema.

    Raises:
        GlanceError: 400 with the error as the jsonschema library prints it, if an attribute is invalid.
    """
    error = best_error(values, IMAGE_SCHEMA)
    if error is not None:
        raise GlanceError(400, f"Provided object does not match schema 'image': {error}")
