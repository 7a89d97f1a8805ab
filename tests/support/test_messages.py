"""How messages count things."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from fake_nova.support.messages import count_of
from tests.test_house import modules, tree


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


#: Nouns of things that messages count.
NOUNS = (
    "image",
    "project",
    "user",
    "request",
    "scope",
    "fault",
    "server",
    "snapshot",
    "file",
    "second",
    "poll",
)

#: Texts after a value that is no count, or is never 1.
EXCEPTIONS = {
    ("clients.in_process", " seconds"),
    ("images.explain", " images"),
    ("cloud.clock", " seconds); expected a time up to "),
}


def texts_after_values(module: str) -> Iterator[str]:
    """Yield the text after each value in the f-strings of a module."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.JoinedStr):
            for value, text in zip(node.values, node.values[1:], strict=False):
                if isinstance(value, ast.FormattedValue) and isinstance(text, ast.Constant):
                    yield str(text.value)


def test_messages_count_things_with_one_helper() -> None:
    starts = tuple(f" {noun}s" for noun in NOUNS)
    texts = {
        (module, text)
        for module in modules()
        for text in texts_after_values(module)
        if text.startswith(starts)
    }
    assert texts == EXCEPTIONS
