"""The body of a request, read off the WSGI environment of any server."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import Any, Final

from fake_nova.errors import BodyTimeout, BodyTooLarge, Invalid

#: Bytes that are read at once.
_CHUNK_BYTES: Final = 65_536

#: What is set in a WSGI environment whose body somebody has begun to read.
_READ_STARTED_KEY: Final = "fake_nova.body_is_read"

#: The most bytes of a refused body that are read, and the seconds that this may take.
_MAX_DISCARD_BYTES: Final = 32 * 1024 * 1024
_MAX_DISCARD_SECONDS: Final = 5

#: Stands for every length of more than 18 digits.
_OVERFLOW_LENGTH: Final = 10**18


def content_length(environ: dict[str, Any]) -> int:
    """Return how many bytes of body the request says it has; 0 if it does not say.

    A client without a server, such as an adapter for tests, may have put a number there instead of a text.
    """
    header = str(environ.get("CONTENT_LENGTH") or "")
    if not (header.isascii() and header.isdecimal()):
        return 0
    return int(header) if len(header) < 19 else _OVERFLOW_LENGTH


def read_body(environ: dict[str, Any], max_bytes: int) -> bytes:
    """Return the body of a request.

    Args:
        environ: the WSGI environment.
        max_bytes: bytes that are taken; of a longer body not more than these are read.

    Raises:
        BodyTooLarge: if it has more than *max_bytes* bytes, whether it says so or comes in chunks.
        BodyTimeout: if the client stopped sending for longer than the server waits.
        Invalid: if it is shorter than its headers say, or its chunks are broken.
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
    except Exception as error:  # each WSGI server has errors of its own for this
        raise Invalid(_INCOMPLETE_BODY_MESSAGE) from error
    if len(content) > max_bytes:
        raise BodyTooLarge
    if len(content) < length:
        raise Invalid(_INCOMPLETE_BODY_MESSAGE)
    return content


_INCOMPLETE_BODY_MESSAGE: Final = (
    "body: incomplete or broken; expected as many bytes as Content-Length says, or complete chunks"
)


def discard(environ: dict[str, Any]) -> None:
    """Read what is left of a body that was too large, so that the client gets the answer and may go on.

    Servers close a connection with more than a little of a body left on it, and a client that still sends
    then sees no answer. Of a body beyond `_MAX_DISCARD_BYTES` nothing is read.
    """
    length = content_length(environ)
    if length > _MAX_DISCARD_BYTES or (length and environ.get(_READ_STARTED_KEY)):
        return
    bytes_left = length or (_MAX_DISCARD_BYTES if environ.get("wsgi.input_terminated") else 0)
    deadline = monotonic() + _MAX_DISCARD_SECONDS
    with suppress(Exception):  # each WSGI server has errors of its own
        while (
            bytes_left > 0
            and monotonic() < deadline
            and (chunk := environ["wsgi.input"].read(min(bytes_left, _CHUNK_BYTES)))
        ):
            bytes_left -= len(chunk)


def _read_stream(stream: Any, size: int) -> bytes:
    """Read up to *size* bytes; fewer only at the end of the body."""
    first_chunk = bytearray()
    while len(first_chunk) < size and (chunk := stream.read(min(size - len(first_chunk), _CHUNK_BYTES))):
        first_chunk += chunk
    return bytes(first_chunk)
