"""Error messages for bodies and queries that do not match their schema."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from fake_nova.apis.keystone.tables import AUTH_SCHEMA
from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.apis.nova_common.validation import check_body, check_query
from fake_nova.apis.nova_images.tables import META_SCHEMA, METADATA_SCHEMA
from fake_nova.apis.nova_servers.schemas import backup_schema, wrapped
from fake_nova.wire.json_schema import first_error

BACKUP = wrapped("createBackup", backup_schema(1, is_legacy=False))


def error_message(body: Any, schema: Any, relaxed: bool = False) -> str:
    with pytest.raises(NovaError) as error_info:
        check_body(body, schema, relaxed)
    assert error_info.value.status == 400
    return error_info.value.message


def test_a_nested_error_names_the_field_and_shows_the_value_as_python_does() -> None:
    assert (
        error_message({"metadata": {"k": ["a"]}}, METADATA_SCHEMA)
        == "Invalid input for field/attribute k. Value: ['a']. ['a'] is not of type 'string'"
    )
    assert (
        error_message({"meta": {"a": "1", "b": "2"}}, META_SCHEMA)
        == "Invalid input for field/attribute meta. Value: {'a': '1', 'b': '2'}. {'a': '1', 'b': '2'} has too many properties"
    )


def test_relaxed_validation_drops_unknown_fields_but_keeps_a_single_invalid_key() -> None:
    body = {"metadata": {"k": "v"}, "extra": 1}
    check_body(body, METADATA_SCHEMA, relaxed=True)
    assert body == {"metadata": {"k": "v"}}
    metadata_body = {"metadata": {"bad/key": "v"}}
    original_body = copy.deepcopy(metadata_body)
    check_body(metadata_body, METADATA_SCHEMA, relaxed=True)
    assert metadata_body == original_body
    assert (
        error_message({"metadata": {"bad/key": "v", "k": "v"}}, METADATA_SCHEMA, relaxed=True)
        == "Invalid input for field/attribute metadata. Value: {'bad/key': 'v', 'k': 'v'}. "
        "Additional properties are not allowed ('bad/key' was unexpected)"
    )


def test_a_query_error_names_the_parameter_and_its_invalid_value() -> None:
    schema = {"properties": {"limit": {"items": {"type": "string", "minimum": 1}}}}
    with pytest.raises(NovaError) as error_info:
        check_query({"limit": ["5", "0"]}, schema)
    assert error_info.value.message == (
        "Invalid input for query parameters limit. Value: 0. 0 is less than the minimum of 1"
    )


def test_a_body_of_any_shape_is_reported_without_a_crash() -> None:
    for body in json.loads('[null, 1, "x", [], {}, {"metadata": [1]}, {"meta": null}]'):
        assert error_message(body, METADATA_SCHEMA)


@pytest.mark.parametrize("rotation", [-1, "-1", 1.5, "", "1.0"])
def test_a_numeric_string_counts_as_a_number(rotation: object) -> None:
    backup = {"name": "b", "backup_type": "daily"}
    for number in (0, "0", 7, "7", 1.0, "9" * 5000):
        check_body({"createBackup": {**backup, "rotation": number}}, BACKUP, relaxed=False)
    assert error_message({"createBackup": {**backup, "rotation": rotation}}, BACKUP).startswith(
        f"Invalid input for field/attribute rotation. Value: {rotation}. "
    )


def test_an_error_prints_its_schema_and_a_large_value_on_one_line() -> None:
    wrong = {"methods": "x"}
    assert str(first_error({"identity": wrong}, AUTH_SCHEMA)) == (
        "'x' is not of type 'array'\n\nFailed validating 'type' in schema['properties']['identity']['properties']"
        "['methods']:\n    {'type': 'array', 'items': {'type': 'string'}}\n\n"
        "On instance['identity']['methods']:\n    'x'"
    )
    large = {f"key {n}": n for n in range(1_000)}
    printed = str(first_error({"identity": large}, AUTH_SCHEMA))
    assert printed.startswith("'methods' is a required property\n\nFailed validating 'required' in schema")
    assert printed.endswith(f"\n\nOn instance['identity']:\n    {large!r}")
