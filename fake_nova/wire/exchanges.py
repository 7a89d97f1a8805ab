"""Recording of whole exchanges while somebody watches, and what of them can be shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from fake_nova.cloud.exchanges import Exchange, HeaderPairs
from fake_nova.wire import redaction
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response

#: The number of bytes of a response body that are recorded, and of characters that are shown.
_MAX_RECORDED_BYTES: Final = 65_536
_MAX_SHOWN_CHARS: Final = 4_000

#: The maximum number of characters of a header that are recorded.
_MAX_HEADER_CHARS: Final = 2_000

#: Headers without HTTP_ in the WSGI environment.
_CONTENT_KEYS: Final = {"CONTENT_TYPE": "Content-Type", "CONTENT_LENGTH": "Content-Length"}

#: A header whose value is a secret.
_SECRET_HEADER: Final = re.compile("token|authorization|cookie|secret|pass|credential|signature|key$", re.I)

#: A JSON member whose value is a text, in a body of which only the beginning is there.
_TEXT_MEMBER: Final = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*"(?:[^"\\]|\\.)*"?')

#: The value of a wrong field in the message of an error, within a JSON text.
_ECHOED_VALUE: Final = re.compile(r'(field/attribute ([^ "\\]+)\. Value: )(?:[^"\\]|\\.)*')


def record(context: Context, response: Response, number: int) -> None:
    """Record an exchange in the cloud of the request.

    Args:
        context: the context of the request.
        response: its response.
        number: its number in the journal.
    """
    body = response.body
    exchange = Exchange(
        number,
        tuple(_request_headers(context.request.environ)),
        response.headers,
        body if len(body) <= _MAX_RECORDED_BYTES else body[:_MAX_RECORDED_BYTES],
        len(body),
    )
    context.cloud.journal.exchanges.record(exchange)


def _request_headers(environ: Mapping[str, Any]) -> HeaderPairs:
    pairs = []
    for key, value in environ.items():
        if key.startswith("HTTP_") or (key in _CONTENT_KEYS and value):
            name, is_secret = _describe_key(key)
            text = redaction.MASK if is_secret else _redact_value(str(value)[:_MAX_HEADER_CHARS])
            pairs.append((name, text))
    return tuple(pairs)


def _redact_value(value: str) -> str:
    """Return the value of a header, which may be a URL with a token or a query, without secrets."""
    address, mark, query = value.partition("?")
    return redaction.redact_path(address) + mark + redaction.redact_query(query)


@lru_cache(maxsize=1000)  # clients choose the names
def _describe_key(key: str) -> tuple[str, bool]:
    """Return the name of a header by its key in a WSGI environment, and whether its value is a secret."""
    name = _CONTENT_KEYS.get(key) or key.removeprefix("HTTP_").replace("_", "-").title()
    return name, _SECRET_HEADER.search(name) is not None


def response_headers(exchange: Exchange) -> list[list[str]]:
    """Return the headers of a response, without secrets."""
    return [
        [name, redaction.MASK if _SECRET_HEADER.search(name) else _redact_value(value)]
        for name, value in exchange.response_headers
    ]


def response_body(exchange: Exchange) -> str:
    """Return the beginning of the body of a response, without secrets; "" if it is not text."""
    try:
        text = exchange.body.decode()
    except UnicodeDecodeError:
        if len(exchange.body) == exchange.body_bytes:
            return ""
        text = exchange.body.decode(errors="ignore")  # the beginning may end within a character
        if "\0" in text:
            return ""
    with suppress(ValueError):
        if len(exchange.body) == exchange.body_bytes:
            text = json.dumps(redaction.redact_json(json.loads(text)), ensure_ascii=False)
            text = _ECHOED_VALUE.sub(_mask_echo, text)
            return redaction.redact_path(text)[:_MAX_SHOWN_CHARS]
    text = _TEXT_MEMBER.sub(_mask_member, text[: 2 * _MAX_SHOWN_CHARS])
    return redaction.redact_path(text)[:_MAX_SHOWN_CHARS]


def _mask_member(member: re.Match[str]) -> str:
    return f'"{member[1]}": "{redaction.MASK}"' if redaction.names_secret(member[1]) else member[0]


def _mask_echo(echo: re.Match[str]) -> str:
    return f"{echo[1]}{redaction.MASK}" if redaction.names_secret(echo[2]) else echo[0]
