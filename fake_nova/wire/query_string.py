"""Query strings as Nova reads them (WebOb 1.8), and the numbers in them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from fake_nova.wire.nova_errors import NovaError

Pairs = tuple[tuple[str, str], ...]


#: A longer text of a client is read anew each time, so that caches are bounded in bytes.
MAX_CACHED_CHARS: Final = 1_000

#: The most parameters of a query; each of a list's is a test of every image.
MAX_PARAMETERS: Final = 1_000


def parse(query_string: str) -> Pairs:
    """Split a raw query into names and values, in order, repeated ones too.

    ``&`` and ``;`` separate, ``+`` is a blank, and a name without ``=`` has an empty value.

    Args:
        query_string: as in the WSGI environment: bytes as Latin-1.

    Raises:
        NovaError: 400, some bytes of it are not UTF-8, or it has more than `MAX_PARAMETERS`.
    """
    if len(query_string) > MAX_CACHED_CHARS:
        return _parse(query_string)
    return _cached_parse(query_string)


def _parse(query_string: str) -> Pairs:
    pairs = []
    raw_query = query_string.encode("latin-1", "replace").replace(b"+", b" ")
    raw_pairs = raw_query.replace(b";", b"&").split(b"&")
    if len(raw_pairs) > MAX_PARAMETERS:
        message = f"query: too many parameters (got {len(raw_pairs)}); expected at most {MAX_PARAMETERS}"
        raise NovaError(400, message, reason=f"{message}.")
    for raw_pair in raw_pairs:
        if not raw_pair:
            continue
        name, _, value = raw_pair.partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError as error:
            raise NovaError(400, "Query string is not UTF-8 encoded") from error
    return tuple(pairs)


_cached_parse: Final = lru_cache(maxsize=512)(_parse)


#: Stands for every number of more digits; nothing that is counted comes near it.
OVERFLOW: Final = 10**18

_INTEGER_PATTERN: Final = re.compile(r"\s*+([-+]?)([0-9]++)\s*+")  # possessive: no digit is tried twice


def parse_int(text: str) -> int:
    """Read decimal digits, with a sign or without; `OVERFLOW`, or its negative, where there are more than 18.

    Python itself reads some thousand digits and no more.

    Raises:
        ValueError: the text is no whole number.
    """
    match = _INTEGER_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:80]!r} is no whole number")
    sign, digits = match[1], match[2].lstrip("0") or "0"
    number = int(digits) if len(digits) <= 18 else OVERFLOW
    return -number if sign == "-" else number
