"""The JSON Schema of fixture files agrees with the loader, in all that a JSON Schema can state."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import pytest
import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from fake_nova import cli
from fake_nova.apis import router
from fake_nova.cloud.directory import Directory
from fake_nova.documents import bundled_fixtures, fixture_files
from fake_nova.documents.fixture_files import EXTENSION_PREFIX, FixtureSchema
from fake_nova.documents.json_schema import FIXTURE_SCHEMA_FILE, fixture_schema
from fake_nova.documents.validation import DocumentPath, Problem
from fake_nova.documents.yaml_reader import parse_document
from fake_nova.errors import FixtureError
from tests.conftest import RECORDED_CLOUD, Cloud
from tests.documents.test_fixture_files import BROKEN

TESTS: Final = Path(__file__).parents[1]
NOW: Final = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
VALIDATOR: Final = Draft202012Validator(fixture_schema())

#: Kind of mistake that only the loader sees -> the loader's messages about it.
ONLY_THE_LOADER: Final[Mapping[str, str]] = {
    "a file that is no YAML, or uses YAML that fixtures must not use": (
        r"not YAML|not UTF-8|invalid character|: empty;|nested too deep|alias inside|tags are not supported|"
        r"no mapping to merge|duplicate key|invalid key|directives are not supported"
    ),
    "a project, role, plan and so on that does not exist": r"unknown (project|domain|user|role|plan|operation|flavor)",
    "a user with a role nowhere": r"users\[\d+\]\.project: missing",
    "an id, a name or a member that comes twice": r"already in use|repeated value \(got \"x\"|exist already",
    "a status of a server that its states contradict": r"contradicts vm_state",
    "a day, an hour or a year that does not exist": r"expected an ISO 8601 time",
    "text that UTF-8 cannot encode": r"ud800|udfff",
    "a step whose place among the steps is wrong": r"has no end, or two|has an end",
    "a whole number with a point": r"got -?[0-9]+\.0\); expected a whole number",
    "a key or member that equals another one on MariaDB": r"equals another one on MariaDB",
    "a number that YAML reads in several ways": r"got (0[0-9]|[0-9]+:|\{\"version\": \"0100)",
    "a certificate that is none": r"not a certificate in PEM",
}


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)


def texts_of_the_suite() -> Iterator[str]:
    """Yield all texts in the tests that may be fixtures."""
    for path in sorted(TESTS.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                yield node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    yield from strings_in(
        yaml.safe_load((TESTS / "contract/admin-fixtures.yaml").read_text(encoding="utf-8"))
    )


@cache
def fixtures_of_the_suite() -> tuple[str, ...]:
    """Return all texts in the tests that are mappings with a key of a fixture file, and the bundled fixtures."""
    keys = FixtureSchema().fields
    start = re.compile(rf"""\s*(\{{|["']?({"|".join(keys)})["']?\s*:|{EXTENSION_PREFIX})""")
    files = [*bundled_fixtures.BUNDLED_FIXTURES.glob("*.yaml"), Path(RECORDED_CLOUD)]
    texts = {path.read_text(encoding="utf-8"): None for path in sorted(files)}
    for text, _ in BROKEN.values():
        texts[text if isinstance(text, str) else text.decode("latin-1")] = None
    for text in filter(start.match, texts_of_the_suite()):
        try:
            document = parse_document("text", text)
        except FixtureError:
            continue
        if (
            isinstance(document, dict) and keys & document.keys() and "count: 1000000" not in text
        ):  # takes long
            texts[text] = None
    return tuple(texts)


@cache
def problems_of(text: str) -> list[str]:
    """Return the loader's lines about a fixture; an empty list if it accepts the fixture."""
    operations = router().operations
    try:
        fixture_files.load_text(text.encode(), "text", Directory(), NOW, operations)
    except FixtureError as error:
        return error.lines
    return []


def paths_of(errors: Iterator[ValidationError]) -> Iterator[DocumentPath]:
    """Yield the paths of errors, and of the errors in branches of `anyOf`."""
    for error in errors:
        yield tuple(error.absolute_path)
        yield from paths_of(iter(error.context or ()))


def schema_errors(text: str) -> set[str]:
    """Return the places at which the JSON Schema refuses a fixture, in the loader's notation."""
    return {Problem(path, "").location for path in paths_of(VALIDATOR.iter_errors(parse_document("a", text)))}


def kinds_of(line: str) -> list[str]:
    return [kind for kind, pattern in ONLY_THE_LOADER.items() if re.search(pattern, line)]


def is_near(place: str, other: str) -> bool:
    """Return whether *other* is *place*, lies inside of it, or is the mapping or list that it lies in."""
    parent = re.sub(r"(^|\.)[^.\[\]]*$|\[\d+\]$", "", place) or "document"
    return other in (place, parent) or other.startswith((f"{place}.", f"{place}["))


def test_the_suite_has_many_fixtures_good_and_broken() -> None:
    counts = [bool(problems_of(text)) for text in fixtures_of_the_suite()]
    assert min(counts.count(True), counts.count(False)) > 40


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    for text in fixtures_of_the_suite():
        if not problems_of(text):
            assert schema_errors(text) == set(), text


def test_the_schema_refuses_what_the_loader_refuses_at_the_same_place() -> None:
    used_kinds: set[str] = set()
    for text in fixtures_of_the_suite():
        places: set[str] | None = None
        for line in problems_of(text):
            kinds = kinds_of(line)
            used_kinds.update(kinds)
            if not kinds:
                match = re.match(r"text:\d+:\d+: ([^:]+): ", line)
                assert match is not None, line
                places = schema_errors(text) if places is None else places
                assert any(is_near(match[1], place) for place in places), line
    assert used_kinds == set(ONLY_THE_LOADER)


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        ("images: [{created_at: '2014'}]", True),
        ("images: [{created_at: '2014-2-1'}]", True),
        ("images: [{created_at: '20140210T170501,5+01'}]", True),
        ("images: [{created_at: '201402'}]", False),
        ("images: [{created_at: '2014-02-10T17:05:01.Z'}]", False),
        ("faults: [{effect: {delay: 1, status: 503, message: x, retry_after: 1}}]", True),
        ("faults: [{effect: {}}]", False),
        ("faults: [{effect: {message: x}}]", False),
        ("faults: [{effect: {status: 503, stale: 1}}]", False),
        ("faults: [{effect: {status: 599}}]", False),
        ("faults: [{effect: {delay: 1}, match: {path: /_admin/x}}]", False),
        ("faults: [{effect: {delay: 1}, match: {probability: 1.5}}]", False),
        ("plans: {p: [{status: queued, seconds: 1, looks: 1}, {status: active}]}", False),
        ("plans: {p: [{status: queued, looks: 1}]}", False),
        ("plans: {p: [{status: queued}, {status: active}]}", False),
        ("plans: {'': [{status: active}]}", False),
        ("plans: {p: [{status: queued, looks: 1}, {status: active}]}", True),
        ("images: [{plan: {name: p, steps: [{status: active}], elapsed: -1, looks: 0}}]", True),
        ("images: [{plan: {steps: [{status: active}]}}]", False),
        ("images: [{plan: slow, checksum: null, tags: [a, b]}]", True),
        ("images: [{plan: 5}]", False),
        ("images: [{checksum: xyz}]", False),
        ("images: [{properties: {'': x}}]", True),
        ("generate: [{count: 1, template: {id: ee10f19c-503c-44af-af2f-73d5e42f7a17}}]", False),
        ("assign_plans: [{plan: slow, match: {members: []}}]", False),
        ("servers: [{image: null, key_name: null, metadata: {a: b}}]", True),
        ("servers: [{image: x}]", False),
        ("x-anything: [1]\nimages: []", True),
        ("{}", True),
    ],
)
def test_both_agree(text: str, is_valid: bool) -> None:
    assert (problems_of(text) == [], schema_errors(text) == set()) == (is_valid, is_valid)


def test_a_whole_number_with_a_point_is_refused_by_the_loader_alone() -> None:
    text = "images: [{size: 5.0}]"
    assert len(problems_of(text)) == 1
    assert schema_errors(text) == set()


def test_a_misspelt_key_in_a_bundled_fixture_is_marked() -> None:
    text = (bundled_fixtures.BUNDLED_FIXTURES / "default.yaml").read_text(encoding="utf-8")
    document = yaml.safe_load(text.replace("min_disk: 4\n", "min_dsk: 4\n"))
    (error,) = VALIDATOR.iter_errors(document)
    assert list(error.absolute_path) == ["images", 2]
    assert "'min_dsk' was unexpected" in error.message


@pytest.mark.parametrize("name", bundled_fixtures.bundled_names())
def test_a_bundled_fixture_names_the_file_that_the_command_prints(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bundled_fixtures.BUNDLED_FIXTURES / f"{name}.yaml"
    first_line = path.read_text(encoding="utf-8").splitlines()[0]
    schema_file = path.parent / first_line.removeprefix("# yaml-language-server: $schema=")
    assert schema_file == FIXTURE_SCHEMA_FILE
    assert cli.main(["schema"]) == 0
    hint = "fixtures/schemas/fixture.json: renew it with fake-nova schema"
    assert capsys.readouterr().out == schema_file.read_text(encoding="utf-8"), hint


def test_an_export_has_the_schema() -> None:
    cloud = Cloud()
    cloud.ask("POST", "/_admin/images", json={"name": "x", "plan": "slow"})
    cloud.ask("POST", "/_admin/faults", json={"effect": {"status": 503}, "match": {"nth": 2}})
    VALIDATOR.validate(cloud.get("/_admin/export?format=json"))


def test_the_schema_is_a_schema_and_describes_every_key() -> None:
    document = fixture_schema()
    Draft202012Validator.check_schema(document)
    for name, definition in document["$defs"].items():
        assert definition["description"], name
    assert json.dumps(document).count('"description": ""') == 0
