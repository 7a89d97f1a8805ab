"""Type checkers reject what the emulator refuses, and accept what it accepts.

mypy and pyright check this file (`scripts/test`). The comments name the error that each must report on that
line; both tools also report a comment without an error. The same lines run as tests.
"""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from marshmallow import Schema, ValidationError, fields

import fake_nova
from fake_nova import Control, FakeNova, MakeFakeNova, create_app
from fake_nova.apis.admin.openapi_shapes import COMPONENTS, RESPONSES, Raw
from fake_nova.apis.admin.requests import MATCHERS
from fake_nova.apis.admin.schemas import NewImageSchema, ResetSchema, ScopeSchema
from fake_nova.cloud.clock import ClockMode
from fake_nova.control import AdminError, resources
from fake_nova.control.types import (
    CloudOptions,
    ExplainedImage,
    Explanation,
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
from fake_nova.documents.image import GenerateSchema, ImageSchema, MemberSchema
from fake_nova.documents.plan import ImageMatchSchema, StepSchema
from fake_nova.errors import ConfigurationError
from fake_nova.settings import SETTINGS, Settings
from fake_nova.testing import pytest_plugin
from fake_nova.testing.plugin_options import MARKER_OPTIONS

CIRROS = "70a599e0-31e7-49b7-b260-868f441e862b"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeNova]:
    with FakeNova(fixtures=("default",)) as running:
        yield running


@pytest.fixture
def nova(server: FakeNova) -> FakeNova:
    server.reset()
    return server


def test_a_misspelt_keyword_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.add(nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.add_all([{"nam": "x"}])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.generate(1, nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.images.change(CIRROS, staus="killed")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.plans.assign("slow", nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.faults.add(oops=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown key"):
        nova.scope(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_misspelt_criterion_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.all(statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.count(statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.expect(1, statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(AdminError, match="unknown parameter"):
        nova.requests.wait(0, statu=200)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_misspelt_setting_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="dialct: unknown setting"):
        FakeNova(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="dialct: unknown setting"):
        create_app(dialct="nova")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="dialect: invalid value"):
        FakeNova(dialect="nvoa")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(ConfigurationError, match="port: invalid value"):
        create_app(port=[])  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_wrong_value_is_rejected(nova: FakeNova) -> None:
    with pytest.raises(AdminError, match="status: invalid value"):
        nova.images.set_status(CIRROS, "ERROR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="status: invalid value"):
        nova.images.add(status="ERROR")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="size: invalid value"):
        nova.images.add(size="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="tags: not a list"):
        nova.images.add(tags="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="properties: invalid value"):
        nova.images.add(properties={"hw_cores": 4})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="connection: invalid value"):
        nova.faults.add(connection="rest")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="status: missing"):
        nova.plans.define("own", [{"looks": 1}])  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="dialect: invalid value"):
        nova.scope(dialect="nvoa")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(AdminError, match="to: invalid value"):
        nova.reset("sed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_valid_images_are_accepted(nova: FakeNova) -> None:
    now = datetime(2031, 5, 6, tzinfo=UTC)
    nova.images.add(
        name=None, owner=None, size=None, disk_format=None, checksum=None, virtual_size=None, created_at=now
    )
    nova.images.add(name="x", size=5, created_at="2014-02-10T17:05:01Z", plan="slow", tags=("a", "b"))
    nova.images.add(properties={"hw_cores": "4"}, members=[{"member": "a" * 32, "status": "accepted"}])
    nova.images.add_all([{"name": "a", "updated_at": now}, {"plan": "slow", "min_ram": 5}])
    nova.images.generate(2, seed=3, status="queued", owner="demo")
    nova.images.change(CIRROS, status="killed", name=None)
    nova.images.set_status(CIRROS, "active")
    nova.plans.define("own", [{"status": "queued", "looks": 1}, {"status": "killed"}])
    nova.plans.assign("own", name="nightly-*", properties={"os_distro": "*"}, tags=["x"])


def test_images_as_stored_can_be_added_again(nova: FakeNova) -> None:
    images = nova.images.all()
    nova.reset("empty")
    nova.images.add_all(images[1:])
    nova.images.add(**images[0])
    assert nova.images.all() == images


def test_a_misspelt_key_of_a_returned_document_is_rejected(nova: FakeNova) -> None:
    fault = nova.faults.add(status=503)
    nova.requests.clear()
    with pytest.raises(HTTPError) as error_info:
        urlopen(f"{nova.compute_url}/images")
    error_info.value.close()
    (request,) = nova.requests.all()
    with pytest.raises(KeyError):
        nova.images.get(CIRROS)["minRam"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        fault["hits"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        request["user"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]
    with pytest.raises(KeyError):
        nova.plans.all()["default_plan"]  # type: ignore[typeddict-item]  # pyright: ignore[reportGeneralTypeIssues]


def test_the_values_of_returned_documents_have_their_types(nova: FakeNova) -> None:
    image = nova.images.get(CIRROS)
    size: int | None = image["size"]
    words: list[str] = [
        image["status"],
        image["visibility"],
        *image["tags"],
        image["properties"]["os_distro"],
    ]
    fault = nova.faults.add(status=503, times=2)
    triggered: int = fault["met"] + fault.get("times", 0)
    steps = nova.plans.all()["plans"]["slow"]
    assert (size, words, triggered) == (21430272, ["active", "public", "cirros"], 2)
    assert [step["status"] for step in steps][-1] == "active"


#: Typed dictionary that the control returns -> the shape of the admin API's response.
SHAPES: dict[type, Any] = {
    StoredFault: COMPONENTS["InstalledFault"],
    StoredPlans: COMPONENTS["Plans"],
    JournalEntry: COMPONENTS["JournalEntry"],
    ExplainedImage: COMPONENTS["ExplainedImage"],
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


def test_a_stored_image_has_every_key_of_its_schema() -> None:
    assert set(get_type_hints(StoredImage)) == set(ImageSchema().fields)


def test_valid_faults_matches_and_options_are_accepted(nova: FakeNova) -> None:
    nova.faults.add(operation="images.*", header={"name": "web-*"}, status=503, retry_after=1, delay=1, nth=2)
    nova.faults.add(method="GET", connection="cut", probability=0.5, seconds=2.5, owner="me")
    nova.faults.add(path="/never", body="empty", times=2)
    nova.requests.expect(0, status="5*", method="P*")
    nova.requests.expect(0, status=404, project="", operation="images.*")
    with nova.scope(dialect="nova", auth_strategy="keystone") as scope:
        assert scope.clock.mode() == "real"


def test_settings_are_accepted_as_values_and_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("images: []")
    create_app(
        fixtures=[tmp_path / "a.yaml"], hints=False, threads=4, head_timeout=2, allowed_host=("a.test",)
    )
    create_app(fixtures=str(tmp_path / "a.yaml"), hints="no", threads="4", head_timeout="2.5", dialect=None)


def test_the_fixture_is_annotated_with_control(fake_nova: fake_nova.Control) -> None:
    control: Control = fake_nova
    control.images.add(name="x")
    with pytest.raises(AdminError, match="unknown key"):
        fake_nova.images.add(nam="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_a_factory_of_clouds_has_the_options_of_the_marker(make_fake_nova: MakeFakeNova) -> None:
    with make_fake_nova(dialect="nova", clock="frozen", images=[{"name": "x"}], strict=True) as control:
        assert "x" in [image["name"] for image in control.images.all()]
    with pytest.raises(ConfigurationError, match="unexpected option"):
        make_fake_nova(dialct="nova").__enter__()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(ConfigurationError, match="dialect: invalid value"):
        make_fake_nova(dialect="nvoa").__enter__()  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


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


SLOW: CloudOptions = {"plan": "slow"}
STRICT: CloudOptions = {"strict": True, "clock": datetime(2031, 5, 6, tzinfo=UTC), "fixtures": ["default"]}


@pytest.mark.parametrize("fake_nova", [SLOW, STRICT], indirect=True)
def test_a_parameter_has_the_options_of_the_marker(fake_nova: fake_nova.Control) -> None:
    assert fake_nova.clock.mode() in ("real", "frozen")


#: Typed dictionary -> the fields of the schema that checks it.
SCHEMAS: list[tuple[type, Mapping[str, fields.Field[Any]]]] = [
    (ImageFields, ImageSchema().fields),
    (NewImage, NewImageSchema().fields),
    (ImageTemplate, {name: field for name, field in ImageSchema().fields.items() if name != "id"}),
    (ImageMatch, ImageMatchSchema().fields),
    (ImageMember, MemberSchema().fields),
    (PlanStep, StepSchema().fields),
    (ScopeOptions, ScopeSchema(exclude=["project"]).fields),
    (
        FaultFields,
        {**MatchSchema().fields, **EffectSchema().fields, **FaultSchema(exclude=["match", "effect"]).fields},
    ),
]


def parts_of(hint: Any) -> set[Any]:
    """Return the types that a type unites, and the values of its literals."""
    if get_origin(hint) is Required:
        return parts_of(*get_args(hint))
    if get_origin(hint) in (Union, types.UnionType):
        return {part for arg in get_args(hint) for part in parts_of(arg)}
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
