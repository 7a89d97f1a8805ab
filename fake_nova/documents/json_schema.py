"""JSON Schemas (draft 2020-12) of fixture files and other documents, from the schemas that check them.

Editors check and complete a fixture file by its JSON Schema, which accepts all that the loader accepts. The
loader refuses more: `tests/documents/test_json_schema.py` lists the mistakes that only the loader finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from marshmallow import Schema, fields

from fake_nova.documents.bundled_fixtures import BUNDLED_FIXTURES
from fake_nova.documents.fault import DETAILS, EXCLUSIVE_EFFECTS, EffectField
from fake_nova.documents.fields import StrictField, StrictList
from fake_nova.documents.fixture_files import EXTENSION_PREFIX, FixtureSchema
from fake_nova.documents.flavor import FlavorReferenceField
from fake_nova.documents.plan import PlanField, PlanProgressField, PlansField

JsonSchema = dict[str, Any]

#: The file with the JSON Schema of fixture files. It is in a folder of its own, because it is no fixture.
FIXTURE_SCHEMA_FILE: Final = BUNDLED_FIXTURES / "schemas" / "fixture.json"

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_JSON_TYPES: Final[Mapping[type, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dict: "object",
}


def fixture_schema() -> JsonSchema:
    """Return the JSON Schema of fixture files."""
    schemas = JsonSchemas("#/$defs/")
    root = schemas.describe(FixtureSchema())
    extensions = {
        f"^{EXTENSION_PREFIX}": {"description": "Ignored; holds values for aliases and merge keys."}
    }
    return {
        "$schema": _DIALECT,
        "title": "Fixture file of fake_nova",
        **root,
        "patternProperties": extensions,
        "$defs": dict(sorted(schemas.definitions.items())),
    }


class JsonSchemas:
    """Writes schemas as JSON Schemas; each schema inside another becomes a definition.

    Args:
        prefix: what a reference to a definition begins with.

    Attributes:
        definitions: name -> JSON Schema of the schemas that `refer` has seen.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix: Final = prefix
        self.definitions: Final[dict[str, JsonSchema]] = {}

    def refer(self, schema: Schema) -> JsonSchema:
        """Return a reference to the definition of *schema*, which is added if it is new."""
        name = type(schema).__name__.removesuffix("Schema")
        name += "".join(f"Without{key.title()}" for key in sorted(schema.exclude - set(schema.opts.exclude)))
        if name not in self.definitions:
            self.definitions[name] = {}  # a place for references from within
            self.definitions[name] = self.describe(schema)
        return {"$ref": self._prefix + name}

    def describe(self, schema: Schema) -> JsonSchema:
        """Return the JSON Schema of *schema*."""
        required = [name for name, field in schema.fields.items() if field.required]
        definition: JsonSchema = {
            "description": _first_sentence(schema),
            "type": "object",
            "properties": {name: self.describe_field(field) for name, field in schema.fields.items()},
        }
        if required:
            definition["required"] = required
        definition["additionalProperties"] = False
        return definition

    def describe_field(self, field: fields.Field[Any]) -> JsonSchema:
        """Return the JSON Schema of a field's values."""
        return _DESCRIPTIONS[type(field)](self, field)


def _first_sentence(schema: Schema) -> str:
    text = " ".join((type(schema).__doc__ or "").split())
    return text.split(". ")[0].split("; ")[0].replace("The schema of ", "").replace("``", "").rstrip(".")


def _describe_value(_: JsonSchemas, field: StrictField) -> JsonSchema:
    names = [_JSON_TYPES[each] for each in field.types]
    if "number" in names:
        names = ["number"]  # numbers include integers
    if field.null:
        names.append("null")
    json_type = names[0] if len(names) == 1 else names
    return {"description": field.expectation, "type": json_type, **field.keywords}


def _describe_list(schemas: JsonSchemas, field: StrictList) -> JsonSchema:
    definition: JsonSchema = {
        "description": f"a list of {field.items}",
        "type": "array",
        "items": schemas.describe_field(field.inner),
    }
    if field.max_items is not None:
        definition["maxItems"] = field.max_items
    if field.unique_by is str:
        definition["uniqueItems"] = True
    return definition


def _describe_nested(schemas: JsonSchemas, field: fields.Nested) -> JsonSchema:
    assert isinstance(field.schema, Schema)  # noqa: S101  # marshmallow's property has no type
    return schemas.refer(field.schema)


def _describe_effect(schemas: JsonSchemas, field: EffectField) -> JsonSchema:
    return {
        **_describe_nested(schemas, field),
        "minProperties": 1,
        "dependentRequired": {name: [required] for name, required in DETAILS.items()},
        "dependentSchemas": {
            name: {"properties": dict.fromkeys(sorted({*EXCLUSIVE_EFFECTS} - {name}), False)}
            for name in EXCLUSIVE_EFFECTS
        },
    }


#: A step without an end. A plan has exactly one; JSON Schema cannot say that it is the last.
_LAST_STEP: Final = {"not": {"anyOf": [{"required": ["seconds"]}, {"required": ["looks"]}]}}


def _describe_plan(schemas: JsonSchemas, field: PlanField) -> JsonSchema:
    steps = _describe_list(schemas, field)
    return {
        **steps,
        "items": {**steps["items"], "not": {"required": ["seconds", "looks"]}},
        "contains": _LAST_STEP,
        "minContains": 1,
        "maxContains": 1,
    }


def _describe_plans(schemas: JsonSchemas, field: PlansField) -> JsonSchema:
    return {
        "description": "a mapping of names to lists of steps",
        "type": "object",
        "propertyNames": _describe_inner(schemas, field.key_field),
        "additionalProperties": _describe_inner(schemas, field.value_field),
    }


def _describe_inner(schemas: JsonSchemas, field: fields.Field[Any] | None) -> JsonSchema:
    assert field is not None  # noqa: S101  # marshmallow knows dictionaries of anything
    return schemas.describe_field(field)


def _describe_progress(schemas: JsonSchemas, field: PlanProgressField) -> JsonSchema:
    progress = _describe_nested(schemas, field)
    name = schemas.describe_field(field.schema.fields["name"])
    return {"anyOf": [name, progress]}


def _describe_flavor(schemas: JsonSchemas, field: FlavorReferenceField) -> JsonSchema:
    reference = {"description": "the id or name of a flavor", "type": "string"}
    return {"anyOf": [reference, _describe_nested(schemas, field)]}


#: Class of a field -> the function that returns its JSON Schema.
_DESCRIPTIONS: Final[Mapping[type[fields.Field[Any]], Callable[[JsonSchemas, Any], JsonSchema]]] = {
    StrictField: _describe_value,
    StrictList: _describe_list,
    fields.Nested: _describe_nested,
    EffectField: _describe_effect,
    PlanField: _describe_plan,
    PlansField: _describe_plans,
    PlanProgressField: _describe_progress,
    FlavorReferenceField: _describe_flavor,
}
