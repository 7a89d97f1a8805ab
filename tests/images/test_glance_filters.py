"""Glance's filters, parsed into conditions."""

from __future__ import annotations

import pytest

from fake_nova.errors import Invalid
from fake_nova.images import glance_filters
from fake_nova.images.conditions import FieldIsOneOf, PropertyEquals


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("512", 512),
        (" 512 ", 512),
        ("+512", 512),
        ("0512", 512),
        ("512.0", 512),
        ("5.12e2", 512),
        (".5", 0.5),
    ],
)
def test_a_text_is_parsed_as_a_number_as_sqlite_parses_it(text: str, value: float) -> None:
    assert glance_filters.parse_number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "0x10", "true", "gte:512", "5 12", "٣"])
def test_a_filter_with_a_non_numeric_text_matches_nothing(text: str) -> None:
    assert glance_filters.parse_number(text) is None
    assert glance_filters.parse_filters({"min_ram": text}).conditions == (
        FieldIsOneOf("min_ram", frozenset()),
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ("", []),
        ("a,,b", ["a", "", "b"]),
        (r'"a\",b"', [r"a\",b"]),
    ],
)
def test_values_are_split_at_commas_outside_quotes(text: str, values: list[str]) -> None:
    assert glance_filters.split_values(text) == values


@pytest.mark.parametrize(
    ("text", "expected"), [('a"b"', "before opening"), ('"a"b', "after closing"), ('"a', "not closed")]
)
def test_quotes_inside_a_value_are_refused(text: str, expected: str) -> None:
    with pytest.raises(Invalid, match=expected):
        glance_filters.parse_filters({"name": f"in:{text}"})


def test_a_name_that_looks_like_a_time_keeps_its_colons() -> None:
    condition = FieldIsOneOf("name", frozenset(("2020-01-01T10:00:00",)))
    assert glance_filters.parse_filters({"name": "2020-01-01T10:00:00"}).conditions == (condition,)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("name", "like:x", "Unable to filter by unknown operator 'like'."),
        ("status", "neq:active", "Unable to filter by unknown operator 'neq'."),
        ("size_min", "big", "Unable to filter on a range with a non-numeric value."),
        ("updated_at", "like:2020", "Unable to filter on a unknown operator."),
        ("created_at", "soon", 'Bad "created_at" query filter format. Use ISO 8601 DateTime notation.'),
        ("visibility", "secret", "Invalid visibility value: secret"),
        ("member_status", "maybe", "Invalid status: maybe"),
        (
            "protected",
            "yes",
            "Invalid value 'yes' for 'protected' filter. Valid values are 'true' or 'false'.",
        ),
        (
            "os_hidden",
            "yes",
            "Invalid value 'yes' for 'os_hidden' filter. Valid values are 'true' or 'false'.",
        ),
        ("changes-since", "2020", 'The "changes-since" filter is no longer available on v2.'),
    ],
)
def test_invalid_filters_are_refused_with_glances_messages(name: str, text: str, message: str) -> None:
    with pytest.raises(Invalid) as error_info:
        glance_filters.parse_filters({name: text})
    assert str(error_info.value) == message


def test_an_unknown_parameter_filters_by_property() -> None:
    assert glance_filters.parse_filters({"hw_rng_model": "in:a"}).conditions == (
        PropertyEquals("hw_rng_model", "in:a"),
    )
