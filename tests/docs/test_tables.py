"""The reference names every route, setting, fixture key, status, fault, marker and ini option, command option and method."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from marshmallow import Schema, fields

from fake_nova.apis import discover
from fake_nova.apis.nova_servers.actions import ACTIONS
from fake_nova.cli.parser import build_parser
from fake_nova.cloud.captures import KINDS as CAPTURE_KINDS
from fake_nova.cloud.clock import SystemClock
from fake_nova.cloud.directory import Directory
from fake_nova.cloud.server_works import WORKS
from fake_nova.control import Control
from fake_nova.control.compute import Flavors, KeyPairs, Quotas
from fake_nova.control.resources import Clock, Faults, Images, Plans, Requests
from fake_nova.control.servers import Servers
from fake_nova.documents.fault import EffectSchema, FaultSchema, MatchSchema
from fake_nova.documents.fixture_files import FixtureSchema, load_text
from fake_nova.documents.plan import FixtureImageSchema
from fake_nova.images.status import ImageStatus
from fake_nova.settings import SETTINGS
from fake_nova.testing.each_fault_cells import KINDS as FAULT_KINDS
from fake_nova.testing.each_fault_hooks import OPTIONS as EACH_FAULT_OPTIONS
from fake_nova.testing.fake_nova import FakeNova
from fake_nova.testing.plugin_options import MARKER_OPTIONS, RUN_OPTIONS
from fake_nova.testing.pytest_plugin import COVERAGE_OPTIONS, INI_OPTIONS
from tests.conftest import Cloud
from tests.docs.pages import ROOT, blocks, read

FIXTURES = "docs/reference/fixtures.md"

COMPUTE = (Servers, Flavors, KeyPairs, Quotas)


def test_the_reference_lists_every_route() -> None:
    page = read("docs/reference/routes.md")
    for api in discover():
        for route in api.routes:
            if route.summary:
                path = whole_path(api.service.name, route.path)
                line = f"| {route.method.replace('*', 'any')} | `{path}` | {route.summary} |"
                assert line in page, line


def whole_path(service: str, path: str) -> str:
    return {
        "compute": "/v2.1/{project_id}",
        "versions": "",
        "healthcheck": "",
        "admin": "/_admin",
        "identity": "/identity",
        "image": "/image",
    }[service] + path


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_the_settings_table_has_the_default_and_the_help_text(setting: Any) -> None:
    row = f"| `{setting.option}` | `{setting.variable}` | `{setting.default_text}` | {setting.help} |"
    assert row in read("docs/reference/settings.md")


def test_the_fixture_example_loads_and_shows_every_key() -> None:
    example, *_ = (block.code for block in blocks("yaml") if block.page == FIXTURES)
    seed = load_text(example.encode(), FIXTURES, Directory(), SystemClock().now())
    assert len(seed.images) == 101
    document = yaml.safe_load(example)
    assert set(document) == set(FixtureSchema().fields)
    assert set(document["images"][0]) == set(FixtureImageSchema().fields)


def schemas_within(schema: Schema, key: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each schema of a fixture file with the key whose mapping it describes."""
    yield key, schema
    for name, field in schema.fields.items():
        yield from schemas_of_field(field, name)


def schemas_of_field(field: Any, name: str) -> Iterator[tuple[str, Schema]]:
    if isinstance(field, fields.Nested):
        yield from schemas_within(field.schema, name)
    if isinstance(field, fields.List):
        yield from schemas_of_field(field.inner, name)
    if isinstance(field, fields.Dict) and field.value_field:
        yield from schemas_of_field(field.value_field, name)


def test_the_reference_has_a_row_for_every_nested_key() -> None:
    page = read(FIXTURES)
    nested = [
        (key, schema)
        for key, schema in schemas_within(FixtureSchema())
        if key not in ("", "images", "template")
    ]
    assert {"users", "faults", "plans", "members"} <= {key for key, _ in nested}
    for key, schema in nested:
        if not isinstance(schema, (MatchSchema, EffectSchema)) and "min_ram" not in schema.fields:
            (row,) = re.findall(rf"^\| `{key}` \| (.*?) \|", page, re.MULTILINE)
            assert set(re.findall(r"`(\w+)`", row)) >= set(schema.fields), key


@pytest.mark.parametrize("schema", [MatchSchema, EffectSchema, FaultSchema])
def test_the_reference_explains_every_key_of_a_fault(schema: type[Schema]) -> None:
    page = read("docs/reference/faults.md")
    for key in schema().fields:
        assert re.search(rf"`{key}[:`]", page), key


def test_the_example_of_merge_keys_loads() -> None:
    (example,) = (block for block in blocks("yaml") if "<<" in block.code)
    images = load_text(example.code.encode(), example.page, Directory(), SystemClock().now()).images
    assert [(image.name, image.min_disk) for image in images] == [("nightly-1", 4), ("nightly-2", 8)]
    assert images[1].properties == {"os_distro": "ubuntu"}


def test_the_table_of_statuses_shows_what_nova_answers(cloud: Cloud) -> None:
    page = read("docs/reference/statuses.md")
    (table,) = re.findall(r"^\| Glance's status \|.*\n\|---.*\n((?:\|.*\n)+)", page, re.MULTILINE)
    rows = [[cell.strip(" `") for cell in row.split("|")[1:4]] for row in table.splitlines()]
    assert [status for status, *_ in rows] == list(ImageStatus)
    for status, nova_status, progress in rows:
        cloud.ask("POST", "/_admin/images", json={"name": f"is-{status}", "status": status})
        url = f"/v2.1/images/detail?name=is-{status}&changes-since=2014-01-01T00:00:00Z"
        images = [(image["status"], str(image["progress"])) for image in cloud.get(url)["images"]]
        assert images == ([(nova_status, progress)] if status != "deleted" else [])


@pytest.mark.parametrize("option", MARKER_OPTIONS)
def test_the_reference_has_a_row_for_every_option_of_the_marker(option: str) -> None:
    assert f"| `{option}` | " in read("docs/reference/pytest.md")


@pytest.mark.parametrize("option", RUN_OPTIONS)
def test_the_reference_has_a_row_for_every_option_of_the_runs(option: str) -> None:
    assert f"| `{option}` | " in read("docs/reference/pytest.md")


@pytest.mark.parametrize("option", EACH_FAULT_OPTIONS)
def test_the_reference_has_a_row_for_every_option_of_each_fault(option: str) -> None:
    assert f"| `{option}` | {EACH_FAULT_OPTIONS[option]} |" in read("docs/reference/pytest.md")


def test_the_page_on_each_fault_explains_every_kind_and_every_verdict() -> None:
    page = read("docs/how-to/each-fault.md")
    for word in (*FAULT_KINDS, "passed", "survived", "raised", "hung", "twice", "not met"):
        assert re.search(rf"^\|.*`{word}`.* \|", page, re.MULTILINE), word


@pytest.mark.parametrize("option", INI_OPTIONS)
def test_the_reference_has_a_row_for_every_ini_option(option: str) -> None:
    assert f"| `{option}` | {INI_OPTIONS[option]} |" in read("docs/reference/pytest.md")


@pytest.mark.parametrize("option", COVERAGE_OPTIONS)
def test_the_reference_has_a_row_for_every_option_of_coverage(option: str) -> None:
    assert f"| `{option}` | {COVERAGE_OPTIONS[option]['help']} |" in read("docs/reference/pytest.md")


def command_options() -> list[tuple[str, str, str]]:
    """Return command, option or argument, and help text of each that is not a setting."""
    choices = next(action.choices for action in build_parser()._actions if isinstance(action.choices, dict))
    settings = {setting.name for setting in SETTINGS}
    return [
        (name, (action.option_strings or [action.metavar])[-1], action.help)
        for name, parser in choices.items()
        for action in parser._actions
        if action.dest != "help"
        and action.help != argparse.SUPPRESS
        and not (name == "serve" and action.dest in settings)
    ]


@pytest.mark.parametrize(("command", "option", "help_text"), command_options())
def test_the_reference_has_a_row_for_every_option_of_the_command(
    command: str, option: str, help_text: str
) -> None:
    if command == "serve":
        assert f"| `{option}` | {help_text} |" in read("docs/reference/settings.md")
    else:
        assert f"| `{command}` | `{option}` | {help_text} |" in read("docs/reference/server.md")


@pytest.mark.parametrize("kind", [Control, FakeNova, Images, *COMPUTE, Clock, Plans, Faults, Requests])
def test_the_reference_names_every_method_of_the_python_api(kind: type) -> None:
    text = read("docs/reference/pytest.md") + read("docs/reference/python.md")
    for name in dir(kind):
        assert name.startswith("_") or f"`{name}`" in text, name


@pytest.mark.parametrize(
    "script", [path.name for path in (ROOT / "scripts").iterdir() if path.is_file() and not path.suffix]
)
def test_the_list_of_scripts_names_each(script: str) -> None:
    rows = re.findall(r"^\| (.*?) \|", read("docs/explanation/development.md"), re.MULTILINE)
    assert f"`scripts/{script}`" in " ".join(rows)


def test_the_reference_names_the_states_of_every_action_on_servers() -> None:
    page = read("docs/reference/statuses.md")
    states = [work.task_states for work in WORKS.values()]
    states += [(kind.copying, kind.pending, kind.uploading) for kind in CAPTURE_KINDS.values()]
    for task_state in {name for task_states in states for name in task_states if name}:
        assert f"`{task_state}`" in page, task_state
    vm_states: dict[str, set[str]] = {}
    for name, cell in re.findall(r"^\| `([\w-]+)` \| ([^|]*) \|", page, re.MULTILINE):
        vm_states.setdefault(name, set()).update(re.findall(r"`([\w-]+)`", cell))
    names = [name for name in vm_states if name in ACTIONS]
    assert {"os-stop", "rebuild", "resize", "shelve", "unshelve", "createImage"} <= set(names)
    for name in names:
        assert vm_states[name] == set(ACTIONS[name].vm_states or ()), name
