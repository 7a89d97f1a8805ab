"""Patterns with stars and question marks."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_nova.cloud.glob import LONGEST_TEXT, fits


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
def test_a_star_is_any_text_and_a_question_mark_any_character(pattern: str, text: str, fitting: bool) -> None:
    assert fits(text, pattern) is fitting


@given(pattern=st.text("ab*?.", max_size=8), text=st.text("ab.\n", max_size=10))
def test_it_is_what_pythons_fnmatch_says(pattern: str, text: str) -> None:
    assert fits(text, pattern) is fnmatchcase(text, pattern)


def test_of_a_long_text_only_the_beginning_counts() -> None:
    assert fits("a" * LONGEST_TEXT + "b", "a*a")
