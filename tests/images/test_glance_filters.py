"""Glance's filters, parsed into conditions."""

from __future__ import annotations

import pytest

from fake_nova.errors import Invalid
from fake_nova.images import glance_filters
from fake_nova.images.conditions import FieldIsOneOf, PropertyEquals, TextIsOneOf
from fake_nova.images.database import MARIADB, SQLITE


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
    assert SQLITE.parse_number(text) == value


@pytest.mark.parametrize("text", ["", "abc", "0x10", "true", "gte:512", "5 12", "٣"])
def test_a_filter_with_a_non_numeric_text_matches_nothing_on_sqlite(text: str) -> None:
    assert SQLITE.parse_number(text) is None
    assert glance_filters.parse_filters({"min_ram": text}, SQLITE).conditions == (
        FieldIsOneOf("min_ram", frozenset()),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (text, 12)
            for text in ("12", "012", "+12", " 12", "\t12", "12abc", "12,5", "12.0", "12.", ".12e2")
        ),
        *((text, 12) for text in ("1.2e1", "12e", "12e+", "12é", "12\0", "12\u00a0")),
        *((text, 1000) for text in ("1e3", "1e3x")),
        *((text, 1) for text in ("1_000", "1,000", "1 000")),
        *(
            (text, 0)
            for text in ("", "abc", " ", "0x10", "true", "nan", "inf", "--1", "+ 12", "-0", "gte:12")
        ),
        *((text, 0) for text in ("\uff11\uff12", "\u0661\u0662", "\u00a012", "'12'", "1e-400", "in:12,16")),
        ("-12", -12),
        *((text, None) for text in ("12.4", "0.4", "11.9999999999999999999", "1e400")),
    ],
)
def test_mariadb_compares_the_number_that_a_text_begins_with(text: str, value: int | None) -> None:
    assert MARIADB.parse_number(text) == value
    values: frozenset[object] = frozenset() if value is None else frozenset((value,))
    assert glance_filters.parse_filters({"min_ram": text}, MARIADB).conditions == (
        FieldIsOneOf("min_ram", values),
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
        glance_filters.parse_filters({"name": f"in:{text}"}, MARIADB)


def test_a_name_that_looks_like_a_time_keeps_its_colons() -> None:
    condition = TextIsOneOf.of("name", ("2020-01-01T10:00:00",), SQLITE)
    assert glance_filters.parse_filters({"name": "2020-01-01T10:00:00"}, SQLITE).conditions == (condition,)


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
        glance_filters.parse_filters({name: text}, MARIADB)
    assert str(error_info.value) == message


def test_an_unknown_parameter_filters_by_property() -> None:
    assert glance_filters.parse_filters({"hw_rng_model": "in:a"}, MARIADB).conditions == (
        PropertyEquals.of("hw_rng_model", "in:a", MARIADB),
    )
