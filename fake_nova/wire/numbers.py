"""Numbers in a request."""

from __future__ import annotations

import re
from typing import Final

#: Stands for every number of more digits; nothing that is counted comes near it.
MANY: Final = 10**18

_FORM: Final = re.compile(r"\s*+([-+]?)([0-9]++)\s*+")  # possessive: no digit is tried twice


def whole(text: str) -> int:
    """Read decimal digits, with a sign or without; `MANY`, or its negative, where there are more than 18.

    Python itself reads some thousand digits and no more.

    Raises:
        ValueError: the text is no whole number.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:80]!r} is no whole number")
    sign, digits = found[1], found[2].lstrip("0") or "0"
    number = int(digits) if len(digits) <= 18 else MANY
    return -number if sign == "-" else number
