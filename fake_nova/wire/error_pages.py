"""Error pages of the services and their middleware, rendered by WebOb 1.8, as the services do it.

Importing WebOb is slow, so `error_responses.error_page` imports this module for the first error page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from string import Template
from typing import Any, Final
from warnings import catch_warnings, filterwarnings

from fake_nova.wire.request import MAX_ACCEPT_CHARS
from fake_nova.wire.response import Response

with catch_warnings():  # Python 3.11 and 3.12 deprecate the module cgi, which WebOb imports
    filterwarnings("ignore", "'cgi' is deprecated", DeprecationWarning)
    from webob import Request, exc
    from webob.acceptparse import create_accept_header

#: The keys that WebOb reads. Accept selects the media type, and a message may contain each of them.
_KEYS: Final = ("REQUEST_METHOD", "CONTENT_TYPE", "HTTP_ACCEPT")

# WebOb's own patterns. Plain text has newlines for <br>, and neither tags nor comment marks.
_LINE_BREAK: Final = re.compile("<br.*?>", re.IGNORECASE | re.DOTALL)
_COMMENT: Final = re.compile("<!--|-->")
_TAG: Final = re.compile("<.*?>", re.DOTALL)


class ErrorPage(exc.WSGIHTTPException):
    """An error as HTML, JSON or plain text.

    Args:
        status: the HTTP status.
        explanation: the first sentence; "" for WebOb's own. WebOb ignores it for 405, 406, 415 and 501.
        detail: the text below the explanation.
        is_bare: whether the page has the explanation and nothing else, for any status.
    """

    def __init__(
        self, status: int, explanation: str = "", detail: str = "", *, is_bare: bool = False
    ) -> None:
        base = exc.status_map.get(status, exc.WSGIHTTPException)
        self.code = status
        self.title = base.title if base.code == status else HTTPStatus(status).phrase
        self.explanation = explanation or base.explanation or self.title
        self.body_template_obj = Template("${explanation}") if is_bare else base.body_template_obj
        super().__init__(detail)

    def plain_body(self, environ: dict[str, Any]) -> str:
        """Return the page as plain text. Unlike WebOb, it takes linear time and accepts lone surrogates."""
        text = self._make_body(environ, str)  # type: ignore[attr-defined]  # the stubs leave it out
        text = _without(_LINE_BREAK, text.replace("\n", " ").replace("\r", ""), "\n")
        text = _without(_TAG, _COMMENT.sub("", text))
        body = text.encode("utf-8", "backslashreplace").decode()
        return self.plain_template_obj.substitute(status=self.status, body=body)

    def response(self, environ: Mapping[str, Any]) -> Response:
        """Return the page in the media type that a request accepts. A HEAD gets an empty HTML page.

        Args:
            environ: the WSGI environment of the request.
        """
        request = Request({key: environ[key] for key in _KEYS if key in environ})
        if len(environ.get("HTTP_ACCEPT", "")) > MAX_ACCEPT_CHARS:
            request.environ["HTTP_ACCEPT"] = "*/*"
        page = request.get_response(self)
        return Response(self.code, (("Content-Type", page.headers["Content-Type"]),), page.body)


def _without(pattern: re.Pattern[str], text: str, replacement: str = "") -> str:
    """Replace the matches of *pattern*, which end with ``>``. Searching after the last ``>`` is quadratic."""
    end = text.rfind(">") + 1
    return pattern.sub(replacement, text[:end]) + text[end:]


def best_media_type(accept: str, media_types: Sequence[str]) -> str | None:
    """Return the media type that an Accept header prefers, or None if it accepts none of them.

    Args:
        accept: the value of the header.
        media_types: the media types to choose from; of two with the same weight the first one wins.
    """
    offers = create_accept_header(accept).acceptable_offers(media_types)
    return offers[0][0] if offers else None
