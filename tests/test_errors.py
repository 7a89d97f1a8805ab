"""How messages count things."""

from __future__ import annotations

import pytest

from fake_nova.errors import count_of


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 images"),
        (1, "1 image"),
        (2, "2 images"),
        (1.0, "1 image"),
        (0.5, "0.5 images"),
        (10**7, "10000000 images"),
    ],
)
def test_a_count_has_its_noun_in_the_right_number(number: float, text: str) -> None:
    assert count_of(number, "image") == text
