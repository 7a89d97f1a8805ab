"""Our few keywords against the library that the real services check with."""

from __future__ import annotations

import copy
import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_nova.apis.keystone.tables import AUTH_SCHEMA
from fake_nova.apis.nova_images.tables import META_SCHEMA, METADATA_SCHEMA
from fake_nova.wire.bodies import Refused
from fake_nova.wire.json_schema import check_body, check_query, first_error

KEYS = st.sampled_from(
    ("k", "metadata", "meta", "bad/key", "", "ü", "x" * 256, "a b", "identity", "methods", "k\n")
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 2)
    | st.sampled_from(("", "v", "v" * 255, "v" * 256, "'", '"')),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
METADATA = st.dictionaries(KEYS, VALUES, max_size=3)
BODIES = st.one_of(
    VALUES,
    st.fixed_dictionaries({"metadata": METADATA | VALUES}, optional={"extra": VALUES, "more": VALUES}),
    st.fixed_dictionaries({"meta": METADATA | VALUES}, optional={"extra": VALUES}),
)
NAMED = st.fixed_dictionaries(
    {}, optional={"id": VALUES, "name": VALUES, "domain": VALUES, "password": VALUES}
)
AUTHS = st.one_of(
    VALUES,
    st.fixed_dictionaries(
        {},
        optional={
            "identity": st.fixed_dictionaries(
                {},
                optional={
                    "methods": VALUES | st.just(["password"]),
                    "password": st.fixed_dictionaries({}, optional={"user": NAMED | VALUES}),
                    "token": NAMED | VALUES,
                },
            ),
            "scope": st.fixed_dictionaries(
                {}, optional={"project": NAMED | VALUES, "system": VALUES, "domain": NAMED}
            ),
        },
    ),
)


def plain(schema: Any) -> Any:
    """Return a schema as plain dicts, for the library to take."""
    if hasattr(schema, "items"):
        return {key: plain(value) for key, value in schema.items()}
    return schema


def librarys(body: Any, schema: Any) -> jsonschema.ValidationError | None:
    return next(jsonschema.Draft202012Validator(plain(schema)).iter_errors(body), None)


@settings(max_examples=300, deadline=None)
@given(BODIES, st.sampled_from((METADATA_SCHEMA, META_SCHEMA)))
def test_the_first_error_of_a_body_is_the_librarys(body: Any, schema: Any) -> None:
    expected = librarys(body, schema)
    actual = first_error(body, schema)
    assert (actual is None) == (expected is None)
    if actual is not None and expected is not None:
        assert (actual.message, actual.path) == (expected.message, tuple(expected.absolute_path))


@settings(max_examples=300, deadline=None)
@given(AUTHS)
def test_the_first_error_of_a_login_is_the_librarys_to_the_letter(auth: Any) -> None:
    expected = librarys(auth, AUTH_SCHEMA)
    actual = first_error(auth, AUTH_SCHEMA)
    assert (actual is None) == (expected is None)
    if actual is not None:
        assert str(actual) == str(expected)


def refusal(body: Any, schema: Any, relaxed: bool = False) -> str:
    with pytest.raises(Refused) as refused:
        check_body(body, schema, relaxed)
    assert refused.value.status == 400
    return refused.value.message


def test_an_error_below_the_top_names_the_field_and_shows_the_value_as_python_does() -> None:
    assert (
        refusal({"metadata": {"k": ["a"]}}, METADATA_SCHEMA)
        == "Invalid input for field/attribute k. Value: ['a']. ['a'] is not of type 'string'"
    )
    assert (
        refusal({"meta": {"a": "1", "b": "2"}}, META_SCHEMA)
        == "Invalid input for field/attribute meta. Value: {'a': '1', 'b': '2'}. {'a': '1', 'b': '2'} has too many properties"
    )


def test_the_older_version_drops_what_it_does_not_know_and_keeps_a_key_outside_the_pattern_that_is_alone() -> (
    None
):
    body = {"metadata": {"k": "v"}, "extra": 1}
    check_body(body, METADATA_SCHEMA, relaxed=True)
    assert body == {"metadata": {"k": "v"}}
    alone = {"metadata": {"bad/key": "v"}}
    kept = copy.deepcopy(alone)
    check_body(alone, METADATA_SCHEMA, relaxed=True)
    assert alone == kept
    assert (
        refusal({"metadata": {"bad/key": "v", "k": "v"}}, METADATA_SCHEMA, relaxed=True)
        == "Invalid input for field/attribute metadata. Value: {'bad/key': 'v', 'k': 'v'}. "
        "Additional properties are not allowed ('bad/key' was unexpected)"
    )


def test_a_query_error_names_the_parameter_of_whichever_of_its_values_is_wrong() -> None:
    schema = {"properties": {"limit": {"items": {"type": "string", "minimum": 1}}}}
    with pytest.raises(Refused) as refused:
        check_query({"limit": ["5", "0"]}, schema)
    assert refused.value.message == (
        "Invalid input for query parameters limit. Value: 0. 0 is less than the minimum of 1"
    )


def test_a_body_of_any_shape_gets_an_answer_and_no_failure() -> None:
    for body in json.loads('[null, 1, "x", [], {}, {"metadata": [1]}, {"meta": null}]'):
        assert refusal(body, METADATA_SCHEMA)


@pytest.mark.parametrize("kind", ["integer", ["integer", "string"], "string"])
@pytest.mark.parametrize("value", [1, 1.0, -0.0, 1.5, 1e300, float("inf"), float("nan"), True, "1.0"])
def test_what_is_an_integer_is_what_the_library_takes_for_one(kind: Any, value: object) -> None:
    schema = {"type": "object", "properties": {"n": {"type": kind}}}
    assert (first_error({"n": value}, schema) is None) == (librarys({"n": value}, schema) is None)
