"""Bodies of answers: JSON documents, and errors as Nova and its middleware write them."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final

from fake_nova.errors import FakeNovaError
from fake_nova.wire import accept as accepted
from fake_nova.wire.call import Answer, Headers

JSON_HEADERS: Headers = (("Content-Type", "application/json"),)
_TEXT: Headers = (("Content-Type", "text/plain; charset=UTF-8"),)
FAULT_HEADERS: Headers = (("Content-Type", "application/json; charset=UTF-8"),)

UNEXPECTED = "Unexpected API Error. The traceback is in the emulator's log; please report it."
NOT_FOUND = "The resource could not be found."

#: HTTP status -> the error key that heads Nova's body. A status that is missing is a computeFault (Nova
#: 34.0.0, nova.api.openstack.wsgi.Refused, measured for 400, 403, 404, 406, 415, 500).
ERROR_KEYS: Mapping[int, str] = MappingProxyType(
    {
        400: "badRequest",
        401: "unauthorized",
        403: "forbidden",
        404: "itemNotFound",
        405: "badMethod",
        409: "conflictingRequest",
        413: "overLimit",
        415: "badMediaType",
        429: "overLimit",
        501: "notImplemented",
        503: "serviceUnavailable",
    }
)


#: Status -> its phrase, where Python's own is not the services': since 3.13 it has another for 413.
PHRASES: Mapping[int, str] = MappingProxyType(
    {413: "Request Entity Too Large", 416: "Request Range Not Satisfiable"}
)


def phrase(status: int) -> str:
    """Return the words behind a status on the wire, such as ``Not Found``."""
    return PHRASES.get(status) or HTTPStatus(status).phrase


def dumps(document: object) -> bytes:
    """Write JSON as the services do: non-ASCII characters as ``\\uXXXX``."""
    return json.dumps(document).encode("ascii")


def error(status: int, message: str, retry_after: int | None = None) -> Answer:
    """Return Nova's error body, the same whatever the client accepts.

    Only the body of an ``overLimit`` repeats after how many seconds to ask again, as a text (Nova 34.0.0).
    """
    key = ERROR_KEYS.get(status, "computeFault")
    said: dict[str, object] = {"code": status, "message": message}
    if key == "overLimit" and retry_after is not None:
        said["retryAfter"] = str(retry_after)
    return Answer(status, FAULT_HEADERS, dumps({key: said}))


def too_long() -> Answer:
    """Return the 414 of a server for a URL that is too long."""
    return Answer(414, _TEXT, b"The URL is too long.")


def stalled() -> Answer:
    """Return the 408 of a server whose client stopped sending a body."""
    return Answer(408, _TEXT, b"The rest of the body did not arrive in time (--body-timeout).")


def escaped(text: str) -> str:
    """Write a message as it comes through the image service's error page and Nova's client library of it.

    It is in ASCII, with HTML's entities, and of its lines each counts once; a colon joins them (measured).
    """
    lines = [without_tags(line.strip(), _BREAK) for line in f"{_in_html(text)}<br />".splitlines()]
    return ": ".join(dict.fromkeys(filter(None, lines)))


def _in_html(text: str) -> str:
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode("ascii")


#: Media types of a middleware's error, the preferred one first; where neither is accepted it is plain text.
_PAGES = ("text/html", "application/json")

#: How a line break begins, and how any tag does.
_BREAK = re.compile("<br", re.IGNORECASE)
_TAG = re.compile("<")


def without_tags(text: str, beginning: re.Pattern[str], instead: str = "") -> str:
    """Replace what begins as *beginning* says and goes to the next ``>`` (WebOb 1.8's ``strip_tags``).

    WebOb does it by the patterns ``<br.*?>`` and ``<.*?>``, which take quadratic time for many ``<`` without
    a ``>``; this takes linear time.
    """
    parts = []
    at = 0
    while (start := beginning.search(text, at)) is not None and (end := text.find(">", start.end())) >= 0:
        parts += [text[at : start.start()], instead]
        at = end + 1
    return "".join((*parts, text[at:]))


def negotiated(status: int, explanation: str, accept: str | None, head: bool = False) -> Answer:
    """Return an error of the middleware, as JSON, HTML or text by the *accept* header (WebOb 1.8, measured).

    Args:
        status: the HTTP status.
        explanation: the sentence.
        accept: the request's Accept header, None where there was none.
        head: whether the request was a HEAD, which always gets an empty HTML page.
    """
    return page(status, lambda escape: f"{escape(explanation)}<br /><br />\n\n\n", accept, head)


def page(
    status: int, worded: Callable[[Callable[[str], str]], str], accept: str | None, head: bool = False
) -> Answer:
    """Return an error of WebOb's, as JSON, HTML or text by the *accept* header (WebOb 1.8, measured).

    Args:
        status: the HTTP status.
        worded: gives the message, made of texts that it hands to the function it gets, which escapes them
            where that is needed.
        accept: the request's Accept header, None where there was none.
        head: whether the request was a HEAD, which always gets an empty HTML page.
    """
    title = phrase(status)
    line = f"{status} {title}"
    kind = "text/html" if head else accepted.best(accept or "", _PAGES) or "text/plain"
    if head:
        body: bytes = b""
    elif kind == "application/json":
        body = dumps({"message": worded(str), "code": line, "title": title})
    elif kind == "text/html":
        body = (
            f"<html>\n <head>\n  <title>{line}</title>\n </head>\n <body>\n  <h1>{line}</h1>\n"
            f"  {worded(_in_html)}\n </body>\n</html>"
        ).encode()
    else:
        lines = without_tags(worded(str).replace("\n", " "), _BREAK, "\n")
        text = without_tags(lines, _TAG)
        body = f"{line}\n\n{text}".encode("utf-8", "backslashreplace")
    if kind == "application/json":
        return Answer(status, JSON_HEADERS, body)
    return Answer(status, (("Content-Type", f"{kind}; charset=UTF-8"),), body)


def document(value: Any, status: int = 200, *headers: tuple[str, str]) -> Answer:
    """Return a JSON document, with *headers* after its own."""
    return Answer(status, (*JSON_HEADERS, *headers), dumps(value))


class Refused(FakeNovaError):
    """A refusal in Nova's own words, raised where it is found out."""

    def __init__(self, status: int, message: str, why: str = "") -> None:
        super().__init__(status, message)
        self.status: Final = status
        self.message: Final = message
        self.why = why
