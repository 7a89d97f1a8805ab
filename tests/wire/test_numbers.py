"""Numbers in a request."""

from __future__ import annotations

import pytest

from fake_nova.wire.query_string import OVERFLOW, parse_int


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        (" +5 ", 5),
        ("-3", -3),
        ("9" * 18, 10**18 - 1),
        ("0" * 5000 + "1", 1),
        ("9" * 19, OVERFLOW),
        ("9" * 5000, OVERFLOW),
        ("-" + "9" * 5000, -OVERFLOW),
    ],
)
def test_a_number_of_any_length_is_parsed(text: str, number: int) -> None:
    assert parse_int(text) == number


@pytest.mark.parametrize("text", ["", "a", "1.5", "x" * 5000, "--1"])
def test_non_numbers_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        parse_int(text)
