"""Reading of request bodies from the WSGI environment of any server."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import Any, Final

from fake_nova.errors import BodyTimeout, BodyTooLarge, Invalid

#: The number of bytes to read at once.
_CHUNK_BYTES: Final = 65_536

#: Key in a WSGI environment after the first read of its body.
_READ_STARTED_KEY: Final = "fake_nova.body_is_read"

#: The maximum number of bytes of a rejected body to read, and the maximum number of seconds to spend on it.
_MAX_DISCARD_BYTES: Final = 32 * 1024 * 1024
_MAX_DISCARD_SECONDS: Final = 5

#: The result for a length of more than 18 digits.
_OVERFLOW_LENGTH: Final = 10**18

_INCOMPLETE_BODY_MESSAGE: Final = (
    "body: incomplete or broken; expected as many bytes as Content-Length says, or complete chunks"
)


def content_length(environ: dict[str, Any]) -> int:
    """Return the number in Content-Length; 0 if there is none.

    A client in the same process, such as a test adapter, may put an `int` there instead of a string.
    """
    header = str(environ.get("CONTENT_LENGTH") or "")
    if not (header.isascii() and header.isdecimal()):
        return 0
    return int(header) if len(header) < 19 else _OVERFLOW_LENGTH


def read_body(environ: dict[str, Any], max_bytes: int) -> bytes:
    """Return the body of a request.

    Args:
        environ: the WSGI environment.
        max_bytes: the largest size of the body. One byte more is read at most.

    Raises:
        BodyTooLarge: if it has more than *max_bytes* bytes, with a Content-Length or in chunks.
        BodyTimeout: if the client stopped sending for longer than the server's timeout.
        Invalid: if it is shorter than its Content-Length, or if its chunks are broken.
    """
    length = content_length(environ)
    if length > max_bytes:
        raise BodyTooLarge
    if not length and not environ.get("wsgi.input_terminated"):
        return b""
    size = length or max_bytes + 1
    environ[_READ_STARTED_KEY] = True
    try:
        content = _read_stream(environ["wsgi.input"], size)
    except (TimeoutError, BlockingIOError) as error:
        raise BodyTimeout from error
    except Exception as error:  # each WSGI server raises its own exceptions here
        raise Invalid(_INCOMPLETE_BODY_MESSAGE) from error
    if len(content) > max_bytes:
        raise BodyTooLarge
    if len(content) < length:
        raise Invalid(_INCOMPLETE_BODY_MESSAGE)
    return content


def discard(environ: dict[str, Any]) -> None:
    """Read and drop the rest of a body that was too large, so that the client sees the response.

    Servers close a connection with much of a body left on it. A client that is still sending then sees no
    response. Nothing is read of a body with more than `_MAX_DISCARD_BYTES`.
    """
    bytes_left = content_length(environ)
    if bytes_left > _MAX_DISCARD_BYTES or (bytes_left and environ.get(_READ_STARTED_KEY)):
        return
    if not bytes_left and environ.get("wsgi.input_terminated"):  # chunked: the length is unknown
        bytes_left = _MAX_DISCARD_BYTES
    deadline = monotonic() + _MAX_DISCARD_SECONDS
    with suppress(Exception):  # each WSGI server raises its own exceptions here
        read = environ["wsgi.input"].read
        while bytes_left > 0 and monotonic() < deadline and (chunk := read(min(bytes_left, _CHUNK_BYTES))):
            bytes_left -= len(chunk)


def _read_stream(stream: Any, size: int) -> bytes:
    """Read *size* bytes, or fewer if the body ends before."""
    content = bytearray()
    while len(content) < size and (chunk := stream.read(min(size - len(content), _CHUNK_BYTES))):
        content += chunk
    return bytes(content)
