"""Query strings as Nova reads them (WebOb 1.8)."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote_to_bytes

from fake_nova.wire.bodies import Refused

Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=512)
def read(query_string: str) -> Pairs:
    """Split a raw query into names and values, in order, repeated ones too.

    ``&`` and ``;`` separate, ``+`` is a blank, and a name without ``=`` has an empty value.

    Args:
        query_string: as in the WSGI environment: bytes as Latin-1.

    Raises:
        Refused: 400, some bytes of it are not UTF-8.
    """
    pairs = []
    raw = query_string.encode("latin-1", "replace").replace(b"+", b" ")
    for pair in raw.replace(b";", b"&").split(b"&"):
        if not pair:
            continue
        name, _, value = pair.partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError as error:
            raise Refused(400, "Query string is not UTF-8 encoded") from error
    return tuple(pairs)
