"""How messages quote values and count things."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, Final

#: The maximum number of reported errors, for each list and for each document. If there are more, a last line
#: says so.
MAX_REPORTED_ERRORS: Final = 1_000


#: The maximum number of characters of a word to compare with choices, which takes quadratic time.
_MAX_COMPARED_CHARS: Final = 100


class AmbiguousNumber:
    """A number that no field accepts: it is too long, or read in two ways, such as 0100."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text: Final = text

    def __str__(self) -> str:
        return self.text


def quote_python(value: object) -> str:
    """Return a Python value for an error message: text as JSON, cut to 80 characters; others by `repr`."""
    if not isinstance(value, str):
        return repr(value)
    text = json.dumps(value[:100], ensure_ascii=False)  # avoids encoding text that is cut off below
    text = text if len(text) <= 80 else f"{text[:77]}..."
    return text.encode("utf-8", "backslashreplace").decode()


def quote_path(path: object) -> str:
    """Return the path of a file for an error message: as JSON, and whole, because its end matters."""
    return json.dumps(str(path), ensure_ascii=False).encode("utf-8", "backslashreplace").decode()


def suggest(word: object, choices: Iterable[str]) -> str:
    """Return the end of an error message about an unknown word: the most similar choice, or ""."""
    if not isinstance(word, str):
        return ""
    similar_choices = get_close_matches(word[:_MAX_COMPARED_CHARS], list(choices), 1)
    return f" (is it {similar_choices[0]}?)" if similar_choices else ""


def count_of(number: float, noun: str) -> str:
    """Return a number with its noun, such as ``1 image`` or ``0 images``.

    Args:
        number: the number, such as 1, 0 or 0.5.
        noun: the noun in the singular; its plural ends with s.
    """
    text = f"{number:g}" if isinstance(number, float) else str(number)
    return f"{text} {noun}" if number == 1 else f"{text} {noun}s"


def quote_json(value: object) -> str:
    """Return a value of a JSON or YAML document for an error message: as JSON, cut to 80 characters."""
    if isinstance(value, AmbiguousNumber):
        return value.text if len(value.text) <= 80 else f"{value.text[:77]}..."
    if isinstance(value, str):
        return quote_python(value)
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > 80:  # the rest may be huge
            text = text[:77] + "..."
            break
    return text.encode("utf-8", "backslashreplace").decode()


def first_duplicate(items: Iterable[Any]) -> Any:
    """Return the first of *items* that occurs more than once, or None."""
    return next((item for item, times in Counter(items).items() if times > 1), None)
