"""Query strings as Nova reads them (WebOb 1.8), and the numbers in them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from fake_nova.wire.nova_errors import Refused

Pairs = tuple[tuple[str, str], ...]


#: A longer text of a client is read anew each time, so that caches are bounded in bytes.
LONGEST_REMEMBERED: Final = 1_000

#: The most parameters of a query; each of a list's is a test of every image.
MOST_PARAMETERS: Final = 1_000


def read(query_string: str) -> Pairs:
    """Split a raw query into names and values, in order, repeated ones too.

    ``&`` and ``;`` separate, ``+`` is a blank, and a name without ``=`` has an empty value.

    Args:
        query_string: as in the WSGI environment: bytes as Latin-1.

    Raises:
        Refused: 400, some bytes of it are not UTF-8, or it has more than `MOST_PARAMETERS`.
    """
    if len(query_string) > LONGEST_REMEMBERED:
        return _read(query_string)
    return _remembered(query_string)


def _read(query_string: str) -> Pairs:
    pairs = []
    raw = query_string.encode("latin-1", "replace").replace(b"+", b" ")
    parts = raw.replace(b";", b"&").split(b"&")
    if len(parts) > MOST_PARAMETERS:
        message = f"query: too many parameters (got {len(parts)}); expected at most {MOST_PARAMETERS}"
        raise Refused(400, message, why=f"{message}.")
    for pair in parts:
        if not pair:
            continue
        name, _, value = pair.partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError as error:
            raise Refused(400, "Query string is not UTF-8 encoded") from error
    return tuple(pairs)


_remembered: Final = lru_cache(maxsize=512)(_read)


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
