"""The emulator's JSON reader and its limits."""

from __future__ import annotations

import json

import pytest

from fake_nova.support.json_reader import MAX_DEPTH, NestingTooDeep, has_more_values, loads


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_limited_to_64_levels(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    inner = "" if opening == "[" else "1"

    def nested(levels: int) -> str:
        return opening * levels + inner + closing * levels

    assert loads(nested(MAX_DEPTH)) == json.loads(nested(MAX_DEPTH))
    for levels in (MAX_DEPTH + 1, 500, 100_000):
        with pytest.raises(NestingTooDeep, match="nested too deep; expected at most 64 levels"):
            loads(nested(levels))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nope", "1" * 5_000, b"\xff"])
def test_invalid_json_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # the message is Python's
        loads(text)


def test_values_are_counted_in_nested_lists_and_mappings() -> None:
    value = {"a": [1, 2, {"b": 3}], "c": "text"}
    assert not has_more_values(value, 6)
    assert has_more_values(value, 5)
