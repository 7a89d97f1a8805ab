"""The body of a request, read off the WSGI environment of any server."""

from __future__ import annotations

from contextlib import suppress
from time import monotonic
from typing import Any, Final

from fake_nova.errors import BodyStalled, BodyTooLarge, Invalid

#: Bytes that are read at once.
_PIECE: Final = 65_536

#: What is set in a WSGI environment whose body somebody has begun to read.
_READ: Final = "fake_nova.body_is_read"

#: The most bytes of a refused body that are read, and the seconds that this may take.
_MOST_DISCARDED: Final = 32 * 1024 * 1024
_DISCARD_SECONDS: Final = 5

#: Stands for every length of more than 18 digits.
_HUGE: Final = 10**18


def length_of(environ: dict[str, Any]) -> int:
    """Return how many bytes of body the request says it has; 0 if it does not say.

    A client without a server, such as an adapter for tests, may have put a number there instead of a text.
    """
    text = str(environ.get("CONTENT_LENGTH") or "")
    if not (text.isascii() and text.isdecimal()):
        return 0
    return int(text) if len(text) < 19 else _HUGE


def read(environ: dict[str, Any], most: int) -> bytes:
    """Return the body of a request.

    Args:
        environ: the WSGI environment.
        most: bytes that are taken; of a longer body not more than these are read.

    Raises:
        BodyTooLarge: if it has more than *most* bytes, whether it says so or comes in chunks.
        BodyStalled: if the client stopped sending for longer than the server waits.
        Invalid: if it is shorter than its headers say, or its chunks are broken.
    """
    length = length_of(environ)
    if length > most:
        raise BodyTooLarge
    if not length and not environ.get("wsgi.input_terminated"):
        return b""
    wanted = length or most + 1
    environ[_READ] = True
    try:
        content = _read(environ["wsgi.input"], wanted)
    except (TimeoutError, BlockingIOError) as error:
        raise BodyStalled from error
    except Exception as error:  # each WSGI server has errors of its own for this
        raise Invalid(_NOT_AS_PROMISED) from error
    if len(content) > most:
        raise BodyTooLarge
    if len(content) < length:
        raise Invalid(_NOT_AS_PROMISED)
    return content


_NOT_AS_PROMISED: Final = "body: it is not what the headers say; allowed: as many bytes, or whole chunks"


def discard(environ: dict[str, Any]) -> None:
    """Read what is left of a body that was too large, so that the client gets the answer and may go on.

    Servers close a connection with more than a little of a body left on it, and a client that still sends
    then sees no answer. Of a body beyond `_MOST_DISCARDED` nothing is read.
    """
    length = length_of(environ)
    if length > _MOST_DISCARDED or (length and environ.get(_READ)):
        return
    left = length or (_MOST_DISCARDED if environ.get("wsgi.input_terminated") else 0)
    until = monotonic() + _DISCARD_SECONDS
    with suppress(Exception):  # each WSGI server has errors of its own
        while left > 0 and monotonic() < until and (piece := environ["wsgi.input"].read(min(left, _PIECE))):
            left -= len(piece)


def _read(stream: Any, size: int) -> bytes:
    """Read up to *size* bytes; fewer only at the end of the body."""
    content = bytearray()
    while len(content) < size and (piece := stream.read(min(size - len(content), _PIECE))):
        content += piece
    return bytes(content)
