"""The types of the control are those that the emulator checks: its schemas, its settings, its tables.

Programs with these types are in `tests/typing_tests`.
"""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Mapping, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import pytest
from marshmallow import Schema, ValidationError, fields

from fake_nova import Control
from fake_nova.apis.admin.openapi_shapes import COMPONENTS, RESPONSES, Raw
from fake_nova.apis.admin.requests import MATCHERS
from fake_nova.apis.admin.schemas import (
    KeyPairChangesSchema,
    LimitsSchema,
    NewImageSchema,
    ResetSchema,
    ScopeSchema,
)
from fake_nova.cloud.clock import ClockMode
from fake_nova.control import resources
from fake_nova.control.compute_types import (
    FlavorFields,
    KeyPairChanges,
    KeyPairFields,
    QuotaLimits,
    StoredFlavor,
    StoredKeyPair,
    StoredQuotas,
)
from fake_nova.control.explanations import ExplainedImage, ExplainedServer, Explanation
from fake_nova.control.types import (
    CloudOptions,
    FaultFields,
    ImageFields,
    ImageMatch,
    ImageMember,
    ImageTemplate,
    JournalEntry,
    NewImage,
    PlanStep,
    RequestMatch,
    ScopeOptions,
    SettingOptions,
    StoredFault,
    StoredImage,
    StoredPlans,
)
from fake_nova.documents.fault import EffectSchema, FaultSchema, MatchSchema
from fake_nova.documents.flavor import FlavorSchema, KeyPairSchema, QuotasSchema
from fake_nova.documents.image import GenerateSchema, ImageSchema, MemberSchema
from fake_nova.documents.plan import ImageMatchSchema, StepSchema
from fake_nova.settings import SETTINGS, Settings
from fake_nova.testing import pytest_plugin
from fake_nova.testing.plugin_options import MARKER_OPTIONS

#: Typed dictionary that the control returns -> the shape of the admin API's response.
SHAPES: dict[type, Any] = {
    StoredFault: COMPONENTS["InstalledFault"],
    StoredPlans: COMPONENTS["Plans"],
    JournalEntry: COMPONENTS["JournalEntry"],
    ExplainedImage: COMPONENTS["ExplainedImage"],
    ExplainedServer: COMPONENTS["ExplainedServer"],
    Explanation: RESPONSES["admin.explain"][1],
}


@pytest.mark.parametrize("typed_dict", SHAPES, ids=lambda value: value.__name__)
def test_a_returned_document_has_the_keys_of_the_response(typed_dict: Any) -> None:
    shape = SHAPES[typed_dict]
    hints = get_type_hints(typed_dict, include_extras=True)
    assert {f"{name}{'?' * (get_origin(hint) is NotRequired)}" for name, hint in hints.items()} == set(shape)
    for name, hint in get_type_hints(typed_dict).items():
        part = shape.get(name, shape.get(f"{name}?"))
        if isinstance(part, type | types.UnionType):
            assert parts_of(hint) == parts_of(part), name
        elif isinstance(part, Raw) and "enum" in part:
            assert parts_of(hint) - {type(None)} == set(part["enum"]) - {None}, name


@pytest.mark.parametrize(
    ("typed_dict", "schema"),
    [
        (StoredImage, ImageSchema),
        (StoredFlavor, FlavorSchema),
        (StoredKeyPair, KeyPairSchema),
        (StoredQuotas, QuotasSchema),
    ],
)
def test_a_stored_document_has_every_key_of_its_schema(typed_dict: type, schema: type[Schema]) -> None:
    assert set(get_type_hints(typed_dict)) == set(schema().fields)


@pytest.mark.parametrize(
    "fixture",
    ["make_fake_nova", "fake_nova_session", "fake_nova_httpx", "fake_nova_async_httpx", "fake_nova_env"],
)
def test_the_reference_names_the_type_of_each_fixture(fixture: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
    plugin = ast.parse(inspect.getsource(pytest_plugin))
    functions = {node.name: node for node in plugin.body if isinstance(node, ast.FunctionDef)}
    returns = ast.unparse(functions[fixture].returns or ast.Constant(None))
    type_name = returns.removeprefix("Iterator[").removesuffix("]" if "Iterator" in returns else "")
    row = next(line for line in page.splitlines() if line.startswith("| ") and f"`{fixture}`" in line)
    assert re.search(rf"`(fake_nova\.)?{re.escape(type_name)}`", row), row


#: Typed dictionary -> the fields of the schema that checks it.
SCHEMAS: list[tuple[type, Mapping[str, fields.Field[Any]]]] = [
    (ImageFields, ImageSchema().fields),
    (NewImage, NewImageSchema().fields),
    (ImageTemplate, {name: field for name, field in ImageSchema().fields.items() if name != "id"}),
    (ImageMatch, ImageMatchSchema().fields),
    (ImageMember, MemberSchema().fields),
    (PlanStep, StepSchema().fields),
    (FlavorFields, FlavorSchema().fields),
    (KeyPairFields, KeyPairSchema().fields),
    (KeyPairChanges, KeyPairChangesSchema().fields),
    (QuotaLimits, LimitsSchema().fields),
    (ScopeOptions, ScopeSchema(exclude=["project"]).fields),
    (
        FaultFields,
        {**MatchSchema().fields, **EffectSchema().fields, **FaultSchema(exclude=["match", "effect"]).fields},
    ),
]


def parts_of(hint: Any) -> set[Any]:
    """Return the types that a type unites, and the values of its literals, which stand for other texts too."""
    if get_origin(hint) is Required:
        return parts_of(*get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        parts = {part for arg in get_args(hint) for part in parts_of(arg)}
        return parts - {str} if any(isinstance(part, str) for part in parts) else parts
    return set(get_args(hint)) if get_origin(hint) is Literal else {get_origin(hint) or hint}


def words_of(expectation: str) -> set[str]:
    """Return the words that an expectation such as "reset or cut" lists, or nothing if it lists none."""
    words = set(re.split(r", | or ", expectation))
    return words if all(re.fullmatch(r"[\w,-]+", word) for word in words) else set()


def parts_that_pass(field: fields.Field[Any]) -> set[Any]:
    """Return the types and words that a field accepts, in the words of `parts_of`."""
    if isinstance(field, fields.List):
        return {list, tuple}  # JSON has one kind of list
    with pytest.raises(ValidationError) as error_info:
        field.deserialize(object())
    expectation = str(error_info.value).removesuffix("']").partition("; expected ")[2]
    null = {type(None)} if expectation.endswith(" or null") else set()
    expectation = expectation.removesuffix(" or null")
    accepted_types: tuple[type, ...] = field.types  # type: ignore[attr-defined]  # pyright: ignore
    if accepted_types == (str,):
        time = {datetime} if "ISO 8601" in expectation else set()
        words: set[Any] = words_of(expectation)
        return (words or {str}) | time | null
    return ({float} if float in accepted_types else set(accepted_types)) | null  # float includes int


@pytest.mark.parametrize(("typed_dict", "schema"), SCHEMAS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_typed_dictionary_equals_its_schema(
    typed_dict: type, schema: Mapping[str, fields.Field[Any]]
) -> None:
    hints = get_type_hints(typed_dict, include_extras=True)
    assert {name: parts_of(hint) for name, hint in hints.items()} == {
        name: parts_that_pass(field) for name, field in schema.items()
    }
    required_keys = {name for name, hint in hints.items() if get_origin(hint) is Required}
    assert required_keys == {name for name, field in schema.items() if field.required}


def test_the_template_of_generated_images_has_the_fields_of_its_schema() -> None:
    template = GenerateSchema().fields["template"]
    assert isinstance(template, fields.Nested)
    assert isinstance(template.schema, Schema)
    assert set(get_type_hints(ImageTemplate)) == set(template.schema.fields)


def test_the_keywords_of_a_fault_go_to_the_part_that_has_them() -> None:
    assert set(resources._MATCH_OPTIONS) == set(MatchSchema().fields)
    assert set(resources._FAULT_OPTIONS) == set(FaultSchema().fields) - {"match", "effect"}


def test_the_options_of_a_cloud_are_those_of_the_marker() -> None:
    assert set(get_type_hints(CloudOptions)) == set(MARKER_OPTIONS)


def test_the_criteria_of_requests_are_the_journals() -> None:
    assert list(get_type_hints(RequestMatch)) == list(MATCHERS)


def test_modes_and_targets_are_those_of_the_admin_api() -> None:
    assert parts_of(get_type_hints(resources.Clock.mode)["return"]) == set(map(str, ClockMode))
    assert parts_of(get_type_hints(Control.reset)["to"]) == parts_that_pass(ResetSchema().fields["to"])


def test_the_options_are_the_settings() -> None:
    hints = get_type_hints(SettingOptions)
    assert list(hints) == [setting.name for setting in SETTINGS]
    values = get_type_hints(Settings)
    for setting in SETTINGS:
        parts = parts_of(hints[setting.name]) - {type(None)}
        words = set(setting.kind.choices)
        if str in parts_of(values[setting.name]) and words:
            assert parts == words, setting.name
        else:
            natural = {Sequence if part is tuple else part for part in parts_of(values[setting.name])}
            assert parts - {PathLike} == natural - {type(None)} | {str}, setting.name
        assert type(None) in parts_of(hints[setting.name]), setting.name
