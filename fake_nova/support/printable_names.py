"""The names that Nova accepts: printable characters of the Basic Multilingual Plane (nova.api.validation)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import groupby
from typing import Final

#: Format of a name -> what the error message says that it must be.
NAME_FORMATS: Final = {
    "name": "printable characters. Can not start or end with whitespace.",
    "name_with_leading_trailing_spaces": "printable characters with at least one non space character",
}


def _is_printable(char: str) -> bool:
    category = unicodedata.category(char)
    return char < "\uffff" and category[0] != "C" and (category[0] != "Z" or category == "Zs")


def _is_blank(char: str) -> bool:
    return unicodedata.category(char) == "Zs"


def check_name(text: str) -> None:
    """Check a name. One line break at its end is accepted, because the pattern of Nova ends with ``$``.

    Raises:
        ValueError: if it is invalid, such as a line break alone; an empty one is valid.
    """
    name = text.removesuffix("\n")
    if (
        text == "\n"
        or not all(map(_is_printable, name))
        or (name and (_is_blank(name[0]) or _is_blank(name[-1])))
    ):
        raise ValueError(NAME_FORMATS["name"])


def check_lenient_name(text: str) -> None:
    """Check a name that may begin and end with blanks, as /v2 does.

    Raises:
        ValueError: if it is invalid, or has only blanks.
    """
    name = text.removesuffix("\n")
    if not all(map(_is_printable, name)) or all(map(_is_blank, name)):
        raise ValueError(NAME_FORMATS["name_with_leading_trailing_spaces"])


def check_zone_name(text: str) -> None:
    """Check the name of an availability zone, which has no colon.

    Raises:
        ValueError: if it is invalid.
    """
    check_name(text)
    _check_no_colon(text)


def check_lenient_zone_name(text: str) -> None:
    """Check the name of an availability zone that may begin and end with blanks.

    Raises:
        ValueError: if it is invalid, or has only blanks.
    """
    check_lenient_name(text)
    _check_no_colon(text)


def _check_no_colon(text: str) -> None:
    if ":" in text:
        raise ValueError("a zone's name has no colon")


class PatternMismatch(ValueError):
    """A text does not match a pattern; the error says so in the words of jsonschema."""


def check_description(text: str) -> None:
    """Check a description. One line break at its end is accepted: the pattern of Nova ends with ``$``.

    Raises:
        PatternMismatch: if a character is not printable.
    """
    if not all(map(_is_printable, text.removesuffix("\n"))):
        raise PatternMismatch(f"{text!r} does not match {_description_pattern()!r}")


@cache
def _description_pattern() -> str:
    """Return the pattern of Nova, with the ranges of all printable characters."""
    ranges = []
    for is_printable, run in groupby(map(chr, range(0xFFFF)), _is_printable):
        chars = list(run)
        if is_printable:
            ranges.append("-".join(map(re.escape, dict.fromkeys((chars[0], chars[-1])))))
    return f"^[{''.join(ranges)}]*$"
