"""Patterns with stars and question marks."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nova.support.glob import MAX_PATTERN_LENGTH, MAX_TEXT_LENGTH, matches
from tests.conftest import Cloud


@pytest.mark.parametrize(
    ("pattern", "text", "fitting"),
    [
        ("images.*", "images.list", True),
        ("images.*", "images", False),
        ("*", "", True),
        ("?", "", False),
        ("a?c", "abc", True),
        ("a*a", "a", False),
        ("a**b", "a\nb", True),
        ("*ab*ab", "ab-ab", True),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "aab", False),
        ("[a]", "[a]", True),
        ("[a]", "a", False),
    ],
)
def test_a_star_matches_any_text_and_a_question_mark_any_character(
    pattern: str, text: str, fitting: bool
) -> None:
    assert matches(text, pattern) is fitting


@given(pattern=st.text("ab*?.[!]", max_size=8), text=st.text("ab.[\n", max_size=10))
def test_no_other_character_in_a_pattern_is_special(pattern: str, text: str) -> None:
    expression = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    assert matches(text, pattern) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_only_the_beginning_of_a_long_text_is_compared() -> None:
    assert matches("a" * MAX_TEXT_LENGTH + "b", "a*a")


LONG = "x" * (MAX_PATTERN_LENGTH + 1)


@pytest.mark.parametrize(
    ("match", "field"),
    [
        ({"operation": LONG}, "match.operation"),
        ({"path": f"/{LONG}"}, "match.path"),
        ({"project": LONG}, "match.project"),
        ({"header": {"User-Agent": LONG}}, "match.header"),
        ({"header": {"h" * 256: "x"}}, "match.header"),
        ({"query": {"name": LONG}}, "match.query"),
        ({"query": {"q" * 256: "x"}}, "match.query"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_faults_pattern_is_limited_to_1000_characters(
    cloud: Cloud, match: dict[str, Any], field: str
) -> None:
    response = cloud.ask("POST", "/_admin/faults", json={"match": match, "effect": {"status": 503}})
    assert response.status_code == 400
    message = response.get_json()["badRequest"]["message"]
    assert message.startswith(f"{field}: ")
    assert "* and ? stand for anything" in message


def test_a_pattern_of_1000_characters_matches(cloud: Cloud) -> None:
    pattern = "/" + "*?" * 499 + "*"
    fault = {"match": {"path": pattern}, "effect": {"status": 503}}
    assert cloud.ask("POST", "/_admin/faults", json=fault).status_code == 201
    assert cloud.ask("GET", "/v2.1/images").status_code == 200
    assert cloud.ask("GET", "/v2.1/" + "x" * 1_000).status_code == 503


@pytest.mark.parametrize("request_", ["", "/count", "/wait"])
@pytest.mark.parametrize(
    "parameter",
    ["operation", "method", "path", "query", "project", "status", "body", "user_agent", "global_request_id"],
)
def test_a_journal_pattern_is_limited_to_1000_characters(cloud: Cloud, request_: str, parameter: str) -> None:
    response = cloud.ask("GET", f"/_admin/requests{request_}?{parameter}={LONG}")
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"] == (
        f"{parameter}: pattern too long (got 1001 characters); expected at most 1000, and 32 in a part "
        "with ? between two *"
    )


def test_a_part_with_question_marks_between_stars_is_limited_to_32_characters(cloud: Cloud) -> None:
    for pattern, status in (("*" + "?" * 32 + "*", 200), ("*" + "?" * 33 + "*", 400), ("?" * 99 + "*", 200)):
        assert cloud.ask("GET", "/_admin/requests", query_string={"path": pattern}).status_code == status
