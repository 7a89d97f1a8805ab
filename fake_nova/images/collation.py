"""How MariaDB compares text: the collation ``utf8mb3_general_ci`` of Glance's and Keystone's tables.

Two texts are equal if their characters have the same weights, trailing blanks left off. A text that sorts
before another has the lower weight at the first difference, the shorter one filled up with blanks (measured
on MariaDB 10.11.19, for every code point of the Basic Multilingual Plane).
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable
from typing import Final

#: Characters whose weight the rules of `weight_of` do not give -> their weights.
_EXCEPTIONS: Final = {
    **{"ß": "S", "й": "Й", "Й": "Й", "\u03f2": "Σ"},
    **{char: char for char in "\u019e\u03d9\u03f5\u048b\u04c6\u04ca\u04ce"},
    **{chr(code): chr(code) for code in range(0x0501, 0x0510, 2)},
}

_UNASSIGNED: Final = "Cn"


def weight_of(char: str) -> str:
    """Return the weight of a character, as the character whose code point it is.

    A Latin, Greek or Cyrillic letter that decomposes canonically weighs what its base letter weighs. A letter
    weighs what its upper case weighs, if Unicode 3.2 had both. All other characters weigh what they are.
    """
    if char in _EXCEPTIONS:
        return _EXCEPTIONS[char]
    if _may_have_an_accent(char):
        char = unicodedata.normalize("NFD", char)[0]
    upper = char.upper()
    category = unicodedata.ucd_3_2_0.category
    is_old = len(upper) == 1 and category(char) != _UNASSIGNED and category(upper) != _UNASSIGNED
    return upper if is_old else char


def _may_have_an_accent(char: str) -> bool:
    """Return whether a character is a letter of these scripts that decomposes into two or more characters."""
    is_of_these_scripts = char < "\u0590" or "\u1e00" <= char <= "\u1fff"
    decomposition = unicodedata.decomposition(char) if is_of_these_scripts and char.isalpha() else ""
    return " " in decomposition and not decomposition.startswith("<")


class _Translation(dict[int, str]):
    """A table for `str.translate` that computes the entry of a character when it is first looked up.

    Args:
        translate: returns the entry of a character.
    """

    def __init__(self, translate: Callable[[str], str]) -> None:
        super().__init__()
        self._translate: Final = translate

    def __missing__(self, code: int) -> str:
        self[code] = self._translate(chr(code))
        return self[code]


_WEIGHTS: Final = _Translation(weight_of)

_ASCII_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

#: As `_WEIGHTS`, but with a-z for A-Z. No other character weighs a-z, so equal texts still have equal keys.
_LOWER_WEIGHTS: Final = _Translation(lambda char: weight_of(char).translate(_ASCII_LOWER))


def equality_key(text: str) -> str:
    """Return a text that two texts share exactly if they are equal: *text* itself if it is in lower case."""
    key = (text.lower() if text.isascii() else text.translate(_LOWER_WEIGHTS)).rstrip(" ")
    return text if key == text else key  # the same object takes no more memory


#: Marked blanks in front of a control character, which sorts below a blank.
_BLANKS_BEFORE_CONTROL: Final = re.compile(r"(?: \x02)+(?=[\x00-\x1f])")


def order_key(text: str) -> str:
    """Return a text that sorts, by code points, as *text* sorts by the collation.

    The end of a text compares as endless blanks. So each blank is marked by what follows the run of blanks:
    ``" \\0"`` if that sorts below a blank, else ``" \\2"``. The end is ``" \\1"``.
    """
    weights = (text.upper() if text.isascii() else text.translate(_WEIGHTS)).rstrip(" ")
    weights = weights.replace(" ", " \2")
    if not text.isprintable():
        weights = _BLANKS_BEFORE_CONTROL.sub(lambda match: match[0].replace("\2", "\0"), weights)
    return weights + " \1"
