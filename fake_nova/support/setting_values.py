"""The kinds of values that a setting can have: each parses a text, and says which texts are valid."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple


class ValueKind(NamedTuple):
    """A kind of values.

    Attributes:
        parse: converts the text; raises ValueError or KeyError if it is invalid.
        expectation: the valid texts in words.
        choices: the valid texts, if they are few; otherwise empty.
    """

    parse: Callable[[str], Any]
    expectation: str
    choices: tuple[str, ...] = ()


_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


def number(convert: Callable[[str], float], low: float, high: float, expectation: str) -> ValueKind:
    """Return the kind of numbers from *low* to *high*.

    Args:
        convert: converts the text; raises ValueError if it is no number.
        low: the lowest valid number.
        high: the highest valid number.
        expectation: the valid texts in words.
    """

    def parse(text: str) -> float:
        value = convert(text)
        if not low <= value <= high:  # also false for nan
            raise ValueError(text)
        return value

    return ValueKind(parse, expectation)


def whole_number(low: int, high: int) -> ValueKind:
    """Return the kind of whole numbers from *low* to *high*."""
    return number(int, low, high, f"a whole number from {low} to {high}")


def choice(*choices: str) -> ValueKind:
    """Return the kind that consists of these texts."""
    labels = [f'"{word}"' if "," in word else word for word in choices]
    expectation = f"{', '.join(labels[:-1])} or {labels[-1]}"
    return ValueKind({word: word for word in choices}.__getitem__, expectation, choices)


def list_of(pattern: str, expectation: str, convert: Callable[[str], str] = str.lower) -> ValueKind:
    """Return the kind of lists, separated by commas.

    Args:
        pattern: the regular expression that each item matches after *convert*.
        expectation: the valid items in words.
        convert: converts an item; by default to lower case.
    """

    def parse(text: str) -> tuple[str, ...]:
        values = tuple(convert(value.strip()) for value in text.split(","))
        if not all(re.fullmatch(pattern, value) for value in values):
            raise ValueError(text)
        return values

    return ValueKind(parse, f"{expectation}, or several in the variable, separated by commas")


def _parse_boolean(text: str) -> bool:
    return _BOOLEANS[text.lower()]


def _parse_text(text: str) -> str:
    if not text.strip():
        raise ValueError(text)
    return text.strip()


def _parse_paths(text: str) -> tuple[str, ...]:
    paths = tuple(path for path in text.split(os.pathsep) if path)
    if not paths:
        raise ValueError(text)
    return paths


BOOLEAN = ValueKind(_parse_boolean, "true or false", ("true", "false"))
SECONDS = number(float, 0.1, 3600, "seconds from 0.1 to 3600")
TEXT = ValueKind(_parse_text, "text of 1 character or more")
FIXTURES = ValueKind(
    _parse_paths,
    f"a file, a folder, or the name of a bundled one; in the variable, {os.pathsep!r} separates several",
)
HOST_NAMES = list_of(r"[a-z0-9_.-]{1,253}", "a host name without a port")
ORIGINS = list_of(
    r"[a-z-]+://([a-z0-9_.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?", "an origin such as https://a.example.com"
)
