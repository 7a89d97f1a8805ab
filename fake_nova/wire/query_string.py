"""Parsing of query strings as Nova does it (WebOb 1.8), and of the numbers in them."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote_to_bytes

from fake_nova.errors import QueryNotUTF8, TooManyParameters
from fake_nova.support.caching import cached_if_short
from fake_nova.support.messages import quote_python

Pairs = tuple[tuple[str, str], ...]


#: Longer texts of a client are not cached, so that caches are bounded in bytes.
MAX_CACHED_CHARS: Final = 1_000

#: The maximum number of parameters of a query. A list tests every image against each of them.
MAX_PARAMETERS: Final = 1_000


@cached_if_short(maxsize=512, max_chars=MAX_CACHED_CHARS)
def parse(query_string: str) -> Pairs:
    """Return the names and values of a query string, in order and with repeated names.

    ``&`` and ``;`` separate parameters, ``+`` is a space, and a name without ``=`` has an empty value.

    Args:
        query_string: bytes in Latin-1, as in the WSGI environment.

    Raises:
        QueryNotUTF8: if it is not UTF-8.
        TooManyParameters: if it has more than `MAX_PARAMETERS` parameters.
    """
    pairs = []
    raw_query = query_string.encode("latin-1", "replace").replace(b"+", b" ")
    raw_pairs = raw_query.replace(b";", b"&").split(b"&")
    if len(raw_pairs) > MAX_PARAMETERS:
        raise TooManyParameters(len(raw_pairs), MAX_PARAMETERS)
    for raw_pair in raw_pairs:
        if not raw_pair:
            continue
        name, _, value = raw_pair.partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError as error:
            raise QueryNotUTF8 from error
    return tuple(pairs)


def parse_leniently(query_string: str, splits_at_semicolon: bool) -> dict[str, list[str]]:
    """Return the parameters of a query string, each with its values in order, without refusing any.

    Args:
        query_string: bytes in Latin-1, as in the WSGI environment. Bytes that are not UTF-8 are replaced.
        splits_at_semicolon: whether ``;`` separates parameters, as ``&`` does.
    """
    query = query_string.encode("latin-1", "replace").decode("utf-8", "replace")
    if splits_at_semicolon:
        query = query.replace(";", "&")
    return parse_qs(query, keep_blank_values=True)


#: The result for a number of more than 18 digits; no real value comes near it.
OVERFLOW: Final = 10**18

#: What Python's `int` reads. It is possessive, so that it takes linear time.
_INTEGER_PATTERN: Final = re.compile(r"\s*+([-+]?)(\d++(?:_\d++)*+)\s*+")


def parse_int(text: str) -> int:
    """Return the number that Python's `int` reads: decimal digits with an optional sign and underscores.

    For more than 18 digits it is `OVERFLOW` or its negative. Python's `int` raises an exception for more than
    4,300 digits.

    Raises:
        ValueError: if the text is not a whole number.
    """
    match = _INTEGER_PATTERN.fullmatch(text)
    if match is None:
        raise ValueError(f"{quote_python(text)} is not a whole number")
    sign = match[1]
    digits = match[2].replace("_", "").lstrip("0") or "0"
    number = int(digits) if len(digits) <= 18 else OVERFLOW
    return -number if sign == "-" else number
